"""DECIDE, the part with the database: gather a brand's facts, write readings and alerts in one transaction."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from monitor import gathering
from monitor.alerts import decide
from monitor.cases import follow_corrections, open_cases
from monitor.config import Settings
from monitor.db import Database, in_chunks
from monitor.facts import AlertDraft, BrandFacts, Moment, Negative, Reading, Rule
from monitor.loss import LossFigure, LossScale, current_figure, is_first_look, last_reading
from monitor.models import Alert, AlertRule, Brand, Channel, Delivery, LossReading, Mention, SearchPage
from monitor.rules import rule_of
from monitor.types import Basis, DeliveryState, RuleKind
from monitor.withdrawing import renew_band, take_back_band

# Time alone can make these true, so they are judged again without any news.
_TIMED = (RuleKind.SPIKE, RuleKind.EARLY_WARNING, RuleKind.REASON_RISE, RuleKind.SOURCE_TROUBLE)
LOOK_EVERY = timedelta(minutes=10)
_OF_REASONS = {RuleKind.EARLY_WARNING, RuleKind.REASON_RISE}


def decide_waiting(database: Database, settings: Settings, now: datetime) -> int:
    """Judge what has been labelled since the last time, a brand a transaction; the number of alerts written.

    The alert, its deliveries, the reading, the cases and the marks on the rows that caused it are kept together or
    not at all. Rules that time alone can make true are judged every LOOK_EVERY.
    """
    # Imported here: it brings numpy, which neither the dashboard nor --help may load.
    from monitor.grouping import group_waiting

    # A copy that is judged before it has found its story is told, and has a case, of its own.
    group_waiting(database, now)
    with database.read() as session:
        brand_ids = session.scalars(select(Brand.id).where(_has_news() | _has_timed(now)).order_by(Brand.id)).all()
    written = 0
    for brand_id in brand_ids:
        with database.write() as session:
            written += _decide_brand(session, brand_id, settings, now)
    return written


def _has_news() -> ColumnElement[bool]:
    mention = select(Mention.id).where(Mention.brand_id == Brand.id, gathering.waits_for_rules())
    page = select(SearchPage.id).where(SearchPage.brand_id == Brand.id, SearchPage.decided_at.is_(None))
    return mention.exists() | page.exists()


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        AlertRule.enabled,
        AlertRule.kind.in_(_TIMED),
        or_(AlertRule.looked_at.is_(None), AlertRule.looked_at <= now - LOOK_EVERY),
    )


def _has_timed(now: datetime) -> ColumnElement[bool]:
    return ~Brand.is_rival & exists().where(AlertRule.brand_id == Brand.id, _is_due(now))


def _decide_brand(session: Session, brand_id: int, settings: Settings, now: datetime) -> int:
    # Held until the end of the transaction: of two workers the second sees what the first has decided.
    brand = session.get(Brand, brand_id, with_for_update=True)
    if brand is None:
        return 0
    scale = LossScale(settings.loss_table)
    pages = _new_pages(session, brand_id)
    figure = current_figure(session, brand_id, scale, settings.uncertain_below, now)
    if figure.is_being_read:
        # The band comes first: judged one by one, its results would be told twice.
        return 0
    page = gathering.page_negatives(session, figure, settings.uncertain_below)
    readings = _readings(session, brand_id, figure, pages, page, scale, now)
    # The rules of a brand that was our own are kept for the day when it is again.
    rules = [] if brand.is_rival else _rules(session, brand_id, now)
    # What is labelled from here on may be read with the others, and is marked the next time.
    waiting = gathering.find_waiting(session, brand_id)
    facts = _facts(session, brand_id, settings, page, readings, rules, now)
    drafts = decide(facts, rules, scale, now)
    for draft in drafts:
        _write_alert(session, brand_id, draft, _band(figure), now)
    by_person = gathering.confirmed_texts(session, brand_id, settings.uncertain_below)
    # Abuse is told though the model is not sure, and what is told can be answered.
    abusive = {number for draft in drafts if draft.kind == RuleKind.ABUSE for number in draft.told}
    to_answer = (mention for mention in facts.fresh if mention.sure or mention.mention_id in abusive)
    open_cases(session, brand_id, [*to_answer, *by_person], now)
    follow_corrections(session, brand_id, now)
    _mark_decided(session, waiting, now)
    return len(drafts)


def _new_pages(session: Session, brand_id: int) -> Sequence[int]:
    """The pages of results that wait for the rules."""
    query = select(SearchPage.id).where(SearchPage.brand_id == brand_id, SearchPage.decided_at.is_(None))
    return session.scalars(query).all()


def _readings(
    session: Session,
    brand_id: int,
    figure: LossFigure,
    pages: Sequence[int],
    page: Sequence[Negative],
    scale: LossScale,
    now: datetime,
) -> tuple[Reading | None, Reading | None]:
    """The reading to compare with and that of now, which is kept; a band alert nobody has got follows it."""
    last = last_reading(session, brand_id, figure.basis)
    # What a search held before we first looked is told never.
    first_look = last is not None and is_first_look(session, figure, last)
    before = None if first_look else _comparable(last)
    reading = _comparable(_keep_reading(session, brand_id, figure, pages, first_look, now))
    if before is not None and reading is not None and reading.basis == before.basis == Basis.SEARCH_RESULTS:
        untold = take_back_band(session, brand_id, reading, scale, now)
        before = before if untold is None else Reading(before.basis, untold)
    if figure.basis == Basis.SEARCH_RESULTS and figure.negatives is not None:
        renew_band(session, brand_id, figure.negatives, page, scale, now)
    return before, reading


def _facts(
    session: Session,
    brand_id: int,
    settings: Settings,
    page: Sequence[Negative],
    readings: tuple[Reading | None, Reading | None],
    rules: Sequence[Rule],
    now: datetime,
) -> BrandFacts:
    """Only what the rules at hand ask for is read."""
    unsure = settings.uncertain_below
    kinds = {rule.kind for rule in rules}
    before, reading = readings
    fresh = gathering.fresh_texts(session, brand_id, unsure)
    authors = RuleKind.REPEAT_AUTHOR in kinds
    return BrandFacts(
        fresh=fresh,
        page=page,
        before=before,
        reading=reading,
        moment=now.isoformat(),
        authors=gathering.author_records(session, brand_id, fresh, unsure, now) if authors else (),
        negatives=_negatives(session, brand_id, unsure, kinds, now),
        watched_since=gathering.watched_since(session, brand_id),
        reasons=gathering.reason_counts(session, brand_id, now) if kinds & _OF_REASONS else (),
        troubles=gathering.troubles(session, brand_id) if RuleKind.SOURCE_TROUBLE in kinds else (),
        last_told=gathering.last_told(session, brand_id),
    )


def _negatives(
    session: Session, brand_id: int, uncertain_below: float, kinds: Set[RuleKind], now: datetime
) -> Sequence[Moment]:
    if RuleKind.EARLY_WARNING in kinds:
        return gathering.negative_moments(session, brand_id, uncertain_below, now, gathering.FIVE_WEEKS_BACK)
    return gathering.negative_moments(session, brand_id, uncertain_below, now) if RuleKind.SPIKE in kinds else ()


def _comparable(reading: LossReading | None) -> Reading | None:
    if reading is None or reading.negatives is None:
        return None
    return Reading(reading.basis, reading.negatives)


def _keep_reading(
    session: Session, brand_id: int, figure: LossFigure, pages: Sequence[int], first_look: bool, now: datetime
) -> LossReading | None:
    """Keep the figure when a page of results came in or it changed; None when there is nothing new to compare."""
    if figure.negatives is None and not figure.error:
        return None
    for chunk in in_chunks(pages):
        session.execute(update(SearchPage).where(SearchPage.id.in_(chunk)).values(decided_at=now))
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
        first_look=first_look,
    )
    session.add(reading)
    return reading


def _rules(session: Session, brand_id: int, now: datetime) -> list[Rule]:
    """The enabled rules; of those that time makes true, the ones that are due, marked as looked at."""
    due = session.scalars(
        update(AlertRule)
        .where(AlertRule.brand_id == brand_id, _is_due(now))
        .values(looked_at=now)
        .returning(AlertRule.id)
        .execution_options(synchronize_session=False)
    ).all()
    rows = session.scalars(
        select(AlertRule)
        .where(AlertRule.brand_id == brand_id, AlertRule.enabled)
        .where(AlertRule.kind.not_in(_TIMED) | AlertRule.id.in_(due))
        .order_by(AlertRule.id)
    )
    return [rule_of(row) for row in rows]


def _band(figure: LossFigure) -> dict[str, Any]:
    """What the band is now, for the message; nothing where there is no figure."""
    if figure.negatives is None:
        return {}
    return {"band": {"basis": figure.basis, "negatives": figure.negatives, "share": figure.share}}


def _write_alert(session: Session, brand_id: int, draft: AlertDraft, band: dict[str, Any], now: datetime) -> None:
    alert = Alert(
        rule_id=draft.rule_id,
        brand_id=brand_id,
        kind=draft.kind,
        key=draft.key,
        facts={**draft.facts, **band},
        created_at=now,
    )
    alert.deliveries = [
        Delivery(channel_id=channel_id, state=DeliveryState.WAITING, next_at=now)
        for channel_id in session.scalars(select(Channel.id).where(Channel.enabled).order_by(Channel.id))
    ]
    session.add(alert)
    session.flush()
    _mark_told(session, brand_id, draft.told, alert.id, now)


def _mark_told(session: Session, brand_id: int, mention_ids: Iterable[int], alert_id: int, now: datetime) -> None:
    """Copies that came in before are told with the story, so that its reach is counted from here."""
    for chunk in in_chunks(mention_ids):
        stories = select(Mention.story).where(Mention.id.in_(chunk))
        session.execute(
            update(Mention)
            .where(Mention.brand_id == brand_id, Mention.story.in_(stories), Mention.told_at.is_(None))
            .values(told_at=now, alert_id=alert_id)
            .execution_options(synchronize_session=False)
        )


def _mark_decided(session: Session, judged: Iterable[tuple[int, datetime | None]], now: datetime) -> None:
    """Only what was judged, and by the label that was judged: on PostgreSQL others are labelled meanwhile."""
    labelled: dict[datetime | None, list[int]] = {}
    for number, at in judged:
        labelled.setdefault(at, []).append(number)
    for at, numbers in labelled.items():
        for chunk in in_chunks(numbers):
            session.execute(
                update(Mention)
                .where(Mention.id.in_(chunk), Mention.labelled_at == at)
                .values(decided_at=now)
                .execution_options(synchronize_session=False)
            )
