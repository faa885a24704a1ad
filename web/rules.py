"""The rules that decide what is told: on and off, what they are told, what they would have told."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form

from monitor.conditions import LEAST, SPACING
from monitor.facts import RuleOptions
from monitor.headings import heading
from monitor.replaying import replay
from monitor.rules import (
    DIRECTIONS,
    OPTIONS_OF,
    RANGES,
    SENSITIVITIES,
    add_rule,
    edit_rule,
    get_rule,
    remove_rule,
    rule_of,
    set_rule,
)
from monitor.sources import find_sources
from monitor.types import Kind, Language, RuleKind, Topic
from monitor.wording import words as message_words
from web.errors import back
from web.forms import NumberField, PercentField
from web.ids import row_id
from web.language import language
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("rules", __name__, url_prefix="/alerts/rules")

REPLAYED = timedelta(days=30)
_LISTS = ("kinds", "languages", "topics")


def _count(name: str, label: LazyString) -> NumberField:
    least, most = RANGES[name]
    return NumberField(label, least=least, most=most, is_whole=True)


class FiguresForm(Form):
    """The numbers of a rule, by the names that its page gives them."""

    score_floor = PercentField(_("Minimum certainty, in percent"))
    reach_floor = _count("reach_floor", _("On how many addresses the story must appear"))
    hours = _count("hours", _("How many hours a source may be in trouble"))
    least = _count("least", _("Starting from how many"))
    spacing = _count("spacing", _("Minimum hours between two alerts about the same thing"))

    def values(self) -> dict[str, float]:
        """As a rule keeps them; an empty one is what a new rule has."""
        usual = RuleOptions()
        counts = {name: getattr(usual, name) if self[name].data is None else int(self[name].data) for name in RANGES}
        return counts | {"score_floor": (self.score_floor.data or 0) / 100}

    def complaints(self) -> list[str]:
        """A line for each number that cannot be."""
        return [f"{field.label.text}: {error}" for field in self for error in field.errors]


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
        options=rule_of(rule).options,
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
    figures = FiguresForm(request.form)
    if not figures.validate():
        for line in figures.complaints():
            flash(line, "error")
        return redirect(url_for("rules.one", rule_id=rule_id), code=303)
    with house().database.write() as writing:
        kind = RuleKind(get_rule(writing, rule_id).kind)
        given = _given(request.form) | figures.values()
        edit_rule(writing, rule_id, given={name: given[name] for name in OPTIONS_OF[kind] if name in given})
    flash(say("Saved."), "done")
    return redirect(url_for("rules.one", rule_id=rule_id, replay=1), code=303)


def _given(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says beside its numbers, as a rule keeps it."""
    given: dict[str, Any] = {name: form.getlist(name) for name in _LISTS}
    given["sources"] = form.getlist("sources", type=row_id)
    given["words"] = [word.strip() for word in form.get("words", "").replace("،", ",").split(",") if word.strip()]
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
