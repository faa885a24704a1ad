"""Moments as other programs write them and days as people type them, with Gregorian or Jalali years."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from monitor.folding import fold

TEHRAN = ZoneInfo("Asia/Tehran")
OLDEST_YEAR = 1990
JALALI_YEARS = range(1300, 1500)
# Beyond these a date is somebody's "never", or milliseconds taken for seconds.
_YEARS = range(OLDEST_YEAR, 2100)
_SKEW = timedelta(hours=1)
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
# As people type one: a year below is Jalali, whichever language they read. The last day that both calendars have.
FIRST_GREGORIAN_YEAR = 1700
_LAST_DAY: date = JalaliDate.max.to_gregorian()
_TYPED = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")


def read_moment(text: str) -> datetime:
    """The moment that an ISO date names, in UTC. Without a zone a Jalali one is Tehran's, any other is UTC.

    Raises ValueError for what names none, and for a moment that :func:`in_our_time` refuses.
    """
    written = fold(text).upper()
    zone: tzinfo = UTC
    if found := _DAY.match(written):
        year, month, day = map(int, found.groups())
        is_jalali = year in JALALI_YEARS
        named = gregorian(year, month, day) if is_jalali else date(year, month, day)
        written = f"{named.isoformat()}{written[found.end() :]}"
        zone = TEHRAN if is_jalali else UTC
    moment = datetime.fromisoformat(written)
    return in_our_time(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def in_our_time(moment: datetime) -> datetime:
    """``moment`` in UTC. Raises ValueError for one before 1990 or from 2100 on: no mail was left then."""
    # By the year first: what lies at the ends of the calendar cannot be brought to UTC.
    if moment.year not in _YEARS:
        raise ValueError("not a moment of our time")
    return moment.astimezone(UTC)


def come_by(moment: datetime, now: datetime) -> datetime | None:
    """``moment`` in UTC, ``now`` where a clock runs a little fast; None for one that is still to come."""
    return min(moment.astimezone(UTC), now) if moment <= now + _SKEW else None


def gregorian(year: int, month: int, day: int) -> date:
    """Raises ValueError for a day that the Jalali calendar does not have."""
    named: date = JalaliDate(year, month, day).to_gregorian()
    return named


def read_day(text: str) -> date | None:
    """A day typed on either calendar, in any digits."""
    found = _TYPED.fullmatch(fold(text))
    return typed_date(*map(int, found.groups())) if found else None


def read_day_or_moment(text: str) -> date | datetime:
    """The same, or a moment of such a day, without a zone unless it names one. Raises ValueError."""
    written = fold(text).upper()
    found = _TYPED.match(written)
    day = typed_date(*map(int, found.groups())) if found else None
    if found is None or day is None:
        raise ValueError("not a day")
    time = written[found.end() :]
    return datetime.fromisoformat(f"{day.isoformat()}{time}") if time else day


def typed_date(year: int, month: int, day: int) -> date | None:
    """None for a day that its calendar does not have, or that could not be said on the other."""
    try:
        found = gregorian(year, month, day) if year < FIRST_GREGORIAN_YEAR else date(year, month, day)
    except ValueError:
        return None
    return found if found <= _LAST_DAY else None
