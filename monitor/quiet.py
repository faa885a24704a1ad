"""Quiet hours: when a channel keeps what it gets until morning."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.errors import RuleError

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begins`` to before ``ends`` by the clock on the wall; over midnight when it ends earlier."""

    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet that lies over ``now`` ends; None when there is none."""
        here = now.astimezone(zone)
        clock = here.time().replace(tzinfo=None)
        if self.begins < self.ends:
            is_quiet, ends_tomorrow = self.begins <= clock < self.ends, False
        else:
            is_quiet, ends_tomorrow = clock >= self.begins or clock < self.ends, clock >= self.begins
        if not is_quiet:
            return None
        day = here.date() + timedelta(days=ends_tomorrow)
        return datetime.combine(day, self.ends, zone).astimezone(now.tzinfo)


def read_quiet_hours(text: str) -> QuietHours | None:
    """``22:00-07:30`` as a value; None for an empty text. Raises RuleError."""
    if not text.strip():
        return None
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise RuleError("quiet hours are like 22:00-07:30, not", text)
    first, first_minute, last, last_minute = map(int, match.groups())
    begins, ends = time(first, first_minute), time(last, last_minute)
    if begins == ends:
        raise RuleError("quiet hours that end where they begin", text)
    return QuietHours(begins, ends)
