"""First pages of search results, kept as they were at their moment."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.mentions import make_mention, mention_key
from monitor.models import Mention, SearchPage, SearchResult, Source
from monitor.types import Kind, MentionData, SearchPageData, SearchResultData

PAGE_ONE = 10


def save_page(session: Session, data: SearchPageData, now: datetime) -> int:
    """Keep a page, and a mention for each result that is new; the number of new mentions.

    The same question at the same moment is kept once. A page whose ``error`` is set is kept too: it is a gap, not a
    zero. A page of a source without a brand, or removed meanwhile, is passed over.
    """
    source = session.get(Source, data.source_id) if data.source_id is not None else None
    if source is None or source.brand_id is None:
        return 0
    seen = select(SearchPage.id).where(SearchPage.source_id == source.id, SearchPage.taken_at == data.taken_at)
    if session.scalar(seen.where(SearchPage.query == data.query)) is not None:
        return 0
    page = SearchPage(
        brand_id=source.brand_id,
        source_id=source.id,
        query=data.query,
        engine=data.engine,
        taken_at=data.taken_at,
        error=data.error,
    )
    session.add(page)
    new = 0
    for result in data.results[:PAGE_ONE]:
        mention, is_new = _mention_of(session, result, source, now)
        new += is_new
        page.results.append(
            SearchResult(mention=mention, position=result.position, title=result.title, snippet=result.snippet)
        )
    session.flush()
    return new


def _mention_of(session: Session, result: SearchResultData, source: Source, now: datetime) -> tuple[Mention, bool]:
    """The mention of a result's address for the source's brand, made when it is new."""
    data = MentionData(
        kind=Kind.SEARCH_RESULT,
        url=result.url,
        title=result.title,
        text=result.snippet,
        source_id=source.id,
    )
    assert source.brand_id is not None
    known = session.scalar(select(Mention).where(Mention.brand_id == source.brand_id, Mention.key == mention_key(data)))
    if known is not None:
        return known, False
    mention = make_mention(session, data, source.brand_id, now, history=source.first_look_done_at is None)
    session.add(mention)
    session.flush()
    return mention, True
