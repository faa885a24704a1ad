"""What waits to be told to others, each of them in a lane of its own: in order, with remembered pauses.

What is told is claimed before it is sent and marked after: if we die between the other side's acceptance and our mark,
it is sent again when its lease has run out. Everywhere else it is sent once. The first of a lane that waits holds the
others back, so that order is kept; lanes do not wait for each other.
"""

import logging
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.errors import ConfigError, DeliveryError, StorageError
from monitor.types import DeliveryState

# Longer than any send may take, so that nobody takes over what is still being sent.
LEASE = timedelta(minutes=2)
ATTEMPTS = 48
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=30)
# Seconds: who asks for more is asked again in a day.
_LONGEST_ASKED = 86400.0

_Parcel = TypeVar("_Parcel")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round did; ``errors`` are one line each, without addresses."""

    sent: int
    errors: tuple[str, ...]

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.sent + other.sent, self.errors + other.errors)


class Waiting(Protocol):
    """A row that waits to be told."""

    state: str
    attempts: int
    error: str
    next_at: datetime
    leased_until: datetime | None
    sent_at: datetime | None


class Outbox(ABC, Generic[_Parcel]):
    """Tells what waits, every lane in a thread of its own; one that is slow or down holds up no other."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._busy: dict[int, threading.Thread] = {}
        self._lock = threading.Lock()
        self._sent = 0
        self._errors: list[str] = []
        self._bug: BaseException | None = None

    @abstractmethod
    def _ready(self) -> Sequence[int]:
        """The lanes for which something is due."""

    @abstractmethod
    def _claim(self, lane: int) -> _Parcel | None:
        """Take what the lane is to get next, unless it must wait or somebody else is at it."""

    @abstractmethod
    def _send(self, parcel: _Parcel) -> None:
        """Raises DeliveryError, or ConfigError for what cannot be opened with this key."""

    @abstractmethod
    def _record_sent(self, session: Session, parcel: _Parcel, now: datetime) -> int:
        """Mark it; how many rows that were."""

    @abstractmethod
    def _record_failure(
        self, session: Session, parcel: _Parcel, error: DeliveryError | ConfigError, now: datetime
    ) -> tuple[str, bool]:
        """Write down what went wrong: a line for the owner, and whether the lane's next one may be tried."""

    def start_round(self) -> None:
        """Set every lane going that has something to do and is not at it already.

        Raises what a bug of the outbox raised; one in what sends to others is a failure of that lane.
        """
        if self._bug is not None:
            raise self._bug
        for lane in self._ready():
            with self._lock:
                if lane in self._busy:
                    continue
                thread = threading.Thread(target=self._serve, args=(lane,), name=f"lane {lane}", daemon=True)
                self._busy[lane] = thread
            thread.start()

    def finish(self, timeout: float | None = None) -> Outcome:
        """Wait for the lanes that are at it, ``timeout`` seconds in all; what was done since the last time."""
        deadline = None if timeout is None else monotonic() + timeout
        for thread in list(self._busy.values()):
            thread.join(None if deadline is None else max(0.0, deadline - monotonic()))
        if self._bug is not None:
            raise self._bug
        with self._lock:
            outcome = Outcome(self._sent, tuple(self._errors))
            self._sent, self._errors = 0, []
        return outcome

    def _serve(self, lane: int) -> None:
        try:
            while (parcel := self._claim(lane)) is not None:
                if not self._hand_over(parcel):
                    break
        except StorageError as e:
            # A full disk or a locked database passes; the rows still wait.
            _log.error("deliver: %s", e)
        except BaseException as e:
            # A thread has nobody above it to see a bug: the next round shows it.
            self._bug = e
        finally:
            with self._lock:
                del self._busy[lane]

    def _hand_over(self, parcel: _Parcel) -> bool:
        """Send and mark; false when the lane is to be left alone for now."""
        if (error := self._try(parcel)) is not None:
            with self._database.write() as session:
                line, goes_on = self._record_failure(session, parcel, error, self._clock())
            with self._lock:
                self._errors.append(line)
            return goes_on
        with self._database.write() as session:
            count = self._record_sent(session, parcel, self._clock())
        with self._lock:
            self._sent += count
        return True

    def _try(self, parcel: _Parcel) -> DeliveryError | ConfigError | None:
        """Send; what went wrong."""
        try:
            self._send(parcel)
        except (DeliveryError, ConfigError) as e:
            return e
        # A mistake in what sends to one of many must not stop the others; it is tried again as a failure is.
        except Exception as e:
            _log.exception("deliver: a bug")
            return DeliveryError(f"a bug stopped it ({type(e).__name__})")
        return None


def mark_sent(row: Waiting, now: datetime) -> None:
    row.state, row.sent_at, row.leased_until, row.error = DeliveryState.SENT, now, None, ""


def put_off(rows: Sequence[Waiting], error: DeliveryError | ConfigError, now: datetime) -> bool:
    """Remember the error and when to try again, of all that went together; true when they are given up."""
    attempts = max((row.attempts for row in rows), default=0)
    pause = max(_pause(attempts), timedelta(seconds=pause_asked(error) or 0))
    is_over = not isinstance(error, DeliveryError) or error.permanent or attempts >= ATTEMPTS
    for row in rows:
        row.leased_until, row.error, row.next_at = None, str(error), now + pause
        if is_over:
            row.state = DeliveryState.FAILED
    return is_over


def pause_asked(error: DeliveryError | ConfigError) -> float | None:
    """The seconds that the other side asked for, a day at most."""
    asked = error.retry_after if isinstance(error, DeliveryError) else None
    return min(max(asked, 0.0), _LONGEST_ASKED) if asked is not None else None


def _pause(attempts: int) -> timedelta:
    """Doubled with every attempt, with a fifth of jitter."""
    pause = min(_FIRST_PAUSE * float(2 ** min(attempts - 1, 20)), _LONGEST_PAUSE)
    return pause * random.uniform(0.9, 1.1)
