"""Rows as other programs read them: all of a kind that fit, the newest first, a page at a time or as one stream.

Unlike the pages, a listing folds nothing: each copy of a story is a row of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from monitor.mention_list import MentionFilter, fits
from monitor.models import Case, Mention, SearchPage, SearchResult, UnsubscribeEvent
from monitor.overview import Cursor

Row = TypeVar("Row", Mention, SearchPage, UnsubscribeEvent, Case)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A query without an order, and the columns that give it one: when, and the id for equal moments."""

    query: Select[Row]
    moment: InstrumentedAttribute[datetime]
    row_id: InstrumentedAttribute[int]

    def _ordered(self) -> Select[Row]:
        return self.query.order_by(self.moment.desc(), self.row_id.desc())

    def page(self, session: Session, after: Cursor | None, limit: int) -> tuple[list[Row], Cursor | None]:
        """At most ``limit`` rows and where to go on; rows that come meanwhile move nothing."""
        query = self._ordered().limit(limit + 1)
        if after is not None:
            moment, row_id = after
            query = query.where(
                or_(self.moment < moment, and_(self.moment == moment, self.row_id < row_id)),
                # Said once more, plainly: the index on the time can begin here.
                self.moment <= moment,
            )
        rows = list(session.scalars(query))
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        return rows[:limit], (getattr(last, self.moment.key), getattr(last, self.row_id.key))

    def count(self, session: Session) -> int:
        return session.scalar(select(func.count()).select_from(self.query.subquery())) or 0

    def stream(self, session: Session) -> Iterator[Row]:
        """All of them, a few hundred in memory at once."""
        yield from session.scalars(self._ordered().execution_options(yield_per=_AT_ONCE))


@dataclass(frozen=True, slots=True)
class SpanFilter:
    """From ``since`` to before ``until``; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def within(self, moment: InstrumentedAttribute[datetime]) -> list[ColumnElement[bool]]:
        conditions = []
        if self.since is not None:
            conditions.append(moment >= self.since)
        if self.until is not None:
            conditions.append(moment < self.until)
        return conditions


@dataclass(frozen=True, slots=True)
class PageFilter(SpanFilter):
    """Pages of results, by when they were taken."""

    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class LeavingFilter(SpanFilter):
    """People who left, by when; an empty text does not narrow. Who came back is there too, and marked."""

    reason: str = ""
    list_name: str = ""
    campaign: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class CaseFilter(SpanFilter):
    """Cases, by when they were opened."""

    states: tuple[str, ...] = ()
    owner: str = ""


def list_mentions(brand_id: int, wanted: MentionFilter) -> Listing[Mention]:
    """By when they were seen."""
    return Listing(select(Mention).where(*fits(Mention, brand_id, wanted)), Mention.seen_at, Mention.id)


def list_search_pages(brand_id: int, wanted: PageFilter) -> Listing[SearchPage]:
    """With their results and the mentions behind them."""
    query = select(SearchPage).where(SearchPage.brand_id == brand_id, *wanted.within(SearchPage.taken_at))
    if wanted.source_id:
        query = query.where(SearchPage.source_id == wanted.source_id)
    query = query.options(selectinload(SearchPage.results).joinedload(SearchResult.mention))
    return Listing(query, SearchPage.taken_at, SearchPage.id)


def list_leavings(brand_id: int, wanted: LeavingFilter) -> Listing[UnsubscribeEvent]:
    query = select(UnsubscribeEvent).where(
        UnsubscribeEvent.brand_id == brand_id, *wanted.within(UnsubscribeEvent.left_at)
    )
    for name in ("reason", "list_name", "campaign", "provider"):
        if value := getattr(wanted, name):
            query = query.where(getattr(UnsubscribeEvent, name) == value)
    return Listing(query, UnsubscribeEvent.left_at, UnsubscribeEvent.id)


def list_cases(brand_id: int, wanted: CaseFilter) -> Listing[Case]:
    """With the text that opened each."""
    query = select(Case).where(Case.brand_id == brand_id, *wanted.within(Case.opened_at))
    if wanted.states:
        query = query.where(Case.state.in_(wanted.states))
    if wanted.owner:
        query = query.where(Case.owner == wanted.owner)
    return Listing(query.options(joinedload(Case.mention)), Case.opened_at, Case.id)
