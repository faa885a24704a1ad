"""What the team does about negative stories: the board, one case, the drafts it answers with."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from monitor.audit import AuditFilter, find_entries
from monitor.case_board import WAITING, count_states, find_board, find_due, settle_story, take_back
from monitor.cases import OPEN, CaseChange, add_note, answer_figures, edit_case, get_case, is_late, move_case
from monitor.models import Case
from monitor.overview import PERIOD, count_tellings
from monitor.replies import draft, find_templates, remove_template, save_template
from monitor.types import CaseState, Cause, Step
from web import words
from web.audit import changes_of
from web.errors import back
from web.ids import row_id
from web.language import LANGUAGES
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
blueprint.add_app_template_test(lambda case: is_late(case, now()), "late")

# The lists of the board; the first is the one to open.
VIEWS: Mapping[str, tuple[LazyString, Sequence[CaseState]]] = {
    "waiting": (_("To answer"), WAITING),
    "answered": (_("Answered"), (CaseState.ANSWERED,)),
    "resolved": (_("Resolved"), (CaseState.RESOLVED,)),
    "ignored": (_("Put aside"), (CaseState.IGNORED,)),
    "open": (_("Open"), OPEN),
}
# Those that a figure of the overview leads to: a tab each, as long as they are looked at.
DUE = "due"
_BEHIND_FIGURES = ("open", DUE)
HISTORY_SHOWN = 20
# From now on, in hours.
DUE_IN = (4, 24, 72, 168)


@blueprint.get("")
def listing() -> str:
    view = request.args.get("view", "waiting")
    if view not in VIEWS and view != DUE:
        abort(404)
    brand, after = the_brand(), cursor_from_request()
    counts = count_states(db(), brand.id)
    tabs = [(code, name, sum(counts.get(state, 0) for state in states)) for code, (name, states) in VIEWS.items()]
    if view == DUE:
        cases, following = find_due(db(), brand.id, now() - PERIOD, now(), now(), after)
        tabs.append((DUE, _("Answered or due"), answer_figures(db(), brand.id, now() - PERIOD, now(), now()).due))
    else:
        cases, following = find_board(db(), brand.id, VIEWS[view][1], after)
    return render_template(
        "cases/board.html",
        cases=cases,
        following=cursor_text(following),
        view=view,
        views=[tab for tab in tabs if tab[0] not in _BEHIND_FIGURES or tab[0] == view],
    )


@blueprint.get("/<int:case_id>")
def one(case_id: int) -> str:
    case = get_case(db(), case_id)
    language = case.mention.language if case.mention.language in LANGUAGES else ""
    copies = count_tellings(db(), case.brand_id, [case.story])
    return render_template(
        "cases/case.html",
        case=case,
        tellings=copies.get(case.story, 1),
        drafts=[(template.name, draft(template, case)) for template in find_templates(db(), language or None)],
        history=find_entries(db(), AuditFilter(kind=Case.__tablename__, thing=str(case_id)), limit=HISTORY_SHOWN)[0],
        changes_of=changes_of,
        states=list(CaseState),
        causes=list(Cause),
        steps=list(Step),
        due_in=[timedelta(hours=hours) for hours in DUE_IN],
    )


@blueprint.post("/<int:case_id>/state")
def move(case_id: int) -> Response:
    """To another state; the line above the next page takes it back."""
    state = request.form.get("state", "")
    if state not in set(CaseState):
        abort(400)
    with house().database.write() as writing:
        case = get_case(writing, case_id)
        answered_at = case.answered_at.isoformat() if case.answered_at is not None else ""
        session["undo"] = {"case": case_id, "state": case.state, "at": answered_at}
        move_case(writing, case, CaseState(state), now())
    flash(say("Noted: %(state)s.", state=words.word(words.CASE_STATES, state)), "done")
    return back()


@blueprint.post("/<int:case_id>/take-back")
def undo(case_id: int) -> Response:
    state = request.form.get("state", "")
    if state not in set(CaseState):
        abort(400)
    try:
        answered_at = datetime.fromisoformat(request.form["at"]) if request.form.get("at") else None
    except ValueError:
        abort(400)
    with house().database.write() as writing:
        take_back(writing, case_id, CaseState(state), now(), answered_at)
    return back()


@blueprint.post("/of/<int:mention_id>/handled")
def handled(mention_id: int) -> Response:
    """A story is settled without opening its case."""
    with house().database.write() as writing:
        case, before = settle_story(writing, mention_id, settings().uncertain_below, now())
        session["undo"] = {"case": case.id, "state": before}
    flash(say("Noted: handled."), "done")
    return back()


@blueprint.post("/<int:case_id>")
def edit(case_id: int) -> Response:
    form = request.form
    hours, cause = form.get("due_in", type=int), form.get("cause", "")
    change = CaseChange(
        owner=form.get("owner"),
        due_at=now() + timedelta(hours=hours) if hours in DUE_IN and hours is not None else None,
        cause=Cause(cause) if cause in set(Cause) else None,
        offered=form.get("offered"),
        steps=frozenset(Step(step) for step in form.getlist("step") if step in set(Step)),
    )
    with house().database.write() as writing:
        edit_case(get_case(writing, case_id), change)
    flash(say("Saved."), "done")
    return back()


@blueprint.post("/<int:case_id>/notes")
def note(case_id: int) -> Response:
    with house().database.write() as writing:
        add_note(writing, get_case(writing, case_id), request.form.get("text", ""), now())
    return back("#notes")


@blueprint.get("/replies")
def replies() -> str:
    the_brand()
    return render_template("cases/replies.html", templates=find_templates(db()), languages=LANGUAGES)


@blueprint.post("/replies")
def keep_reply() -> Response:
    """A new draft, or one that is changed."""
    form = request.form
    language, template_id = form.get("language", ""), form.get("template_id", type=row_id)
    if language not in LANGUAGES:
        abort(400)
    with house().database.write() as writing:
        save_template(writing, language, form.get("name", ""), form.get("text", ""), template_id)
    flash(say("Saved."), "done")
    return redirect(url_for("cases.replies"), code=303)


@blueprint.post("/replies/<int:template_id>/remove")
def remove_reply(template_id: int) -> Response:
    with house().database.write() as writing:
        remove_template(writing, template_id)
    return redirect(url_for("cases.replies"), code=303)
