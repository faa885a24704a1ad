"""didban rule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.context import ROW_ID, as_json, echo_json, open_house
from monitor.types import Kind, Language, RuleKind, Topic

if TYPE_CHECKING:
    from monitor.models import AlertRule

_Command = TypeVar("_Command", bound=Callable[..., Any])
# Values, since click offers the names of an enumeration.
_TEXTS, _LANGUAGES, _TOPICS, _KINDS = ([item.value for item in items] for items in (Kind, Language, Topic, RuleKind))
_TEXTS.remove(Kind.UNSUBSCRIBE)
_OPTIONS = (
    click.option("--text", "kinds", multiple=True, type=click.Choice(_TEXTS), help="Only this kind of text."),
    click.option("--source", "sources", multiple=True, type=ROW_ID, help="Only this source, by its number."),
    click.option("--language", "languages", multiple=True, type=click.Choice(_LANGUAGES), help="Only this language."),
    click.option("--topic", "topics", multiple=True, type=click.Choice(_TOPICS), help="Only this topic."),
    click.option("--word", "words", multiple=True, help="Only texts with this word, or another that is given."),
    click.option("--score-floor", type=click.FloatRange(0, 1), help="Least score of the label."),
    click.option("--reach-floor", type=click.IntRange(1), help="On how many addresses a story must stand."),
    click.option("--sensitivity", type=click.Choice(["1.5", "2", "3"]), help="A spike's standard deviations."),
    click.option("--least", type=click.IntRange(1), help="Floor on events of a spike, a reason or an author."),
    click.option("--spacing", type=click.IntRange(1), help="Least hours between two alerts about the same thing."),
    click.option("--hours", type=click.IntRange(1), help="How long a source may be in trouble."),
    click.option("--direction", type=click.Choice(["both", "up", "down"]), help="Which way a band must be crossed."),
)


def _rule_options(command: _Command) -> _Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What was named on the command line, as a rule keeps it."""
    # Of what may be given again nothing at all is an empty tuple; a zero is given.
    named = {name: value for name, value in options.items() if value is not None and value != ()}
    given: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in named.items()}
    return {**given, "sensitivity": float(given["sensitivity"])} if "sensitivity" in given else given


@click.group()
def rule() -> None:
    """What is told at once."""


@rule.command("add")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--brand", "brand_name", help="Needed when several brands are watched.")
@click.option("--off", is_flag=True, help="Add it switched off, to test it first.")
@_rule_options
@click.pass_context
def add(context: click.Context, /, kind: str, brand_name: str | None, off: bool, **options: Any) -> None:
    """Tell about KIND under conditions of your own."""
    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.rules import add_rule

    with open_house(context) as house, house.database.write() as session:
        brand = only_brand(session, brand_name)
        added = add_rule(session, brand.id, RuleKind(kind), _given(options), utcnow(), enabled=not off)
        click.echo(f"rule {added.id}")


def _as_dict(row: "AlertRule") -> dict[str, Any]:
    return {"id": row.id, "brand": row.brand.name, "kind": row.kind, "enabled": row.enabled, "options": row.options}


@rule.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """All rules."""
    from monitor.rules import find_rules

    with open_house(context) as house, house.database.read() as session:
        rows = [_as_dict(row) for row in find_rules(session)]
    if as_json:
        echo_json(rows)
    for row in [] if as_json else rows:
        options = " ".join(f"{name}={_plain(value)}" for name, value in row["options"].items())
        click.echo("\t".join([str(row["id"]), "on" if row["enabled"] else "off", row["kind"], row["brand"], options]))


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@rule.command("show")
@click.argument("rule_id", type=ROW_ID)
@as_json
@click.pass_context
def show(context: click.Context, rule_id: int, as_json: bool) -> None:
    """One rule with all that it can be told."""
    from monitor.conditions import LEAST, SPACING
    from monitor.rules import OPTIONS_OF, get_rule, rule_of

    with open_house(context) as house, house.database.read() as session:
        row = get_rule(session, rule_id)
        known, rule = _as_dict(row), rule_of(row)
    options = {name: getattr(rule.options, name) for name in OPTIONS_OF[rule.kind]}
    for name, defaults in (("least", LEAST), ("spacing", SPACING)):
        if name in options:
            options[name] = options[name] or defaults[rule.kind]
    if as_json:
        echo_json({**known, "options": options})
        return
    click.echo(f"{known['kind']} for {known['brand']}, {'on' if known['enabled'] else 'off'}")
    for name, value in options.items():
        click.echo(f"  {name}: {_plain(list(value)) if isinstance(value, tuple) else value}")


@rule.command("edit")
@click.argument("rule_id", type=ROW_ID)
@click.option("--on/--off", "enabled", default=None, help="Whether it is told.")
@_rule_options
@click.pass_context
def edit(context: click.Context, /, rule_id: int, enabled: bool | None, **options: Any) -> None:
    """Replace what is given; the rest stays."""
    from monitor.rules import edit_rule

    with open_house(context) as house, house.database.write() as session:
        edit_rule(session, rule_id, enabled=enabled, given=_given(options))


@rule.command("remove")
@click.argument("rule_id", type=ROW_ID)
@click.pass_context
def remove(context: click.Context, rule_id: int) -> None:
    """Forget a rule; the alerts it wrote stay."""
    from monitor.rules import remove_rule

    with open_house(context) as house, house.database.write() as session:
        remove_rule(session, rule_id)


@rule.command("test")
@click.argument("rule_id", type=ROW_ID)
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How far back to look.")
@as_json
@click.pass_context
def test(context: click.Context, rule_id: int, days: int, as_json: bool) -> None:
    """What a rule would have sent lately, switched on or not; nothing is sent."""
    from datetime import timedelta

    from monitor.jobs import utcnow
    from monitor.messages import render
    from monitor.replaying import replay
    from monitor.rules import get_rule

    with open_house(context) as house, house.database.read() as session:
        row = get_rule(session, rule_id)
        now = utcnow()
        told = [
            {"at": at, "count": draft.facts["count"], "subject": render(
                draft.kind, row.brand.name, draft.facts, house.settings.language
            ).subject}
            for at, draft in replay(session, row, house.settings, now - timedelta(days=days), now)
        ]  # fmt: skip
    if as_json:
        echo_json({"rule": rule_id, "days": days, "alerts": told})
        return
    for alert in told:
        click.echo(f"{alert['at'].astimezone(house.settings.zone):%Y-%m-%d %H:%M}\t{alert['subject']}")
    click.echo(f"{len(told)} alerts in {days} days")
