"""didban unsubscribes."""

import csv
import json
import sys

import click

from monitor.cli import mailers
from monitor.cli.context import ROW_ID, as_json, echo_json, open_house

_BRAND = click.option("--brand", "brand_name", help="Whose list it is; needed when several brands are watched.")


@click.group("unsubscribes")
def unsubscribes() -> None:
    """The unsubscribe desk: links, hooks, people."""


unsubscribes.add_command(mailers.mailer)


@unsubscribes.command("person")
@click.argument("address")
@click.pass_context
def person(context: click.Context, address: str) -> None:
    """All that is kept about one person, as JSON, to be handed to them.

    In place of ADDRESS the number on the work list will do.
    """
    from monitor.erasure import address_of_leaving, export_subscriber
    from monitor.sealing import Seal

    number = ROW_ID(address, None, context) if address.isdecimal() else None
    with open_house(context) as house, house.database.read() as session:
        seal = Seal(house.settings.key())
        if number is not None:
            address = address_of_leaving(session, seal, number)
        found = export_subscriber(session, seal, address)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@unsubscribes.command("link")
@click.argument("address", required=False)
@_BRAND
@click.option("--list", "list_name", default="", help="The list that the mail goes to.")
@click.option("--campaign", default="", help="The mail.")
@click.option("--mailto", default="", help="An address that takes removals by mail, for the header.")
@click.pass_context
def link(
    context: click.Context, address: str | None, brand_name: str | None, list_name: str, campaign: str, mailto: str
) -> None:
    """The mail headers for ADDRESS; without one, the link of every address on standard input, as CSV."""
    from monitor.brands import only_brand
    from monitor.errors import ConfigError
    from monitor.leaving import Link, headers_of, make_link
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.read() as session:
        brand_id, seal = only_brand(session, brand_name).id, Seal(house.settings.key())
    base = house.settings.public_url
    if not base:
        raise ConfigError("set the address at which readers reach this page", "public_url")
    if address is not None:
        url = make_link(seal, base, Link(brand_id, address, list_name, campaign))
        for name, value in headers_of(url, mailto).items():
            click.echo(f"{name}: {value}")
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("email", "unsubscribe_url"))
    for line in sys.stdin:
        if line.strip():
            writer.writerow((line.strip(), make_link(seal, base, Link(brand_id, line.strip(), list_name, campaign))))


@unsubscribes.command("removals")
@_BRAND
@click.option("--days", type=click.IntRange(1, 36_500), default=7, show_default=True, help="How far back.")
@click.pass_context
def removals(context: click.Context, brand_name: str | None, days: int) -> None:
    """What was asked on our page and the sender has to do, as CSV: remove, fewer, undone."""
    from datetime import timedelta

    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.leaving import find_removals
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.read() as session:
        brand, since = only_brand(session, brand_name), utcnow() - timedelta(days=days)
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(("email", "action", "list", "at"))
        for removal in find_removals(session, Seal(house.settings.key()), brand.id, since):
            writer.writerow((removal.address, removal.action, removal.list_name, removal.at.isoformat()))


@unsubscribes.command("calendar")
@_BRAND
@click.pass_context
def calendar(context: click.Context, brand_name: str | None) -> None:
    """Former customers to greet again, three months after they left, as an iCalendar file; it names nobody."""
    from monitor.brands import only_brand
    from monitor.calendars import CalendarDay, write_calendar
    from monitor.followups import find_greetings
    from monitor.jobs import utcnow

    with open_house(context) as house, house.database.read() as session:
        brand, zone = only_brand(session, brand_name), house.settings.zone
        days = [
            CalendarDay(
                uid=f"greeting-{greeting.event.id}@didban",
                day=greeting.begins_at.astimezone(zone).date(),
                title=f"{brand.name}: greet former customer no. {greeting.event.id}",
                text=f"Until {greeting.ends_at.astimezone(zone):%Y-%m-%d}. {greeting.event.list_name}".rstrip(),
            )
            for greeting in find_greetings(session, brand.id, utcnow())
        ]
    click.echo(write_calendar(brand.name, days, utcnow()), nl=False)


@unsubscribes.group("hook")
def hook() -> None:
    """Addresses that newsletter providers call when somebody leaves."""


@hook.command("add")
@click.argument("provider")
@_BRAND
@click.option("--key", "ask_key", is_flag=True, help="Read the provider's signing key from standard input.")
@click.pass_context
def add(context: click.Context, provider: str, brand_name: str | None, ask_key: bool) -> None:
    """A new address for PROVIDER; print it. Who knows it can tell of leavings, so it is a secret."""
    from monitor.brands import only_brand
    from monitor.hooks import add_hook, address_of_hook
    from monitor.jobs import utcnow
    from monitor.sealing import Seal

    with open_house(context) as house:
        # Not as an argument: those end up in the shell's history.
        key = sys.stdin.read() if ask_key else ""
        seal = Seal(house.settings.key())
        with house.database.write() as session:
            brand = only_brand(session, brand_name)
            made = add_hook(session, seal, brand.id, provider, key, utcnow())
            address = address_of_hook(made, seal, _public_url(house.settings.public_url))
    click.echo(f"{made.id} {address}")


@hook.command("list")
@as_json
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Every hook, its address, and what its provider asks of you."""
    from monitor.hooks import address_of_hook, find_hooks
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.read() as session:
        seal, base = Seal(house.settings.key()), _public_url(house.settings.public_url)
        rows = [
            {
                "id": each.id,
                "brand": each.brand.name,
                "provider": each.provider,
                "address": address_of_hook(each, seal, base),
                "signed": bool(each.signing_key),
                "notice": each.notice,
            }
            for each in find_hooks(session)
        ]
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        click.echo(f"{row['id']} {row['brand']} {row['provider']} {row['address']}")
        if row["notice"]:
            click.echo(f"  open once to confirm: {row['notice']}")


@hook.command("remove")
@click.argument("hook_id", type=ROW_ID, metavar="ID")
@click.pass_context
def remove(context: click.Context, hook_id: int) -> None:
    """Let an address die; what it brought stays."""
    from monitor.hooks import remove_hook
    from monitor.jobs import utcnow
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.write() as session:
        remove_hook(session, Seal(house.settings.key()), hook_id, utcnow())


def _public_url(setting: str) -> str:
    """The setting, or a stand-in that shows what is missing."""
    return setting or "https://YOUR-public_url"
