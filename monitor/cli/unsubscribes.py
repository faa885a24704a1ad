"""didban unsubscribes."""

import json

import click

from monitor.cli.context import open_house


@click.group("unsubscribes")
def unsubscribes() -> None:
    """The unsubscribe desk: links, hooks, people."""


@unsubscribes.command("person")
@click.argument("address")
@click.pass_context
def person(context: click.Context, address: str) -> None:
    """All that is kept about one person, as JSON, to be handed to them."""
    from monitor.erasure import export_subscriber
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.read() as session:
        found = export_subscriber(session, Seal(house.settings.key()), address)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
