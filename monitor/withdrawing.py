"""Alerts taken back before anybody has got them, because what they say is no longer so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from monitor.cases import reopen_case
from monitor.conditions import page_facts
from monitor.facts import Negative, Reading
from monitor.label_history import take_back_label
from monitor.loss import LossScale
from monitor.mentions import PERSON, get_mention
from monitor.models import Alert, Delivery, Mention
from monitor.types import DeliveryState, Label, RuleKind

# These are true of the mentions they tell; the others of counts, which a single correction seldom changes.
OF_MENTIONS = (RuleKind.ABUSE, RuleKind.REPEAT_AUTHOR, RuleKind.PAGE_ONE, RuleKind.NEW_NEGATIVE)


def is_corrected() -> ColumnElement[bool]:
    """A person has said that this is not negative."""
    return (Mention.labelled_by == PERSON) & (Mention.label != Label.NEGATIVE)


def _unheld(now: datetime) -> ColumnElement[bool]:
    """Waiting, and in nobody's hands: what is being sent cannot be called back."""
    return (Delivery.state == DeliveryState.WAITING) & (
        Delivery.leased_until.is_(None) | (Delivery.leased_until <= now)
    )


def withdraw_corrected(session: Session, now: datetime) -> int:
    """Withdraw what waits and tells only of texts that a person has found not to be negative; how many deliveries.

    Of an alert that tells of others too, :func:`still_told` is sent.
    """
    told = Mention.alert_id == Alert.id
    alerts = session.scalars(
        select(Alert)
        .where(Alert.kind.in_(OF_MENTIONS), exists().where(told, is_corrected()))
        .where(~exists().where(told, ~is_corrected()))
        .where(exists().where(Delivery.alert_id == Alert.id, _unheld(now)))
    ).all()
    return sum(_withdraw(session, alert, now) for alert in alerts)


def _withdraw(session: Session, alert: Alert, now: datetime) -> int:
    withdrawn = session.scalars(
        update(Delivery)
        .where(Delivery.alert_id == alert.id, _unheld(now))
        .values(state=DeliveryState.WITHDRAWN, leased_until=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(withdrawn)


def still_told(session: Session, alert: Alert) -> dict[str, Any]:
    """The facts of an alert without what was corrected; the alert keeps all, since a correction may be taken back."""
    told = select(Mention.id, Mention.story).where(Mention.alert_id == alert.id)
    corrected = session.execute(told.where(is_corrected())).all() if alert.kind in OF_MENTIONS else ()
    if not corrected:
        return alert.facts
    ids, stories = {row.id for row in corrected}, {row.story for row in corrected}
    return {
        **alert.facts,
        "mentions": [fact for fact in alert.facts["mentions"] if fact["id"] not in ids],
        "count": len({row.story for row in session.execute(told)} - stories),
    }


def take_back_correction(session: Session, mention_id: int, at: datetime, now: datetime) -> int:
    """Give a mention and its copies the label from before the change ``at``, with its case and its alert; how many.

    What was not sent goes out after all; what went out without them waits for the rules once more.
    """
    count = take_back_label(session, mention_id, at)
    if not count:
        return 0
    mention = get_mention(session, mention_id)
    if mention.labelled_by == PERSON and mention.label != Label.NEGATIVE:
        return count
    copies = (Mention.brand_id == mention.brand_id, Mention.story == mention.story)
    for alert in session.scalars(select(Alert).where(Alert.id.in_(select(Mention.alert_id).where(*copies)))):
        for delivery in alert.deliveries:
            if delivery.state == DeliveryState.WITHDRAWN:
                delivery.state = DeliveryState.WAITING
        if _went_out_without(alert, at):
            told = update(Mention).where(*copies, Mention.alert_id == alert.id)
            session.execute(told.values(told_at=None, alert_id=None))
    reopen_case(session, mention, at, now)
    return count


def _went_out_without(alert: Alert, corrected_at: datetime) -> bool:
    """Every channel that took the alert did so after a text of it was corrected."""
    times = [delivery.sent_at for delivery in alert.deliveries if delivery.state != DeliveryState.FAILED]
    return bool(times) and all(at is not None and at > corrected_at for at in times)


def take_back_band(session: Session, brand_id: int, reading: Reading, scale: LossScale, now: datetime) -> int | None:
    """Withdraw the last band alert if no channel has got it and the band is another by now.

    The count of negatives that alert started from, to compare with instead: what was never told need not be told
    back. None when nothing was withdrawn. The texts it would have told wait for the rules again.
    """
    alert = _last_band(session, brand_id)
    if alert is None or not alert.deliveries:
        return None
    is_so_still = scale.band(alert.facts["negatives"]) == scale.band(reading.negatives)
    unheld = session.scalars(select(Delivery.id).where(Delivery.alert_id == alert.id, _unheld(now))).all()
    if is_so_still or len(unheld) < len(alert.deliveries):
        return None
    _withdraw(session, alert, now)
    session.execute(
        update(Mention)
        .where(Mention.alert_id == alert.id)
        .values(told_at=None, alert_id=None, decided_at=None)
        .execution_options(synchronize_session=False)
    )
    return int(alert.facts["negatives_before"])


def renew_band(
    session: Session, brand_id: int, negatives: int, page: Sequence[Negative], scale: LossScale, now: datetime
) -> None:
    """What waits of the last band alert, while the band is still so, tells the results of now."""
    alert = _last_band(session, brand_id)
    if alert is None or scale.band(alert.facts["negatives"]) != scale.band(negatives):
        return
    if session.scalar(select(exists().where(Delivery.alert_id == alert.id, _unheld(now)))):
        news = set(session.scalars(select(Mention.id).where(Mention.alert_id == alert.id)))
        band = {**alert.facts["band"], "negatives": negatives}
        alert.facts = {**alert.facts, "negatives": negatives, "band": band, **page_facts(page, news)}


def _last_band(session: Session, brand_id: int) -> Alert | None:
    return session.scalar(
        select(Alert)
        .where(Alert.brand_id == brand_id, Alert.kind == RuleKind.BAND_CROSSED)
        .order_by(Alert.created_at.desc(), Alert.id.desc())
        .limit(1)
    )
