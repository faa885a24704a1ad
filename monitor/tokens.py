"""Tokens of programs: made once and shown once, kept as a hash, checked at every call, revoked at any time."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from monitor.errors import ApiTokenError
from monitor.models import ApiToken
from monitor.types import Scope

MARK = "didban_"
LONGEST_NAME = 100
_PREFIX = len(MARK) + 6
# How old the last use may be before it is written down again: a busy program must not write at every call.
_COARSE = timedelta(hours=1)


def add_token(
    session: Session,
    name: str,
    scopes: Iterable[Scope],
    now: datetime,
    *,
    days: int | None = None,
    created_by: str = "",
) -> tuple[ApiToken, str]:
    """A new token and its secret, which cannot be read again; without ``days`` it has no end. Raises ApiTokenError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise ApiTokenError(f"a token's name has 1 to {LONGEST_NAME} letters", name)
    chosen = set(scopes)
    if not chosen:
        raise ApiTokenError("give the token a scope", name)
    if Scope.FEED in chosen and len(chosen) > 1:
        # A feed's token stands in an address, and addresses are written into logs.
        raise ApiTokenError("the scope feed stands alone; make another token for the rest", name)
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        prefix=secret[:_PREFIX],
        hash=_hash(secret),
        scopes=[scope for scope in Scope if scope in chosen],
        created_by=created_by[:LONGEST_NAME],
        created_at=now,
        expires_at=now + timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    session.flush()
    return token, secret


def _hash(secret: str) -> str:
    # Plain, because the secret is 256 random bits: there is nothing to guess, and every call hashes.
    return hashlib.sha256(secret.encode()).hexdigest()


def find_tokens(session: Session) -> list[ApiToken]:
    """All that were ever made, the newest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.id.desc())))


def find_token(session: Session, secret: str, now: datetime) -> ApiToken | None:
    """The token whose secret this is, while it is good."""
    token = session.scalar(select(ApiToken).where(ApiToken.hash == _hash(secret)))
    return token if token is not None and is_good(token, now) else None


def is_good(token: ApiToken, now: datetime) -> bool:
    """Neither revoked nor over."""
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def use_is_old(token: ApiToken, now: datetime) -> bool:
    """Whether :func:`record_use` has something to do."""
    return token.last_used_at is None or token.last_used_at <= now - _COARSE


def record_use(session: Session, token_id: int, now: datetime) -> None:
    """Write down that a token was used, to the hour."""
    old = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - _COARSE)
    session.execute(update(ApiToken).where(ApiToken.id == token_id, old).values(last_used_at=now))


def revoke_token(session: Session, token_id: int, now: datetime) -> ApiToken:
    """Let a token open nothing from now on; again changes nothing. Raises ApiTokenError."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise ApiTokenError("no such token", token_id)
    token.revoked_at = token.revoked_at or now
    return token
