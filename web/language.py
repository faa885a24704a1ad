"""Persian or English: chosen by the reader, remembered in the session, Persian-first by the settings."""

from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, redirect, request, session
from flask_babel import Babel
from werkzeug.wrappers import Response as AnyResponse

from monitor.errors import StorageError
from web import problems
from web.scope import house, settings

# Each language is named in itself.
LANGUAGES = {"fa": "فارسی", "en": "English"}


def init_app(app: Flask) -> None:
    zone = app.extensions["didban"].settings.time_zone
    Babel(app, locale_selector=language, default_timezone=zone, default_locale="en")
    app.before_request(_switch)
    app.after_request(_name_language)
    app.context_processor(_context)


def language() -> str:
    """``fa`` or ``en``."""
    chosen: str = session.get("language", "")
    return chosen if chosen in LANGUAGES else _usual_language()


def _usual_language() -> str:
    """That of the settings; the page which says that the database does not answer must know one without it."""
    if "usual_language" not in g:
        try:
            g.usual_language = settings().language
        except StorageError:
            g.usual_language = house().settings.language
    usual: str = g.usual_language
    return usual


def _switch() -> AnyResponse | None:
    """Remember ``?lang=`` and show the same page without it."""
    chosen = request.args.get("lang")
    # Without an endpoint the request is about to be refused; programs speak no language.
    if chosen is None or request.method != "GET" or request.endpoint is None or problems.wanted():
        return None
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(address_with(lang=None))


def _name_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        # A page that chose for itself, as the one for people who leave does, has said so.
        response.headers.setdefault("Content-Language", language())
    return response


def _page_path() -> str:
    """This page's path; of one that answers a button, the nearest path above the button's that opens by itself."""
    path = request.path
    pages = current_app.create_url_adapter(request)
    if request.method != "POST" or pages is None:
        return path
    while path != "/" and not pages.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    return path


def address_with(**changes: str | int | None) -> str:
    """This page's address with some of its arguments changed; None drops one."""
    arguments = {**request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in arguments.items() if value is not None and value != ""})
    # The path comes unquoted: a line break in it would end the header of a redirect, and a "?" the path.
    path = quote(request.script_root + _page_path(), safe="/:@!$&'()*+,;=~")
    return f"{path}?{query}" if query else path


def _context() -> dict[str, Any]:
    chosen = language()
    other = next(code for code in LANGUAGES if code != chosen)
    return {
        "language": chosen,
        "direction": "rtl" if chosen == "fa" else "ltr",
        "other_language": other,
        "other_language_name": LANGUAGES[other],
        "address_with": address_with,
    }
