"""Hooks: addresses that providers call when somebody leaves; calls kept as they came, and read afterwards."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session, joinedload

from monitor.db import Database
from monitor.errors import HookError, HookPayloadError, HookRefusedError
from monitor.models import Hook, HookEvent
from monitor.payloads import Call, Told
from monitor.providers import get_provider
from monitor.sealing import HOOK, Seal
from monitor.types import UnsubscribeData
from monitor.unsubscribes import record_events

_BATCH = 200
_ADDRESS = "hook address"
_SECRET_LENGTH = 40
_SALT_LENGTH = 32
# What a value raises that no database takes.
_UNKEEPABLE = (StatementError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class OpenHook:
    """A hook with its signing key opened, as a call is checked against it."""

    id: int
    provider: str
    signing_key: str


def add_hook(session: Session, seal: Seal, brand_id: int, provider: str, signing_key: str, now: datetime) -> Hook:
    """A new address for one provider. Raises HookError when it needs a signing key and there is none."""
    known = get_provider(provider)
    signing_key = signing_key.strip()
    if known.needs_key and not signing_key:
        raise HookError(f"this provider signs: give {known.key}", provider)
    if signing_key and known.check is None:
        raise HookError("this provider does not sign; the address is the secret", provider)
    sealed = seal.close(signing_key, HOOK) if signing_key else ""
    salt = secrets.token_hex(_SALT_LENGTH // 2)
    hook = Hook(brand_id=brand_id, provider=provider, salt=salt, signing_key=sealed, notice="", created_at=now)
    session.add(hook)
    session.flush()
    return hook


def find_hooks(session: Session) -> Sequence[Hook]:
    return session.scalars(select(Hook).options(joinedload(Hook.brand)).order_by(Hook.id)).all()


def remove_hook(session: Session, seal: Seal, hook_id: int, now: datetime) -> None:
    """The address is dead from then on and its raw calls are gone; what they told stays. Raises HookError.

    Those that wait are read first: they were answered, and nobody sends them again.
    """
    # Held, so that none comes in between the last that is read and the end.
    hook = session.get(Hook, hook_id, with_for_update=True)
    if hook is None:
        raise HookError("no such hook", hook_id)
    while calls := _find_unread(session, HookEvent.hook_id == hook_id):
        _read(session, calls, seal, now)
    session.delete(hook)


def secret_of(seal: Seal, hook_id: int, salt: str) -> str:
    """The last part of a hook's address. It is derived: who reads the database cannot call."""
    # SQLite gives the number of a removed hook to the next one: the salt is what they do not share.
    return f"{hook_id}-{seal.hash(f'{hook_id} {salt}'.rstrip(), _ADDRESS)[:_SECRET_LENGTH]}"


def address_of_hook(hook: Hook, seal: Seal, public_url: str) -> str:
    return f"{public_url.rstrip('/')}/hooks/{hook.provider}/{secret_of(seal, hook.id, hook.salt)}"


def find_hook(session: Session, seal: Seal, provider: str, secret: str) -> OpenHook | None:
    """The hook with this address, or None; a wrong secret costs the same time wherever it is wrong."""
    number = secret.partition("-")[0]
    hook_id = int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else 0
    # The salt alone: a hook that is there must not take longer than one that is not.
    salt = session.scalar(select(Hook.salt).where(Hook.id == hook_id)) or ""
    if not hmac.compare_digest(secret_of(seal, hook_id, salt).encode(), secret.encode("utf-8", "replace")):
        return None
    hook = session.get(Hook, hook_id)
    if hook is None or hook.provider != provider:
        return None
    return OpenHook(hook.id, hook.provider, seal.open(hook.signing_key, HOOK) if hook.signing_key else "")


def check_call(hook: OpenHook, call: Call, now: datetime) -> int:
    """How many leavings the call tells. Raises HookRefusedError for a forged one, HookPayloadError for a broken one."""
    provider = get_provider(hook.provider)
    if provider.check is not None and hook.signing_key:
        provider.check(call, hook.signing_key, now)
    elif provider.needs_key:
        raise HookRefusedError("no signing key is set", hook.id)
    good, bad = _sorted(provider.read(call.body))
    if bad and not good:
        raise bad[0]
    return len(good)


def signed_once(hook: OpenHook, call: Call) -> str:
    """What the signature of this call covers in place of its body, and may cover once; empty where it covers that."""
    provider = get_provider(hook.provider)
    return provider.once(call.body) if provider.once is not None else ""


