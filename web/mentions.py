"""Every mention, narrowed and corrected; one of them with all that is known of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from monitor.case_board import Standing, read_standing, settle_story, take_back
from monitor.cases import case_of, cases_of
from monitor.label_history import find_history
from monitor.loss import is_certain
from monitor.mention_list import find_copies, find_mentions
from monitor.mentions import find_versions, get_mention, relabel
from monitor.models import Mention
from monitor.overview import count_tellings
from monitor.saved_views import find_views, remove_view, save_view
from monitor.sources import find_sources
from monitor.types import Label, Language, Topic
from monitor.withdrawing import take_back_correction
from web import narrowing, words
from web.access import person
from web.errors import back, own_path
from web.filters import number
from web.forms import chosen_label
from web.ids import row_id
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings

blueprint = Blueprint("mentions", __name__, url_prefix="/mentions")

# More never stand on one page.
MOST_AT_ONCE = 25
# In the list; the mention's own page shows more.
_COPIES = 5


@blueprint.get("")
def listing() -> str:
    brand, narrowed = narrowing.looked_at(), narrowing.read_narrowing()
    mentions, following = find_mentions(db(), brand.id, narrowed.wanted, cursor_from_request(), MOST_AT_ONCE)
    sources = find_sources(db(), brand.id)
    return render_template(
        "mentions.html",
        mentions=mentions,
        following=cursor_text(following),
        narrowed=narrowed,
        chips=narrowing.chips(narrowed, sources, brand),
        views=find_views(db()),
        copies=find_copies(db(), brand.id, mentions, _COPIES),
        tellings=count_tellings(db(), brand.id, [mention.story for mention in mentions]),
        cases=cases_of(db(), brand.id, mentions),
        options=_options(sources),
        typed_day=narrowing.typed_day,
    )


def _options(sources: Sequence[Any]) -> Mapping[str, list[tuple[str, str]]]:
    """What each field of the form offers: codes and their words."""
    return {
        "label": [(code, narrowing.label_name(code)) for code in narrowing.LABELS],
        "period": [(code, narrowing.period_name(code)) for code in narrowing.PERIODS],
        "month": narrowing.months(),
        "kind": [(code, words.word(words.KINDS, code)) for code in narrowing.KINDS],
        "language": [(code, words.word(words.LANGUAGES, code)) for code in Language],
        "topic": [(code, words.word(words.TOPICS, code)) for code in Topic],
        "source": [(str(source.id), narrowing.source_name(source)) for source in sources],
        "case": [(code, narrowing.case_name(code)) for code in narrowing.CASES],
        "score": [(code, narrowing.score_name(code)) for code in narrowing.SCORES],
    }


@blueprint.app_template_global("is_certain")
def _is_certain(mention: Mention) -> bool:
    return is_certain(mention, settings().uncertain_below)


@blueprint.get("/<int:mention_id>")
def one(mention_id: int) -> str:
    mention = get_mention(db(), mention_id)
    return render_template(
        "mention.html",
        mention=mention,
        # It may be opened while another brand is looked at: what leads on from it stays with its own.
        whose={"rival" if mention.brand.is_rival else "brand": mention.brand_id},
        case=case_of(db(), mention),
        copies=find_copies(db(), mention.brand_id, [mention])[mention.id],
        tellings=count_tellings(db(), mention.brand_id, [mention.story])[mention.story],
        history=find_history(db(), mention),
        versions=find_versions(db(), mention.id),
        below=settings().uncertain_below,
    )


@blueprint.post("/views")
def keep_view() -> Response:
    """Keep the list that is shown, under a name."""
    query = request.form.get("query", "")[:1000]
    address = f"{url_for('mentions.listing')}?{query}"
    # Our own page writes it as a part of an address, and it leads there each time it is opened.
    if not own_path(address):
        abort(400)
    with house().database.write() as writing:
        view = save_view(writing, request.form.get("name", ""), query, now())
    flash(_("Saved: %(name)s. The whole team finds it above the list.", name=view.name), "done")
    return redirect(address, code=303)


@blueprint.post("/views/<int:view_id>/remove")
def forget_view(view_id: int) -> Response:
    with house().database.write() as writing:
        remove_view(writing, view_id)
    return back()


@blueprint.post("/<int:mention_id>/label")
def correct(mention_id: int) -> Response:
    """A person's label, for every copy of the story; the line above the next page takes it back."""
    label = chosen_label(request.form.get("label"))
    if label is None:
        abort(400)
    _relabel({mention_id: label})
    flash(_("Noted: %(label)s. Every copy of this story says so now.", label=words.word(words.LABELS, label)), "done")
    return back()


@blueprint.post("/labels")
def correct_many() -> Response:
    """One label for all that were chosen."""
    label, chosen = chosen_label(request.form.get("label")), request.form.getlist("mention", type=row_id)
    if label is None or len(chosen) > MOST_AT_ONCE:
        abort(400)
    if not chosen:
        flash(_("Choose some mentions first."), "error")
        return back()
    _relabel(dict.fromkeys(chosen, label))
    said = ngettext(
        "%(count)s story is now %(label)s.",
        "%(count)s stories are now %(label)s.",
        len(chosen),
        **{"count": number(len(chosen)), "label": words.word(words.LABELS, label)},
    )
    flash(said, "done")
    return back()


@blueprint.post("/handled")
def handle_many() -> Response:
    """The stories of all that were chosen are settled."""
    chosen = request.form.getlist("mention", type=row_id)
    if len(chosen) > MOST_AT_ONCE:
        abort(400)
    if not chosen:
        flash(_("Choose some mentions first."), "error")
        return back()
    cases: dict[int, Standing] = {}
    with house().database.write() as writing:
        for mention_id in chosen:
            case, before = settle_story(writing, mention_id, settings().uncertain_below, now())
            cases.setdefault(case.id, before)
    session["undo"] = {"cases": [f"{case_id}:{was.state}:{was.moments}" for case_id, was in cases.items()]}
    flash(
        ngettext("%(count)s story is handled.", "%(count)s stories are handled.", len(cases), count=number(len(cases))),
        "done",
    )
    return back()


@blueprint.post("/undo")
def undo() -> Response:
    """Give mentions the labels they had before, and whose these were; and their cases the states they had."""
    labels, cases = request.form.getlist("was", type=row_id), request.form.getlist("case")
    try:
        at = datetime.fromisoformat(request.form["at"]) if labels else now()
        before = dict(map(_case_before, cases))
    except ValueError:
        abort(400)
    with house().database.write() as writing:
        for mention_id in labels[:MOST_AT_ONCE]:
            take_back_correction(writing, mention_id, at, now())
        for case_id, was in before.items():
            take_back(writing, case_id, was)
    return back()


def _case_before(text: str) -> tuple[int, Standing]:
    """A case, and where it stood. Raises ValueError."""
    case_id, _colon, was = text.partition(":")
    state, _colon, moments = was.partition(":")
    return row_id(case_id), read_standing(state, moments)


def _relabel(labels: Mapping[int, Label]) -> None:
    """Keep a person's labels, and how to take them back."""
    with house().database.write() as writing:
        for mention_id, label in labels.items():
            relabel(writing, mention_id, label, now(), _name())
    session["undo"] = {"labels": list(labels), "at": now().isoformat()}


def _name() -> str:
    found = person()
    return found.name or found.email if found is not None else ""


@blueprint.app_context_processor
def what_undo_takes() -> dict[str, Any]:
    """What the line above the page can take back, once."""
    return {"take_undo": lambda: session.pop("undo", None)}
