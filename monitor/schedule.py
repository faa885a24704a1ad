"""The embedded clock: says "look again now" to the steps. What waits is in the database, never here."""

import logging
import random
import threading
from collections.abc import Callable
from time import monotonic

from monitor import jobs
from monitor.config import Settings
from monitor.db import Database
from monitor.errors import MonitorError
from monitor.preferences import current_settings

_log = logging.getLogger(__name__)
# Three steps one after another stay well under the five seconds from a collect to a mail.
_LOOK_AGAIN = 1.0
_AFTER_TROUBLE = 15.0


class Clock:
    """Three threads, so that no step waits for another: one collects, one scores and decides, one delivers."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._given = settings
        self._database = database
        self._posts = (jobs.open_post(settings, database), jobs.open_mailer_post(settings, database))
        self._stop = threading.Event()
        self._is_broken = False
        self._threads = [
            threading.Thread(target=self._repeat, args=(step,), name=step.__name__, daemon=True)
            for step in (self._collect, self._work_off, self._deliver)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def request_stop(self) -> None:
        """Ask, without waiting; safe in a signal handler."""
        self._stop.set()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask every thread to finish what it holds, and wait for all of them ``timeout`` seconds at most.

        What is cut off waits in the database: a label, or a message whose channel did not answer in time.
        """
        self.request_stop()
        deadline = monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        for post in self._posts:
            post.finish(max(0.0, deadline - monotonic()))

    def wait(self) -> bool:
        """Block until a stop is asked for, or a bug has ended a thread; whether it was asked for."""
        self._stop.wait()
        return not self._is_broken

    def _repeat(self, step: Callable[[], None]) -> None:
        pause, is_bug = 0.0, True
        try:
            while not self._stop.wait(pause):
                pause = self._once(step)
            is_bug = False
        finally:
            # A bug ends the whole process, for its supervisor to see; half a clock would look alive.
            self._is_broken |= is_bug
            self._stop.set()

    def _once(self, step: Callable[[], None]) -> float:
        """Do the step; the seconds until it is looked at again."""
        try:
            step()
        except MonitorError as e:
            # A full disk or a locked database passes; the rows still wait.
            _log.error("%s: %s", step.__name__.strip("_"), e)
            return _AFTER_TROUBLE
        return _LOOK_AGAIN * random.uniform(0.8, 1.2)

    def _collect(self) -> None:
        if jobs.is_due(self._database):
            jobs.collect(self._settings(), self._database, stop=self._stop)

    def _work_off(self) -> None:
        jobs.work_off(self._settings(), self._database, self._stop)

    def _deliver(self) -> None:
        for post in self._posts:
            post.start_round()

    def _settings(self) -> Settings:
        """As they are now: they may be changed in the browser at any time."""
        return current_settings(self._given, self._database)
