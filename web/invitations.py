"""Where an admin's link leads: somebody new, or a new password. Opening it does nothing; it is used once."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField
from wtforms.validators import Length

from monitor.errors import PersonError, TokenError
from monitor.invitations import accept, read_invitation
from monitor.models import Invitation
from monitor.people import LEAST_PASSWORD
from web.access import act_by_link, log_in, open_to_all
from web.scope import db, house, now
from web.setup import OwnerForm

blueprint = Blueprint("invitations", __name__, url_prefix="/invitation")


class PasswordForm(Form):
    password = PasswordField(
        validators=[Length(min=LEAST_PASSWORD, max=500, message=_("At least 10 letters, digits or spaces."))]
    )


@blueprint.get("/<token>")
@open_to_all
def page(token: str) -> str:
    invitation = read_invitation(db(), token, now())
    return _ask(invitation, _form(invitation))


def _form(invitation: Invitation) -> PasswordForm | OwnerForm:
    return PasswordForm(request.form) if invitation.person is not None else OwnerForm(request.form)


def _ask(invitation: Invitation, form: Form) -> str:
    return render_template("people/invitation.html", invitation=invitation, form=form)


@blueprint.post("/<token>")
@open_to_all
def use(token: str) -> Response | tuple[str, int]:
    invitation = read_invitation(db(), token, now())
    form = _form(invitation)
    if not form.validate():
        return _ask(invitation, form), 422
    given = form.data
    act_by_link(invitation.person.name if invitation.person is not None else given["name"])
    try:
        with house().database.write(durable=True) as writing:
            person = accept(writing, token, given.get("name", ""), given.get("email", ""), given["password"], now())
    except PersonError:
        form.form_errors.append(say("This address is taken already. Log in, or ask for another link."))
        return _ask(invitation, form), 422
    if person.totp_secret:
        # The link takes the place of the password, not of the second factor.
        return redirect(url_for("login.page"), code=303)
    log_in(person)
    return redirect(url_for("dashboard.overview_page"), code=303)


@blueprint.errorhandler(TokenError)
def spent(_error: TokenError) -> tuple[str, int]:
    return render_template(
        "error.html",
        title=say("This link has done its work, or is too old."),
        advice=say("An invitation works once, for a week. Ask an admin of your team for another."),
        status=410,
    ), 410
