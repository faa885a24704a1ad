"""Whom to call: the work list of people who left, what was agreed about each, and how it ended. Nobody is mailed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, render_template, request, session
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from monitor.followups import (
    WorkItem,
    assign,
    close,
    count_greetings,
    count_work,
    draft_of,
    find_greetings,
    find_work,
    record_contact,
    reopen,
)
from monitor.moments import in_our_time
from monitor.types import FollowUpOutcome
from web import words
from web.errors import back
from web.language import LANGUAGES, language
from web.scope import db, house, now, the_brand

blueprint = Blueprint("followups", __name__, url_prefix="/followups")

# The lists, by why people are on them; the first that is not empty opens.
VIEWS: Mapping[str, LazyString] = {
    "grave": _("Grave reasons"),
    "blank": _("No reason"),
    "fewer": _("Fewer e-mails"),
    "greet": _("To greet again"),
}
# Whoever was reached in one of these ways is not contacted a second time.
CONTACTED = (FollowUpOutcome.ANSWERED, FollowUpOutcome.NO_ANSWER, FollowUpOutcome.CAME_BACK)
DUE_IN = tuple(timedelta(days=days) for days in (1, 3, 7))
_SHOWN = 25


@blueprint.get("")
def listing() -> str:
    brand = the_brand()
    greetings = count_greetings(db(), brand.id, now())
    counts = {**dict.fromkeys(VIEWS, 0), **count_work(db(), brand.id, now()), "greet": greetings.due}
    view = request.args.get("view") or next((code for code in VIEWS if counts[code]), "grave")
    if view not in VIEWS:
        abort(404)
    if view == "greet":
        found = find_greetings(db(), brand.id, now(), most=min(greetings.due, _SHOWN))
        items = [WorkItem(greeting.event, "greet", "", greeting.ends_at) for greeting in found]
    else:
        items = find_work(db(), brand.id, view, now(), most=_SHOWN)
    return render_template(
        "followups.html",
        brand=brand,
        items=items,
        behind=counts[view] - len(items),
        greetings=greetings,
        view=view,
        views=[(code, name, counts[code]) for code, name in VIEWS.items()],
        drafts=[
            (tongue, draft)
            for tongue in sorted(LANGUAGES, key=lambda tongue: tongue != language())
            if (draft := draft_of(view, tongue, brand.name))
        ],
        tongues=LANGUAGES,
        due_dates=[now() + span for span in DUE_IN],
        now=now(),
        contacted=CONTACTED,
    )


@blueprint.post("/<int:event_id>/owner")
def give(event_id: int) -> Response:
    """To somebody of the team, until a day."""
    try:
        due_at = datetime.fromisoformat(request.form.get("due_at", ""))
        if due_at.tzinfo is None:
            abort(400)
        due_at = in_our_time(due_at)
    except ValueError:
        abort(400)
    with house().database.write() as writing:
        assign(writing, event_id, request.form.get("owner", ""), due_at, now())
    flash(say("Saved."), "done")
    return back()


@blueprint.post("/<int:event_id>/outcome")
def end(event_id: int) -> Response:
    """How it ended, with the one contact or without."""
    chosen = request.form.get("outcome", "")
    if chosen not in set(FollowUpOutcome):
        abort(400)
    outcome = FollowUpOutcome(chosen)
    with house().database.write() as writing:
        if outcome in CONTACTED:
            record_contact(writing, event_id, now())
        close(writing, event_id, outcome, request.form.get("note", ""), now())
        # "Never contact" holds for ever: it is the one that cannot be taken back.
        session["undo"] = {"follow_up": event_id} if outcome is not FollowUpOutcome.DO_NOT_CONTACT else None
    flash(say("Noted: %(state)s.", state=words.word(words.OUTCOMES, outcome)), "done")
    return back()


@blueprint.post("/<int:event_id>/take-back")
def undo(event_id: int) -> Response:
    """The follow-up waits again, as if nothing had been noted."""
    with house().database.write() as writing:
        reopen(writing, event_id)
    return back()
