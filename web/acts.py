"""The links of messages: a page that shows the case or says what will happen, and a button that does it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from monitor.cases import case_of
from monitor.errors import TokenError
from monitor.links import is_used, link_to, read_link, use_link
from monitor.mentions import get_mention
from monitor.sealing import Seal
from monitor.types import Act
from web.access import act_by_link, is_inside
from web.scope import db, house, now, settings

blueprint = Blueprint("acts", __name__, url_prefix="/act")


@blueprint.get("/<token>")
def confirm(token: str) -> str | tuple[str, int]:
    """Changes nothing: mail servers fetch links before people do."""
    seal = _seal()
    try:
        link = read_link(seal, token, now())
    except TokenError:
        return _spent()
    mention = get_mention(db(), link.mention_id)
    if is_used(db(), seal, token):
        return _spent()
    return render_template(
        "act.html",
        link=link,
        mention=mention,
        case=case_of(db(), mention),
        handled=url_for("acts.do", token=link_to(seal, token, Act.HANDLED)),
    )


@blueprint.post("/<token>")
def do(token: str) -> Response | tuple[str, int]:
    act_by_link()
    try:
        act = read_link(_seal(), token, now()).act
        with house().database.write() as writing:
            mention = use_link(writing, _seal(), token, now())
            case = case_of(writing, mention)
    except TokenError:
        return _spent()
    if not is_inside():
        # Whoever has only the message is not asked to log in for what it lets them do.
        if act == Act.OPEN:
            return redirect(url_for("acts.confirm", token=token), code=303)
        return render_template("act_done.html", act=act), 200
    if act != Act.OPEN:
        flash(_("Noted: not negative.") if act == Act.NOT_NEGATIVE else _("Noted: handled."), "done")
    if case is None:
        return redirect(url_for("dashboard.overview_page", brand=mention.brand_id), code=303)
    return redirect(url_for("cases.one", case_id=case.id), code=303)


def _seal() -> Seal:
    return Seal(settings().key())


def _spent() -> tuple[str, int]:
    return render_template(
        "error.html",
        title=_("This link has done its work, or is too old."),
        advice=_("Each link of a message works once, for two weeks. The case itself is among the cases."),
        status=410,
    ), 410
