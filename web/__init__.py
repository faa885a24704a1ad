"""The dashboard. ``flask --app web run`` and ``gunicorn web.wsgi:app`` serve it; so does ``didban serve``."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask_wtf import CSRFProtect

from monitor.config import Settings, load_settings
from monitor.db import Database, open_database
from web import alerts, assets, dashboard, errors, filters, language, mentions, security, sources, unsubscribes
from web.scope import House, close_session, page_context

LARGEST_UPLOAD = 20_000_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    clock: Callable[[], datetime] = _utc_now,
) -> Flask:
    """The application; without arguments it reads its settings and opens their database."""
    settings = settings or load_settings()
    database = database or open_database(settings)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.key(),
        SESSION_COOKIE_NAME="didban",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        # A form stays good for as long as its page is open; the session ends it.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["didban"] = House(settings, database, clock)
    app.teardown_appcontext(close_session)
    app.context_processor(page_context)
    CSRFProtect(app)
    for part in (security, language, filters, assets, errors):
        part.init_app(app)
    for page in (dashboard, mentions, sources, unsubscribes, alerts):
        app.register_blueprint(page.blueprint)
    return app
