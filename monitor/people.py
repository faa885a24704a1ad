"""People who may log in: their names, roles and passwords."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, text
from sqlalchemy.orm import Session

from monitor.errors import PersonError
from monitor.models import Login, Person
from monitor.sealing import Seal
from monitor.types import Role

LEAST_PASSWORD = 10
# A longer one costs time and guards no better.
_MOST_PASSWORD = 500
# What takes the place of a hash where there is none: no password fits it, and checking one takes as long.
_NO_HASH = f"scrypt:32768:8:1${'-' * 16}${'0' * 128}"


def fold_email(email: str) -> str:
    """The spelling under which an address is kept and looked for."""
    return email.strip().lower()


def setup_code(seal: Seal) -> str:
    """What the terminal shows and the first page asks for where it can be reached from elsewhere.

    It is derived from the key, so that every process knows the same; without people to come it opens nothing.
    """
    digits = str(int(seal.hash("", "first owner"), 16))
    return "-".join(digits[place : place + 4] for place in (0, 4, 8))


def has_people(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(Person.id.is_not(None)))))


def claim_house(session: Session) -> None:
    """Be the first, until the transaction ends. Raises PersonError when somebody was before.

    On SQLite there is one writer anyway; elsewhere nobody may be added meanwhile.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"))
    if has_people(session):
        raise PersonError("somebody was here first")


def find_people(session: Session) -> Sequence[Person]:
    """Everybody, those who may not log in any more last."""
    return session.scalars(select(Person).order_by(Person.disabled_at.is_not(None), Person.id)).all()


def find_admins(session: Session) -> Sequence[Person]:
    """Those who let others in, and may log in themselves."""
    query = select(Person).where(Person.role == Role.ADMIN, Person.disabled_at.is_(None))
    return session.scalars(query.order_by(Person.id)).all()


def names_of_team(session: Session) -> Sequence[str]:
    """Who may be given work: everybody that may do any, by name."""
    query = select(Person.name).where(Person.role != Role.VIEWER, Person.disabled_at.is_(None))
    return session.scalars(query.order_by(Person.name)).all()


def get_person(session: Session, email: str) -> Person:
    """Raises PersonError."""
    person = session.scalar(select(Person).where(Person.email == fold_email(email)))
    if person is None:
        raise PersonError("no such person", email)
    return person


def person_of_id(session: Session, person_id: int) -> Person:
    """Raises PersonError."""
    person = session.get(Person, person_id)
    if person is None:
        raise PersonError("no such person", person_id)
    return person


def add_person(session: Session, email: str, name: str, role: Role, password: str, now: datetime) -> Person:
    """Raises PersonError for an address that is none or is taken, and for a password that is too short.

    The first person must be an admin: somebody has to let the others in.
    """
    email, name = fold_email(email), name.strip()
    if len(email) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise PersonError("not an e-mail address", email)
    if not 0 < len(name) <= 100:
        raise PersonError("a name has 1 to 100 letters", name)
    if role is not Role.ADMIN and not has_people(session):
        raise PersonError("the first person must be an admin", email)
    if session.scalar(select(exists().where(Person.email == email))):
        raise PersonError("somebody has this address already", email)
    person = Person(email=email, name=name, role=role, created_at=now, password_hash=hash_password(password))
    session.add(person)
    session.flush()
    return person


def hash_password(password: str) -> str:
    """What is kept of a password. Raises PersonError when it is too short or too long."""
    from werkzeug.security import generate_password_hash

    if not LEAST_PASSWORD <= len(password) <= _MOST_PASSWORD:
        raise PersonError(f"a password has at least {LEAST_PASSWORD} letters")
    return generate_password_hash(password)


def is_password(person: Person | None, password: str) -> bool:
    """Whether it is theirs; takes as long when there is no such person, or none who may log in."""
    from werkzeug.security import check_password_hash

    kept = person.password_hash if person is not None and person.disabled_at is None else ""
    return check_password_hash(kept or _NO_HASH, password[:_MOST_PASSWORD])


def set_password(session: Session, person: Person, password: str) -> None:
    """Keep another password and end every login that was made with the old one. Raises PersonError."""
    person.password_hash = hash_password(password)
    end_logins(session, person)


def set_role(session: Session, person: Person, role: Role) -> None:
    """Raises PersonError when nobody would be left who lets people in."""
    if role is not Role.ADMIN:
        _keep_an_admin(session, person)
    person.role = role


def disable(session: Session, person: Person, now: datetime) -> None:
    """Shut somebody out at once; what they did stays under their name. Raises PersonError for the last admin."""
    _keep_an_admin(session, person)
    person.disabled_at = now
    end_logins(session, person)


def enable(person: Person) -> None:
    """Let somebody in again, with the password they had."""
    person.disabled_at = None


def end_logins(session: Session, person: Person, *, but: str = "") -> None:
    """End a person's logins in every browser, except in the one whose digest is ``but``."""
    session.execute(delete(Login).where(Login.person_id == person.id, Login.digest != but))


def _keep_an_admin(session: Session, person: Person) -> None:
    others = select(exists().where(Person.role == Role.ADMIN, Person.disabled_at.is_(None), Person.id != person.id))
    if person.role == Role.ADMIN and person.disabled_at is None and not session.scalar(others):
        raise PersonError("the last admin stays one", person.email)
