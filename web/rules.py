"""The rules that decide what is told: on and off, what they are told, what they would have told."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from monitor.conditions import LEAST, SPACING
from monitor.headings import heading
from monitor.replaying import replay
from monitor.rules import (
    DIRECTIONS,
    OPTIONS_OF,
    SENSITIVITIES,
    add_rule,
    edit_rule,
    get_rule,
    options_of,
    remove_rule,
    set_rule,
)
from monitor.sources import find_sources
from monitor.types import Kind, Language, RuleKind, Topic
from monitor.wording import words as message_words
from web.errors import back
from web.ids import row_id
from web.language import language
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("rules", __name__, url_prefix="/alerts/rules")

REPLAYED = timedelta(days=30)
_LISTS = ("kinds", "languages", "topics")
_NUMBERS = ("reach_floor", "least", "spacing", "hours")


@blueprint.get("/<int:rule_id>")
def one(rule_id: int) -> str:
    """One rule; ``?replay=1`` also asks what it would have told, which reads a month of texts."""
    rule = get_rule(db(), rule_id)
    kind = RuleKind(rule.kind)
    told = None
    if "replay" in request.args:
        drafts = replay(db(), rule, settings(), now() - REPLAYED, now())
        told = [(at, heading(message_words(language()), kind, rule.brand.name, draft.facts)[0]) for at, draft in drafts]
        told.reverse()
    return render_template(
        "rule.html",
        rule=rule,
        options=options_of(kind, rule.options),
        takes=OPTIONS_OF[kind],
        usual={"least": LEAST.get(kind, 0), "spacing": SPACING.get(kind, 0)},
        told=told,
        codes={"kinds": [k for k in Kind if k != Kind.UNSUBSCRIBE], "languages": list(Language), "topics": list(Topic)},
        sources=find_sources(db(), rule.brand_id),
        sensitivities=SENSITIVITIES,
        directions=DIRECTIONS,
    )


@blueprint.post("")
def add() -> Response:
    """A new rule, switched off until somebody has looked at what it would tell."""
    kind = request.form.get("kind", "")
    if kind not in set(RuleKind):
        abort(400)
    with house().database.write() as writing:
        rule = add_rule(writing, the_brand().id, RuleKind(kind), {}, now(), enabled=False)
    return redirect(url_for("rules.one", rule_id=rule.id), code=303)


@blueprint.post("/<int:rule_id>/switch")
def switch(rule_id: int) -> Response:
    with house().database.write() as writing:
        set_rule(writing, rule_id, "on" in request.form)
    return back("#rules")


@blueprint.post("/<int:rule_id>")
def edit(rule_id: int) -> Response:
    with house().database.write() as writing:
        kind = RuleKind(get_rule(writing, rule_id).kind)
        given = _given(request.form)
        edit_rule(writing, rule_id, given={name: given[name] for name in OPTIONS_OF[kind] if name in given})
    flash(_("Saved."), "done")
    return redirect(url_for("rules.one", rule_id=rule_id, replay=1), code=303)


def _given(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says, as a rule keeps it; an empty number is the kind's own."""
    given: dict[str, Any] = {name: form.getlist(name) for name in _LISTS}
    given["sources"] = form.getlist("sources", type=row_id)
    given["words"] = [word.strip() for word in form.get("words", "").replace("،", ",").split(",") if word.strip()]
    given["score_floor"] = form.get("score_floor", 0, type=int) / 100
    for name in _NUMBERS:
        if form.get(name):
            given[name] = form.get(name, type=int)
        elif name in ("least", "spacing"):
            given[name] = 0
    if "sensitivity" in form:
        given["sensitivity"] = form.get("sensitivity", type=float)
    if "direction" in form:
        given["direction"] = form["direction"]
    return {name: value for name, value in given.items() if value is not None}


@blueprint.post("/<int:rule_id>/remove")
def remove(rule_id: int) -> Response:
    with house().database.write() as writing:
        remove_rule(writing, rule_id)
    return redirect(url_for("alerts.listing"), code=303)
