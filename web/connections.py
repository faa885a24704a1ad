"""How leavings come in, how the sender hears of ours, and how many mails went out."""

from collections.abc import Mapping
from datetime import date, datetime, time

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import Field, Form, PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from monitor.errors import HookError, MailerError, SourceError
from monitor.hooks import add_hook, address_of_hook, find_hooks, remove_hook
from monitor.mailers import (
    add_mailer,
    count_calls,
    edit_mailer,
    find_mailers,
    last_errors,
    remove_mailer,
    retry_failed,
)
from monitor.moments import read_day
from monitor.providers import get_provider, provider_names
from monitor.recognise import web_address
from monitor.sendings import MOST_MAILS, find_sendings, record_sendings, remove_sending
from monitor.services import Place, service_names
from monitor.services.mailchimp import address_of
from monitor.sources import add_source, find_sources, remove_source
from monitor.types import PULL_SPIDERS, Role, SendingBasis, SendingData
from web.access import may, needs, seal
from web.errors import back, beside_field, sentence_for
from web.forms import EMPTY, TOO_LONG, NumberField, filled, strip
from web.narrowing import typed_day
from web.scope import db, house, now, settings, the_brand
from web.sources import said_of_removal
from web.troubles import in_words

blueprint = Blueprint("connections", __name__, url_prefix="/unsubscribes/connections")

# What the owner does at each service to have our address called.
HOOK_STEPS: Mapping[str, LazyString] = {
    "activecampaign": _("Settings, Developer, Manage webhooks: add one for “Unsubscribe”. The reason comes with it."),
    "brevo": _("Settings, Webhooks, marketing: add the address and choose “Unsubscribed” and “Marked as spam”."),
    "generic": _("Your own sender posts JSON there; the manual has its shape. A key of yours may sign it."),
    "klaviyo": _("Integrations, Webhooks: add one for “Unsubscribed from email marketing”; its secret is the key."),
    "mailchimp": _(
        "Audience, Settings, Webhooks: add the address and choose “Unsubscribes”. The pull brings the reason."
    ),
    "mailgun": _("Sending, Webhooks: “Unsubscribes” and “Spam complaints”. The HTTP webhook signing key is needed."),
    "mautic": _("Settings, Webhooks: choose “Contact channel subscription change” and “Form submit”."),
    "postmark": _("The message stream, Webhooks: choose “Subscription change”."),
    "sendgrid": _("Settings, Mail settings, Event webhook: “Unsubscribed”, “Group unsubscribes”, “Spam reports”."),
    "ses": _("A topic of SNS with this address over HTTPS; Amazon then asks to confirm it, and the link stands here."),
}


class HookForm(Form):
    """A service that is to call us; whether it signs, :mod:`monitor.providers` knows."""

    provider = StringField()
    key = PasswordField(filters=[strip])


class MailchimpForm(Form):
    """Whose leavings are asked for at Mailchimp; the address is in the key."""

    kind = "mailchimp"
    key = PasswordField(filters=[strip], validators=[DataRequired(EMPTY)])

    def validate_key(self, field: Field) -> None:
        try:
            address_of(field.data or "")
        except MailerError as e:
            raise ValidationError(in_words(e)) from e

    def source(self) -> tuple[str, dict[str, str]]:
        """The address, and what its spider is told."""
        key = self.key.data or ""
        return f"{address_of(key)}/", {"api_key": key}


class ListmonkForm(Form):
    """Whose leavings are asked for at a listmonk of one's own."""

    kind = "listmonk"
    url = StringField(filters=[strip], validators=[Length(max=2000, message=TOO_LONG)])
    user = StringField(filters=[strip], validators=[DataRequired(EMPTY)])
    key = PasswordField(filters=[strip], validators=[DataRequired(EMPTY)])

    def validate_url(self, field: Field) -> None:
        try:
            web_address(field.data or "")
        except SourceError as e:
            raise ValidationError(sentence_for(e)) from e

    def source(self) -> tuple[str, dict[str, str]]:
        """The address, and what its spider is told."""
        return web_address(self.url.data or ""), {"user": self.user.data or "", "api_token": self.key.data or ""}


PULL_FORMS: Mapping[str, type[MailchimpForm | ListmonkForm]] = {
    form.kind: form for form in (MailchimpForm, ListmonkForm)
}


class MailerForm(Form):
    """A service that is to be told; what each of them needs, :mod:`monitor.services` knows."""

    kind = StringField()
    list_name = StringField()
    remote_list = StringField()
    url = StringField()
    key = PasswordField()

    def place(self) -> Place:
        return Place(self.url.data or "", self.remote_list.data or "", self.key.data or "")


class SendingForm(Form):
    """How many mails one campaign was."""

    campaign = StringField(filters=[strip], validators=[Length(max=200, message=TOO_LONG)])
    list_name = StringField(filters=[strip], validators=[Length(max=200, message=TOO_LONG)])
    day = StringField(filters=[strip])
    count = NumberField(least=1, most=MOST_MAILS, is_whole=True, validators=[filled])

    def validate_campaign(self, field: Field) -> None:
        if not field.data and not self.list_name.data:
            raise ValidationError(say("Give a campaign or a list."))

    def validate_day(self, field: Field) -> None:
        day = read_day(field.data or "")
        if day is None:
            raise ValidationError(say("Not a date: write it like %(example)s.", example=typed_day("2026-10-23")))
        if day > _today():
            raise ValidationError(say("This day has not come yet."))

    def sending(self) -> SendingData:
        """As it is kept; of the day the noon, which has not come yet where it is today's."""
        sent_at = datetime.combine(read_day(self.day.data or "") or _today(), time(12), settings().zone)
        return SendingData(
            int(self.count.data or 0),
            min(sent_at, now()),
            campaign=self.campaign.data or "",
            list_name=self.list_name.data or "",
            basis=SendingBasis.PERSON,
        )


