"""The people who left: their sealed addresses, for a time; who must not be contacted, for ever."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from monitor.models import FollowUp, Subscriber, UnsubscribeEvent
from monitor.sealing import SUBSCRIBER, Seal
from monitor.types import FollowUpState, ReasonCode

# How long after leaving a former customer may be greeted.
GREET_FROM = timedelta(days=90)
GREET_UNTIL = timedelta(days=180)


def hash_of(seal: Seal, address: str) -> str:
    """The keyed hash of a person; letter case and surrounding spaces do not change it."""
    return seal.hash(address.strip().casefold())


def find_subscribers(session: Session, hashes: Iterable[str]) -> dict[str, Subscriber]:
    rows = session.scalars(select(Subscriber).where(Subscriber.hash.in_(list(hashes))))
    return {row.hash: row for row in rows}


def remember(session: Session, seal: Seal, left: Mapping[str, tuple[str, datetime]]) -> dict[str, Subscriber]:
    """Keep the address and the last leaving of each person, by hash; gives the rows of those who were known.

    Who asked to be forgotten stays forgotten unless the leaving is newer than that.
    """
    rows = find_subscribers(session, left)
    new = [
        {"hash": key, "address": seal.close(address.strip(), SUBSCRIBER), "address_at": left_at}
        for key, (address, left_at) in left.items()
        if key not in rows
    ]
    if new:
        session.connection().execute(insert(Subscriber), new)
    for key, row in rows.items():
        address, left_at = left[key]
        if row.erased_at is not None and left_at <= row.erased_at:
            continue
        if row.address_at is None or left_at > row.address_at:
            row.address_at = left_at
            row.address = row.address or seal.close(address.strip(), SUBSCRIBER)
    return rows


def address_of(subscriber: Subscriber | None, seal: Seal) -> str:
    """The address while it is kept, else empty. Only for those who may follow up."""
    return seal.open(subscriber.address, SUBSCRIBER) if subscriber is not None and subscriber.address else ""


def has_old_addresses(session: Session, days: int, now: datetime) -> bool:
    """Whether :func:`erase_old_addresses` has something to do."""
    return session.scalar(select(Subscriber.hash).where(_is_over(days, now)).limit(1)) is not None


def erase_old_addresses(session: Session, days: int, now: datetime) -> int:
    """Erase every address whose owner left more than ``days`` ago; how many there were. The hashes stay.

    A former customer's is kept until the greeting is made or its time is over, unless ``days`` end before it begins:
    then an owner wants addresses gone sooner.
    """
    rows = session.scalars(update(Subscriber).where(_is_over(days, now)).values(address="").returning(Subscriber.hash))
    return len(rows.all())


def _is_over(days: int, now: datetime) -> ColumnElement[bool]:
    over = and_(Subscriber.address != "", Subscriber.address_at < now - timedelta(days=days))
    if timedelta(days=days) < GREET_FROM:
        return over
    greeted = (
        select(UnsubscribeEvent.id)
        .outerjoin(FollowUp, FollowUp.event_id == UnsubscribeEvent.id)
        .where(UnsubscribeEvent.subscriber_hash == Subscriber.hash, *may_be_greeted(now))
    )
    return and_(over, ~greeted.correlate(Subscriber).exists())


def may_be_greeted(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of a leaving with its person and, if any, its follow-up: whether a former customer may still be greeted."""
    return (
        UnsubscribeEvent.stayed == "",
        UnsubscribeEvent.reason == ReasonCode.NO_LONGER_CUSTOMER,
        UnsubscribeEvent.left_at >= now - GREET_UNTIL,
        Subscriber.do_not_contact_at.is_(None),
        Subscriber.contacted_at.is_(None),
        or_(FollowUp.id.is_(None), FollowUp.state == FollowUpState.OPEN),
    )


def set_do_not_contact(session: Session, person: str, now: datetime) -> None:
    """Nobody may be shown this person for a follow-up again; there is no way back."""
    row = session.get(Subscriber, person)
    if row is None:
        session.add(Subscriber(hash=person, do_not_contact_at=now))
    elif row.do_not_contact_at is None:
        row.do_not_contact_at = now
