"""The clock as a real process, and what the rows say when it stands still."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep

import pytest

from monitor import jobs
from monitor.brands import add_brand
from monitor.channels import add_channel, get_channel
from monitor.config import as_environ
from monitor.errors import ModelError
from monitor.jobs import utcnow
from monitor.lateness import find_lateness
from monitor.models import Alert, Delivery, Mention, Subscriber
from monitor.rules import find_rules
from monitor.schedule import Clock
from monitor.sealing import Seal
from monitor.sources import add_source, claim_due, due_sources, record_report
from monitor.subscribers import hash_of
from monitor.types import FetchReport, SourceState, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.fakes import WordLabeller, collect_deafly
from tests.receiver import Receiver

MINUTE = timedelta(minutes=1)


def add_negative(database, now, text="terrible", **more):
    with database.write() as session:
        brand = find_rules(session)[0].brand_id
        session.add(
            Mention(
                brand_id=brand,
                key=text,
                story=text,
                kind="review",
                url="https://e.example/",
                text=text,
                seen_at=now,
                body_at=now,
                **more,
            )
        )


def set_up(database, settings, receiver):
    with database.write() as session:
        add_brand(session, "Lookout", utcnow())
        add_channel(session, Seal(settings.key()), "a", f"webhook+http://:s@{receiver.host}/", "en", utcnow())


def wait_until(holds, seconds=20):
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)


def test_from_a_new_text_to_its_message_it_takes_less_than_five_seconds(database, settings, monkeypatch):
    monkeypatch.setattr(jobs, "labeller", lambda settings: WordLabeller())
    monkeypatch.setattr(jobs, "_explain", lambda settings, text: [])
    with Receiver() as receiver:
        set_up(database, settings, receiver)
        clock = Clock(settings, database)
        clock.start()
        sleep(0.5)
        begun = monotonic()
        add_negative(database, utcnow())
        wait_until(lambda: receiver.calls)
        assert monotonic() - begun < 5
        clock.stop()
    assert receiver.json()["kind"] == "new_negative"


@pytest.mark.parametrize("is_slow", [False, True], ids=["idle", "a channel that does not answer"])
def test_a_worker_that_is_asked_to_stop_does_so_within_seconds(database, settings, is_slow):
    let_go = threading.Event()
    with Receiver(delay=let_go.wait) as receiver:
        set_up(database, settings, receiver)
        if is_slow:
            add_negative(database, utcnow(), label="negative", score=0.9, labelled_by="m", labelled_at=utcnow())
        worker = subprocess.Popen(
            [sys.executable, "-m", "monitor", "worker"], env={**os.environ, **as_environ(settings)}
        )
        wait_until(lambda: _is_at_it(database, is_slow))
        worker.send_signal(signal.SIGTERM)
        begun = monotonic()
        assert worker.wait(20) == 0
        assert monotonic() - begun < (8 if is_slow else 5)
        let_go.set()


@pytest.mark.parametrize("command", [["worker"], ["run", "--port", "{port}"]], ids=["worker", "run"])
def test_a_bug_ends_the_process_with_a_status_that_tells_its_supervisor(settings, unused_port, command):
    # What no owner can mend stands for a bug.
    code = "from monitor import jobs; jobs.work_off = lambda *_: 1 / 0; from monitor.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, *(word.format(port=unused_port) for word in command)],
        env={**os.environ, **as_environ(settings)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("ZeroDivisionError: division by zero") == 1


def _is_at_it(database, is_slow):
    with database.read() as session:
        if is_slow:
            return session.query(Delivery).filter(Delivery.leased_until.is_not(None)).count()
        return all(rule.looked_at for rule in find_rules(session) if rule.kind == "spike")


def test_a_collect_that_does_not_listen_is_ended(database, settings, monkeypatch):
    monkeypatch.setattr(jobs, "_visit", collect_deafly)
    monkeypatch.setattr(jobs, "_LAST_WORDS", 1.0)
    stop = threading.Event()
    with ThreadPoolExecutor() as pool:
        collected = pool.submit(jobs.collect, settings, database, stop=stop)
        wait_until((settings.data_dir / "deaf").exists)
        stop.set()
        begun = monotonic()
        assert collected.result() == jobs.CollectResult()
    assert monotonic() - begun < 10


def test_a_clock_goes_on_when_all_connections_are_taken(settings, crowded):
    clock = Clock(settings, crowded)
    with crowded.read() as session:
        session.connection()
        assert clock._once(clock._collect) > 10
    assert clock._once(clock._collect) < 2


@pytest.mark.parametrize("step", [jobs.work_off, lambda *given: list(jobs.score(*given))], ids=["work off", "score"])
def test_what_is_over_is_erased_although_the_model_cannot_be_read(database, settings, now, step):
    seal = Seal(settings.key())
    left = UnsubscribeData("somebody@example.org", utcnow() - timedelta(days=settings.address_days + 1), comment="late")
    with database.write() as session:
        record_events(session, add_brand(session, "Lookout", now).id, [left], seal, now)
    with pytest.raises(ModelError, match="no such model directory"):
        step(replace(settings, model="/nowhere"), database)
    with database.read() as session:
        assert session.get(Subscriber, hash_of(seal, left.subscriber)).address == ""


def test_what_fell_due_while_nobody_worked_is_caught_up_once(database, now):
    with database.write() as session:
        source = add_source(session, "feed", "https://e.example/", now, interval=600)
        later = now + timedelta(hours=8)
        (task,) = claim_due(session, later)
        assert claim_due(session, later) == []
        record_report(session, FetchReport(task.id, SourceState.OK), later)
        assert due_sources(session, later + 9 * MINUTE) == []
        assert due_sources(session, later + 11 * MINUTE) == [source.id]


def test_nothing_that_waits_is_no_delay(database, now):
    with database.read() as session:
        assert find_lateness(session, now).late_steps() == []


@pytest.mark.parametrize(
    ("minutes", "late"), [(4, []), (6, ["label", "decide", "deliver"]), (16, ["collect", "label", "decide", "deliver"])]
)
def test_the_rows_say_how_far_the_work_is_behind(database, settings, now, minutes, late):
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        channel = add_channel(session, Seal("k"), "a", "json://a.example", "en", now)
        add_source(session, "feed", "https://e.example/", now, interval=600)
        alert = Alert(brand_id=brand.id, kind="new_negative", key="k", facts={}, created_at=now)
        alert.deliveries = [Delivery(channel_id=channel.id, state="waiting", next_at=now)]
        session.add(alert)
    add_negative(database, now, "unlabelled")
    add_negative(database, now, "undecided", labelled_at=now)
    with database.read() as session:
        lateness = find_lateness(session, now + minutes * MINUTE)
    assert lateness.late_steps() == late
    assert lateness.deliver == minutes * MINUTE


def test_what_a_channel_asked_for_is_no_delay(database, settings, now):
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        channel = add_channel(session, Seal("k"), "a", "json://a.example", "en", now)
        alert = Alert(brand_id=brand.id, kind="new_negative", key="k", facts={}, created_at=now)
        alert.deliveries = [Delivery(channel_id=channel.id, state="waiting", next_at=now)]
        session.add(alert)
        get_channel(session, "a").not_before = now + timedelta(hours=1)
        session.flush()
        assert find_lateness(session, now + 30 * MINUTE).late_steps() == []
