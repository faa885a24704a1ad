"""Why people leave: reasons and their rises, lists and campaigns, topics beside those of reviews, their words."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from monitor.exits import LEVEL, Group, Trend, find_words, group_trends, is_sure, reason_trends
from monitor.overview import PERIOD, find_comments
from monitor.sendings import Rate, campaign_rates, list_rates
from monitor.shared_topics import shared_topics
from monitor.types import ReasonCode
from monitor.unsubscribes import correct_reason
from web import words
from web.errors import back
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("unsubscribes", __name__, url_prefix="/unsubscribes")

_GROUPS: tuple[Group, ...] = ("list_name", "campaign", "segment", "provider")
_GROUPS_SHOWN = 8
_WORDS_SHOWN = 10


@blueprint.get("")
def listing() -> str:
    brand = the_brand()
    reason = request.args.get("reason", "")
    reason = reason if reason in set(ReasonCode) else ""
    groups = {
        by: group_trends(db(), brand.id, by, now(), PERIOD.days, reason or None)[:_GROUPS_SHOWN] for by in _GROUPS
    }
    comments, following = find_comments(db(), brand.id, reason, cursor_from_request())
    return render_template(
        "unsubscribes.html",
        reasons=_reasons(brand.id),
        groups=groups,
        rates=_rates(brand.id, groups) if not reason else {},
        topics=shared_topics(db(), brand.id, settings().uncertain_below, now(), PERIOD.days),
        uses=find_words(db(), brand.id, now() - PERIOD, now(), reason, _WORDS_SHOWN),
        codes=list(ReasonCode),
        level=LEVEL * 100,
        is_sure=lambda event: is_sure(event, settings().uncertain_below),
        reason=reason,
        comments=comments,
        following=cursor_text(following),
    )


def _rates(brand_id: int, groups: Mapping[Group, list[Trend]]) -> Mapping[Group, Mapping[str, Rate]]:
    """The rates of the lists and campaigns shown, where it is known how many mails went out."""
    return {
        "list_name": list_rates(db(), brand_id, now() - PERIOD, now()),
        "campaign": campaign_rates(db(), brand_id, [trend.name for trend in groups["campaign"]]),
    }


def _reasons(brand_id: int) -> list[Trend]:
    """The most frequent first; no answer is none and comes last."""
    return sorted(reason_trends(db(), brand_id, now(), PERIOD.days), key=lambda trend: not trend.name)


@blueprint.post("/<int:event_id>/reason")
def correct(event_id: int) -> Response:
    """What a person says the reason is."""
    reason = request.form.get("reason", "")
    if reason not in set(ReasonCode):
        abort(400)
    with house().database.write() as writing:
        if not correct_reason(writing, event_id, ReasonCode(reason), now()):
            abort(404)
    flash(_("Noted: %(state)s.", state=words.word(words.REASONS, reason)), "done")
    return back()
