"""Calls onto the disk before they are answered: those that arrive together share one transaction."""

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from monitor.db import Database
from monitor.errors import StorageError
from monitor.models import HookEvent

_LARGEST_GROUP = 500


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call that was checked; ``body`` is sealed, ``key`` the same for the same call to the same hook.

    ``read_at`` is set where nothing is left to be read.
    """

    hook_id: int
    key: str
    content_type: str
    body: str
    received_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    call: ReceivedCall
    kept: Future[None] = field(default_factory=Future)


class Inbox:
    """One writer for all threads of a process. A call that is known already is kept once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._begin = threading.Lock()
        self._writer: threading.Thread | None = None

    def keep(self, call: ReceivedCall, timeout: float = 20.0) -> None:
        """Return once the call is on the disk. Raises StorageError; the caller must be told to try again then."""
        with self._begin:
            # Begun on first use, so that a forked server has a writer in each process; and anew after a bug in it.
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write_forever, name="inbox", daemon=True)
                self._writer.start()
        waiting = _Waiting(call)
        self._queue.put(waiting)
        try:
            waiting.kept.result(timeout)
        except TimeoutError as e:
            raise StorageError("database is too slow", self._database.name) from e

    def _write_forever(self) -> None:
        while True:
            group = [self._queue.get()]
            while len(group) < _LARGEST_GROUP and not self._queue.empty():
                group.append(self._queue.get())
            if not self._settle(group) and len(group) > 1:
                # One that cannot be kept, its hook just removed, must not turn away the others.
                for waiting in group:
                    self._settle([waiting])

    def _settle(self, group: list[_Waiting]) -> bool:
        try:
            self._write([waiting.call for waiting in group])
        except StorageError as e:
            if len(group) == 1:
                group[0].kept.set_exception(e)
            return False
        for waiting in group:
            waiting.kept.set_result(None)
        return True

    def _write(self, calls: list[ReceivedCall]) -> None:
        rows: list[dict[str, Any]] = [
            {
                "hook_id": call.hook_id,
                "key": call.key,
                "content_type": call.content_type,
                "body": call.body,
                "received_at": call.received_at,
                "read_at": call.read_at,
                "error": "",
            }
            for call in calls
        ]
        with self._database.write(durable=True) as session:
            session.connection().execute(self._insert(), rows)

    def _insert(self) -> Insert:
        if self._database.engine.dialect.name == "postgresql":
            return postgresql.insert(HookEvent).on_conflict_do_nothing()
        return sqlite.insert(HookEvent).on_conflict_do_nothing()
