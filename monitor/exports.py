"""What may be taken away as a file: mentions, search results, people who left, cases; fields as in monitor.records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.db import in_chunks
from monitor.listings import (
    CaseFilter,
    LeavingFilter,
    PageFilter,
    list_cases,
    list_leavings,
    list_mentions,
    list_search_pages,
)
from monitor.mention_list import MentionFilter
from monitor.models import SearchResult, UnsubscribeEvent
from monitor.records import (
    CaseRecord,
    MentionRecord,
    SearchResultRecord,
    UnsubscribeRecord,
    case_record,
    mention_record,
    search_result_record,
    unsubscribe_record,
)
from monitor.sealing import Seal
from monitor.sheets import Row
from monitor.subscribers import address_of, find_subscribers

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be: its name without an ending, its columns, and its rows once there is a session to read them with."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Session], Iterator[Row]]


def export_mentions(brand_id: int, wanted: MentionFilter, uncertain_below: float) -> Export:
    """Each copy of a story is a row."""

    def rows(session: Session) -> Iterator[Row]:
        for mention in list_mentions(brand_id, wanted).stream(session):
            yield _values(columns, mention_record(mention, uncertain_below))

    columns = _columns(MentionRecord)
    return Export("mentions", columns, rows)


def export_search_results(brand_id: int, wanted: PageFilter, uncertain_below: float) -> Export:
    """A row for each result; a page that failed is one row without a position, so that a gap stays one."""

    def rows(session: Session) -> Iterator[Row]:
        for page in list_search_pages(brand_id, wanted).stream(session):
            results: list[SearchResult | None] = [*page.results]
            for result in results or [None]:
                yield _values(columns, search_result_record(page, result, uncertain_below))

    columns = _columns(SearchResultRecord)
    return Export("search-results", columns, rows)


def export_leavings(brand_id: int, wanted: LeavingFilter, seal: Seal | None = None) -> Export:
    """Addresses that are still kept are there only with the ``seal`` that opens them; without, not even the column."""

    def rows(session: Session) -> Iterator[Row]:
        events = list_leavings(brand_id, wanted).stream(session)
        for chunk in in_chunks(events, _AT_ONCE):
            addresses = addresses_of(session, seal, chunk) if seal is not None else {}
            for event in chunk:
                yield _values(columns, unsubscribe_record(event, addresses.get(event.subscriber_hash)))

    columns = _columns(UnsubscribeRecord)
    if seal is None:
        columns = tuple(name for name in columns if name != "address")
    return Export("unsubscribes", columns, rows)


def export_cases(brand_id: int, wanted: CaseFilter, now: datetime) -> Export:
    """By when they were opened."""

    def rows(session: Session) -> Iterator[Row]:
        for case in list_cases(brand_id, wanted).stream(session):
            yield _values(columns, case_record(case, now))

    columns = _columns(CaseRecord)
    return Export("cases", columns, rows)


def addresses_of(session: Session, seal: Seal, events: list[UnsubscribeEvent]) -> dict[str, str]:
    """The addresses that are still kept, by the hash of the person."""
    people = find_subscribers(session, {event.subscriber_hash for event in events})
    return {person: address_of(row, seal) for person, row in people.items()}


def _columns(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def _values(columns: tuple[str, ...], record: object) -> Row:
    return [getattr(record, name) for name in columns]
