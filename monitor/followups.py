"""Whom to call: those who left without a word or with a grave one, once each, and never against their wish.

Nothing here sends anything: a person reads the draft, and calls or writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from monitor.errors import FollowUpError
from monitor.models import FollowUp, Subscriber, UnsubscribeEvent
from monitor.subscribers import GREET_FROM, GREET_UNTIL, may_be_greeted, set_do_not_contact
from monitor.types import FollowUpOutcome, FollowUpState, ReasonCode, Stayed

# Grave: the next step of such a person may be a public review, or a complaint.
GRAVE = (ReasonCode.BAD_EXPERIENCE, ReasonCode.PRIVACY, ReasonCode.SPAM)
_DUE = {"grave": timedelta(days=1), "fewer": timedelta(days=3), "blank": timedelta(days=7)}
# Why somebody is followed up. What was assigned though it asks for nothing stands with those who gave no reason.
_WHY = case(
    (UnsubscribeEvent.stayed == Stayed.FEWER, "fewer"), (UnsubscribeEvent.reason.in_(GRAVE), "grave"), else_="blank"
)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One person to follow up; ``why`` is ``grave``, ``fewer``, ``blank`` or, of a former customer, ``greet``."""

    event: UnsubscribeEvent
    why: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Greeting:
    """A former customer who may be greeted again between the two days."""

    event: UnsubscribeEvent
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class GreetingCounts:
    """How many former customers may be greeted now, how many later, and the first day of those."""

    due: int
    later: int
    next_at: datetime | None


# Drafts for a person to send, by why and language; {brand} is the sender's name.
DRAFTS: Mapping[tuple[str, str], str] = {
    ("grave", "fa"): (
        "سلام. نوشته بودید که از {brand} ناراضی هستید. حق با شماست که انتظار بیشتری داشته باشید. اگر مایلید، بگویید "
        "چه شد تا همین امروز پیگیری کنیم. اگر نه، دیگر مزاحمتان نمی‌شویم."
    ),
    ("grave", "en"): (
        "Hello. You wrote that {brand} has let you down. You may expect better of us. If you like, tell us what "
        "happened and we will look into it today. If not, we will not trouble you again."
    ),
    ("blank", "fa"): (
        "سلام. اشتراک خبرنامهٔ {brand} را لغو کردید و این حق شماست. اگر بخواهید در یک جمله بگویید چرا، کمک بزرگی است. "
        "این تنها پیام ماست."
    ),
    ("blank", "en"): (
        "Hello. You have left the newsletter of {brand}, as you may. If you would tell us why, in one sentence, it "
        "would help a lot. This is our only message."
    ),
    (
        "greet",
        "fa",
    ): "سلام. مدتی از آخرین خرید شما از {brand} گذشته است. اگر روزی کاری داشتید، خوشحال می‌شویم در خدمت باشیم.",
    (
        "greet",
        "en",
    ): "Hello. It has been a while since you were with {brand}. Should you need us again, we will be glad to help.",
}


def draft_of(why: str, language: str, brand: str) -> str:
    """The words to begin with; empty where there is nothing to say, as for those who only want fewer mails."""
    return DRAFTS.get((why, language), "").format(brand=brand)


def find_work(
    session: Session, brand_id: int, why: str, now: datetime, days: int = 30, most: int = 200
) -> list[WorkItem]:
    """Who waits for a follow-up for one reason, the ``most`` that are most urgent, the first of them first.

    What is assigned waits until it is closed, however long ago the person left. Left out are those who must not be
    contacted, those who were, and those whose follow-up is closed.
    """
    waiting = _waiting(brand_id, now, days).where(_WHY == why).limit(most)
    # Of those whom nobody has taken yet, whoever left first is due first.
    fresh = waiting.where(FollowUp.id.is_(None), UnsubscribeEvent.left_at >= now - timedelta(days=days))
    taken = waiting.where(FollowUp.id.is_not(None)).order_by(FollowUp.due_at, FollowUp.id)
    rows = [
        *session.execute(taken),
        *session.execute(fresh.order_by(UnsubscribeEvent.left_at, UnsubscribeEvent.id)),
    ]
    return sorted((_item(event, why, follow_up) for event, follow_up in rows), key=lambda item: item.due_at)[:most]


def count_work(session: Session, brand_id: int, now: datetime, days: int = 30) -> dict[str, int]:
    """How many :func:`find_work` would find for each reason."""
    waiting = _waiting(brand_id, now, days).with_only_columns(_WHY.label("why")).subquery()
    rows = session.execute(select(waiting.c.why, func.count()).group_by(waiting.c.why))
    return {why: count for why, count in rows}


def _waiting(brand_id: int, now: datetime, days: int) -> Select[UnsubscribeEvent, FollowUp]:
    """The leavings that wait for a follow-up, each with the one it has."""
    asks_for_one = or_(
        UnsubscribeEvent.reason.in_((*GRAVE, "")) & (UnsubscribeEvent.stayed == ""),
        UnsubscribeEvent.stayed == Stayed.FEWER,
    )
    fresh = and_(FollowUp.id.is_(None), UnsubscribeEvent.left_at >= now - timedelta(days=days), asks_for_one)
    return (
        select(UnsubscribeEvent, FollowUp)
        .outerjoin(FollowUp, FollowUp.event_id == UnsubscribeEvent.id)
        .outerjoin(Subscriber, Subscriber.hash == UnsubscribeEvent.subscriber_hash)
        .where(UnsubscribeEvent.brand_id == brand_id)
        .where(Subscriber.do_not_contact_at.is_(None), Subscriber.contacted_at.is_(None))
        # A comment that waits for the model may yet turn out to be grave.
        .where(UnsubscribeEvent.labelled_at.is_not(None))
        .where(or_(FollowUp.state == FollowUpState.OPEN, fresh))
    )


