"""The steps wired together: the one place, with the command line, that joins monitor, spiders and nlp."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from monitor import hooks, mailers, subscribers
from monitor.config import Settings
from monitor.db import Database
from monitor.deciding import decide_waiting
from monitor.deliveries import Post, deliver_waiting
from monitor.digests import write_due_digests
from monitor.errors import FetchError, ModelError
from monitor.explaining import explain_newest, explain_waiting
from monitor.mailer_post import MailerPost, tell_waiting
from monitor.outbox import Outcome
from monitor.scoring import is_waiting, score_waiting
from monitor.sealing import Seal
from monitor.senders import ChannelSender
from monitor.shares import Share
from monitor.sources import due_sources
from monitor.types import Text, TextLabeller

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

_log = logging.getLogger(__name__)
# A process that has loaded the spiders already is forked for each collect.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["spiders.warm"])
# Sources for which another process is worth its start, and how many collect at once at most.
_WORTH_A_PROCESS = 100
_MOST_PROCESSES = 4
# Seconds for the last words of a process that is asked to end, before it is ended: its own five, and a little more.
_LAST_WORDS = 7.0


@dataclass(frozen=True, slots=True)
class CollectResult:
    """What one collect did; ``failed`` counts sources that ended in trouble, ``leavings`` people who left a list."""

    sources: int = 0
    new_mentions: int = 0
    pages: int = 0
    articles: int = 0
    warnings: int = 0
    failed: int = 0
    leavings: int = 0

    def __add__(self, other: "CollectResult") -> "CollectResult":
        return CollectResult(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def utcnow() -> datetime:
    return datetime.now(UTC)


def read_date(text: str) -> datetime | None:
    """The moment that a date names, as sites and people write it; None where it names none."""
    from spiders.dates import parse_date

    return parse_date(text)


def collect(
    settings: Settings,
    database: Database,
    ids: Sequence[int] | None = None,
    stop: threading.Event | None = None,
) -> CollectResult:
    """COLLECT every due source, or those of ``ids`` that are due, in processes of its own, each with its own hosts.

    Scrapy's reactor can run only once in a process, and a page that eats memory must not take the dashboard with
    it. Sources that another collect holds are waited for, since whoever died holding them loses them in seconds.
    """
    begun = utcnow()
    total = CollectResult()
    while True:
        with database.read() as session:
            due = [id for id in due_sources(session, utcnow()) if ids is None or id in ids]
        total += _run_spiders(settings, ids, _processes(len(due)), stop)
        with database.read() as session:
            held = [id for id in due_sources(session, begun) if ids is None or id in ids]
        if not held or (stop is not None and stop.is_set()):
            return total
        sleep(1)


def _processes(due: int) -> int:
    """How many are worth their start."""
    return max(1, min(os.cpu_count() or 1, _MOST_PROCESSES, due // _WORTH_A_PROCESS))


def _run_spiders(
    settings: Settings, ids: Sequence[int] | None, processes: int, stop: threading.Event | None
) -> CollectResult:
    started = [_start(settings, ids, Share(number, processes)) for number in range(processes)]
    return sum((_outcome(process, answer, stop) for process, answer in started), CollectResult())


def _start(settings: Settings, ids: Sequence[int] | None, share: Share) -> "tuple[ForkServerProcess, Connection]":
    """A process that visits ``share``, and where its counts will come."""
    answer, told = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_visit, args=(settings, ids, share, told), name="collect")
    process.start()
    # Only the process holds that end now: when it dies without a word, the other end tells.
    told.close()
    return process, answer


def _visit(settings: Settings, ids: Sequence[int] | None, share: Share, told: "Connection") -> None:
    from spiders.collect import collect as visit

    told.send(visit(settings, ids, share))


def _outcome(process: "ForkServerProcess", answer: "Connection", stop: threading.Event | None) -> CollectResult:
    asked_at = None
    while not answer.poll(0.5):
        if stop is not None and stop.is_set():
            asked_at = asked_at or monotonic()
            _end(process, monotonic() - asked_at)
    try:
        counts = answer.recv()
    except EOFError:
        counts = None
    process.join()
    if counts is not None:
        return CollectResult(**{name: counts[name] for name in CollectResult.__slots__})
    if stop is not None and stop.is_set():
        return CollectResult()
    raise FetchError("the spiders stopped early", f"exit status {process.exitcode}")


def _end(process: "ForkServerProcess", asked_for: float) -> None:
    """Ask a process to end; one that has not listened for long, busy with a page that never ends, is ended."""
    if asked_for < _LAST_WORDS:
        process.terminate()
    else:
        process.kill()


@cache
def _labeller(model: str) -> TextLabeller:
    from nlp.labeller import load_labeller

    return load_labeller(Path(model) if model else None)


def labeller(settings: Settings) -> TextLabeller:
    """The model that ``settings`` name, loaded once. Raises ModelError."""
    return _labeller(settings.model)


def read_calls(settings: Settings, database: Database) -> int:
    """SAVE what providers' hooks have brought; how many leavings were new."""
    with database.read() as session:
        if not hooks.has_unread_calls(session):
            return 0
    return hooks.read_calls(database, Seal(settings.key()), utcnow())


