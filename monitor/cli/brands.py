"""didban watch, didban brand."""

from typing import Any

import click

from monitor.cli.context import as_json, echo_json, open_house

_alias = click.option("--alias", "aliases", multiple=True, help="Another spelling; may be given again.")
_exclude = click.option(
    "--exclude", multiple=True, help="A phrase in which the name means something else; may be given again."
)


@click.command()
@click.argument("name")
@_alias
@click.option("--site", default="", metavar="URL", help="The brand's own site: its reviews and its feed.")
@click.option("--search-engine", default="", metavar="URL", help="Your SearXNG server.")
@click.pass_context
def watch(context: click.Context, name: str, aliases: tuple[str, ...], site: str, search_engine: str) -> None:
    """Watch a brand with the sources that need no key."""
    from monitor.jobs import utcnow
    from monitor.watch import watch_brand

    with open_house(context) as house, house.database.write() as session:
        brand = watch_brand(
            session, house.settings, name, utcnow(), aliases=aliases, site=site, search_engine=search_engine
        )
        click.echo(f"{brand.name} is watched. Next: didban run")


@click.group()
def brand() -> None:
    """Brands and rivals."""


@brand.command("add")
@click.argument("name")
@_alias
@_exclude
@click.option("--rival", is_flag=True, help="A rival: counted, never alerted on.")
@click.pass_context
def add(context: click.Context, name: str, aliases: tuple[str, ...], exclude: tuple[str, ...], rival: bool) -> None:
    """Add a brand without sources of its own."""
    from monitor.brands import add_brand
    from monitor.jobs import utcnow

    with open_house(context) as house, house.database.write() as session:
        add_brand(session, name, utcnow(), aliases=aliases, exclude=exclude, is_rival=rival)


@brand.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """All brands."""
    from monitor.brands import find_brands

    with open_house(context) as house, house.database.read() as session:
        brands = [
            {"name": brand.name, "rival": brand.is_rival, "aliases": brand.aliases, "exclude": brand.exclude}
            for brand in find_brands(session)
        ]
    if as_json:
        echo_json(brands)
    for each in [] if as_json else brands:
        click.echo(f"{each['name']}{' (rival)' if each['rival'] else ''}")


@brand.command("show")
@click.argument("name")
@click.pass_context
def show(context: click.Context, name: str) -> None:
    """One brand with its spellings and sources."""
    from monitor.brands import get_brand
    from monitor.sources import find_sources

    with open_house(context) as house, house.database.read() as session:
        found = get_brand(session, name)
        click.echo(f"{found.name}{' (rival)' if found.is_rival else ''}")
        click.echo(f"also written: {', '.join(found.aliases) or '-'}")
        click.echo(f"not meant in: {', '.join(found.exclude) or '-'}")
        for source in find_sources(session, found.id):
            click.echo(f"  {source.id} {source.spider} {source.url}")


@brand.command("edit")
@click.argument("name")
@_alias
@_exclude
@click.option("--rival/--own", default=None, help="Whose brand it is.")
@click.option("--leads", type=float, help="Prospects a month who look for the brand.")
@click.option("--closing-rate", type=float, help="Percent of them who buy.")
@click.option("--customer-value", type=float, help="What a customer is worth.")
@click.option("--currency", help="In which money.")
@click.pass_context
def edit(
    context: click.Context,
    /,
    name: str,
    aliases: tuple[str, ...],
    exclude: tuple[str, ...],
    rival: bool | None,
    **stakes: Any,
) -> None:
    """Replace what is given; the rest stays."""
    from dataclasses import replace

    from monitor.brands import edit_brand, get_brand
    from monitor.money import set_stakes, stakes_of

    with open_house(context) as house, house.database.write() as session:
        found = get_brand(session, name)
        edit_brand(session, found, aliases=aliases or None, exclude=exclude or None, is_rival=rival)
        given = {name: value for name, value in stakes.items() if value is not None}
        set_stakes(found, replace(stakes_of(found), **given))


@brand.command("remove")
@click.argument("name")
@click.confirmation_option(prompt="All that was collected about this brand will be gone. Go on?")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Forget a brand and all that was collected about it."""
    from monitor.brands import remove_brand

    with open_house(context) as house, house.database.write() as session:
        remove_brand(session, name)
