"""Page one of each search over time: what stands where, since when, and what has left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from monitor.loss import is_certain, pages_of, searches_of_files
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
    """A search with its last pages, the oldest first; ``ranks`` in today's order, those that have left last.

    ``watched`` is false once its source was removed.
    """

    query: str
    engine: str
    watched: bool
    taken: tuple[datetime, ...]
    failed: tuple[bool, ...]
    ranks: tuple[Rank, ...]


def find_histories(session: Session, brand_id: int, uncertain_below: float) -> list[SearchHistory]:
    """The history of each search for a brand that has been asked at least once.

    Then come those from files, and those that are asked no more.
    """
    asked = [source.id for source in find_sources(session, brand_id) if source.spider in SEARCH_SPIDERS]
    searches = [*((source_id, None) for source_id in asked), *searches_of_files(session, brand_id)]
    queries = [*(pages_of(source_id, query) for source_id, query in searches), *_removed(session, brand_id)]
    histories = (_last_pages(session, newest_first) for newest_first in queries)
    return [_history(pages, uncertain_below) for pages in histories if pages]


def _removed(session: Session, brand_id: int) -> Iterator[Select[SearchPage]]:
    """The pages of each search whose source was removed: what was asked, and where, is all that still tells it."""
    left = (SearchPage.brand_id == brand_id, SearchPage.source_id.is_(None))
    columns = (SearchPage.query, SearchPage.engine)
    for query, engine in session.execute(select(*columns).where(*left).distinct().order_by(*columns)):
        yield pages_of(None, query).where(*left, SearchPage.engine == engine)


def _last_pages(session: Session, newest_first: Select[SearchPage]) -> list[SearchPage]:
    with_results = selectinload(SearchPage.results).options(joinedload(SearchResult.mention))
    return list(session.scalars(newest_first.limit(PAGES).options(with_results)))[::-1]


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
        watched=pages[-1].source_id is not None,
        taken=tuple(page.taken_at for page in pages),
        failed=tuple(bool(page.error) for page in pages),
        ranks=tuple(ranks),
    )
