"""Page one of each search over time: what stands where, since when, and what has left."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from monitor.loss import is_certain
from monitor.models import Mention, SearchPage, SearchResult
from monitor.sources import find_sources
from monitor.types import SEARCH_SPIDERS

PAGES = 30


@dataclass(frozen=True, slots=True)
class Rank:
    """One result through the pages, the oldest first; None where it was on none, or where the page failed.

    ``now`` is its position on the newest page that was read, ``before`` on the one before that.
    """

    mention: Mention
    title: str
    certain: bool
    positions: tuple[int | None, ...]
    now: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class SearchHistory:
    """A search with its last pages, the oldest first; ``ranks`` in today's order, those that have left last."""

    query: str
    engine: str
    taken: tuple[datetime, ...]
    failed: tuple[bool, ...]
    ranks: tuple[Rank, ...]


def find_histories(session: Session, brand_id: int, uncertain_below: float) -> list[SearchHistory]:
    """The history of each search for a brand that has been asked at least once."""
    histories = []
    for source in find_sources(session, brand_id):
        if source.spider in SEARCH_SPIDERS and (pages := _last_pages(session, source.id)):
            histories.append(_history(pages, uncertain_below))
    return histories


def _last_pages(session: Session, source_id: int) -> list[SearchPage]:
    newest_first = session.scalars(
        select(SearchPage)
        .where(SearchPage.source_id == source_id)
        .order_by(SearchPage.taken_at.desc(), SearchPage.id.desc())
        .limit(PAGES)
        .options(selectinload(SearchPage.results).options(joinedload(SearchResult.mention)))
    )
    return list(newest_first)[::-1]


def _history(pages: list[SearchPage], uncertain_below: float) -> SearchHistory:
    newest: dict[int, SearchResult] = {}
    for page in pages:
        newest.update({result.mention_id: result for result in page.results})
    where = [{result.mention_id: result.position for result in page.results} for page in pages]
    read = [places for places, page in zip(where, pages, strict=True) if not page.error]
    ranks = [
        Rank(
            mention=result.mention,
            title=result.title or result.mention.url,
            certain=is_certain(result.mention, uncertain_below),
            positions=tuple(places.get(mention_id) for places in where),
            now=read[-1].get(mention_id) if read else None,
            before=read[-2].get(mention_id) if len(read) > 1 else None,
        )
        for mention_id, result in newest.items()
    ]
    # Those that have left: the ones that stood highest, first.
    ranks.sort(key=lambda rank: (rank.now is None, rank.now or min(filter(None, rank.positions), default=0)))
    return SearchHistory(
        query=pages[-1].query,
        engine=pages[-1].engine,
        taken=tuple(page.taken_at for page in pages),
        failed=tuple(bool(page.error) for page in pages),
        ranks=tuple(ranks),
    )
