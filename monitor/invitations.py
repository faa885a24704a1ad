"""Links that let somebody set a password once: an admin makes one and passes it on; we mail nothing."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from monitor.errors import TokenError
from monitor.logins import digest_of
from monitor.models import Invitation, Person
from monitor.people import add_person, set_password
from monitor.types import Role

VALID_FOR = timedelta(days=7)


def invite(session: Session, role: Role, now: datetime) -> str:
    """The token of a link by which somebody new becomes a person in ``role``."""
    return _keep(session, now, role=role)


def invite_back(session: Session, person: Person, now: datetime) -> str:
    """The token of a link by which a person sets another password; an earlier one is of no use any more."""
    session.execute(delete(Invitation).where(Invitation.person_id == person.id))
    return _keep(session, now, person_id=person.id)


def _keep(session: Session, now: datetime, **what: object) -> str:
    session.execute(delete(Invitation).where(Invitation.expires_at <= now))
    token = secrets.token_urlsafe(32)
    session.add(Invitation(digest=digest_of(token), created_at=now, expires_at=now + VALID_FOR, **what))
    session.flush()
    return token


def find_invitations(session: Session, now: datetime) -> Sequence[Invitation]:
    """Those that nobody has used yet, the newest first."""
    query = select(Invitation).where(Invitation.expires_at > now).options(joinedload(Invitation.person))
    return session.scalars(query.order_by(Invitation.id.desc())).all()


def take_back(session: Session, invitation_id: int) -> None:
    """Let a link die that has not been used."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is not None:
        session.delete(invitation)


def read_invitation(session: Session, token: str, now: datetime) -> Invitation:
    """What a link would do. Raises TokenError when it was used, taken back, is too old, or never was."""
    invitation = session.scalar(
        select(Invitation).where(Invitation.digest == digest_of(token)).options(joinedload(Invitation.person))
    )
    if invitation is None or invitation.expires_at <= now:
        raise TokenError("not an invitation of ours")
    if invitation.person is not None and invitation.person.disabled_at is not None:
        raise TokenError("an invitation for somebody who is disabled")
    return invitation


def accept(session: Session, token: str, name: str, email: str, password: str, now: datetime) -> Person:
    """Use a link, once: the new person, or the one who is back; the name and address are of the new only.

    Raises TokenError, PersonError.
    """
    invitation = read_invitation(session, token, now)
    if invitation.person is not None:
        person = invitation.person
        set_password(session, person, password)
    else:
        person = add_person(session, email, name, Role(invitation.role), password, now)
    session.delete(invitation)
    return person
