"""What the team does about negative stories: the board, one case, the drafts it answers with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from monitor.audit import AuditFilter, find_entries
from monitor.case_board import (
    WAITING,
    count_states,
    find_board,
    find_due,
    read_standing,
    settle_story,
    standing_of,
    take_back,
)
from monitor.cases import OPEN, CaseChange, add_note, answer_figures, edit_case, get_case, is_late, move_case
from monitor.errors import CaseError
from monitor.models import Case
from monitor.overview import PERIOD, count_tellings
from monitor.replies import draft, find_templates, remove_template, save_template
from monitor.types import CaseState, Cause, Step
from web import words
from web.audit import changes_of
from web.errors import back, beside_field
from web.forms import ReplyForm
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
    return _show(case_id)


def _show(case_id: int, typed: Mapping[str, str] | None = None, clashes: Collection[str] = ()) -> str:
    """The page of a case, with what was ``typed`` into its form and is not kept, for ``clashes``."""
    case = get_case(db(), case_id)
    language = case.mention.language if case.mention.language in LANGUAGES else ""
    copies = count_tellings(db(), case.brand_id, [case.story])
    held = _work_of(case)
    return render_template(
        "cases/case.html",
        case=case,
        held=held,
        work=held | dict(typed or {}),
        clashes=clashes,
        tellings=copies.get(case.story, 1),
        drafts=[(template.name, draft(template, case)) for template in find_templates(db(), language or None)],
        history=find_entries(db(), AuditFilter(kind=Case.__tablename__, thing=str(case_id)), limit=HISTORY_SHOWN)[0],
        changes_of=changes_of,
        states=list(CaseState),
        causes=list(Cause),
        steps=list(Step),
        due_in=[timedelta(hours=hours) for hours in DUE_IN],
    )


def _work_of(case: Case) -> dict[str, str]:
    """What its form shows of a case, in the words in which the form carries it along."""
    return {
        "owner": case.owner,
        "due_at": case.due_at.isoformat(),
        "cause": case.cause,
        "offered": case.offered,
        "steps": " ".join(case.steps),
    }


@blueprint.post("/<int:case_id>/state")
def move(case_id: int) -> Response:
    """To another state; the line above the next page takes it back."""
    state = request.form.get("state", "")
    if state not in set(CaseState):
        abort(400)
    with house().database.write() as writing:
        case = get_case(writing, case_id)
        before = standing_of(case)
        move_case(writing, case, CaseState(state), now())
    session["undo"] = {"case": case_id, "state": before.state, "at": before.moments}
    flash(say("Noted: %(state)s.", state=words.word(words.CASE_STATES, state)), "done")
    return back()


@blueprint.post("/<int:case_id>/take-back")
def undo(case_id: int) -> Response:
    try:
        before = read_standing(request.form.get("state", ""), request.form.get("at", ""))
    except ValueError:
        abort(400)
    with house().database.write() as writing:
        take_back(writing, case_id, before)
    return back()


@blueprint.post("/of/<int:mention_id>/handled")
def handled(mention_id: int) -> Response:
    """A story is settled without opening its case."""
    with house().database.write() as writing:
        case, before = settle_story(writing, mention_id, settings().uncertain_below, now())
    session["undo"] = {"case": case.id, "state": before.state, "at": before.moments}
    flash(say("Noted: handled."), "done")
    return back()


@blueprint.post("/<int:case_id>")
def edit(case_id: int) -> Response | tuple[str, int]:
    """Change what was changed in the form; where somebody else has changed the same since, nothing, and both stand."""
    form = request.form
    with house().database.write() as writing:
        case = get_case(writing, case_id)
        held = _work_of(case)
        shown = {name: _plain(form.get(f"was_{name}", value)) for name, value in held.items()}
        typed = {name: value for name, value in _typed(form).items() if value != shown[name]}
        if "steps" in typed:
            # Each step is ticked by itself.
            typed["steps"] = _merged(held["steps"], shown["steps"], typed["steps"])
        clashes = {name for name in typed.keys() - {"steps"} if _plain(held[name]) not in (shown[name], typed[name])}
        if not clashes:
            edit_case(case, _change(typed))
    if clashes:
        flash(say("Nothing is saved yet: somebody has changed the same meanwhile."), "error")
        return _show(case_id, {**typed, "due_in": form.get("due_in", "")}, clashes), 409
    flash(say("Saved."), "done")
    return back()


def _plain(text: str) -> str:
    """As it is kept: a browser sends other ends of lines than it was given."""
    return text.replace("\r\n", "\n").strip()


def _typed(form: MultiDict[str, str]) -> dict[str, str]:
    """What stands in the form, as in :func:`_work_of`, without what says nothing."""
    typed = {name: _plain(form[name]) for name in ("owner", "offered") if name in form}
    if (hours := form.get("due_in", type=int)) in DUE_IN and hours is not None:
        typed["due_at"] = (now() + timedelta(hours=hours)).isoformat()
    if form.get("cause", "") in set(Cause):
        typed["cause"] = form["cause"]
    return typed | {"steps": " ".join(step for step in Step if step in form.getlist("step"))}


def _merged(held: str, shown: str, typed: str) -> str:
    """The steps that are ``held``, with those that were ticked and without those that were unticked."""
    before, after = set(shown.split()), set(typed.split())
    steps = (set(held.split()) | (after - before)) - (before - after)
    return " ".join(step for step in Step if step in steps)


def _change(typed: Mapping[str, str]) -> CaseChange:
    return CaseChange(
        owner=typed.get("owner"),
        due_at=datetime.fromisoformat(typed["due_at"]) if "due_at" in typed else None,
        cause=Cause(typed["cause"]) if "cause" in typed else None,
        offered=typed.get("offered"),
        steps=frozenset(map(Step, typed["steps"].split())) if "steps" in typed else None,
    )


@blueprint.post("/<int:case_id>/notes")
def note(case_id: int) -> Response:
    with house().database.write() as writing:
        add_note(writing, get_case(writing, case_id), request.form.get("text", ""), now())
    return back("#notes")


@blueprint.get("/replies")
def replies() -> str:
    the_brand()
    return _show_replies()


def _show_replies(typed: ReplyForm | None = None, template_id: int | None = None) -> str:
    """Every draft, and under 0 a new one; with what was ``typed`` into one of them."""
    templates = find_templates(db())
    forms = {0: ReplyForm(), **{template.id: ReplyForm(obj=template) for template in templates}}
    if typed is not None:
        # Somebody may have removed it meanwhile: what was typed is a new one then.
        forms[template_id if template_id in forms else 0] = typed
    return render_template("cases/replies.html", templates=templates, forms=forms, languages=LANGUAGES)


@blueprint.post("/replies")
def keep_reply() -> Response | tuple[str, int]:
    """A new draft, or one that is changed."""
    form, template_id = ReplyForm(request.form), request.form.get("template_id", type=row_id)
    if form.language.data not in LANGUAGES:
        abort(400)
    if not form.validate():
        return _show_replies(form, template_id), 422
    try:
        with house().database.write() as writing:
            save_template(writing, form.language.data, form.name.data or "", form.text.data or "", template_id)
    except CaseError as e:
        form.name.errors = beside_field(e)
        return _show_replies(form, template_id), 422
    flash(say("Saved."), "done")
    return redirect(url_for("cases.replies"), code=303)


@blueprint.post("/replies/<int:template_id>/remove")
def remove_reply(template_id: int) -> Response:
    with house().database.write() as writing:
        remove_template(writing, template_id)
    return redirect(url_for("cases.replies"), code=303)
