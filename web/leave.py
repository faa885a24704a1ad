"""The public unsubscribe page: one button, then why; fewer instead; back again. No cookie, no script, no tracker."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from monitor.errors import TokenError
from monitor.leaving import (
    LONGEST_COMMENT,
    Link,
    find_leaving,
    give_reason,
    give_words,
    is_long_ago,
    leave,
    read_link,
    stay,
)
from monitor.mailers import must_confirm
from monitor.models import Brand, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import Door, ReasonCode, Stayed
from web.language import LANGUAGES
from web.scope import db, house, now, settings

blueprint = Blueprint("leave", __name__, url_prefix="/u")

# In the words of those who leave, in the order of how often each is meant.
REASONS: Mapping[str, LazyString] = {
    ReasonCode.TOO_MANY: _("Too many e-mails"),
    ReasonCode.NOT_RELEVANT: _("It is not relevant to me"),
    ReasonCode.NO_LONGER_CUSTOMER: _("I am no longer a customer"),
    ReasonCode.BAD_EXPERIENCE: _("I had a bad experience"),
    ReasonCode.PRICE: _("It is too expensive"),
    ReasonCode.NEVER_SIGNED_UP: _("I never signed up"),
    ReasonCode.SPAM: _("It looks like spam"),
    ReasonCode.PRIVACY: _("I worry about my privacy"),
    ReasonCode.ADDRESS_CHANGE: _("I have a new address"),
    ReasonCode.DISPLAY: _("The e-mails do not display well"),
    ReasonCode.OTHER: _("Something else"),
}
FEWER: Mapping[str, LazyString] = {
    "weekly": _("One e-mail a week instead"),
    "monthly": _("One e-mail a month instead"),
}
FEWER_DONE: Mapping[str, LazyString] = {
    "weekly": _("We have noted it: one e-mail a week."),
    "monthly": _("We have noted it: one e-mail a month."),
}
_ONE_CLICK = ("List-Unsubscribe", "One-Click")


@dataclass(frozen=True, slots=True)
class Visit:
    """One link, opened; ``must_confirm`` when the sender asks by mail before it puts the person back.

    ``is_long_ago``: the reader may have come back since, and wants to leave anew.
    """

    token: str
    link: Link
    brand: Brand
    event: UnsubscribeEvent | None
    must_confirm: bool = False
    is_long_ago: bool = False


def init_app(app: Flask) -> None:
    app.extensions["didban_seal"] = Seal(app.extensions["didban"].settings.key())


def _seal() -> Seal:
    seal: Seal = current_app.extensions["didban_seal"]
    return seal


def _language() -> str:
    """As the link on the page says, else the sender's; nothing is remembered."""
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else settings().language


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Where the reader stands; changes nothing, whoever opens it."""
    link, brand = read_link(db(), _seal(), token)
    event = find_leaving(db(), _seal(), link)
    if event is None:
        return _page(Visit(token, link, brand, None))
    return _page(Visit(token, link, brand, event, must_confirm(db(), event.id), is_long_ago(event, now())))


@blueprint.post("/<token>")
def remove(token: str) -> AnyResponse:
    """Take the person off: at once for a mail program (RFC 8058), with the page to follow for a reader."""
    at_once = request.form.get(_ONE_CLICK[0]) == _ONE_CLICK[1]
    with house().database.write(durable=True) as session:
        link, _brand = read_link(session, _seal(), token)
        leave(session, _seal(), link, Door.ONE_CLICK if at_once else Door.PAGE, now())
    if at_once:
        return Response("unsubscribed\n", mimetype="text/plain")
    return _back(token)


@blueprint.post("/<token>/<step>")
def answer(token: str, step: str) -> AnyResponse:
    """What may follow the removal: the reason, the words, fewer instead, all taken back."""
    with house().database.write(durable=True) as session:
        link, _brand = read_link(session, _seal(), token)
        event = find_leaving(session, _seal(), link)
        if event is not None:
            _take(session, link, event, step)
    return _back(token)


def _take(session: Session, link: Link, event: UnsubscribeEvent, step: str) -> None:
    chosen = request.form.get("reason", "")
    if step == "reason" and chosen in set(ReasonCode):
        give_reason(event, ReasonCode(chosen), now())
    elif step == "words" and request.form.get("comment", "").strip():
        give_words(event, request.form["comment"], now())
    elif step == "undo":
        stay(session, _seal(), link, event, Stayed.UNDONE, now())
    elif step == "fewer" and settings().fewer_mails:
        stay(session, _seal(), link, event, Stayed.FEWER, now())


@blueprint.get("/look.css")
def look() -> Response:
    """The sender's colour, and black or white on it, whichever reads better."""
    colour = settings().page_colour
    ink = "#fff" if _contrast_with_white(colour) >= 4.5 else "#000"
    return Response(f":root {{ --brand: {colour}; --on-brand: {ink}; }}\n", mimetype="text/css")


def _contrast_with_white(colour: str) -> float:
    """As WCAG counts it, 1 to 21; black on a colour reads when white does not."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@blueprint.errorhandler(TokenError)
def not_ours(_error: TokenError) -> tuple[Response, int]:
    return _page(None), 404


def _back(token: str) -> AnyResponse:
    return redirect(url_for("leave.show", token=token, language=request.args.get("language")), code=303)


def _page(visit: Visit | None) -> Response:
    language = _language()
    other = next(code for code in LANGUAGES if code != language)
    with force_locale(language):
        text = render_template(
            "leave/page.html",
            visit=visit,
            event=visit.event if visit else None,
            name=settings().page_name or (visit.brand.name if visit else ""),
            reasons=REASONS,
            fewer=FEWER.get(settings().fewer_mails),
            fewer_done=FEWER_DONE.get(settings().fewer_mails),
            longest=LONGEST_COMMENT,
            language=language,
            asked=request.args.get("language"),
            direction="rtl" if language == "fa" else "ltr",
            other_language=other,
            other_language_name=LANGUAGES[other],
        )
    answer = Response(text)
    answer.headers["Content-Language"] = language
    # The address is the key to this page: it goes nowhere else, and no search engine keeps it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
