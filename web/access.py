"""Who gets in: nobody without a login, except through the doors named here; then by role.

Reading asks for a viewer and anything else for an analyst, unless the view itself says otherwise with :func:`needs` or
:func:`open_to_all`. A view that nobody has thought about is therefore closed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext as _
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from monitor.audit import Actor, act_as
from monitor.logins import LASTS, digest_of, find_login, is_stale, open_login, touch_login
from monitor.models import Person
from monitor.people import has_people, setup_code
from monitor.sealing import Seal
from monitor.types import Role, Way
from web.language import address_with
from web.scope import House, house, now

# Doors for programs and for the readers of mails: a token, a signature, or an address that cannot be guessed lets them
# in there.
OPEN_BLUEPRINTS = frozenset(
    {"hooks", "leave", "greetings", "acts", "api-docs", "api_cases", "api_reading", "api_writing", "feeds", "metrics"}
)
OPEN = frozenset({"static"})
# The sample asks for no login, so that nobody has it send anything to a place of their own, or fills the disk.
NOT_IN_SAMPLE = frozenset(
    {
        "alerts.test_channel", "channels.add", "channels.ask", "connections.change", "connections.mailer",
        "connections.pull", "dashboard.watch", "imports.bring_in", "imports.look", "imports.upload",
        "sources.add_search", "text_imports.ask", "text_imports.bring_in", "text_imports.look", "text_imports.upload",
    }
)  # fmt: skip

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What stays in the cookie when somebody else logs in.
_KEPT = ("language", "brand")

View = TypeVar("View", bound=Callable[..., Any])


class _Cookies(SecureCookieSessionInterface):
    """The session's cookie, for https alone where the page came that way."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    app.session_interface = _Cookies()
    app.config["PERMANENT_SESSION_LIFETIME"] = LASTS
    proxies = app.extensions["didban"].settings.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    app.extensions["didban_peopled"] = False
    app.before_request(_guard)
    app.teardown_request(_act_no_more)
    app.jinja_env.globals.update(may=may, person=person, is_inside=is_inside)


def tell_setup_code(app: Flask) -> None:
    """Where the first page can be reached from elsewhere, whoever started us is told its code."""
    found: House = app.extensions["didban"]
    if found.is_local or found.is_sample:
        return
    with found.database.read() as reading:
        if not has_people(reading):
            app.logger.warning("nobody may log in yet; /setup asks for this code: %s", setup_code(seal_of(app)))


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view as asking for a role of its own, for reading and for changing alike."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Mark a view as one that asks for no login."""
    view.needs = None  # type: ignore[attr-defined]
    return view


def needed_role(endpoint: str, method: str) -> Role | None:
    """The least role that gets in; None where no login is asked for."""
    if endpoint in OPEN or endpoint.partition(".")[0] in OPEN_BLUEPRINTS:
        return None
    usual = Role.VIEWER if method in _READING else Role.ANALYST
    needed: Role | None = getattr(current_app.view_functions[endpoint], "needs", usual)
    return needed


def _guard() -> Response | tuple[str, int] | None:
    # The thread may have served somebody else before.
    act_as(None)
    # Without an endpoint the request is about to be refused anyway.
    if request.endpoint is None:
        return None
    if house().is_sample:
        return None if may(request.endpoint, request.method) else _not_in_sample()
    needed = needed_role(request.endpoint, request.method)
    if needed is None:
        return None
    who = person()
    if who is None:
        return redirect(url_for("setup.page") if not is_peopled() else _login_address(), code=303)
    if not may(request.endpoint, request.method):
        abort(403)
    act_as(Actor(who.name, Way.PAGE, now(), who.id))
    return None


def _not_in_sample() -> tuple[str, int]:
    title = _("The sample does not do this.")
    advice = _("It sends nothing out and takes no files. Begin with your own brand to do so.")
    return render_template("error.html", title=title, advice=advice, status=403), 403


def act_by_link(name: str = "") -> None:
    """What follows is done by whoever has a link of ours; named when they are logged in too, or have said who."""
    who = person()
    act_as(Actor(who.name if who else name, Way.LINK, now(), who.id if who else None))


def _act_no_more(_error: BaseException | None) -> None:
    act_as(None)


def _login_address() -> str:
    """The login, which leads back to the page that was asked for."""
    asked = address_with() if request.method == "GET" else None
    return url_for("login.page", next=asked if asked != url_for("dashboard.overview_page") else None)


def is_peopled() -> bool:
    """Whether anybody may log in yet; once true it stays so."""
    if not current_app.extensions["didban_peopled"]:
        with house().database.read() as reading:
            current_app.extensions["didban_peopled"] = has_people(reading)
    found: bool = current_app.extensions["didban_peopled"]
    return found


def person() -> Person | None:
    """Whoever is logged in; the token in the cookie is all that says so."""
    if "person" not in g:
        g.person = _find_person(session.get("login", ""))
    found: Person | None = g.person
    return found


def _find_person(token: str) -> Person | None:
    if not token or house().is_sample:
        return None
    # A session of its own: the page's must not begin to read before the page has written.
    with house().database.read() as reading:
        login = find_login(reading, token, now())
    if login is None:
        return None
    if is_stale(login, now()):
        with house().database.write() as writing:
            touch_login(writing, login.digest, now())
    return login.person


def the_person() -> Person:
    """Whoever is logged in, on a page that only they can see; 404 in the sample, where nobody is."""
    found = person()
    if found is None:
        abort(404)
    return found


def prefers_latin_digits() -> bool:
    """Whether the reader has asked for 123 on Persian pages too; on a page without a login nobody has."""
    found: Person | None = g.get("person")
    return found is not None and found.latin_digits


def is_inside() -> bool:
    """Whether the reader may see the pages: the frame of a page shows no brand to anybody else."""
    return house().is_sample or person() is not None


def may(endpoint: str, method: str = "POST") -> bool:
    """Whether the reader would be let in: a button that may not be pressed is not shown."""
    if house().is_sample:
        return endpoint not in NOT_IN_SAMPLE
    needed, who = needed_role(endpoint, method), person()
    return needed is None or (who is not None and Role(who.role).covers(needed))


def log_in(someone: Person) -> None:
    """A new login under a new token; nothing of the cookie before it is believed any more."""
    with house().database.write(durable=True) as writing:
        token = open_login(writing, seal(), someone, now(), request.user_agent.string)
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)
    if someone.language:
        session["language"] = someone.language
    session["login"] = token
    session.permanent = True
    g.person = someone


def login_digest() -> str:
    """What is kept of this browser's login."""
    return digest_of(session.get("login", ""))


def seal() -> Seal:
    return seal_of(current_app)


def seal_of(app: Flask) -> Seal:
    found: Seal = app.extensions["didban_seal"]
    return found
