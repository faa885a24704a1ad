"""What feeds of every kind say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import struct_time

from spiders.dates import parse_date


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of any kind of feed, its texts still with markup."""

    link: str
    title: str
    markup: str
    author: str
    id: str
    published_at: datetime | None
    publisher: str = ""


def first_date(dates: Iterable[str | struct_time]) -> datetime | None:
    """The first of ``dates`` that is one."""
    moments = (parse_date(date) for date in dates if date)
    return next((moment for moment in moments if moment), None)