def notice_of(hook: OpenHook, call: Call) -> str:
    """What the call asks of the owner, if anything."""
    provider = get_provider(hook.provider)
    return provider.notice(call.body) if provider.notice is not None else ""


def set_notice(session: Session, hook_id: int, notice: str) -> None:
    hook = session.get(Hook, hook_id)
    if hook is not None:
        hook.notice = notice


def note_refusal(session: Session, hook_id: int, refusal: str, now: datetime) -> None:
    """Remember when a call was turned away last, and why."""
    hook = session.get(Hook, hook_id)
    if hook is not None:
        hook.refused_at, hook.refusal = now, refusal


def has_unread_calls(session: Session) -> bool:
    return session.scalar(select(HookEvent.id).where(HookEvent.read_at.is_(None)).limit(1)) is not None


def read_calls(database: Database, seal: Seal, now: datetime) -> int:
    """Record the leavings of every call that waits; how many were new. Each batch is one transaction.

    A call of which something cannot be read or kept says so, and its hook too; it holds up no other.
    """
    new = 0
    while True:
        with database.write() as session:
            calls = _find_unread(session)
            if not calls:
                return new
            new += _read(session, calls, seal, now)


def _find_unread(session: Session, *which: ColumnElement[bool]) -> Sequence[HookEvent]:
    """The next batch of the calls that wait."""
    query = select(HookEvent).where(HookEvent.read_at.is_(None), *which).options(joinedload(HookEvent.hook))
    return session.scalars(query.order_by(HookEvent.id).limit(_BATCH)).all()


def _read(session: Session, calls: Sequence[HookEvent], seal: Seal, now: datetime) -> int:
    told = [(call, _leavings(call, seal)) for call in calls]
    for call in calls:
        call.read_at, call.hook.told_at = now, call.received_at
    try:
        return _record(session, told, seal, now)
    except _UNKEEPABLE:
        return sum(_record_alone(session, *each, seal, now) for each in told)


def _leavings(call: HookEvent, seal: Seal) -> list[UnsubscribeData]:
    try:
        good, bad = _sorted(read_body(call, seal))
    except HookPayloadError as e:
        # It was readable when it came: a newer version reads otherwise. It is kept for a while to look at.
        _note_error(call, str(e))
        return []
    if bad:
        _note_error(call, f"{len(bad)} of {len(good) + len(bad)} events cannot be read: {bad[0]}")
    # A provider's clock may run ahead; nobody leaves in the future.
    return [data if data.left_at <= call.received_at else replace(data, left_at=call.received_at) for data in good]


def read_body(call: HookEvent, seal: Seal) -> Sequence[Told]:
    """What a kept call tells. Raises HookPayloadError."""
    return get_provider(call.hook.provider).read(seal.open(call.body, HOOK).encode())


def _sorted(told: Sequence[Told]) -> tuple[list[UnsubscribeData], list[HookPayloadError]]:
    bad = [each for each in told if isinstance(each, HookPayloadError)]
    return [each for each in told if isinstance(each, UnsubscribeData)], bad


def _note_error(call: HookEvent, error: str) -> None:
    call.error = error
    call.hook.refused_at, call.hook.refusal = call.received_at, error


def _record(
    session: Session, told: Sequence[tuple[HookEvent, list[UnsubscribeData]]], seal: Seal, now: datetime
) -> int:
    by_brand: dict[int, list[UnsubscribeData]] = {}
    for call, leavings in told:
        by_brand.setdefault(call.hook.brand_id, []).extend(leavings)
    with session.begin_nested():
        return sum(record_events(session, brand_id, each, seal, now)[0] for brand_id, each in by_brand.items())


def _record_alone(session: Session, call: HookEvent, leavings: list[UnsubscribeData], seal: Seal, now: datetime) -> int:
    try:
        return _record(session, [(call, leavings)], seal, now)
    except OperationalError:
        # The database's own trouble passes.
        raise
    except _UNKEEPABLE:
        _note_error(call, "cannot be kept")
        return 0


def count_old_calls(session: Session, days: int, now: datetime) -> int:
    query = select(func.count()).where(HookEvent.read_at.is_not(None))
    return session.scalar(query.where(HookEvent.received_at < now - timedelta(days=days))) or 0


def erase_old_calls(session: Session, days: int, now: datetime) -> None:
    """Erase what was read and came more than ``days`` ago."""
    cutoff = now - timedelta(days=days)
    session.execute(delete(HookEvent).where(HookEvent.read_at.is_not(None), HookEvent.received_at < cutoff))
