"""The dashboard. ``flask --app web run`` and ``gunicorn web.wsgi:app`` serve it; so does ``didban serve``."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect

from monitor.config import Settings, load_settings
from monitor.db import Database, open_database
from web import (
    access,
    account,
    acts,
    alerts,
    api,
    assets,
    audit,
    authors,
    brands,
    cases,
    channels,
    connections,
    dashboard,
    errors,
    exports,
    factor,
    feeds,
    filters,
    followups,
    greetings,
    hooks,
    ids,
    imports,
    invitations,
    language,
    leave,
    login,
    mentions,
    metrics,
    people,
    preferences,
    reports,
    rules,
    searches,
    sections,
    security,
    setup,
    sources,
    stories,
    subscribers,
    text_imports,
    tokens,
    trials,
    troubles,
    unsubscribes,
)
from web.scope import House, close_session, page_context

LARGEST_UPLOAD = 20_000_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    *,
    clock: Callable[[], datetime] = _utc_now,
    sample: str = "",
    is_sample: bool = False,
    home: str = "",
    is_local: bool = False,
) -> Flask:
    """The application; without arguments it reads its settings and opens their database.

    ``sample`` is the path where a sample brand can be looked at. A dashboard that ``is_sample`` says so on every page
    and leads ``home``, to the real one; it asks for no login. One that ``is_local`` is served by us on loopback only:
    its first owner needs no code.
    """
    settings = settings or load_settings()
    database = database or open_database(settings)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.key(),
        # Both may be served at one address: neither must end the other's session.
        SESSION_COOKIE_NAME="didban_sample" if is_sample else "didban",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        # A form stays good for as long as its page is open; the session ends it.
        WTF_CSRF_TIME_LIMIT=None,
        # Pages only: of files it would leave the handle open.
        COMPRESS_STREAMS=False,
    )
    app.extensions["didban"] = House(
        settings, database, clock, sample=sample, is_sample=is_sample, home=home, is_local=is_local
    )
    app.teardown_appcontext(close_session)
    app.context_processor(page_context)
    forms = CSRFProtect(app)
    Compress(app)
    for part in (
        ids,
        metrics,
        security,
        language,
        filters,
        troubles,
        assets,
        errors,
        hooks,
        leave,
        greetings,
        access,
        login,
        sections,
    ):
        part.init_app(app)
    for page in (
        dashboard,
        mentions,
        cases,
        sources,
        text_imports,
        stories,
        unsubscribes,
        connections,
        imports,
        subscribers,
        followups,
        alerts,
        channels,
        rules,
        acts,
        searches,
        exports,
        reports,
        brands,
        authors,
    ):
        app.register_blueprint(page.blueprint)
    app.register_blueprint(sections.blueprint)
    if not is_sample:
        # Nobody logs in to the sample, changes its settings, or sends its spiders anywhere.
        for page in (login, setup, invitations, account, factor, people, preferences, tokens, audit, trials):
            app.register_blueprint(page.blueprint)
    for door in (hooks, leave, greetings, feeds, metrics):
        # Their callers are no browsers with a session: the address, or a signature, is what lets them in.
        forms.exempt(door.blueprint)
        app.register_blueprint(door.blueprint)
    api.init_app(app, forms)
    access.tell_setup_code(app)
    return app
