"""What was told, to whom, and whether it arrived; and the channels it goes to."""

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from monitor.channels import edit_channel, find_channels, get_channel
from monitor.headings import heading
from monitor.messages import render_test
from monitor.models import Alert
from monitor.overview import find_alerts
from monitor.rules import find_rules
from monitor.sealing import Seal
from monitor.senders import ChannelSender
from monitor.types import NoticeKind, Role, RuleKind
from monitor.wording import words as message_words
from web.access import needs
from web.errors import back
from web.language import language
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")


@blueprint.get("")
def listing() -> str:
    brand = the_brand()
    alerts, following = find_alerts(db(), brand.id, cursor_from_request())
    return render_template(
        "alerts.html",
        alerts=alerts,
        following=cursor_text(following),
        subject=_subject,
        rules=find_rules(db(), brand.id),
        kinds=list(RuleKind),
        channels=find_channels(db()),
    )


def _subject(alert: Alert) -> str:
    """What its message says first, in the reader's language."""
    if alert.kind == NoticeKind.DIGEST:
        return str(_("Digest"))
    kind = NoticeKind(alert.kind) if alert.kind in set(NoticeKind) else RuleKind(alert.kind)
    return heading(message_words(language()), kind, alert.brand.name, alert.facts)[0]


@blueprint.post("/channels/test")
@needs(Role.ADMIN)
def test_channel() -> Response:
    """Send one short message, while the reader waits for the answer."""
    channel = get_channel(db(), request.form.get("channel", ""))
    address = Seal(settings().key()).open(channel.address)
    ChannelSender().send(address, render_test(channel.language))
    flash(_("%(channel)s accepted the message.", channel=channel.name), "done")
    return back("#channels")


@blueprint.post("/channels/switch")
@needs(Role.ADMIN)
def switch_channel() -> Response:
    """On or off; what waits is kept."""
    with house().database.write() as writing:
        channel = get_channel(writing, request.form.get("channel", ""))
        edit_channel(writing, channel, now(), enabled="on" in request.form)
    return back("#channels")
