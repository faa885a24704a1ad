"""Tokens of programs for admins: made, shown once, revoked."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import Field, Form, StringField
from wtforms.validators import AnyOf, DataRequired, Length

from monitor.errors import ApiTokenError
from monitor.tokens import LONGEST_NAME, add_token, find_tokens, is_good, revoke_token
from monitor.types import Role, Scope
from web.access import needs, person
from web.forms import TOO_LONG, strip
from web.scope import db, house, now, own_brands

blueprint = Blueprint("tokens", __name__, url_prefix="/settings/tokens")

# Days for which a token is good; none is without an end.
DAYS: Sequence[int] = (365, 90, 30, 0)


class ScopesField(Field):
    """Those that were ticked and exist."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [scope for scope in Scope if scope in valuelist]


class TokenForm(Form):
    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write which program it is for.")), Length(max=LONGEST_NAME, message=TOO_LONG)],
    )
    scope = ScopesField(validators=[DataRequired(_("Choose what the program may do."))], default=[Scope.READ])
    days = StringField(validators=[AnyOf([str(days) for days in DAYS])], default=str(DAYS[0]))


@blueprint.get("")
@needs(Role.ADMIN)
def listing() -> str:
    return _show(TokenForm())


def _show(form: TokenForm, secret: str = "", is_feed: bool = False) -> str:
    tokens = find_tokens(db())
    return render_template(
        "settings/tokens.html",
        form=form,
        secret=secret,
        is_feed=is_feed,
        brands=own_brands(),
        tokens=[token for token in tokens if is_good(token, now())],
        former=[token for token in tokens if not is_good(token, now())],
        scopes=list(Scope),
        days=DAYS,
    )


@blueprint.post("")
@needs(Role.ADMIN)
def add() -> str | tuple[str, int]:
    """A new token, whose secret is shown now and never again."""
    form, who = TokenForm(request.form), person()
    if not form.validate():
        return _show(form), 422
    scopes: list[Scope] = form.scope.data
    try:
        with house().database.write(durable=True) as writing:
            _token, secret = add_token(
                writing,
                form.name.data or "",
                scopes,
                now(),
                days=int(form.days.data or 0) or None,
                created_by=who.name if who else "",
            )
    except ApiTokenError:
        form.scope.errors = [say("A feed needs a token of its own: create another one for the rest.")]
        return _show(form), 422
    return _show(TokenForm(), secret, Scope.FEED in scopes)


@blueprint.post("/<int:token_id>/revoke")
@needs(Role.ADMIN)
def revoke(token_id: int) -> Response:
    try:
        with house().database.write(durable=True) as writing:
            revoke_token(writing, token_id, now())
    except ApiTokenError:
        abort(404)
    flash(say("The token no longer works."), "done")
    return redirect(url_for("tokens.listing"), code=303)
