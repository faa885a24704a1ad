"""Calendars that other programs subscribe to, in the format of RFC 5545."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LONGEST_LINE = 75


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """An entry of one whole day; ``uid`` stays the same when the entry is told again."""

    uid: str
    day: date
    title: str
    text: str = ""


def write_calendar(name: str, days: Iterable[CalendarDay], now: datetime) -> str:
    """The calendar as text, lines ended and folded as the format wants."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Didban//Unsubscribe desk//EN",
        f"X-WR-CALNAME:{_escape(name)}",
    ]
    for entry in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escape(entry.uid)}",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escape(entry.title)}",
            *([f"DESCRIPTION:{_escape(entry.text)}"] if entry.text else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _escape(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _fold(line: str) -> str:
    """Lines of at most 75 bytes, cut between letters; the rest begins with a space."""
    parts: list[str] = []
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _LONGEST_LINE - bool(parts):
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
