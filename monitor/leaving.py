"""Our own unsubscribe page: links that never end, leaving by one click, why, fewer instead, and back again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from monitor.db import storable
from monitor.errors import TokenError
from monitor.mailers import tell_mailers
from monitor.models import Brand, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.services import Action
from monitor.subscribers import address_of, find_subscribers, hash_of
from monitor.types import Door, ReasonCode, Stayed, UnsubscribeData
from monitor.unsubscribes import SAME_LEAVING, record_events

PAGE = "page"
SUBSCRIBER = "subscriber"
LONGEST_COMMENT = 2000
_TOKEN = "leave"
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: who leaves which list of which brand, and which mail the link stood in."""

    brand_id: int
    address: str
    list_name: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """What the sender has to do for one person: ``remove``, or ``undone`` and ``fewer`` to take it back."""

    address: str
    action: str
    list_name: str
    at: datetime


def make_link(seal: Seal, public_url: str, link: Link) -> str:
    """The address of one person's page. It holds no address that can be read, never ends, and is always the same."""
    parts = (str(link.brand_id), link.list_name, link.campaign, link.address.strip())
    return f"{public_url.rstrip('/')}/u/{seal.make_token(_SEPARATOR.join(parts), _TOKEN)}"


def headers_of(url: str, mailto: str = "") -> dict[str, str]:
    """The mail headers of RFC 2369 and RFC 8058 for a link; the sender's DKIM signature must cover both."""
    places = [f"<{url}>", *([f"<mailto:{mailto}?subject=unsubscribe>"] if mailto else [])]
    return {"List-Unsubscribe": ", ".join(places), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def read_link(session: Session, seal: Seal, token: str) -> tuple[Link, Brand]:
    """Raises TokenError for a link that we have not made, or whose brand is gone."""
    parts = seal.read_token(token, _TOKEN).split(_SEPARATOR)
    if len(parts) != 4:
        raise TokenError("not a link of ours")
    brand = session.get(Brand, int(parts[0]))
    if brand is None:
        raise TokenError("the brand of this link is gone")
    return Link(brand.id, address=parts[3], list_name=parts[1], campaign=parts[2]), brand


def find_leaving(session: Session, seal: Seal, link: Link) -> UnsubscribeEvent | None:
    """The leaving that this link has led to, if any."""
    query = (
        select(UnsubscribeEvent)
        .where(UnsubscribeEvent.brand_id == link.brand_id)
        .where(UnsubscribeEvent.subscriber_hash == hash_of(seal, link.address))
        .where(UnsubscribeEvent.provider == PAGE, UnsubscribeEvent.list_name == link.list_name)
        .order_by(UnsubscribeEvent.left_at.desc(), UnsubscribeEvent.id.desc())
    )
    return session.scalars(query.limit(1)).first()


def leave(session: Session, seal: Seal, link: Link, door: Door, now: datetime) -> None:
    """Take the person off the list, and have the sender told; again at about the same time changes nothing.

    Who uses the link later got it in a new mail: that is a leaving of its own, and the sender has to be told again.
    """
    found = find_leaving(session, seal, link)
    if found is None or is_long_ago(found, now):
        data = UnsubscribeData(
            subscriber=link.address,
            left_at=now,
            list_name=link.list_name,
            campaign=link.campaign,
            provider=PAGE,
            door=door,
        )
        if record_events(session, link.brand_id, [data], seal, now)[0] == 0:
            _adopt(session, seal, link, door, now)
    elif found.stayed:
        found.stayed, found.stayed_at, found.left_at, found.door = "", None, now, door
    else:
        return
    event = find_leaving(session, seal, link)
    assert event is not None
    tell_mailers(session, seal, event, link.address, Action.REMOVE, now)


def is_long_ago(event: UnsubscribeEvent, now: datetime) -> bool:
    """Whether the link, used again, means another leaving than this."""
    return now - event.left_at > SAME_LEAVING


def _adopt(session: Session, seal: Seal, link: Link, door: Door, now: datetime) -> None:
    """A hook has told of this leaving already: it becomes the page's, which must find it again by its link."""
    query = (
        select(UnsubscribeEvent)
        .where(UnsubscribeEvent.brand_id == link.brand_id)
        .where(UnsubscribeEvent.subscriber_hash == hash_of(seal, link.address))
        .where(UnsubscribeEvent.left_at >= now - SAME_LEAVING)
        # What the page was told itself, of another list, is its own already.
        .order_by(UnsubscribeEvent.provider == PAGE, UnsubscribeEvent.left_at.desc(), UnsubscribeEvent.id.desc())
    )
    event = session.scalars(query.limit(1)).one()
    event.provider, event.list_name, event.door = PAGE, link.list_name, door
    event.stayed, event.stayed_at = "", None


def give_reason(event: UnsubscribeEvent, reason: ReasonCode, now: datetime) -> None:
    """Keep the person's choice; "other" with words beside it waits for the model."""
    event.reason, event.reason_score, event.labelled_by, event.labelled_at = reason, 1.0, SUBSCRIBER, now
    _let_words_speak(event)


def give_words(event: UnsubscribeEvent, comment: str, now: datetime) -> None:
    """Keep the person's own words; the newest stand."""
    event.comment = storable(comment).strip()[:LONGEST_COMMENT]
    event.labelled_at = event.labelled_at or now
    _let_words_speak(event)


def _let_words_speak(event: UnsubscribeEvent) -> None:
    if event.comment and event.reason in ("", ReasonCode.OTHER):
        event.reason, event.reason_score, event.labelled_by, event.labelled_at = "", None, "", None


def stay(session: Session, seal: Seal, link: Link, event: UnsubscribeEvent, how: Stayed, now: datetime) -> None:
    """Take the leaving back, wholly or for fewer mails, and have the sender told; again changes nothing."""
    if event.stayed != how:
        event.stayed, event.stayed_at = how, now
        tell_mailers(session, seal, event, link.address, Action(how), now)


def find_removals(session: Session, seal: Seal, brand_id: int, since: datetime) -> Iterator[Removal]:
    """What was asked on our page since then and the sender has to do, oldest first; erased addresses are left out."""
    query = (
        select(UnsubscribeEvent)
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.provider == PAGE)
        .where(UnsubscribeEvent.left_at >= since)
        .where(or_(UnsubscribeEvent.door == Door.PAGE, UnsubscribeEvent.door == Door.ONE_CLICK))
        .order_by(UnsubscribeEvent.left_at, UnsubscribeEvent.id)
    )
    events: Sequence[UnsubscribeEvent] = session.scalars(query).all()
    people = find_subscribers(session, {event.subscriber_hash for event in events})
    for event in events:
        address = address_of(people.get(event.subscriber_hash), seal)
        if address:
            yield Removal(address, event.stayed or "remove", event.list_name, event.left_at)
