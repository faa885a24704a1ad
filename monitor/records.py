"""What is given out to other programs, by the API and by exports alike: plain values under stable names.

Times are aware UTC. What is unknown is None: a text without a label yet has none. docs/api.md describes every field.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.cases import is_late
from monitor.loss import is_certain
from monitor.models import Brand, Case, Mention, SearchPage, SearchResult, Source, UnsubscribeEvent


@dataclass(frozen=True, slots=True)
class BrandRecord:
    id: int
    name: str
    aliases: list[str]
    exclude: list[str]
    is_rival: bool
    created_at: datetime


def brand_record(brand: Brand) -> BrandRecord:
    return BrandRecord(
        id=brand.id,
        name=brand.name,
        aliases=brand.aliases,
        exclude=brand.exclude,
        is_rival=brand.is_rival,
        created_at=brand.created_at,
    )


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Without what the spider is told: there are keys among it."""

    id: int
    brand_id: int | None
    spider: str
    url: str
    paused: bool
    interval: int
    state: str
    state_since: datetime
    error: str
    warnings: int
    found: int
    failures: int
    checked_at: datetime | None
    next_at: datetime


def source_record(source: Source) -> SourceRecord:
    return SourceRecord(
        id=source.id,
        brand_id=source.brand_id,
        spider=source.spider,
        url=source.url,
        paused=source.paused,
        interval=source.interval,
        state=source.state,
        state_since=source.state_since,
        error=source.error,
        warnings=len(source.warnings),
        found=source.found,
        failures=source.failures,
        checked_at=source.checked_at,
        next_at=source.next_at,
    )


@dataclass(frozen=True, slots=True)
class MentionRecord:
    """``certain`` is whether the label counts: a person gave it, or its score is high enough."""

    id: int
    brand_id: int
    source_id: int | None
    kind: str
    url: str
    title: str
    text: str
    author: str
    rating: float | None
    published_at: datetime | None
    seen_at: datetime
    story: str
    language: str | None
    label: str | None
    score: float | None
    certain: bool
    topic: str | None
    words: list[str]
    labelled_by: str | None
    labelled_at: datetime | None


def mention_record(mention: Mention, uncertain_below: float) -> MentionRecord:
    return MentionRecord(
        id=mention.id,
        brand_id=mention.brand_id,
        source_id=mention.source_id,
        kind=mention.kind,
        url=mention.url,
        title=mention.title,
        text=mention.text,
        author=mention.author,
        rating=mention.rating,
        published_at=mention.published_at,
        seen_at=mention.seen_at,
        story=mention.story,
        language=mention.language or None,
        label=mention.label or None,
        score=mention.score,
        certain=bool(mention.label) and is_certain(mention, uncertain_below),
        topic=mention.topic or None,
        words=mention.words or [],
        labelled_by=mention.labelled_by or None,
        labelled_at=mention.labelled_at,
    )


@dataclass(frozen=True, slots=True)
class SearchResultRecord:
    """One place on a page of results; all but the page's own fields are None on a page that failed."""

    page_id: int
    brand_id: int
    source_id: int | None
    query: str
    engine: str
    taken_at: datetime
    error: str
    position: int | None
    title: str | None
    snippet: str | None
    url: str | None
    mention_id: int | None
    label: str | None
    score: float | None
    certain: bool | None


def search_result_record(page: SearchPage, result: SearchResult | None, uncertain_below: float) -> SearchResultRecord:
    mention = result.mention if result is not None else None
    return SearchResultRecord(
        page_id=page.id,
        brand_id=page.brand_id,
        source_id=page.source_id,
        query=page.query,
        engine=page.engine,
        taken_at=page.taken_at,
        error=page.error,
        position=result.position if result is not None else None,
        title=result.title if result is not None else None,
        snippet=result.snippet if result is not None else None,
        url=mention.url if mention is not None else None,
        mention_id=mention.id if mention is not None else None,
        label=(mention.label or None) if mention is not None else None,
        score=mention.score if mention is not None else None,
        certain=bool(mention.label) and is_certain(mention, uncertain_below) if mention is not None else None,
    )


@dataclass(frozen=True, slots=True)
class UnsubscribeRecord:
    """``address`` is None unless it was asked for and is still kept; ``reason`` is None where nothing was said."""

    id: int
    brand_id: int
    left_at: datetime
    list_name: str
    campaign: str
    segment: str
    provider: str
    door: str
    reason: str | None
    reason_score: float | None
    reason_by: str | None
    comment: str
    stayed: str | None
    address: str | None


def unsubscribe_record(event: UnsubscribeEvent, address: str | None) -> UnsubscribeRecord:
    return UnsubscribeRecord(
        id=event.id,
        brand_id=event.brand_id,
        left_at=event.left_at,
        list_name=event.list_name,
        campaign=event.campaign,
        segment=event.segment,
        provider=event.provider,
        door=event.door,
        reason=event.reason or None,
        reason_score=event.reason_score,
        reason_by=event.labelled_by or None,
        comment=event.comment,
        stayed=event.stayed or None,
        address=address or None,
    )


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """``title``, ``url`` and ``author`` are those of the text that opened the case."""

    id: int
    brand_id: int
    state: str
    late: bool
    owner: str
    cause: str | None
    offered: str
    steps: list[str]
    opened_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    mention_id: int
    story: str
    title: str
    url: str
    author: str


def case_record(case: Case, now: datetime) -> CaseRecord:
    return CaseRecord(
        id=case.id,
        brand_id=case.brand_id,
        state=case.state,
        late=is_late(case, now),
        owner=case.owner,
        cause=case.cause or None,
        offered=case.offered,
        steps=case.steps,
        opened_at=case.opened_at,
        due_at=case.due_at,
        acknowledged_at=case.acknowledged_at,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        mention_id=case.mention_id,
        story=case.story,
        title=case.mention.title or case.mention.text,
        url=case.mention.url,
        author=case.mention.author,
    )
