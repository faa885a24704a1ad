"""Logging in and staying so: tries counted, tokens kept as digests only, logins that end."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from monitor.db import Database
from monitor.errors import LoginError, LoginPausedError
from monitor.models import Login, LoginTry, Person
from monitor.people import fold_email, is_password
from monitor.sealing import Seal

# A login lasts this long after its last use.
LASTS = timedelta(days=30)
# Not every page writes.
_SEEN_EVERY = timedelta(minutes=5)
# So many tries are free; then each doubles the wait, up to a quarter of an hour: longer would let a stranger keep
# somebody out for the day.
_FREE_TRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=1)
_PURPOSE = "login"


def count_try(session: Session, seal: Seal, email: str, now: datetime) -> None:
    """Count a try before it is judged, so that many at once gain nothing. Raises LoginPausedError.

    An address that nobody has is counted alike: a pause tells nothing.
    """
    session.execute(delete(LoginTry).where(LoginTry.last_at < now - _FORGOTTEN_AFTER))
    digest = seal.hash(fold_email(email), _PURPOSE)
    tries = session.get(LoginTry, digest)
    if tries is None:
        session.add(LoginTry(digest=digest, count=1, last_at=now))
        return
    until = tries.last_at + _pause_after(tries.count)
    if now < until:
        raise LoginPausedError(until)
    tries.count, tries.last_at = tries.count + 1, now


def _pause_after(tries: int) -> timedelta:
    if tries < _FREE_TRIES:
        return timedelta(0)
    return min(_FIRST_PAUSE * (1 << min(tries - _FREE_TRIES, 10)), _LONGEST_PAUSE)


def forget_tries(session: Session, seal: Seal, email: str) -> None:
    """After a login that went well."""
    session.execute(delete(LoginTry).where(LoginTry.digest == seal.hash(fold_email(email), _PURPOSE)))


def check_password(database: Database, seal: Seal, email: str, password: str, now: datetime) -> Person:
    """Who it is. Raises LoginError, LoginPausedError; an unknown address takes as long as a known one."""
    with database.write() as session:
        count_try(session, seal, email, now)
        person = session.scalar(select(Person).where(Person.email == fold_email(email)))
    # Outside of the transaction: it takes a while, and others want to write.
    if not is_password(person, password) or person is None:
        raise LoginError("this address and password do not go together")
    return person


def open_login(session: Session, seal: Seal, person: Person, now: datetime, browser: str = "") -> str:
    """The token of a new login, for a cookie; only its digest is kept."""
    session.execute(delete(Login).where(Login.expires_at <= now))
    forget_tries(session, seal, person.email)
    token = secrets.token_urlsafe(32)
    session.add(
        Login(
            digest=digest_of(token),
            person_id=person.id,
            browser=browser[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + LASTS,
        )
    )
    return token


def digest_of(token: str) -> str:
    """What is kept of a token; it is random and long, so that no key is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_login(session: Session, token: str, now: datetime) -> Login | None:
    """The login of a token with its person; None when it has ended or they may not log in any more."""
    return session.scalar(
        select(Login)
        .join(Login.person)
        .where(Login.digest == digest_of(token), Login.expires_at > now, Person.disabled_at.is_(None))
        .options(joinedload(Login.person))
    )


def is_stale(login: Login, now: datetime) -> bool:
    """Whether its last use is worth writing down again."""
    return now - login.seen_at > _SEEN_EVERY


def touch_login(session: Session, digest: str, now: datetime) -> None:
    """Write down that a login is used; it lasts on from here."""
    login = session.get(Login, digest)
    if login is not None:
        login.seen_at, login.expires_at = now, now + LASTS


def find_logins(session: Session, person: Person, now: datetime) -> Sequence[Login]:
    """Where a person is logged in, the browser used last first."""
    query = select(Login).where(Login.person_id == person.id, Login.expires_at > now)
    return session.scalars(query.order_by(Login.seen_at.desc())).all()


def end_login(session: Session, token: str) -> None:
    session.execute(delete(Login).where(Login.digest == digest_of(token)))
