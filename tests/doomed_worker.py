"""A worker that decides and delivers without a pause, to be killed at any moment by test_kills."""

from datetime import timedelta
from pathlib import Path
from time import sleep

from monitor import deliveries, jobs
from monitor.config import Settings
from monitor.db import open_database
from monitor.deciding import decide_waiting

# Short, so that what a killed worker held is taken over at once.
LEASE = timedelta(seconds=0.3)


def work(data_dir, secret_key, is_ready):
    deliveries.LEASE = LEASE
    settings = Settings(data_dir=Path(data_dir), secret_key=secret_key)
    database = open_database(settings, create=False)
    post = jobs.open_post(settings, database)
    while True:
        decide_waiting(database, settings, jobs.utcnow())
        post.start_round()
        is_ready.set()
        sleep(0.005)
