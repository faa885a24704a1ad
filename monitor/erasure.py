"""What one person may ask: everything we hold about them, and that it be erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from monitor.errors import AuthorError, HookPayloadError, SubscriberNotFoundError
from monitor.folding import fold
from monitor.forgetting import PAGES, remember_erased
from monitor.hooks import read_body
from monitor.models import Alert, Case, FollowUp, HookEvent, MailerCall, Mention, Subscriber, UnsubscribeEvent
from monitor.sealing import HOOK, SUBSCRIBER, Seal
from monitor.subscribers import address_of, hash_of
from monitor.types import NoticeKind, RuleKind, UnsubscribeData
from monitor.withdrawing import OF_MENTIONS
from monitor.wording import CUT, foreign_parts

_BATCH = 500


def export_subscriber(session: Session, seal: Seal, address: str) -> dict[str, Any]:
    """Everything kept about one person, ready for JSON; times are ISO 8601. Raises SubscriberNotFoundError."""
    person, row, events = _find(session, seal, address)
    follow_ups = {item.event_id: item for item in _follow_ups(session, events)}
    told = _told(session, seal, events)
    return {
        "address": address_of(row, seal),
        "fingerprint": person,
        "do_not_contact_at": _iso(row.do_not_contact_at if row else None),
        "contacted_at": _iso(row.contacted_at if row else None),
        "erased_at": _iso(row.erased_at if row else None),
        "leavings": [_as_dict(event, follow_ups.get(event.id), told.get(event.id, [])) for event in events],
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


@dataclass(frozen=True, slots=True)
class ErasedTexts:
    """``posts`` are gone; ``pages`` stay without the name."""

    posts: int
    pages: int


def erase_author(session: Session, author: str, now: datetime) -> ErasedTexts:
    """Erase an author's reviews, posts and comments with all that was kept beside them, and the name from articles.

    Spelling makes no difference. What is collected again, or written under this name later, is not kept either.
    Raises AuthorError for a name without a letter.
    """
    if not fold(author):
        raise AuthorError("an author's name needs a letter or a digit", author)
    remember_erased(session, author, now)
    found = _mentions_of(session, author)
    posts = {mention.id: mention for mention in found if mention.kind not in PAGES}
    for mention in found:
        if mention.id not in posts:
            mention.author = ""
    _leave_cases(session, posts)
    _prune_alerts(session, author, set(posts))
    for mention in posts.values():
        session.delete(mention)
    session.flush()
    return ErasedTexts(len(posts), len(found) - len(posts))


def _mentions_of(session: Session, author: str) -> list[Mention]:
    wanted = fold(author)
    names = [name for name in session.scalars(select(Mention.author).distinct()) if name and fold(name) == wanted]
    return list(session.scalars(select(Mention).where(Mention.author.in_(names)).order_by(Mention.id)))


def _leave_cases(session: Session, posts: Mapping[int, Mention]) -> None:
    """A case that others told of as well goes on with their text; any other goes, with its notes."""
    for case in session.scalars(select(Case).where(Case.mention_id.in_(list(posts)))):
        others = select(Mention.id).where(Mention.brand_id == case.brand_id, Mention.story == case.story)
        other = session.scalar(others.where(Mention.id.not_in(list(posts))).order_by(Mention.id.desc()).limit(1))
        if other is None:
            session.delete(case)
        else:
            case.mention_id = other
    session.flush()


def _prune_alerts(session: Session, author: str, posts: set[int]) -> None:
    """Take the texts out of what alerts and digests said; an alert that told of these texts alone goes.

    Any other stays without them: a digest or a band that nobody remembers would be told again.
    """
    for alert in session.scalars(select(Alert).order_by(Alert.id).execution_options(yield_per=_BATCH)):
        if alert.kind == RuleKind.REPEAT_AUTHOR and fold(alert.facts.get("author", "")) == fold(author):
            session.delete(alert)
            continue
        pruned = _prune(alert.facts, posts)
        if alert.kind == NoticeKind.CHANNEL_FAILED and _is_named(author, alert.facts["subject"]):
            pruned["subject"] = ""
        if pruned == alert.facts:
            continue
        alert.facts = pruned
        if alert.kind in OF_MENTIONS and not pruned["mentions"]:
            session.delete(alert)


def _prune(value: Any, posts: set[int]) -> Any:
    if isinstance(value, dict):
        return {name: _prune(each, posts) for name, each in value.items()}
    if isinstance(value, list):
        return [_prune(each, posts) for each in value if not _tells_of(each, posts)]
    return value


def _tells_of(fact: Any, posts: set[int]) -> bool:
    """Whether a fact is a mention's, see :meth:`monitor.facts.Negative.as_fact`, and of one of ``posts``."""
    return isinstance(fact, dict) and {"title", "text", "url"} <= fact.keys() and fact.get("id") in posts


def _is_named(author: str, subject: str) -> bool:
    """Whether the subject of a lost alert has the name in it, whole or as the beginning that there was room for."""
    name = fold(author)
    return any(
        name == fold(part) or (part.endswith(CUT) and name.startswith(fold(part.removesuffix(CUT))))
        for part in foreign_parts(subject)
    )


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


def _told(session: Session, seal: Seal, events: list[UnsubscribeEvent]) -> dict[int, list[dict[str, Any]]]:
    """By leaving, what newsletter services were told of it or have still to be told, which outlives an erasure."""
    query = select(MailerCall).options(joinedload(MailerCall.mailer)).order_by(MailerCall.id)
    found: dict[int, list[dict[str, Any]]] = {}
    for call in session.scalars(query.where(MailerCall.event_id.in_([event.id for event in events]))):
        found.setdefault(call.event_id, []).append(
            {
                "service": call.mailer.kind,
                "action": call.action,
                "state": call.state,
                "address": seal.open(call.address, SUBSCRIBER) if call.address else "",
                "error": call.error,
                "created_at": _iso(call.created_at),
                "sent_at": _iso(call.sent_at),
            }
        )
    return found


def _calls_naming(session: Session, seal: Seal, address: str) -> list[int]:
    """The raw calls that contain the address. They are sealed, so each is opened: there are few days of them."""
    query = select(HookEvent).options(joinedload(HookEvent.hook)).order_by(HookEvent.id)
    return [
        call.id
        for call in session.scalars(query.execution_options(yield_per=_BATCH))
        if _names(call, seal, address.strip().casefold())
    ]


def _names(call: HookEvent, seal: Seal, address: str) -> bool:
    """As it stands there, as forms write it (%2B, %40), or as the provider's reader understands it (\\u002b)."""
    body = seal.open(call.body, HOOK)
    if address in body.casefold() or address in unquote(body).casefold():
        return True
    try:
        told = read_body(call, seal)
    except HookPayloadError:
        return False
    return any(isinstance(each, UnsubscribeData) and each.subscriber.casefold() == address for each in told)


def _as_dict(event: UnsubscribeEvent, follow_up: FollowUp | None, told: list[dict[str, Any]]) -> dict[str, Any]:
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
        "topic": event.topic,
        "stayed": event.stayed,
        "told": told,
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
