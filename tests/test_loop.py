"""The whole loop with real parts: the sample web over HTTP, the spiders' own process, the model, SQLite, SMTP."""

import json
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from monitor import jobs
from monitor.cli.demo import MailSink, Sample, SampleWorld
from monitor.config import Settings, as_environ
from monitor.models import LossReading, Mention, SearchPage, Source
from monitor.schedule import Clock
from monitor.sources import make_due


def didban(*arguments, settings=None, **more):
    environ = {**as_environ(settings or Settings()), "PATH": ""} if settings else None
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments], capture_output=True, text=True, env=environ, timeout=120, **more
    )


def test_the_demo_goes_through_both_passes():
    done = didban("demo", "--once", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = json.loads(done.stdout)["passes"]
    loss = ("negatives", "results", "share_lost", "basis")
    assert [first[name] for name in loss] == [1, 10, 22.0, "search_results"]
    assert [second[name] for name in loss] == [3, 10, 59.2, "search_results"]
    assert (first["alerts"], first["deliveries"], first["warnings"]) == (0, 0, 1)
    assert (second["alerts"], second["deliveries"], second["warnings"]) == (1, 1, 1)
    assert second["mentions"] > first["mentions"] > 60


@pytest.fixture(scope="module")
def world():
    with SampleWorld() as world:
        yield world


@pytest.fixture
def sample(world, tmp_path):
    world.move_to(1)
    with MailSink() as sink:
        sample = Sample(Settings(), world, sink, tmp_path)
        sample.set_up()
        yield sample
        sample.database.close()


def everything(database):
    """All that was collected, without ids and times."""
    with database.read() as session:
        mentions = {
            (mention.brand_id, mention.key, mention.title, mention.text, mention.body, mention.history)
            for mention in session.scalars(select(Mention))
        }
        pages = session.query(SearchPage).count()
        states = sorted((source.url, source.state, source.found) for source in session.query(Source))
    return mentions, pages, states


def collect(sample):
    with sample.database.write() as session:
        make_due(session, jobs.utcnow())
    return jobs.collect(sample.settings, sample.database)


def test_collecting_twice_adds_nothing(sample):
    first = collect(sample)
    before = everything(sample.database)
    again = collect(sample)
    after = everything(sample.database)
    assert first.new_mentions > 60
    assert (again.new_mentions, again.articles) == (0, 0)
    assert after[0] == before[0]
    assert after[2] == before[2]


def test_a_collect_killed_half_way_and_run_again_gives_the_same(sample, world, tmp_path):
    other = tmp_path / "killed"
    other.mkdir()
    with MailSink() as sink:
        killed = Sample(Settings(), world, sink, other)
        killed.set_up()
    environ = as_environ(killed.settings)
    for pause in (0.9, 1.3, 1.7, 2.1):
        child = subprocess.Popen([sys.executable, "-m", "spiders.collect"], env=environ, stdout=subprocess.DEVNULL)
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
    jobs.collect(killed.settings, killed.database)
    collect(sample)
    assert everything(killed.database)[0] == everything(sample.database)[0]
    killed.database.close()


def test_the_clock_carries_a_new_negative_to_a_mail_and_stops_within_seconds(sample, world):
    clock = Clock(sample.settings, sample.database)
    clock.start()
    try:
        wait_for(lambda: search_readings(sample.database) == 1)
        world.move_to(2)
        with sample.database.write() as session:
            make_due(session, jobs.utcnow())
        wait_for(lambda: sample.sink.subjects)
    finally:
        begun = time.monotonic()
        clock.stop()
    assert time.monotonic() - begun < 8
    (subject,) = sample.sink.subjects
    assert "۵۹٫۲٪" in subject


def search_readings(database):
    with database.read() as session:
        return session.query(LossReading).filter_by(basis="search_results").count()


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)


def test_run_serves_the_dashboard_and_ends_cleanly_on_sigterm(tmp_path, unused_port):
    from urllib.request import urlopen

    settings = Settings(data_dir=tmp_path, port=unused_port)
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run"], env=as_environ(settings), stdout=subprocess.PIPE, text=True
    )
    try:
        assert str(unused_port) in child.stdout.readline()
        with urlopen(f"http://127.0.0.1:{unused_port}/healthz") as answer:
            assert json.load(answer)["status"] == "ok"
    finally:
        child.terminate()
    assert child.wait(10) == 0
    child.stdout.close()
