"""Every mention, narrowed and corrected."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, session
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from monitor.cases import cases_of
from monitor.label_history import take_back_label
from monitor.loss import is_certain
from monitor.mention_list import MentionFilter, find_copies, find_mentions
from monitor.mentions import relabel
from monitor.sources import find_sources
from monitor.types import Kind, Label, Language, Topic
from web import words
from web.errors import back
from web.filters import number
from web.forms import chosen_label
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("mentions", __name__, url_prefix="/mentions")

KINDS: list[str] = [kind for kind in Kind if kind is not Kind.UNSUBSCRIBE]
PERIODS: Mapping[str, timedelta] = {f"{days}d": timedelta(days=days) for days in (1, 7, 30, 90)}
_LONGEST_SEARCH = 200
# More never stand on one page.
MOST_AT_ONCE = 25


@blueprint.get("")
def listing() -> str:
    brand, wanted = the_brand(), wanted_mentions()
    mentions, following = find_mentions(db(), brand.id, wanted, cursor_from_request())
    return render_template(
        "mentions.html",
        mentions=mentions,
        following=cursor_text(following),
        wanted=wanted,
        copies=find_copies(db(), brand.id, mentions),
        cases=cases_of(db(), brand.id, mentions),
        period=_one_of(PERIODS, request.args.get("period")),
        periods=PERIODS,
        sources=find_sources(db(), brand.id),
        labels=list(Label),
        kinds=KINDS,
        languages=list(Language),
        topics=list(Topic),
        is_certain=lambda mention: is_certain(mention, settings().uncertain_below),
    )


def wanted_mentions() -> MentionFilter:
    """What the address asks for; what is unknown in it narrows nothing."""
    asked = request.args
    period = _one_of(PERIODS, asked.get("period"))
    return MentionFilter(
        label=_one_of(Label, asked.get("label")),
        kind=_one_of(KINDS, asked.get("kind")),
        language=_one_of(Language, asked.get("language")),
        topic=_one_of(Topic, asked.get("topic")),
        source_id=asked.get("source", type=int),
        since=now() - PERIODS[period] if period else None,
        words=asked.get("words", "")[:_LONGEST_SEARCH].strip(),
    )


def _one_of(known: Iterable[str], value: str | None) -> str:
    return value if value is not None and value in set(known) else ""


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
    label, chosen = chosen_label(request.form.get("label")), request.form.getlist("mention", type=int)
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


@blueprint.post("/undo")
def undo() -> Response:
    """Give mentions the labels they had before, and whose these were."""
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        abort(400)
    with house().database.write() as writing:
        for mention_id in request.form.getlist("was", type=int)[:MOST_AT_ONCE]:
            take_back_label(writing, mention_id, at)
    return back()


def _relabel(labels: Mapping[int, Label]) -> None:
    """Keep a person's labels, and how to take them back."""
    with house().database.write() as writing:
        for mention_id, label in labels.items():
            relabel(writing, mention_id, label, now())
    session["undo"] = {"labels": list(labels), "at": now().isoformat()}


@blueprint.app_context_processor
def what_undo_takes() -> dict[str, Any]:
    """What the line above the page can take back, once."""
    return {"take_undo": lambda: session.pop("undo", None)}
