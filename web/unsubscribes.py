"""Why people leave: reasons and their rises, lists and campaigns, topics beside those of reviews, their words."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from monitor.exits import LEVEL, Group, Trend, find_words, group_trends, is_sure, reason_trends
from monitor.exports import addresses_of
from monitor.leavers import LeaverFilter, list_leavers
from monitor.overview import PERIOD, find_comments
from monitor.sendings import Rate, campaign_rates, list_rates
from monitor.shared_topics import shared_topics
from monitor.types import ReasonCode
from monitor.unsubscribes import correct_reason
from web import words
from web.access import may, seal
from web.errors import back
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("unsubscribes", __name__, url_prefix="/unsubscribes")

_GROUPS: tuple[Group, ...] = ("list_name", "campaign", "segment", "provider")
_GROUPS_SHOWN = 8
_WORDS_SHOWN = 10
_SHOWN = 50
# What the figures are counted over, and in an address whatever has no name.
PERIODS: Mapping[str, LazyString] = {"30d": _("the last 30 days"), "before": _("the 30 days before")}
NO_NAME = "-"


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


@blueprint.app_template_global()
def leavings_address(period: str = "30d", **narrowed: str) -> str:
    """Where those who left are listed one by one, narrowed by a reason, a list, a campaign …, or by having none."""
    values: dict[str, Any] = {name: value or NO_NAME for name, value in narrowed.items()}
    return url_for("unsubscribes.leavings", period=period, **values)


@blueprint.get("/leavings")
def leavings() -> str:
    """The rows behind one figure: who left in 30 days, or in the 30 before."""
    brand, period = the_brand(), request.args.get("period", "30d")
    if period not in PERIODS:
        abort(404)
    asked = {field.name: request.args.get(field.name) or None for field in fields(LeaverFilter)}
    wanted = LeaverFilter(**{name: "" if value == NO_NAME else value for name, value in asked.items()})
    until = now() - PERIOD if period == "before" else now()
    listing = list_leavers(brand.id, wanted, until - PERIOD, until)
    events, following = listing.page(db(), cursor_from_request(), _SHOWN)
    return render_template(
        "unsubscribes/leavings.html",
        wanted=wanted,
        period=PERIODS[period],
        count=listing.count(db()),
        events=events,
        # Whose page may not name people shows them by what they said alone.
        addresses=addresses_of(db(), seal(), events) if may("unsubscribes.correct") else {},
        following=cursor_text(following),
        codes=list(ReasonCode),
        is_sure=lambda event: is_sure(event, settings().uncertain_below),
    )


@blueprint.post("/<int:event_id>/reason")
def correct(event_id: int) -> Response:
    """What a person says the reason is."""
    reason = request.form.get("reason", "")
    if reason not in set(ReasonCode):
        abort(400)
    with house().database.write() as writing:
        if not correct_reason(writing, event_id, ReasonCode(reason), now()):
            abort(404)
    flash(say("Noted: %(state)s.", state=words.word(words.REASONS, reason)), "done")
    return back()
