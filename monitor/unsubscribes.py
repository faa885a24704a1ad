"""People leaving a list: each leaving recorded once, whichever doors it came through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from monitor.folding import digest
from monitor.mailers import is_own_removal, told_removals
from monitor.models import Subscriber, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.subscribers import hash_of, remember
from monitor.types import Door, ReasonCode, UnsubscribeData

PROVIDER = "provider"
PERSON = "person"

# Within this time two doors that tell of one person tell of the same leaving, and so does one link used twice.
SAME_LEAVING = timedelta(hours=24)
# By these a service also tells of those whom we have had it take off.
_ECHOING = (Door.HOOK, Door.PULL)


@dataclass(slots=True)
class _Draft:
    """A leaving that is new, as its row will be; far lighter than the row itself."""

    brand_id: int
    key: str
    subscriber_hash: str
    list_name: str
    campaign: str
    segment: str
    provider: str
    door: str
    left_at: datetime
    comment: str
    recorded_at: datetime
    reason: str
    reason_score: float | None
    labelled_by: str
    labelled_at: datetime | None


_Known = UnsubscribeEvent | _Draft
# When services took our removals, by the key of the leaving.
_Told = Mapping[str, Sequence[datetime]]


def record_events(
    session: Session, brand_id: int, items: Iterable[UnsubscribeData], seal: Seal, now: datetime
) -> tuple[int, int]:
    """Keep each leaving once; how many were new and how many known. A blank reason stays blank.

    What another door tells of the same leaving fills in what was still blank: a hook brings the moment, the
    campaign's report the reason.
    """
    told = [(hash_of(seal, data.subscriber), data) for data in items]
    kept = _events_of(session, brand_id, {person for person, _ in told})
    echoed = {person for person, data in told if data.door in _ECHOING}
    removals = told_removals(session, brand_id, echoed) if echoed else {}
    people = remember(session, seal, _last_leavings(told))
    new: list[_Draft] = []
    for person, data in told:
        data = _without_words(data) if _is_erased(people.get(person), data) else data
        mine = kept.setdefault(person, [])
        key = event_key(person, data)
        twin = _find_known(mine, data, key) or _find_twin(mine, data, removals)
        if twin is None:
            draft = _make_draft(brand_id, person, key, data, now)
            mine.append(draft)
            new.append(draft)
        else:
            _fill_blanks(twin, data)
            _leave_after_all(session, twin, data)
    session.flush()
    if new:
        # By the connection, in one statement: an export has a hundred thousand of them, and the session would send each
        # row by itself.
        rows = [{name: getattr(draft, name) for name in _Draft.__slots__} for draft in new]
        session.connection().execute(insert(UnsubscribeEvent), rows)
    return len(new), len(told) - len(new)


def event_key(person: str, data: UnsubscribeData) -> str:
    """What makes a leaving the same one when the same door tells it twice.

    The provider's own name of it is enough: the list may be called otherwise by the second time.
    """
    if data.external_id:
        return digest(data.provider, person, data.external_id)
    return _key_with_list(person, data, data.list_name)


def _key_with_list(person: str, data: UnsubscribeData, list_name: str) -> str:
    return digest(data.provider, list_name, person, data.external_id or data.left_at.astimezone(UTC).isoformat())


def _events_of(session: Session, brand_id: int, people: Iterable[str]) -> "dict[str, list[_Known]]":
    rows = session.scalars(
        select(UnsubscribeEvent)
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.subscriber_hash.in_(list(people)))
        .order_by(UnsubscribeEvent.id)
    )
    found: dict[str, list[_Known]] = {}
    for event in rows:
        found.setdefault(event.subscriber_hash, []).append(event)
    return found


def _last_leavings(told: Sequence[tuple[str, UnsubscribeData]]) -> dict[str, tuple[str, datetime]]:
    last: dict[str, tuple[str, datetime]] = {}
    for person, data in told:
        if person not in last or data.left_at > last[person][1]:
            last[person] = (data.subscriber, data.left_at)
    return last


def _is_erased(person: Subscriber | None, data: UnsubscribeData) -> bool:
    return person is not None and person.erased_at is not None and data.left_at <= person.erased_at


def _without_words(data: UnsubscribeData) -> UnsubscribeData:
    return UnsubscribeData(
        subscriber=data.subscriber,
        left_at=data.left_at,
        list_name=data.list_name,
        campaign=data.campaign,
        provider=data.provider,
        reason=data.reason,
        external_id=data.external_id,
        segment=data.segment,
        door=data.door,
    )


def _find_known(events: "Iterable[_Known]", data: UnsubscribeData, key: str) -> "_Known | None":
    """The leaving that the same door has told before."""
    return next((event for event in events if event.key == key or _has_old_key(event, data)), None)


def _has_old_key(event: "_Known", data: UnsubscribeData) -> bool:
    """Whether its key is of the time when that of an event with a name had the list in it, by then or by now."""
    names = {event.list_name, data.list_name} if data.external_id else set()
    return any(event.key == _key_with_list(event.subscriber_hash, data, name) for name in names)


def _find_twin(events: "Iterable[_Known]", data: UnsubscribeData, removals: _Told) -> "_Known | None":
    """The leaving that another door told: lists are named differently by each, so the moment decides.

    Of several it is the nearest: who left two lists in one day is told of twice by each door.
    """
    twins = (event for event in events if _may_be_one(event, data, removals))
    return min(twins, key=lambda event: _distance(event, data, removals), default=None)


def _may_be_one(event: "_Known", data: UnsubscribeData, removals: _Told) -> bool:
    # The same moment of the same list under another id is no second leaving either.
    another_door = event.provider != data.provider or event.door != data.door or event.left_at == data.left_at
    near = _distance(event, data, removals) <= SAME_LEAVING
    same_list = event.provider != data.provider or _agree(event, data)
    return another_door and near and same_list


def _distance(event: "_Known", data: UnsubscribeData, removals: _Told) -> timedelta:
    """Between the two moments; to a service the person left when it learned of it from us, which may be days later."""
    told = removals.get(event.key, ()) if data.door in _ECHOING else ()
    return min(abs(moment - data.left_at) for moment in (event.left_at, *told))


def _agree(event: "_Known", data: UnsubscribeData) -> bool:
    # A hook calls a list by its number, a pull by its name.
    is_pulled_too = {event.door, data.door} == {Door.HOOK, Door.PULL}
    return is_pulled_too or not event.list_name or not data.list_name or event.list_name == data.list_name


def _fill_blanks(event: "_Known", data: UnsubscribeData) -> None:
    if event.door == Door.HOOK and data.door == Door.PULL:
        event.list_name, event.campaign = data.list_name or event.list_name, data.campaign or event.campaign
    event.list_name = event.list_name or data.list_name
    event.campaign = event.campaign or data.campaign
    event.segment = event.segment or data.segment
    if data.comment and not event.comment:
        event.comment = data.comment
        if not event.reason and data.reason is None:
            event.labelled_at = None
    if data.reason is not None and not event.reason and event.labelled_by == "":
        event.reason, event.reason_score, event.labelled_by = data.reason, 1.0, PROVIDER
        event.labelled_at = event.labelled_at or event.recorded_at


def _leave_after_all(session: Session, event: "_Known", data: UnsubscribeData) -> None:
    """Who takes a leaving back and then leaves by another door has left.

    What is told late was before, and is over; so is our own removal, told back by a service that got it late.
    """
    if not isinstance(event, UnsubscribeEvent) or event.stayed_at is None or data.left_at <= event.stayed_at:
        return
    if not is_own_removal(session, event.id, data.left_at):
        event.stayed, event.stayed_at, event.left_at = "", None, data.left_at


def _make_draft(brand_id: int, person: str, key: str, data: UnsubscribeData, now: datetime) -> _Draft:
    waits = data.reason is None and bool(data.comment)
    return _Draft(
        brand_id=brand_id,
        key=key,
        subscriber_hash=person,
        list_name=data.list_name,
        campaign=data.campaign,
        segment=data.segment,
        provider=data.provider,
        door=data.door,
        left_at=data.left_at,
        comment=data.comment,
        recorded_at=now,
        reason=data.reason or "",
        reason_score=1.0 if data.reason else None,
        labelled_by=PROVIDER if data.reason else "",
        labelled_at=None if waits else now,
    )


def correct_reason(session: Session, event_id: int, reason: ReasonCode, now: datetime) -> bool:
    """Keep what a person says the reason is; no model changes it again. False when there is no such event."""
    event = session.get(UnsubscribeEvent, event_id)
    if event is None:
        return False
    event.reason, event.reason_score, event.labelled_by, event.labelled_at = reason, 1.0, PERSON, now
    return True


def count_reasons(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many left in [since, until) for each reason; ``""`` counts those who said nothing."""
    rows = session.execute(
        select(UnsubscribeEvent.reason, func.count())
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.stayed == "")
        .where(UnsubscribeEvent.left_at >= since, UnsubscribeEvent.left_at < until)
        .group_by(UnsubscribeEvent.reason)
    )
    return {reason: count for reason, count in rows}
