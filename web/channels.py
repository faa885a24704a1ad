"""Where alerts go, for admins: a new channel. Its address is sealed at once and shown nowhere again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, PasswordField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from monitor.channels import add_channel, find_channels
from monitor.errors import DeliveryError, RuleError
from monitor.quiet import read_quiet_hours
from monitor.types import Role
from web.access import needs, seal
from web.forms import TOO_LONG, plain_digits, strip
from web.language import LANGUAGES, language
from web.scope import db, house, now
from web.troubles import in_words

blueprint = Blueprint("channels", __name__, url_prefix="/alerts/channels")


class ChannelForm(Form):
    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write a name by which you know it.")), Length(max=100, message=TOO_LONG)],
    )
    address = PasswordField(
        filters=[strip],
        validators=[DataRequired(_("Write where the messages go.")), Length(max=2000, message=TOO_LONG)],
    )
    language = StringField(validators=[AnyOf(list(LANGUAGES))])
    quiet_hours = StringField(filters=[strip, plain_digits])

    def validate_name(self, field: Any) -> None:
        if field.data in {channel.name for channel in find_channels(db())}:
            raise ValidationError(say("A channel has this name already."))

    def validate_quiet_hours(self, field: Any) -> None:
        try:
            read_quiet_hours(field.data or "")
        except RuleError as e:
            raise ValidationError(say("Write quiet hours like 22:00-07:30.")) from e


@blueprint.get("/new")
@needs(Role.ADMIN)
def ask() -> str:
    return _show(ChannelForm(language=language()))


def _show(form: ChannelForm) -> str:
    return render_template("channel.html", form=form, languages=LANGUAGES)


@blueprint.post("/new")
@needs(Role.ADMIN)
def add() -> Response | tuple[str, int]:
    form = ChannelForm(request.form)
    if not form.validate():
        return _show(form), 422
    given = form.data
    try:
        with house().database.write() as writing:
            add_channel(
                writing,
                seal(),
                given["name"],
                given["address"],
                given["language"],
                now(),
                quiet_hours=given["quiet_hours"] or "",
            )
    except DeliveryError as e:
        form.address.errors = [say("Nothing can be sent to this address."), in_words(e)]
        return _show(form), 422
    flash(say("The channel is there. Send it a test message to see whether it works."), "done")
    return redirect(url_for("alerts.listing", _anchor="channels"), code=303)
