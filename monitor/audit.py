"""Who changed what: written beside every change that a person makes, wherever in the house it is made.

Whoever lets a person in says so with :func:`act_as`; from then on each row of a table of ``WATCHED`` that is added,
changed or removed leaves an entry in the same transaction. A change that the unit of work does not see (an UPDATE of
many rows at once) is written down by :func:`record` where it is made. What nobody does by hand, such as labelling by
the model, has no actor and leaves nothing here.
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from monitor.models import (
    AlertRule,
    ApiToken,
    AuditEntry,
    Base,
    Brand,
    Case,
    CaseNote,
    Channel,
    FollowUp,
    Hook,
    Invitation,
    Mailer,
    Person,
    Preference,
    ReplyTemplate,
    SavedView,
    Source,
    Subscriber,
    UnsubscribeEvent,
)
from monitor.types import Way

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
# What stands in place of a value that nobody is to read.
HIDDEN = "…"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does what is done now; ``person_id`` is empty for a command, a program or the link of a message."""

    name: str
    way: Way
    at: datetime
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What of a table is written down: ``named`` says which row, ``hidden`` columns change without their values."""

    named: Callable[[Any], object]
    shown: Sequence[str]
    hidden: Sequence[str] = ()
    # Rows that come in by themselves, or in heaps from a file, are no act of a person; changes of them are.
    only_changes: bool = False


WATCHED: Mapping[type[Base], Watch] = {
    Brand: Watch(
        lambda it: it.name,
        ("aliases", "exclude", "is_rival", "leads", "closing_rate", "customer_value", "currency"),
    ),
    Source: Watch(lambda it: f"{it.spider} {it.url}", ("paused", "interval", "matches_text"), ("options",)),
    AlertRule: Watch(lambda it: it.kind, ("options", "enabled")),
    Channel: Watch(
        lambda it: it.name, ("language", "enabled", "quiet_hours", "time_zone", "pace", "digest"), ("address",)
    ),
    Hook: Watch(lambda it: it.provider, (), ("signing_key",)),
    Mailer: Watch(lambda it: it.kind, ("list_name", "url", "remote_list", "enabled"), ("key",)),
    ReplyTemplate: Watch(lambda it: it.name, ("language", "text")),
    SavedView: Watch(lambda it: it.name, ("query",)),
    Case: Watch(lambda it: it.id, ("state", "owner", "due_at", "cause", "offered", "steps"), only_changes=True),
    CaseNote: Watch(lambda it: it.case_id, ("text",)),
    FollowUp: Watch(lambda it: it.event_id, ("owner", "due_at", "state", "outcome")),
    UnsubscribeEvent: Watch(lambda it: it.id, ("reason",), only_changes=True),
    # Never the person: only that somebody asked to be forgotten or left alone.
    Subscriber: Watch(lambda it: "", ("erased_at", "do_not_contact_at"), only_changes=True),
    Preference: Watch(lambda it: it.name, ("value",)),
    Person: Watch(
        lambda it: it.email,
        ("name", "role", "language", "latin_digits", "disabled_at"),
        ("password_hash", "totp_secret", "recovery_codes"),
    ),
    Invitation: Watch(lambda it: it.id, ("role", "person_id", "expires_at")),
    ApiToken: Watch(lambda it: it.name, ("scopes", "expires_at", "revoked_at")),
}
# What the work itself writes, and what has a history of its own; a test asks for every table in one of the two.
UNWATCHED = frozenset(
    {
        "alerts", "audit_entries", "deliveries", "erased_authors", "hook_events", "label_changes", "login_tries",
        "logins", "loss_readings", "mailer_calls", "mention_texts", "mention_versions", "mentions", "ratings",
        "robots_texts", "search_pages", "search_results", "sendings", "source_trials", "used_links",
    }
)  # fmt: skip

_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def act_as(actor: Actor | None) -> None:
    """Say who does what follows in this thread, until it is said again; None for the work itself."""
    _actor.set(actor)


def name_of_actor() -> str:
    """Empty when nobody acts."""
    actor = _actor.get()
    return actor.name if actor is not None else ""


def record(
    session: Session, act: str, table: type[Base], thing: object, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write down one change; nothing when nobody acts."""
    actor = _actor.get()
    if actor is None:
        return
    entry = {
        "at": actor.at,
        "person_id": actor.person_id,
        "who": actor.name[:100],
        "way": actor.way,
        "act": act,
        "kind": table.__tablename__,
        "thing": str(thing)[:_LONGEST],
        "before": {name: _plain(value) for name, value in before.items()},
        "after": {name: _plain(value) for name, value in after.items()},
    }
    # Not as an object: a flush may be under way.
    session.connection().execute(insert(AuditEntry).values(entry))


def _plain(value: Any) -> Any:
    """As JSON keeps it, and short."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return value


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: UOWTransaction) -> None:
    if _actor.get() is None:
        return
    for row in session.new:
        _write_whole(session, ADDED, row)
    for row in session.dirty:
        _write_change(session, row)
    for row in session.deleted:
        _write_whole(session, REMOVED, row)


def _write_whole(session: Session, act: str, row: Base) -> None:
    watch = WATCHED.get(type(row))
    if watch is None or watch.only_changes:
        return
    values = {name: value for name in watch.shown if (value := getattr(row, name)) not in (None, False, "", [], {})}
    before, after = ({}, values) if act == ADDED else (values, {})
    record(session, act, type(row), watch.named(row), before, after)


def _write_change(session: Session, row: Base) -> None:
    watch = WATCHED.get(type(row))
    if watch is None:
        return
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in (*watch.shown, *watch.hidden):
        history = inspect(row).attrs[name].history
        if history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
            hidden = name in watch.hidden
            before[name], after[name] = (HIDDEN, HIDDEN) if hidden else (old, new)
    if after:
        record(session, CHANGED, type(row), watch.named(row), before, after)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the log is narrowed to; what is empty narrows nothing."""

    person_id: int | None = None
    kind: str = ""
    thing: str = ""


def find_entries(
    session: Session, wanted: AuditFilter, after: int | None = None, limit: int = 50
) -> tuple[Sequence[AuditEntry], int | None]:
    """The newest first, and where the next page goes on; ``after`` is that of the page before."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if wanted.person_id is not None:
        query = query.where(AuditEntry.person_id == wanted.person_id)
    if wanted.kind:
        query = query.where(AuditEntry.kind == wanted.kind)
    if wanted.thing:
        query = query.where(AuditEntry.thing == wanted.thing)
    if after is not None:
        query = query.where(AuditEntry.id < after)
    entries = session.scalars(query).all()
    return entries[:limit], entries[limit - 1].id if len(entries) > limit else None
