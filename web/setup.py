"""The first page of all: as long as there is nobody, whoever stands at the machine becomes the owner."""

import hmac

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from monitor.audit import Actor, act_as
from monitor.people import LEAST_PASSWORD, add_person, claim_house, setup_code
from monitor.types import Role, Way
from web.access import is_peopled, log_in, open_to_all, seal
from web.forms import TOO_LONG, plain_digits, strip
from web.scope import house, now

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

# A proxy has brought the request from elsewhere, though it came in by this machine's own door.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


class OwnerForm(Form):
    """Somebody new, by their own hand."""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write your name.")), Length(max=100, message=TOO_LONG)],
    )
    email = StringField(
        filters=[strip],
        validators=[
            DataRequired(_("Write your e-mail address.")),
            Regexp(r"^[^@\s]+@[^@\s]+$", message=_("An e-mail address looks like name@example.com.")),
            Length(max=254, message=TOO_LONG),
        ],
    )
    password = PasswordField(
        validators=[Length(min=LEAST_PASSWORD, max=500, message=_("At least 10 letters, digits or spaces."))]
    )


class SetupForm(OwnerForm):
    code = StringField(filters=[strip, plain_digits])


def asks_for_code() -> bool:
    """Only who comes from this machine itself needs no code from its terminal."""
    return not house().is_local or any(header in request.headers for header in _FORWARDED)


@blueprint.get("")
@open_to_all
def page() -> str | Response:
    if is_peopled():
        return redirect(url_for("dashboard.overview_page"))
    return _ask(SetupForm())


def _ask(form: SetupForm) -> str:
    return render_template("people/setup.html", form=form, asks_for_code=asks_for_code())


@blueprint.post("")
@open_to_all
def begin() -> Response | tuple[str, int]:
    form = SetupForm(request.form)
    if is_peopled():
        return redirect(url_for("dashboard.overview_page"), code=303)
    valid = form.validate()
    if asks_for_code() and not _is_code(form.code.data or ""):
        form.code.errors = [say("This is not the code that the terminal shows.")]
        valid = False
    if not valid:
        return _ask(form), 422
    act_as(Actor(form.name.data or "", Way.PAGE, now()))
    with house().database.write(durable=True) as writing:
        # Two may have opened this page: the first has it.
        claim_house(writing)
        owner = add_person(
            writing, form.email.data or "", form.name.data or "", Role.ADMIN, form.password.data or "", now()
        )
    current_app.extensions["didban_peopled"] = True
    log_in(owner)
    return redirect(url_for("dashboard.overview_page"), code=303)


def _is_code(given: str) -> bool:
    plain = given.replace("-", "").replace(" ", "").lower()
    return hmac.compare_digest(plain.encode(), setup_code(seal()).replace("-", "").encode())
