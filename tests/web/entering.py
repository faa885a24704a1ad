"""Somebody logged in without asking for a password: what a login leaves behind, written down directly."""

from datetime import timedelta

from monitor.logins import open_login
from monitor.models import Person
from monitor.types import Role

PASSWORD = "seven plain words for a test"


def email_of(role):
    return f"{role}@house.example"


def token_for(app, role=Role.ADMIN, name=None):
    """The token of a new login of the one person in ``role``."""
    house = app.extensions["didban"]
    now = house.clock()
    with house.database.write() as session:
        person = session.query(Person).filter_by(email=email_of(role)).one_or_none()
        if person is None:
            # No password is ever checked for them: a real hash would take a third of a second.
            person = Person(email=email_of(role), name=name or f"The {role}", role=role, created_at=now - timedelta(9))
            session.add(person)
            session.flush()
        return open_login(session, app.extensions["didban_seal"], person, now, "Test browser")


def log_in(app, client, role=Role.ADMIN):
    token = token_for(app, role)
    with client.session_transaction() as session:
        session["login"] = token


def cookie_for(app, base, role=Role.ADMIN, name=None, **kept):
    """The same as a cookie for a real browser, and what else it holds; ``role`` may be None for nobody."""
    login = {"login": token_for(app, role, name)} if role else {}
    value = app.session_interface.get_signing_serializer(app).dumps({**login, **kept})
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": base}
