"""The newsletter services that have to learn what our own page did, and what each is still to be told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from monitor.errors import MailerError
from monitor.models import Mailer, MailerCall, Subscriber, UnsubscribeEvent
from monitor.sealing import SUBSCRIBER, Seal
from monitor.services import Action, Place, Undo, get_service
from monitor.types import DeliveryState

KEY = "mailer"


def add_mailer(
    session: Session, seal: Seal, brand_id: int, kind: str, place: Place, now: datetime, *, list_name: str = ""
) -> Mailer:
    """Tell ``place`` from now on of who leaves the list, or, without a name, any list. Raises MailerError."""
    settled = get_service(kind).settle(Place(place.url.strip(), place.remote_list.strip(), place.key.strip()))
    same = select(Mailer.id).where(
        Mailer.brand_id == brand_id,
        Mailer.list_name == list_name.strip(),
        Mailer.kind == kind,
        Mailer.url == settled.url,
        Mailer.remote_list == settled.remote_list,
    )
    if session.scalar(same) is not None:
        raise MailerError("this service is told already", settled.url)
    mailer = Mailer(
        brand_id=brand_id,
        kind=kind,
        list_name=list_name.strip(),
        url=settled.url,
        remote_list=settled.remote_list,
        key=seal.close(settled.key, KEY),
        created_at=now,
    )
    session.add(mailer)
    session.flush()
    return mailer


def find_mailers(session: Session, brand_id: int | None = None) -> Sequence[Mailer]:
    """All of them, or those of one brand."""
    query = select(Mailer).options(joinedload(Mailer.brand)).order_by(Mailer.brand_id, Mailer.id)
    return session.scalars(query if brand_id is None else query.where(Mailer.brand_id == brand_id)).all()


def get_mailer(session: Session, mailer_id: int) -> Mailer:
    """Raises MailerError."""
    mailer = session.get(Mailer, mailer_id)
    if mailer is None:
        raise MailerError("no such service", mailer_id)
    return mailer


def edit_mailer(
    session: Session, seal: Seal, mailer_id: int, *, enabled: bool | None = None, key: str | None = None
) -> None:
    """Change what is given. Raises MailerError."""
    mailer = get_mailer(session, mailer_id)
    if key is not None:
        settled = get_service(mailer.kind).settle(Place(mailer.url, mailer.remote_list, key.strip()))
        mailer.key = seal.close(settled.key, KEY)
    if enabled is not None:
        mailer.enabled = enabled


def remove_mailer(session: Session, mailer_id: int) -> None:
    """It is told nothing any more, not even what waits. Raises MailerError."""
    session.delete(get_mailer(session, mailer_id))


def count_calls(session: Session, brand_id: int | None = None) -> Mapping[tuple[int, DeliveryState], int]:
    """How many calls of each mailer are in each state."""
    query = select(MailerCall.mailer_id, MailerCall.state, func.count()).group_by(
        MailerCall.mailer_id, MailerCall.state
    )
    if brand_id is not None:
        query = query.join(Mailer).where(Mailer.brand_id == brand_id)
    return {(mailer_id, DeliveryState(state)): count for mailer_id, state, count in session.execute(query)}


def last_errors(session: Session, brand_id: int | None = None) -> Mapping[int, str]:
    """What each mailer answered to the newest call that it has not taken."""
    query = (
        select(MailerCall.mailer_id, MailerCall.error)
        .where(MailerCall.error != "", MailerCall.state.not_in((DeliveryState.SENT, DeliveryState.WITHDRAWN)))
        .order_by(MailerCall.id)
    )
    if brand_id is not None:
        query = query.join(Mailer).where(Mailer.brand_id == brand_id)
    return {mailer_id: error for mailer_id, error in session.execute(query)}


def tell_mailers(
    session: Session, seal: Seal, event: UnsubscribeEvent, address: str, action: Action, now: datetime
) -> None:
    """Queue what the services of this list have to learn; of those of every list where it has none of its own.

    One that is switched off gets its calls too: they wait until it is on, as what waited before does. What is taken
    back before anybody tried to tell it is not told at all.
    """
    session.flush()
    mailers = session.scalars(
        select(Mailer)
        .where(Mailer.brand_id == event.brand_id, Mailer.list_name.in_(("", event.list_name)))
        .order_by(Mailer.id)
    ).all()
    own = [mailer for mailer in mailers if mailer.list_name]
    for mailer in own or mailers:
        if _withdraw_untold(session, mailer, event, action) and not get_service(mailer.kind).tells_all:
            continue
        session.add(
            MailerCall(
                mailer_id=mailer.id,
                event_id=event.id,
                action=action,
                address=seal.close(address.strip(), SUBSCRIBER),
                state=DeliveryState.WAITING,
                created_at=now,
                next_at=now,
            )
        )
    session.flush()


def _withdraw_untold(session: Session, mailer: Mailer, event: UnsubscribeEvent, action: Action) -> bool:
    """Withdraw the last call when this one takes it back and nobody has begun to tell it."""
    last = session.scalar(
        select(MailerCall)
        .where(MailerCall.mailer_id == mailer.id, MailerCall.event_id == event.id)
        .where(MailerCall.state != DeliveryState.WITHDRAWN)
        .order_by(MailerCall.id.desc())
        .limit(1)
    )
    if last is None or last.state != DeliveryState.WAITING or last.attempts:
        return False
    if (last.action == Action.REMOVE) == (action is Action.REMOVE):
        return False
    last.state, last.address = DeliveryState.WITHDRAWN, ""
    return True


def has_old_calls(session: Session, days: int, now: datetime) -> bool:
    """Whether :func:`give_up_old_calls` has something to do."""
    return session.scalar(select(MailerCall.id).where(*_is_old(days, now)).limit(1)) is not None


def give_up_old_calls(session: Session, days: int, now: datetime) -> None:
    """Give up what has waited more than ``days``, as for a service that is switched off; the address goes with it."""
    given_up = {"state": DeliveryState.FAILED, "address": "", "error": "it waited too long; the address is erased"}
    session.execute(update(MailerCall).where(*_is_old(days, now)).values(given_up))


def _is_old(days: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return MailerCall.state == DeliveryState.WAITING, MailerCall.created_at < now - timedelta(days=days)


def must_confirm(session: Session, event_id: int) -> bool:
    """Whether a service will ask the person to confirm by mail that they want to be put back."""
    kinds = session.scalars(
        select(Mailer.kind)
        .join(MailerCall, MailerCall.mailer_id == Mailer.id)
        .where(MailerCall.event_id == event_id, MailerCall.action != Action.REMOVE)
        .where(MailerCall.state.in_((DeliveryState.WAITING, DeliveryState.SENT)))
    )
    return any(get_service(kind).undo is Undo.ASKS for kind in kinds)


def told_removals(session: Session, brand_id: int, people: Collection[str]) -> Mapping[str, Sequence[datetime]]:
    """When services took the removals of these people, by the key of the leaving: they may tell us of it in turn."""
    rows = session.execute(
        select(UnsubscribeEvent.key, MailerCall.sent_at)
        .join(MailerCall, MailerCall.event_id == UnsubscribeEvent.id)
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.subscriber_hash.in_(list(people)))
        .where(MailerCall.action == Action.REMOVE)
    )
    found: dict[str, list[datetime]] = {}
    for key, sent_at in rows:
        if sent_at is not None:
            found.setdefault(key, []).append(sent_at)
    return found


def is_own_removal(session: Session, event_id: int, moment: datetime) -> bool:
    """Whether what a provider tells of ``moment`` is our own removal: the service has it, and had no undo by then."""
    removal, undo = aliased(MailerCall), aliased(MailerCall)
    query = (
        select(undo.id)
        .join(removal, (removal.mailer_id == undo.mailer_id) & (removal.event_id == undo.event_id))
        .where(removal.action == Action.REMOVE, removal.state.in_((DeliveryState.WAITING, DeliveryState.SENT)))
        .where(undo.event_id == event_id, undo.action != Action.REMOVE, undo.state != DeliveryState.WITHDRAWN)
        .where(or_(undo.sent_at.is_(None), undo.sent_at >= moment))
    )
    return session.scalar(query.limit(1)) is not None


def retry_failed(session: Session, seal: Seal, mailer_id: int, now: datetime) -> int:
    """Let what was given up wait again; how many. Whose address is erased by now stays given up. Raises MailerError.

    Only the last word about a person and a list is told again, and only while it is so: an older one would undo what
    the service has learned since. The others are withdrawn.
    """
    get_mailer(session, mailer_id)
    rows = session.execute(
        select(MailerCall, Subscriber.address, UnsubscribeEvent.stayed, MailerCall.id.in_(_last_words(mailer_id)))
        .join(UnsubscribeEvent, UnsubscribeEvent.id == MailerCall.event_id)
        .join(Subscriber, Subscriber.hash == UnsubscribeEvent.subscriber_hash)
        .where(MailerCall.mailer_id == mailer_id, MailerCall.state == DeliveryState.FAILED)
    ).all()
    revived = 0
    for call, sealed, stayed, is_last in rows:
        if not is_last or call.action != (stayed or Action.REMOVE):
            call.state = DeliveryState.WITHDRAWN
        elif sealed:
            call.state, call.address, call.attempts, call.next_at = DeliveryState.WAITING, sealed, 0, now
            revived += 1
    return revived


def _last_words(mailer_id: int) -> Select[int]:
    """The newest calls about each person and list, by their numbers."""
    return (
        select(func.max(MailerCall.id))
        .join(UnsubscribeEvent, UnsubscribeEvent.id == MailerCall.event_id)
        .where(MailerCall.mailer_id == mailer_id, MailerCall.state != DeliveryState.WITHDRAWN)
        .group_by(UnsubscribeEvent.subscriber_hash, UnsubscribeEvent.list_name)
    )
