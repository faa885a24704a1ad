"""What everybody sets for themselves: name, language, digits, password, and where they are logged in."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import AnyOf, DataRequired, Length

from monitor.errors import LoginError, LoginPausedError
from monitor.logins import check_password, find_logins
from monitor.people import LEAST_PASSWORD, end_logins, person_of_id, set_password
from monitor.types import Role
from web.access import log_in, login_digest, needs, seal, the_person
from web.forms import TOO_LONG, strip
from web.language import LANGUAGES, language
from web.scope import db, house, now

blueprint = Blueprint("account", __name__, url_prefix="/settings/account")

# As a browser names itself; the more special before the more general, which it names too.
_BROWSERS: Sequence[tuple[str, str]] = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Sequence[tuple[str, str]] = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class SelfForm(Form):
    name = StringField(
        filters=[strip], validators=[DataRequired(_("Write your name.")), Length(max=100, message=TOO_LONG)]
    )
    language = StringField(validators=[AnyOf(list(LANGUAGES))])
    latin_digits = BooleanField()


class NewPasswordForm(Form):
    current = PasswordField(validators=[DataRequired(_("Write your password."))])
    password = PasswordField(
        validators=[Length(min=LEAST_PASSWORD, max=500, message=_("At least 10 letters, digits or spaces."))]
    )


def browser_name(agent: str) -> str:
    """``Firefox · Linux`` for what a browser says of itself; empty for what we do not know."""
    parts = (next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(part for part in parts if part)


@blueprint.get("")
def page() -> str:
    return _show()


def _show(own: SelfForm | None = None, renewed: NewPasswordForm | None = None) -> str:
    me = the_person()
    return render_template(
        "settings/account.html",
        me=me,
        own=own or SelfForm(name=me.name, language=me.language or language(), latin_digits=me.latin_digits),
        languages=LANGUAGES,
        renewed=renewed or NewPasswordForm(),
        logins=[(login, browser_name(login.browser)) for login in find_logins(db(), me, now())],
        here=login_digest(),
    )


@blueprint.post("")
@needs(Role.VIEWER)
def keep() -> Response | tuple[str, int]:
    form = SelfForm(request.form)
    if not form.validate():
        return _show(own=form), 422
    with house().database.write() as writing:
        me = person_of_id(writing, the_person().id)
        me.name, me.latin_digits = form.name.data or "", form.latin_digits.data
        me.language = session["language"] = form.language.data or ""
    flash(say("Saved."), "done")
    return redirect(url_for("account.page"), code=303)


@blueprint.post("/password")
@needs(Role.VIEWER)
def renew_password() -> Response | tuple[str, int]:
    """Another password; every other browser is logged out, and this one goes on under a new token."""
    form = NewPasswordForm(request.form)
    if not form.validate():
        return _show(renewed=form), 422
    me = the_person()
    try:
        check_password(house().database, seal(), me.email, form.current.data or "", now())
    except LoginPausedError:
        form.current.errors = [say("Too many tries. Wait some minutes.")]
        return _show(renewed=form), 429
    except LoginError:
        form.current.errors = [say("This is not your password.")]
        return _show(renewed=form), 422
    with house().database.write(durable=True) as writing:
        me = person_of_id(writing, me.id)
        set_password(writing, me, form.password.data or "")
    log_in(me)
    flash(say("The password is changed; every other browser is logged out."), "done")
    return redirect(url_for("account.page"), code=303)


@blueprint.post("/logins")
@needs(Role.VIEWER)
def end_others() -> Response:
    with house().database.write(durable=True) as writing:
        end_logins(writing, the_person(), but=login_digest())
    flash(say("Every other browser is logged out."), "done")
    return redirect(url_for("account.page"), code=303)
