"""Negative results on page one -> share of prospects lost, and what that figure stands on.

Source: Go Fish Digital's survey of 1,000 US consumers, published on the Moz blog in 2015 ("67% of Consumers are
Influenced by Online Reviews"); stated intention, not behaviour. The text gives no figure for two results: they stay
in the band of one, and :meth:`LossScale.reach` says how far two can go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from monitor.models import LossReading, Mention, SearchPage, SearchResult, Source
from monitor.types import FILE_SPIDER, SEARCH_SPIDERS, Basis, Label

STUDY_TABLE = (0.0, 22.0, 22.0, 59.2, 70.0)
MENTIONS_WINDOW = timedelta(days=30)


class LossScale:
    """The loss table: percent of prospects lost at 0, 1, 2 … negative results; the last entry holds above it."""

    def __init__(self, table: Sequence[float] = STUDY_TABLE) -> None:
        self.table = tuple(table)

    def share(self, negatives: int) -> float:
        """Up to how many percent of prospects may turn away. Raises ValueError below zero."""
        if negatives < 0:
            raise ValueError(f"a count of negatives below zero: {negatives}")
        return self.table[min(negatives, len(self.table) - 1)]

    def band(self, negatives: int) -> int:
        """The first count that has the same share: two counts are in one band when this is equal."""
        return self.table.index(self.share(negatives))

    def reach(self, negatives: int) -> float:
        """The next band's share where the table gives this count no figure of its own, else its share.

        Two results share the band of one only because the study is silent about them.
        """
        share = self.share(negatives)
        unmeasured = 0 < negatives < len(self.table) and self.band(negatives) < negatives
        return self.share(negatives + 1) if unmeasured else share

    def next_better(self, negatives: int) -> int | None:
        """How many results must be answered to reach a lower band; None when there is none."""
        band = self.band(negatives)
        return negatives - band + 1 if band > 0 else None


@dataclass(frozen=True, slots=True)
class LossFigure:
    """The band now. ``negatives`` and ``share`` are None when nothing may be said; ``error`` then says why.

    ``results`` is how many results, or mentions, were looked at; ``uncertain`` how many of them the model was not
    sure of. ``page_id`` is the search page behind the figure.
    """

    basis: Basis
    negatives: int | None = None
    results: int | None = None
    share: float | None = None
    uncertain: int = 0
    taken_at: datetime | None = None
    page_id: int | None = None
    error: str = ""

    @property
    def is_being_read(self) -> bool:
        """The page is there and some of its results have no label yet."""
        return self.page_id is not None and self.negatives is None


def certainly(label: Label, uncertain_below: float) -> ColumnElement[bool]:
    """A mention has ``label`` and the score, or a person, stands behind it."""
    by_person = Mention.labelled_by == "person"
    return (Mention.label == label) & (by_person | (Mention.score >= uncertain_below))


class Labelled(Protocol):
    """What has a label: a mention, or those columns of one."""

    @property
    def score(self) -> float | None: ...
    @property
    def labelled_by(self) -> str: ...


def is_certain(mention: Labelled, uncertain_below: float) -> bool:
    """The same question of one row."""
    return mention.labelled_by == "person" or (mention.score or 0.0) >= uncertain_below


def current_figure(
    session: Session, brand_id: int, scale: LossScale, uncertain_below: float, now: datetime
) -> LossFigure:
    """The brand's figure: from the newest search pages, or from mentions when no search source is set up.

    A page that was brought in as a file counts as any other, as long as a mention would.
    """
    sources = session.scalars(
        select(Source.id).where(Source.brand_id == brand_id, Source.spider.in_(SEARCH_SPIDERS), ~Source.paused)
    ).all()
    pages = [page for source in sources if (page := _newest_page(session, source)) is not None]
    pages += _brought_pages(session, brand_id, now)
    if not sources and not pages:
        return _from_mentions(session, brand_id, scale, uncertain_below, now)
    figures = [_from_page(page, scale, uncertain_below) for page in pages if not page.error]
    # Several queries or engines: the page that costs most counts, once all are labelled.
    worst = max(figures, key=lambda figure: (figure.negatives is None, figure.negatives or 0), default=None)
    failed = [page for page in pages if page.error]
    if worst is not None and not _hide_a_worse_one(session, failed, worst, scale):
        return worst
    error = failed[-1].error if failed else ""
    taken_at = max((page.taken_at for page in pages), default=None)
    return LossFigure(Basis.SEARCH_RESULTS, taken_at=taken_at, error=error)


def _hide_a_worse_one(session: Session, failed: Sequence[SearchPage], worst: LossFigure, scale: LossScale) -> bool:
    """A search that gave results before and is silent now is not taken for none; one that never did hides nothing."""
    if not failed or worst.share in (None, scale.table[-1]):
        return False
    sources = [page.source_id for page in failed]
    return bool(session.scalar(select(exists().where(SearchPage.source_id.in_(sources), SearchPage.error == ""))))


def _brought_pages(session: Session, brand_id: int, now: datetime) -> list[SearchPage]:
    """Of each search that was brought in as files the newest page, if it is not older than what else counts."""
    pages = (_newest_page(session, source, query) for source, query in searches_of_files(session, brand_id))
    return [page for page in pages if page is not None and page.taken_at >= now - MENTIONS_WINDOW]


def _newest_page(session: Session, source_id: int, query: str | None = None) -> SearchPage | None:
    """The newest page of a search with its results and their mentions."""
    pages = pages_of(source_id, query).limit(1)
    return session.scalar(pages.options(selectinload(SearchPage.results).joinedload(SearchResult.mention)))


def pages_of(source_id: int | None, query: str | None = None) -> Select[SearchPage]:
    """The pages of a search source, newest first; what stands for files has those of every ``query`` in them."""
    pages = select(SearchPage).where(SearchPage.source_id == source_id)
    if query is not None:
        pages = pages.where(SearchPage.query == query)
    return pages.order_by(SearchPage.taken_at.desc(), SearchPage.id.desc())


def searches_of_files(session: Session, brand_id: int) -> list[tuple[int, str]]:
    """The searches whose pages were brought in as files, each by its source and what was asked."""
    found = (
        select(Source.id, SearchPage.query)
        .join(SearchPage, SearchPage.source_id == Source.id)
        .where(Source.brand_id == brand_id, Source.spider == FILE_SPIDER)
        .distinct()
        .order_by(Source.id, SearchPage.query)
    )
    return [(source_id, query) for source_id, query in session.execute(found)]


def _from_page(page: SearchPage, scale: LossScale, uncertain_below: float) -> LossFigure:
    mentions = [result.mention for result in page.results]
    waiting = [mention for mention in mentions if not mention.label]
    if waiting:
        return LossFigure(Basis.SEARCH_RESULTS, results=len(mentions), taken_at=page.taken_at, page_id=page.id)
    sure = [mention for mention in mentions if is_certain(mention, uncertain_below)]
    negatives = sum(mention.label == Label.NEGATIVE for mention in sure)
    return LossFigure(
        Basis.SEARCH_RESULTS,
        negatives=negatives,
        results=len(mentions),
        share=scale.share(negatives),
        uncertain=len(mentions) - len(sure),
        taken_at=page.taken_at,
        page_id=page.id,
    )


def _from_mentions(
    session: Session, brand_id: int, scale: LossScale, uncertain_below: float, now: datetime
) -> LossFigure:
    """Distinct negative stories of the last 30 days: a rough stand-in, and marked as one."""
    recent = (
        Mention.brand_id == brand_id,
        Mention.said_at >= now - MENTIONS_WINDOW,
        Mention.label != "",
    )
    count = func.count(Mention.story.distinct())
    looked_at = session.scalar(select(count).where(*recent)) or 0
    if not looked_at:
        return LossFigure(Basis.NONE)
    negative = certainly(Label.NEGATIVE, uncertain_below)
    negatives = session.scalar(select(count).where(*recent, negative)) or 0
    return LossFigure(
        Basis.MENTIONS, negatives=negatives, results=looked_at, share=scale.share(negatives), taken_at=now
    )


def is_first_look(session: Session, figure: LossFigure, before: LossReading) -> bool:
    """The search behind ``figure`` had given nothing yet when ``before`` was read, so the two cannot be compared."""
    page = aliased(SearchPage)
    known = exists().where(
        page.id == figure.page_id,
        # One source stands for all searches that come in files.
        SearchPage.source_id == page.source_id,
        SearchPage.query == page.query,
        SearchPage.error == "",
        SearchPage.decided_at <= before.taken_at,
    )
    return figure.page_id is not None and not session.scalar(select(known))


def last_reading(session: Session, brand_id: int, basis: Basis) -> LossReading | None:
    """The newest reading on ``basis`` that has a figure."""
    return session.scalar(
        select(LossReading)
        .where(LossReading.brand_id == brand_id, LossReading.basis == basis, LossReading.negatives.is_not(None))
        .order_by(LossReading.taken_at.desc(), LossReading.id.desc())
        .limit(1)
    )
