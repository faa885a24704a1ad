"""didban rule."""

import click

from monitor.cli.context import open_house


@click.group()
def rule() -> None:
    """What is told at once."""


@rule.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """All rules."""
    from monitor.channels import find_rules

    with open_house(context) as house, house.database.read() as session:
        for each in find_rules(session):
            click.echo(f"{each.id}\t{'on' if each.enabled else 'off'}\t{each.kind}\t{each.brand.name}")


@rule.command("edit")
@click.argument("rule_id", type=int)
@click.option("--on/--off", "enabled", required=True, help="Whether it is told.")
@click.pass_context
def edit(context: click.Context, rule_id: int, enabled: bool) -> None:
    """Switch a rule on or off."""
    from monitor.channels import set_rule

    with open_house(context) as house, house.database.write() as session:
        set_rule(session, rule_id, enabled)