def erase_what_is_over(settings: Settings, database: Database) -> None:
    """Erase the addresses and the raw calls whose time is over, also those that a service was never told."""
    now = utcnow()
    with database.read() as session:
        over = subscribers.has_old_addresses(session, settings.address_days, now)
        over = over or hooks.count_old_calls(session, settings.hook_days, now) > 0
        over = over or mailers.has_old_calls(session, settings.address_days, now)
    if over:
        with database.write() as session:
            subscribers.erase_old_addresses(session, settings.address_days, now)
            hooks.erase_old_calls(session, settings.hook_days, now)
            mailers.give_up_old_calls(session, settings.address_days, now)


def score(settings: Settings, database: Database) -> Iterator[int]:
    """Erase what is over and SCORE all that waits; yields the size of each batch.

    The model is loaded only when something waits.
    """
    # First: what was promised to be erased does not wait for a model that cannot be read.
    erase_what_is_over(settings, database)
    read_calls(settings, database)
    now = utcnow()
    if is_waiting(database, now):
        yield from score_waiting(database, labeller(settings), now)


def decide(settings: Settings, database: Database) -> int:
    """DECIDE on all that was labelled and write the digests that are due; the number of alerts written."""
    try:
        explain_waiting(database, partial(_explain, settings), settings.uncertain_below)
    except ModelError as e:
        # An alert without its deciding words is still an alert.
        _log.warning("decide: %s", e)
    alerts = decide_waiting(database, settings, utcnow())
    write_due_digests(database, settings, utcnow())
    return alerts


def explain_more(settings: Settings, database: Database) -> None:
    """Underline a little more of the list, when nothing else waits."""
    try:
        explain_newest(database, partial(_explain, settings))
    except ModelError as e:
        _log.warning("explain: %s", e)


def _explain(settings: Settings, text: Text) -> list[tuple[str, float]]:
    from nlp.explain import explain

    return explain(text, Path(settings.model) if settings.model else None)


def deliver(settings: Settings, database: Database) -> Outcome:
    """DELIVER all whose time has come."""
    told = tell_waiting(database, settings, utcnow)
    return deliver_waiting(database, settings, ChannelSender(), utcnow) + told


def open_post(settings: Settings, database: Database) -> Post:
    """DELIVER round after round, without waiting for a channel that is slow."""
    return Post(database, settings, ChannelSender(), utcnow)


def open_mailer_post(settings: Settings, database: Database) -> MailerPost:
    """The same for the newsletter services that are told whom our page took off."""
    return MailerPost(database, settings, utcnow)


def work_off(settings: Settings, database: Database, stop: threading.Event | None = None) -> None:
    """Score and decide whatever waits."""
    for _ in score(settings, database):
        if stop is not None and stop.is_set():
            return
    decide(settings, database)
    explain_more(settings, database)


def is_due(database: Database) -> bool:
    """Some source waits for a visit."""
    with database.read() as session:
        return bool(due_sources(session, utcnow()))
