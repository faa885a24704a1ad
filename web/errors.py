"""Errors become a page or a line above the page here, and nowhere else."""

import re
from collections.abc import Mapping

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from monitor.errors import (
    BrandError,
    BrandExistsError,
    BrandNotFoundError,
    CaseError,
    DeliveryError,
    FollowUpError,
    HookError,
    ImportFileError,
    MailerError,
    MentionNotFoundError,
    MonitorError,
    PersonError,
    RuleError,
    SourceError,
    SourceExistsError,
    SourceNotFoundError,
    StorageError,
    TrialsBusyError,
    ViewError,
)
from monitor.people import find_admins
from web import problems
from web.access import person
from web.scope import db
from web.troubles import in_words

Answer = Response | tuple[str, int]

_LINE = 400
# A path of ours: one slash, then nothing that a browser could read as another host (a second slash, also written as a
# backslash or after a control character that it drops).
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_MISSING = (BrandNotFoundError, MentionNotFoundError, SourceNotFoundError)
# They also say that something cannot be kept so; a page that is only read keeps nothing.
_MISSING_WHEN_READ = (CaseError, RuleError)

# What happened, in the reader's words; the more exact class first. The error itself stands beside it.
_SENTENCES: Mapping[type[MonitorError], LazyString] = {
    BrandExistsError: _("This brand is watched already."),
    BrandError: _("This name cannot be watched: it needs a letter or a digit."),
    SourceExistsError: _("This source is watched already."),
    TrialsBusyError: _("Other links are being tried."),
    SourceError: _("This address cannot be watched."),
    ImportFileError: _("This file could not be read; nothing was imported."),
    CaseError: _("This could not be saved."),
    RuleError: _("This could not be saved."),
    ViewError: _("This list could not be saved."),
    HookError: _("This address could not be made."),
    MailerError: _("This service could not be connected."),
    FollowUpError: _("This person may not be contacted again."),
    PersonError: _("This could not be saved."),
    DeliveryError: _("The channel did not accept the message."),
    StorageError: _("The database did not answer."),
}

_PAGES: Mapping[int, tuple[LazyString, LazyString]] = {
    400: (_("This request could not be read."), _("Open the page again and repeat the step.")),
    404: (_("There is nothing at this address."), _("It may have been removed since the page was opened.")),
    405: (_("This address cannot be opened directly."), _("Open the overview and begin there.")),
    429: (_("Too many requests."), _("Wait a minute and try again.")),
    413: (_("This file is too large."), _("Cut it into parts of up to 20 MB and bring them one by one.")),
    503: (_("The database did not answer."), _("Wait a moment and open the page again; nothing was lost.")),
}
_UNKNOWN = (_("Something went wrong on our side."), _("Nothing was lost. The log of the program says more."))


def init_app(app: Flask) -> None:
    app.register_error_handler(MonitorError, _monitor_error)
    app.register_error_handler(DBAPIError, _driver_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http_error)


def back(anchor: str = "") -> Response:
    """To the page a form names in ``next``, when it is one of ours, else to the overview."""
    wanted = request.form.get("next", "")
    if not own_path(wanted):
        wanted = url_for("dashboard.overview_page")
    return redirect(wanted + anchor, code=303)


def own_path(address: str) -> bool:
    """Whether a redirect there stays with us."""
    return _OWN_PATH.fullmatch(address) is not None


def sentence_for(error: MonitorError) -> str:
    """What happened, for a reader who has never seen our code."""
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return str(sentence)
    return str(say("This did not work."))


def beside_field(error: MonitorError) -> list[str]:
    """What stands beside a field: what happened, and what the error's own line says."""
    return [sentence_for(error), in_words(error)]


def say_above(error: MonitorError) -> None:
    """On top of the next page: what happened, and the error's own line."""
    # It travels in a cookie, and a cookie holds little.
    flash(f"{sentence_for(error)}\n{str(error)[:_LINE]}", "error")


def _monitor_error(error: MonitorError) -> Answer:
    if problems.wanted():
        return _problem_of(error)
    if isinstance(error, _MISSING):
        return _page(404)
    if request.method == "GET" and isinstance(error, _MISSING_WHEN_READ):
        return _page(404)
    if request.method == "POST" and not isinstance(error, StorageError):
        say_above(error)
        return back()
    return _page(503 if isinstance(error, StorageError) else 500)


def _driver_error(error: DBAPIError) -> Answer:
    # Reading sessions stay open while the page is made, so the driver's own error arrives here.
    current_app.logger.error("the database did not answer", exc_info=error)
    return problems.problem(503) if problems.wanted() else _page(503)


def _stale_form(_error: CSRFError) -> Answer:
    return _page(400)


def _foreign_host(_error: SecurityError) -> Answer:
    # Not a page of ours: nothing of it may reach a name we do not know.
    if problems.wanted():
        return problems.problem(400, "host not trusted; see the setting trusted_hosts")
    return "host not trusted; see the setting trusted_hosts\n", 400


def _problem_of(error: MonitorError) -> Response:
    if isinstance(error, (*_MISSING, *_MISSING_WHEN_READ)):
        return problems.problem(404, f"{error}.")
    return problems.problem(503 if isinstance(error, StorageError) else 500)


def _http_error(error: HTTPException) -> Answer:
    if problems.wanted():
        return problems.from_http(error)
    if error.code == 403 and person() is not None:
        return _refused()
    return _page(error.code or 500)


def _refused() -> Answer:
    """The reader's role does not go that far: which it is, and who can change it."""
    return render_template("people/refused.html", admins=find_admins(db())), 403


def _page(status: int) -> tuple[str, int]:
    title, advice = _PAGES.get(status, _UNKNOWN)
    return render_template("error.html", title=title, advice=advice, status=status), status