def _item(event: UnsubscribeEvent, why: str, follow_up: FollowUp | None) -> WorkItem:
    if follow_up is None:
        return WorkItem(event, why, "", event.left_at + _DUE[why])
    return WorkItem(event, why, follow_up.owner, follow_up.due_at)


def assign(session: Session, event_id: int, owner: str, due_at: datetime, now: datetime) -> FollowUp:
    """Give a person's follow-up to somebody of the team. Raises FollowUpError."""
    _event(session, event_id)
    follow_up = _follow_up(session, event_id)
    if follow_up is None:
        follow_up = FollowUp(event_id=event_id, state=FollowUpState.OPEN, created_at=now)
        session.add(follow_up)
    follow_up.owner, follow_up.due_at = owner.strip()[:100], due_at
    session.flush()
    return follow_up


def record_contact(session: Session, event_id: int, now: datetime) -> None:
    """The one contact was made. Raises FollowUpError when there was one already, or may be none."""
    event = _event(session, event_id)
    person = session.get(Subscriber, event.subscriber_hash)
    if person is None:
        person = Subscriber(hash=event.subscriber_hash, address="")
        session.add(person)
    if person.do_not_contact_at is not None:
        raise FollowUpError("this person must not be contacted", event_id)
    if person.contacted_at is not None:
        raise FollowUpError("this person was contacted already", event_id)
    person.contacted_at = now


def close(session: Session, event_id: int, outcome: FollowUpOutcome, note: str, now: datetime) -> None:
    """Say how it ended; "do not contact" holds for ever. Raises FollowUpError."""
    event = _event(session, event_id)
    follow_up = _follow_up(session, event_id) or assign(session, event_id, "", now, now)
    follow_up.state, follow_up.outcome, follow_up.closed_at = FollowUpState.CLOSED, outcome, now
    follow_up.note = note.strip()
    if outcome is FollowUpOutcome.DO_NOT_CONTACT:
        set_do_not_contact(session, event.subscriber_hash, now)


def reopen(session: Session, event_id: int) -> None:
    """Take back how it ended, and the contact with it; "do not contact" holds for ever. Raises FollowUpError."""
    event, follow_up = _event(session, event_id), _follow_up(session, event_id)
    if follow_up is None or follow_up.state != FollowUpState.CLOSED:
        raise FollowUpError("this follow-up has not ended", event_id)
    if follow_up.outcome == FollowUpOutcome.DO_NOT_CONTACT:
        raise FollowUpError("do not contact holds for ever", event_id)
    person = session.get(Subscriber, event.subscriber_hash)
    if person is not None and person.contacted_at == follow_up.closed_at:
        person.contacted_at = None
    follow_up.state, follow_up.outcome, follow_up.closed_at = FollowUpState.OPEN, "", None


def find_greetings(session: Session, brand_id: int, now: datetime, most: int | None = None) -> Sequence[Greeting]:
    """Former customers who may be greeted three to six months after they left, the next first.

    Whose address is erased by then cannot be: see :func:`monitor.subscribers.erase_old_addresses`.
    """
    query = select(UnsubscribeEvent).where(UnsubscribeEvent.id.in_(_to_greet(brand_id, now)))
    query = query.order_by(UnsubscribeEvent.left_at, UnsubscribeEvent.id).limit(most)
    return [
        Greeting(event, event.left_at + GREET_FROM, event.left_at + GREET_UNTIL) for event in session.scalars(query)
    ]


def count_greetings(session: Session, brand_id: int, now: datetime) -> GreetingCounts:
    """Of those that :func:`find_greetings` finds."""
    is_early = UnsubscribeEvent.left_at > now - GREET_FROM
    first = func.min(UnsubscribeEvent.left_at).filter(is_early)
    query = select(func.count().filter(~is_early), func.count().filter(is_early), first)
    query = query.where(UnsubscribeEvent.id.in_(_to_greet(brand_id, now)))
    due, later, left_at = session.execute(query).one()
    return GreetingCounts(due, later, left_at + GREET_FROM if later else None)


def _to_greet(brand_id: int, now: datetime) -> Select[int]:
    return (
        select(UnsubscribeEvent.id)
        .outerjoin(FollowUp, FollowUp.event_id == UnsubscribeEvent.id)
        .outerjoin(Subscriber, Subscriber.hash == UnsubscribeEvent.subscriber_hash)
        .where(UnsubscribeEvent.brand_id == brand_id, Subscriber.address.is_distinct_from(""), *may_be_greeted(now))
    )


def _event(session: Session, event_id: int) -> UnsubscribeEvent:
    event = session.get(UnsubscribeEvent, event_id)
    if event is None:
        raise FollowUpError("no such leaving", event_id)
    return event


def _follow_up(session: Session, event_id: int) -> FollowUp | None:
    return session.scalar(select(FollowUp).where(FollowUp.event_id == event_id))
