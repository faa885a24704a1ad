"""The rules that decide what is told: on and off, what they are told, what they would have told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from monitor.conditions import LEAST, SPACING
from monitor.facts import RuleOptions
from monitor.headings import heading
from monitor.models import AlertRule
from monitor.replaying import replay
from monitor.rules import (
    DIRECTIONS,
    OPTIONS_OF,
    RANGES,
    SENSITIVITIES,
    add_rule,
    edit_rule,
    get_rule,
    is_word,
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


class RuleForm(Form):
    """What is typed about a rule, by the names that its page gives it; only what its kind takes has a field."""

    words = StringField(_("Only texts with one of these words"))
    score_floor = PercentField(_("Minimum certainty, in percent"))
    reach_floor = _count("reach_floor", _("On how many addresses the story must appear"))
    hours = _count("hours", _("How many hours a source may be in trouble"))
    least = _count("least", _("Starting from how many"))
    spacing = _count("spacing", _("Minimum hours between two alerts about the same thing"))

    def __init__(self, kind: RuleKind, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        for name in set(self._fields) - set(OPTIONS_OF[kind]):
            del self[name]

    def validate_words(self, field: Any) -> None:
        if not all(map(is_word, _parts(field.data))):
            raise ValidationError(say("A word needs a letter or a digit."))

    @staticmethod
    def values_of(options: RuleOptions) -> dict[str, Any]:
        """What the form shows of a rule; a figure that asks for nothing is empty."""
        counts = {name: getattr(options, name) or None for name in RANGES}
        return counts | {"score_floor": 100 * options.score_floor or None, "words": say(", ").join(options.words)}

    def values(self) -> dict[str, Any]:
        """As a rule keeps them; an empty figure is what a new rule has."""
        return {name: self._value(name, field.data) for name, field in self._fields.items()}

    @staticmethod
    def _value(name: str, data: Any) -> Any:
        if name == "words":
            return _parts(data)
        if name == "score_floor":
            return (data or 0) / 100
        return getattr(RuleOptions(), name) if data is None else int(data)


def _parts(typed: str | None) -> list[str]:
    return [word.strip() for word in (typed or "").replace("،", ",").split(",") if word.strip()]


@blueprint.get("/<int:rule_id>")
def one(rule_id: int) -> str:
    """One rule; ``?replay=1`` also asks what it would have told, which reads a month of texts."""
    rule = get_rule(db(), rule_id)
    kind, options = RuleKind(rule.kind), rule_of(rule).options
    told = None
    if "replay" in request.args:
        drafts = replay(db(), rule, settings(), now() - REPLAYED, now())
        told = [(at, heading(message_words(language()), kind, rule.brand.name, draft.facts)[0]) for at, draft in drafts]
        told.reverse()
    return _show(rule, RuleForm(kind, data=RuleForm.values_of(options)), options, told)


def _show(
    rule: AlertRule, form: RuleForm, options: RuleOptions, told: Sequence[tuple[datetime, str]] | None = None
) -> str:
    """The page of one rule; of ``options`` what is chosen, in ``form`` what is typed."""
    kind = RuleKind(rule.kind)
    return render_template(
        "rule.html",
        rule=rule,
        form=form,
        options=options,
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
def edit(rule_id: int) -> Response | tuple[str, int]:
    rule = get_rule(db(), rule_id)
    kind = RuleKind(rule.kind)
    form, chosen = RuleForm(kind, request.form), _chosen(request.form, kind)
    if not form.validate():
        return _show(rule, form, replace(rule_of(rule).options, **chosen)), 422
    with house().database.write() as writing:
        edit_rule(writing, rule_id, given=chosen | form.values())
    flash(say("Saved."), "done")
    return redirect(url_for("rules.one", rule_id=rule_id, replay=1), code=303)


def _chosen(form: MultiDict[str, str], kind: RuleKind) -> dict[str, Any]:
    """What is chosen in the form, not typed, as a rule of the kind keeps it."""
    chosen: dict[str, Any] = {name: form.getlist(name) for name in _LISTS}
    chosen["sources"] = form.getlist("sources", type=row_id)
    chosen["sensitivity"] = form.get("sensitivity", type=float)
    chosen["direction"] = form.get("direction")
    return {name: value for name, value in chosen.items() if name in OPTIONS_OF[kind] and value is not None}


@blueprint.post("/<int:rule_id>/remove")
def remove(rule_id: int) -> Response:
    with house().database.write() as writing:
        remove_rule(writing, rule_id)
    return redirect(url_for("alerts.listing"), code=303)
