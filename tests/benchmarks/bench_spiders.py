"""Collecting, end to end, against what others need for less: real HTTP, a real database, processes of their own."""

import json
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter

import pytest
from sqlalchemy import func, select

from monitor.brands import add_brand
from monitor.config import Settings, as_environ
from monitor.db import open_database
from monitor.models import Mention, Source
from monitor.sources import add_source, make_due
from tests.benchmarks.feed_server import BRANDS, host

FEEDS, ENTRIES = 1000, 20
# reader with many threads, as its documentation has it, and the feedparser that we use too.
READER = """
import os
os.environ["READER_NO_VENDORED_FEEDPARSER"] = "1"
import sys, warnings
from time import perf_counter
from reader import make_reader
reader = make_reader(sys.argv[1], feed_root="")
for line in sys.stdin:
    reader.add_feed(line.strip(), exist_ok=True)
begun = perf_counter()
reader.update_feeds(workers=20)
took = perf_counter() - begun
print(took, reader.get_entry_counts().total)
"""


class Web:
    def __init__(self, *arguments):
        command = [sys.executable, "-m", "tests.benchmarks.feed_server", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def counts(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def web():
    web = Web(FEEDS, ENTRIES)
    with web.process:
        yield web
        web.process.stdin.close()


@contextmanager
def measured(what):
    """Prints and gives the wall time and the CPU time of child processes, in seconds."""
    took = {}
    begun, used = perf_counter(), _cpu()
    yield took
    took |= {"wall": perf_counter() - begun, "cpu": _cpu() - used}
    print(f"{what}: {took['wall']:.1f} s, {took['cpu']:.1f} s of CPU", flush=True)


def _cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def collect(settings):
    command = [sys.executable, "-m", "spiders.collect"]
    environ = {**os.environ, **as_environ(settings)}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def read(folder, addresses):
    command = [sys.executable, "-c", READER, str(folder / "reader.sqlite")]
    done = subprocess.run(command, input="\n".join(addresses), stdout=subprocess.PIPE, text=True, check=True)
    seconds, entries = done.stdout.split()
    return float(seconds), int(entries)


def watched(settings, addresses):
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as session:
        for name in BRANDS:
            add_brand(session, name, now)
        for address in addresses:
            # Texts that are whole in the feed: what is measured is feeds, not the pages behind them.
            add_source(session, "feed", address, now, interval=1800, options={"kind": "social"})
    return database


def test_a_thousand_feeds_in_half_the_time_of_reader(web, tmp_path):
    addresses = [f"http://{host(number)}:{web.port}/feed" for number in range(FEEDS)]
    settings = Settings(
        data_dir=tmp_path,
        secret_key="a key for tests",
        allowed_hosts=tuple(host(n) for n in range(FEEDS)),
        download_delay=0.0,
    )
    database = watched(settings, addresses)

    with measured("\nours, cold") as cold:
        first = collect(settings)
    assert (first["sources"], first["new_mentions"], first["failed"]) == (FEEDS, FEEDS * ENTRIES, 0)
    print(web.counts())
    with database.write() as session:
        assert session.scalar(select(func.count()).select_from(Mention)) == FEEDS * ENTRIES
        assert session.scalar(select(func.count()).where(Source.state == "ok")) == FEEDS
        make_due(session, datetime.now(UTC))
    with measured("ours, unchanged") as again:
        second = collect(settings)
    assert (second["sources"], second["new_mentions"], second["failed"]) == (FEEDS, 0, 0)
    asked = web.counts()
    print(asked)

    with measured("reader, cold, with its start"):
        theirs, entries = read(tmp_path, addresses)
    assert entries == FEEDS * ENTRIES
    web.counts()
    with measured("reader, unchanged, with its start"):
        theirs_again, _ = read(tmp_path, addresses)
    print(web.counts())
    print(f"reader itself: {theirs:.1f} s cold, {theirs_again:.1f} s unchanged")
    shares = cold["wall"] / theirs, again["wall"] / cold["wall"]
    print("ours takes {:.2f} of its time; an unchanged run {:.2f} of a cold one".format(*shares))