# The forms of the page, by the names that it knows them by.
_FORMS: Mapping[str, type[Form]] = {
    "hook_form": HookForm,
    "mailchimp_form": MailchimpForm,
    "listmonk_form": ListmonkForm,
    "mailer_form": MailerForm,
    "sending_form": SendingForm,
}


def _today() -> date:
    return now().astimezone(settings().zone).date()


@blueprint.get("")
@needs(Role.ADMIN)
def listing() -> str:
    return _show()


def _show(*forms: Form) -> str:
    """The page, with those of its ``forms`` that were filled in and refused."""
    brand, given = the_brand(), {type(form): form for form in forms}
    return render_template(
        "unsubscribes/connections.html",
        hooks=[
            (hook, address_of_hook(hook, seal(), settings().public_url or request.host_url))
            for hook in find_hooks(db())
            if hook.brand_id == brand.id
        ],
        providers=[(name, get_provider(name)) for name in provider_names()],
        steps=HOOK_STEPS,
        pulls=[source for source in find_sources(db(), brand.id) if source.spider in PULL_SPIDERS],
        mailers=find_mailers(db(), brand.id),
        counts=count_calls(db(), brand.id),
        errors=last_errors(db(), brand.id),
        services=service_names(),
        sendings=find_sendings(db(), brand.id),
        today=_today().isoformat(),
        typed_day=typed_day,
        **{name: given.get(kind) or kind() for name, kind in _FORMS.items()},
    )


@blueprint.post("/hooks")
@needs(Role.ADMIN)
def hook() -> Response | tuple[str, int]:
    """A new address for one service."""
    brand, form = the_brand(), HookForm(request.form)
    try:
        with house().database.write() as writing:
            add_hook(writing, seal(), brand.id, form.provider.data or "", form.key.data or "", now())
    except HookError as e:
        form.key.errors = beside_field(e)
        return _show(form), 422
    flash(say("Created. Put the address into the service’s settings."), "done")
    return back("#hooks")


@blueprint.post("/hooks/<int:hook_id>/remove")
@needs(Role.ADMIN)
def unhook(hook_id: int) -> Response:
    with house().database.write() as writing:
        remove_hook(writing, seal(), hook_id, now())
    return back("#hooks")


@blueprint.post("/pulls")
@needs(Role.ADMIN)
def pull() -> Response | tuple[str, int]:
    """Ask a service for who left, from now on."""
    brand, kind = the_brand(), request.form.get("kind", "")
    if kind not in PULL_FORMS:
        abort(400)
    form = PULL_FORMS[kind](request.form)
    if not form.validate():
        return _show(form), 422
    url, options = form.source()
    try:
        with house().database.write() as writing:
            add_source(
                writing,
                kind,
                url,
                now(),
                interval=settings().collect_interval,
                brand_id=brand.id,
                options=options,
                matches_text=False,
                seal=seal(),
            )
    except SourceError as e:
        form.key.errors = beside_field(e)
        return _show(form), 422
    flash(say("Saved. The first visit begins in a moment."), "done")
    return back("#pulls")


@blueprint.post("/pulls/<int:source_id>/remove")
@needs(Role.ADMIN)
def unpull(source_id: int) -> Response:
    with house().database.write() as writing:
        silenced = remove_source(writing, source_id)
    flash(said_of_removal(silenced), "done")
    return back("#pulls")


@blueprint.post("/mailers")
@needs(Role.ADMIN)
def mailer() -> Response | tuple[str, int]:
    """Tell a service of what our own page does, from now on."""
    brand, form = the_brand(), MailerForm(request.form)
    kind, list_name = form.kind.data or "", form.list_name.data or ""
    try:
        with house().database.write() as writing:
            add_mailer(writing, seal(), brand.id, kind, form.place(), now(), list_name=list_name)
    except MailerError as e:
        form.kind.errors = beside_field(e)
        return _show(form), 422
    flash(say("Saved. From now on it hears of everyone who leaves."), "done")
    return back("#mailers")


@blueprint.post("/mailers/<int:mailer_id>/<act>")
@needs(Role.ADMIN)
def change(mailer_id: int, act: str) -> Response:
    """Switch it, try again what was given up, or forget it."""
    with house().database.write() as writing:
        if act == "retry":
            retry_failed(writing, seal(), mailer_id, now())
        elif act == "remove":
            remove_mailer(writing, mailer_id)
        elif act in ("on", "off"):
            edit_mailer(writing, seal(), mailer_id, enabled=act == "on")
        else:
            abort(404)
    return back("#mailers")


@blueprint.post("/sendings")
@needs(Role.ANALYST)
def sending() -> Response | tuple[str, int]:
    """How many mails one campaign was, typed by hand."""
    brand, form = the_brand(), SendingForm(request.form)
    if not form.validate():
        # The page that the form stands on shows the addresses of hooks too, which are for admins alone.
        if not may("connections.listing", "GET"):
            abort(403)
        return _show(form), 422
    with house().database.write() as writing:
        record_sendings(writing, brand.id, [form.sending()])
    flash(say("Saved."), "done")
    return back("#sendings")


@blueprint.post("/sendings/<int:sending_id>/remove")
@needs(Role.ANALYST)
def unsend(sending_id: int) -> Response:
    with house().database.write() as writing:
        remove_sending(writing, the_brand().id, sending_id)
    return back("#sendings")
