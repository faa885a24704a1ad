"""Alerts taken back before anybody has got them, because what they say is no longer so."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from monitor.facts import Reading
from monitor.loss import LossScale
from monitor.mentions import PERSON
from monitor.models import Alert, Delivery, Mention
from monitor.types import DeliveryState, Label, RuleKind

# These are true of the mentions they tell; the others of counts, which a single correction seldom changes.
_OF_MENTIONS = (RuleKind.ABUSE, RuleKind.REPEAT_AUTHOR, RuleKind.PAGE_ONE, RuleKind.NEW_NEGATIVE)


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

    An alert of which a part still holds is told with that part.
    """
    told = Mention.alert_id == Alert.id
    alerts = session.scalars(
        select(Alert)
        .where(Alert.kind.in_(_OF_MENTIONS), exists().where(told, is_corrected()))
        .where(exists().where(Delivery.alert_id == Alert.id, _unheld(now)))
    ).all()
    count = 0
    for alert in alerts:
        if session.scalar(select(Mention.id).where(Mention.alert_id == alert.id, ~is_corrected()).limit(1)) is None:
            count += _withdraw(session, alert, now)
        else:
            _shrink(session, alert)
    return count


def _withdraw(session: Session, alert: Alert, now: datetime) -> int:
    withdrawn = session.scalars(
        update(Delivery)
        .where(Delivery.alert_id == alert.id, _unheld(now))
        .values(state=DeliveryState.WITHDRAWN, leased_until=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(withdrawn)


def _shrink(session: Session, alert: Alert) -> None:
    """Leave out of the alert's facts what was corrected."""
    corrected = set(session.scalars(select(Mention.story).where(Mention.alert_id == alert.id, is_corrected())))
    told = set(session.scalars(select(Mention.story).where(Mention.alert_id == alert.id)))
    ids = set(session.scalars(select(Mention.id).where(Mention.alert_id == alert.id, is_corrected())))
    alert.facts = {
        **alert.facts,
        "mentions": [fact for fact in alert.facts["mentions"] if fact["id"] not in ids],
        "count": len(told - corrected),
    }


def take_back_band(session: Session, brand_id: int, reading: Reading, scale: LossScale, now: datetime) -> int | None:
    """Withdraw the last band alert if no channel has got it and the band is another by now.

    The count of negatives that alert started from, to compare with instead: what was never told need not be told
    back. None when nothing was withdrawn. The texts it would have told wait for the rules again.
    """
    alert = session.scalar(
        select(Alert)
        .where(Alert.brand_id == brand_id, Alert.kind == RuleKind.BAND_CROSSED)
        .order_by(Alert.created_at.desc(), Alert.id.desc())
        .limit(1)
    )
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
