"""Holding on to claimed sources while they are visited."""

import logging
from collections.abc import Set
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType

from monitor.db import Database
from monitor.errors import StorageError
from monitor.sources import renew_leases

_PERIOD = 3.0

logger = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews the leases of ``claimed`` sources that are not in ``reported`` yet, until the block ends.

    In a thread of its own: a long feed keeps the reactor busy for longer than a lease lasts.
    """

    def __init__(self, database: Database, claimed: Set[int], reported: Set[int]) -> None:
        self._database = database
        self._claimed = claimed
        self._reported = reported
        self._over = Event()
        self._thread = Thread(target=self._keep, name="leases", daemon=True)

    def __enter__(self) -> "LeaseKeeper":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(_PERIOD):
            held = sorted(self._claimed - self._reported)
            try:
                with self._database.write() as session:
                    renew_leases(session, held, datetime.now(UTC))
            except StorageError as e:
                # The next round tries again; at worst another collector visits the same sources.
                logger.warning("%s", e)
