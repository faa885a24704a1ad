"""DECIDE, the part with the database: gather a brand's facts, write readings and alerts in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, aliased

from monitor.alerts import AlertDraft, BrandFacts, Negative, Reading, Rule, decide
from monitor.config import Settings
from monitor.db import Database
from monitor.loss import LossFigure, LossScale, certainly, current_figure, is_certain, last_reading
from monitor.models import Alert, AlertRule, Brand, Channel, Delivery, LossReading, Mention, SearchPage
from monitor.types import DeliveryState, Label, RuleKind

_EXCERPT = 280


def decide_waiting(database: Database, settings: Settings, now: datetime) -> int:
    """Judge what has been labelled since the last time, a brand a transaction; the number of alerts written.

    The alert, its deliveries, the reading and the marks on the rows that caused it are kept together or not at all.
    """
    with database.read() as session:
        brand_ids = session.scalars(select(Brand.id).where(_has_news()).order_by(Brand.id)).all()
    written = 0
    for brand_id in brand_ids:
        with database.write() as session:
            written += _decide_brand(session, brand_id, settings, now)
    return written


def _has_news() -> ColumnElement[bool]:
    mention = select(Mention.id).where(
        Mention.brand_id == Brand.id, Mention.decided_at.is_(None), Mention.labelled_at.is_not(None)
    )
    page = select(SearchPage.id).where(SearchPage.brand_id == Brand.id, SearchPage.decided_at.is_(None))
    return mention.exists() | page.exists()


def _decide_brand(session: Session, brand_id: int, settings: Settings, now: datetime) -> int:
    scale = LossScale(settings.loss_table)
    before = last_reading(session, brand_id)
    figure = current_figure(session, brand_id, scale, settings.uncertain_below, now)
    reading = _keep_reading(session, brand_id, figure, now)
    fresh = _fresh_negatives(session, brand_id, settings.uncertain_below)
    facts = BrandFacts(
        fresh=[_negative(mention) for mention in fresh],
        page=_page_negatives(session, figure, settings.uncertain_below),
        before=_comparable(before),
        reading=_comparable(reading),
        moment=now.isoformat(),
    )
    drafts = decide(facts, _rules(session, brand_id), scale)
    for draft in drafts:
        _write_alert(session, brand_id, draft, now)
    _mark_decided(session, brand_id, now)
    return len(drafts)


def _comparable(reading: LossReading | None) -> Reading | None:
    if reading is None or reading.negatives is None:
        return None
    return Reading(reading.basis, reading.negatives)


def _keep_reading(session: Session, brand_id: int, figure: LossFigure, now: datetime) -> LossReading | None:
    """Keep the figure when a page of results came in or it changed; None when there is nothing new to compare."""
    if figure.negatives is None and not figure.error:
        return None
    pages = session.scalars(
        update(SearchPage)
        .where(SearchPage.brand_id == brand_id, SearchPage.decided_at.is_(None))
        .values(decided_at=now)
        .returning(SearchPage.id)
    ).all()
    newest = session.scalar(
        select(LossReading)
        .where(LossReading.brand_id == brand_id)
        .order_by(LossReading.taken_at.desc(), LossReading.id.desc())
        .limit(1)
    )
    same = newest is not None and (newest.basis, newest.negatives) == (figure.basis, figure.negatives)
    if same and not pages:
        return None
    reading = LossReading(
        brand_id=brand_id,
        taken_at=now,
        basis=figure.basis,
        negatives=figure.negatives,
        results=figure.results,
        share=figure.share,
    )
    session.add(reading)
    return reading


def _fresh_negatives(session: Session, brand_id: int, uncertain_below: float) -> Sequence[Mention]:
    """Negatives to tell of: not history, not a person's own label, and no copy of a story that is known already."""
    copy = aliased(Mention)
    known = (
        select(copy.id)
        .where(copy.brand_id == brand_id, copy.story == Mention.story)
        .where(or_(copy.told_at.is_not(None), copy.history & (copy.label == Label.NEGATIVE)))
    )
    return session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, Mention.decided_at.is_(None), Mention.labelled_at.is_not(None))
        .where(certainly(Label.NEGATIVE, uncertain_below), Mention.labelled_by != "person")
        .where(~Mention.history, ~known.exists())
        .order_by(Mention.id)
    ).all()


def _page_negatives(session: Session, figure: LossFigure, uncertain_below: float) -> list[Negative]:
    page = session.get(SearchPage, figure.page_id) if figure.page_id is not None else None
    if page is None:
        return []
    mentions = [result.mention for result in page.results]
    return [
        _negative(mention)
        for mention in mentions
        if mention.label == Label.NEGATIVE and is_certain(mention, uncertain_below)
    ]


def _negative(mention: Mention) -> Negative:
    text = " ".join((mention.text or mention.body).split())
    return Negative(
        mention_id=mention.id,
        story=mention.story,
        title=mention.title,
        text=text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rsplit(' ', 1)[0]}…",
        url=mention.url,
        score=mention.score or 0.0,
    )


def _rules(session: Session, brand_id: int) -> list[Rule]:
    rules = session.scalars(select(AlertRule).where(AlertRule.brand_id == brand_id, AlertRule.enabled))
    return [Rule(rule.id, RuleKind(rule.kind)) for rule in rules]


def _write_alert(session: Session, brand_id: int, draft: AlertDraft, now: datetime) -> None:
    alert = Alert(
        rule_id=draft.rule_id, brand_id=brand_id, kind=draft.kind, key=draft.key, facts=draft.facts, created_at=now
    )
    alert.deliveries = [
        Delivery(channel_id=channel_id, state=DeliveryState.WAITING, next_at=now)
        for channel_id in session.scalars(select(Channel.id).where(Channel.enabled).order_by(Channel.id))
    ]
    session.add(alert)
    _mark_told(session, draft.told, now)


def _mark_told(session: Session, mention_ids: Iterable[int], now: datetime) -> None:
    session.execute(update(Mention).where(Mention.id.in_(list(mention_ids))).values(told_at=now))


def _mark_decided(session: Session, brand_id: int, now: datetime) -> None:
    session.execute(
        update(Mention)
        .where(Mention.brand_id == brand_id, Mention.decided_at.is_(None), Mention.labelled_at.is_not(None))
        .values(decided_at=now)
    )
