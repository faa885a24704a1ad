"""The way in and out: address and password, a code where a second factor is on, and logging out."""

import math
from datetime import datetime, timedelta

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField
from wtforms.validators import DataRequired

from monitor.errors import LoginError, LoginPausedError
from monitor.factors import check_code
from monitor.logins import check_password, count_try, end_login
from monitor.models import Person
from monitor.people import person_of_id
from monitor.types import Role
from web import invitations, setup
from web.access import is_peopled, log_in, needs, open_to_all, person, seal
from web.errors import own_path
from web.filters import number
from web.forms import strip
from web.scope import house, now

blueprint = Blueprint("login", __name__)

# From one address of the network; how often for one account is kept in the database.
TRIES = "30 per minute"
# Between the password and the code.
HALFWAY = timedelta(minutes=5)


class LoginForm(Form):
    email = StringField(filters=[strip], validators=[DataRequired(_("Write your e-mail address."))])
    password = PasswordField(validators=[DataRequired(_("Write your password."))])


class CodeForm(Form):
    code = StringField(filters=[strip])


def init_app(app: Flask) -> None:
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=False)
    for door in (blueprint, setup.blueprint, invitations.blueprint):
        limiter.limit(TRIES, methods=["POST"])(door)


@blueprint.get("/login")
@open_to_all
def page() -> str | Response:
    if not is_peopled():
        return redirect(url_for("setup.page"))
    if person() is not None:
        return redirect(url_for("dashboard.overview_page"))
    return _ask(LoginForm())


def _ask(form: LoginForm) -> str:
    return render_template("people/login.html", form=form, next=request.values.get("next", ""))


@blueprint.post("/login")
@open_to_all
def enter() -> Response | tuple[str, int]:
    form = LoginForm(request.form)
    if not form.validate():
        return _ask(form), 422
    try:
        found = check_password(house().database, seal(), form.email.data or "", form.password.data or "", now())
    except LoginPausedError as e:
        form.form_errors.append(_paused(e.until))
        return _ask(form), 429
    except LoginError:
        form.form_errors.append(say("The address or the password is wrong."))
        return _ask(form), 422
    if found.totp_secret:
        session["halfway"] = {"person": found.id, "until": (now() + HALFWAY).timestamp()}
        return redirect(url_for("login.code_page", next=request.form.get("next") or None), code=303)
    log_in(found)
    return redirect(_onward(), code=303)


def _person_halfway() -> int | None:
    """Whose password was right in this browser, some minutes ago at most."""
    halfway = session.get("halfway", {})
    found: int | None = halfway.get("person")
    return found if now().timestamp() < halfway.get("until", 0) else None


@blueprint.get("/login/code")
@open_to_all
def code_page() -> str | Response:
    if _person_halfway() is None:
        return redirect(url_for("login.page"))
    return _ask_code(CodeForm())


def _ask_code(form: CodeForm) -> str:
    return render_template("people/code.html", form=form, next=request.values.get("next", ""))


@blueprint.post("/login/code")
@open_to_all
def enter_code() -> Response | tuple[str, int]:
    form, person_id = CodeForm(request.form), _person_halfway()
    if person_id is None:
        return redirect(url_for("login.page"), code=303)
    try:
        found = _check_code(person_id, form.code.data or "")
    except LoginPausedError as e:
        form.code.errors = [_paused(e.until)]
        return _ask_code(form), 429
    except LoginError:
        form.code.errors = [say("This code is wrong or too old. A new one comes within half a minute.")]
        return _ask_code(form), 422
    log_in(found)
    return redirect(_onward(), code=303)


def _check_code(person_id: int, code: str) -> Person:
    """Codes are tried under the same pauses as passwords. Raises LoginError, LoginPausedError."""
    with house().database.write(durable=True) as writing:
        count_try(writing, seal(), person_of_id(writing, person_id).email, now())
    with house().database.write(durable=True) as writing:
        found = person_of_id(writing, person_id)
        if found.disabled_at is not None or not found.totp_secret:
            raise LoginError("begin again with the password")
        check_code(seal(), found, code, now())
    return found


def _paused(until: datetime) -> str:
    minutes = max(1, math.ceil((until - now()).total_seconds() / 60))
    return str(
        ngettext(
            "Too many tries. Wait %(count)s minute and try again.",
            "Too many tries. Wait %(count)s minutes and try again.",
            minutes,
            count=number(minutes),
        )
    )


def _onward() -> str:
    """To the page that was asked for before the login, when it is one of ours."""
    wanted = request.form.get("next", "")
    return wanted if own_path(wanted) else url_for("dashboard.overview_page")


@blueprint.post("/logout")
@needs(Role.VIEWER)
def leave() -> Response:
    with house().database.write(durable=True) as writing:
        end_login(writing, session.get("login", ""))
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    g.person = None
    flash(say("You are logged out."), "done")
    return redirect(url_for("login.page"), code=303)
