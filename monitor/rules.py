"""Which conditions are told: rules kept, changed and read back as the values that DECIDE works on."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from monitor.errors import RuleError
from monitor.facts import Rule, RuleOptions
from monitor.models import AlertRule, Source
from monitor.types import Kind, Language, RuleKind, Topic

_FILTERS = ("kinds", "sources", "languages", "topics", "words", "score_floor", "reach_floor")
# What each kind of rule can be told; another option would promise what it does not do.
OPTIONS_OF: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.BAND_CROSSED: ("direction",),
    RuleKind.ABUSE: _FILTERS,
    RuleKind.REPEAT_AUTHOR: (*_FILTERS, "least", "spacing"),
    RuleKind.PAGE_ONE: _FILTERS,
    RuleKind.NEW_NEGATIVE: _FILTERS,
    RuleKind.SPIKE: ("kinds", "sources", "languages", "topics", "score_floor", "sensitivity", "least", "spacing"),
    RuleKind.EARLY_WARNING: ("least", "spacing"),
    RuleKind.REASON_RISE: ("least", "spacing"),
    RuleKind.SOURCE_TROUBLE: ("sources", "hours", "spacing"),
}
# The least and the most of each count: with more a rule would never speak, and no clock counts hours without end.
RANGES: Mapping[str, tuple[int, int]] = {
    "reach_floor": (1, 10_000),
    "least": (0, 100_000),
    "spacing": (0, 365 * 24),
    "hours": (1, 365 * 24),
}
SENSITIVITIES = (1.5, 2.0, 3.0)
DIRECTIONS = ("both", "up", "down")
_CODES: Mapping[str, frozenset[str]] = {
    "kinds": frozenset(Kind) - {Kind.UNSUBSCRIBE},
    "languages": frozenset(Language),
    "topics": frozenset(Topic),
    "direction": frozenset(DIRECTIONS),
}


def is_word(text: str) -> bool:
    """Whether a rule can look for it: signs alone would be found in every text."""
    return any(letter.isalnum() for letter in text)


def options_of(kind: RuleKind, given: Mapping[str, Any]) -> RuleOptions:
    """Check what a rule is told. Raises RuleError that names the option."""
    for name in given:
        if name not in OPTIONS_OF[kind]:
            raise RuleError(f"a rule of the kind {kind} takes no option", name)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    options = RuleOptions(**values)
    for name, allowed in _CODES.items():
        value = getattr(options, name)
        for code in value if isinstance(value, tuple) else (value,):
            if code not in allowed:
                raise RuleError(f"not one of the {name}", code)
    for word in options.words:
        if not is_word(word):
            raise RuleError("a word needs a letter or a digit", word)
    if not 0 <= options.score_floor <= 1:
        raise RuleError("score_floor lies between 0 and 1, not", options.score_floor)
    if options.sensitivity not in SENSITIVITIES:
        raise RuleError("sensitivity is 1.5, 2 or 3, not", options.sensitivity)
    for name, (least, most) in RANGES.items():
        if not least <= getattr(options, name) <= most:
            raise RuleError(f"{name} lies between {least} and {most}, not", getattr(options, name))
    return options


def _kept(options: RuleOptions) -> dict[str, Any]:
    """Only what differs from the defaults is kept, so that a better default reaches rules nobody has changed."""
    default = RuleOptions()
    values = {item.name: getattr(options, item.name) for item in fields(RuleOptions)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value != getattr(default, name)
    }


def _kept_of(row: AlertRule) -> dict[str, Any]:
    """What a rule was told. A count from before there was a most is the most: it must not stop the clock."""
    return {name: min(value, RANGES[name][1]) if name in RANGES else value for name, value in row.options.items()}


def _check_sources(session: Session, brand_id: int, given: Mapping[str, Any]) -> None:
    """Raises RuleError for a source that gives the brand nothing: a rule for it alone would never speak."""
    serves = or_(Source.brand_id.is_(None), Source.brand_id == brand_id)
    for source_id in given.get("sources", ()):
        if session.scalar(select(Source.id).where(Source.id == source_id, serves)) is None:
            raise RuleError("the brand has no such source", source_id)


def rule_of(row: AlertRule) -> Rule:
    """The value that DECIDE works on."""
    kind = RuleKind(row.kind)
    return Rule(row.id, kind, options_of(kind, _kept_of(row)))


def add_rule(
    session: Session, brand_id: int, kind: RuleKind, given: Mapping[str, Any], now: datetime, *, enabled: bool = True
) -> AlertRule:
    """Keep a new rule of a brand. Raises RuleError."""
    options = options_of(kind, given)
    _check_sources(session, brand_id, given)
    row = AlertRule(brand_id=brand_id, kind=kind, options=_kept(options), enabled=enabled, created_at=now)
    session.add(row)
    session.flush()
    return row


def find_rules(session: Session, brand_id: int | None = None) -> Sequence[AlertRule]:
    """All rules, or those of one brand."""
    query = select(AlertRule).order_by(AlertRule.brand_id, AlertRule.id)
    return session.scalars(query if brand_id is None else query.where(AlertRule.brand_id == brand_id)).all()


def get_rule(session: Session, rule_id: int) -> AlertRule:
    """Raises RuleError."""
    row = session.get(AlertRule, rule_id)
    if row is None:
        raise RuleError("no such rule", rule_id)
    return row


def edit_rule(
    session: Session, rule_id: int, *, enabled: bool | None = None, given: Mapping[str, Any] | None = None
) -> AlertRule:
    """Change what is given; of the options, too, the others stay. Raises RuleError."""
    row = get_rule(session, rule_id)
    row.lost_sources = False
    if enabled is not None:
        row.enabled = enabled
    if given:
        options = options_of(RuleKind(row.kind), {**_kept_of(row), **given})
        _check_sources(session, row.brand_id, given)
        row.options = _kept(options)
    return row


def set_rule(session: Session, rule_id: int, enabled: bool) -> None:
    """Switch a rule on or off. Raises RuleError."""
    edit_rule(session, rule_id, enabled=enabled)


def remove_rule(session: Session, rule_id: int) -> None:
    """Forget a rule; the alerts it wrote stay. Raises RuleError."""
    session.delete(get_rule(session, rule_id))
