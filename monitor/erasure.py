"""What one person may ask: everything we hold about them, and that it be erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitor.errors import SubscriberNotFoundError
from monitor.models import FollowUp, HookEvent, Subscriber, UnsubscribeEvent
from monitor.sealing import HOOK, Seal
from monitor.subscribers import address_of, hash_of

_BATCH = 500


def export_subscriber(session: Session, seal: Seal, address: str) -> dict[str, Any]:
    """Everything kept about one person, ready for JSON; times are ISO 8601. Raises SubscriberNotFoundError."""
    person, row, events = _find(session, seal, address)
    follow_ups = {item.event_id: item for item in _follow_ups(session, events)}
    return {
        "address": address_of(row, seal),
        "fingerprint": person,
        "do_not_contact_at": _iso(row.do_not_contact_at if row else None),
        "contacted_at": _iso(row.contacted_at if row else None),
        "erased_at": _iso(row.erased_at if row else None),
        "leavings": [_as_dict(event, follow_ups.get(event.id)) for event in events],
        "calls_kept": len(_calls_naming(session, seal, address)),
    }


def address_of_leaving(session: Session, seal: Seal, event_id: int) -> str:
    """The address behind a number on the list of people who left. Raises SubscriberNotFoundError when it is gone."""
    event = session.get(UnsubscribeEvent, event_id)
    address = address_of(session.get(Subscriber, event.subscriber_hash), seal) if event else ""
    if not address:
        raise SubscriberNotFoundError("no address is kept under this number", event_id)
    return address


def erase_subscriber(session: Session, seal: Seal, address: str, now: datetime) -> int:
    """Erase the address, the words, the follow-ups and the raw calls of one person; how many leavings there were.

    The leavings themselves stay as counts under the keyed hash, and so does "do not contact", which this also sets:
    forgetting that would undo what the person asked. Raises SubscriberNotFoundError.
    """
    person, row, events = _find(session, seal, address)
    session.execute(delete(FollowUp).where(FollowUp.event_id.in_([event.id for event in events])))
    session.execute(delete(HookEvent).where(HookEvent.id.in_(_calls_naming(session, seal, address))))
    for event in events:
        if event.comment and event.labelled_at is None:
            # Its words were waiting for the model; without them the reason is a blank.
            event.labelled_at = now
        event.comment = ""
    if row is None:
        row = Subscriber(hash=person, address="")
        session.add(row)
    row.address = ""
    row.erased_at = now
    row.do_not_contact_at = row.do_not_contact_at or now
    session.flush()
    return len(events)


def _find(session: Session, seal: Seal, address: str) -> tuple[str, Subscriber | None, list[UnsubscribeEvent]]:
    person = hash_of(seal, address)
    row = session.get(Subscriber, person)
    query = select(UnsubscribeEvent).where(UnsubscribeEvent.subscriber_hash == person)
    events = list(session.scalars(query.order_by(UnsubscribeEvent.left_at)))
    if row is None and not events:
        raise SubscriberNotFoundError("nobody with this address is known")
    return person, row, events


def _follow_ups(session: Session, events: list[UnsubscribeEvent]) -> list[FollowUp]:
    return list(session.scalars(select(FollowUp).where(FollowUp.event_id.in_([event.id for event in events]))))


def _calls_naming(session: Session, seal: Seal, address: str) -> list[int]:
    """The raw calls that contain the address. They are sealed, so each is opened: there are few days of them."""
    wanted = address.strip().casefold()
    quoted = wanted.replace("@", "%40")
    found: list[int] = []
    for call in session.scalars(select(HookEvent).order_by(HookEvent.id).execution_options(yield_per=_BATCH)):
        body = seal.open(call.body, HOOK).casefold()
        if wanted in body or quoted in body:
            found.append(call.id)
    return found


def _as_dict(event: UnsubscribeEvent, follow_up: FollowUp | None) -> dict[str, Any]:
    return {
        "left_at": _iso(event.left_at),
        "list": event.list_name,
        "campaign": event.campaign,
        "segment": event.segment,
        "provider": event.provider,
        "door": event.door,
        "reason": event.reason,
        "reason_by": event.labelled_by,
        "words": event.comment,
        "stayed": event.stayed,
        "follow_up": None
        if follow_up is None
        else {
            "owner": follow_up.owner,
            "due_at": _iso(follow_up.due_at),
            "state": follow_up.state,
            "outcome": follow_up.outcome,
            "note": follow_up.note,
            "closed_at": _iso(follow_up.closed_at),
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
