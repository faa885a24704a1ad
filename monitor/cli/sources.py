"""didban source."""

import subprocess
import sys

import click

from monitor.cli.context import as_json, echo_json, open_house, settings_of


@click.group()
def source() -> None:
    """The places that are watched."""


def _read_options(pairs: tuple[str, ...]) -> dict[str, str]:
    options = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise click.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--option")
        options[key] = value
    return options


_option = click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="What the spider can be told.")
_interval = click.option("--interval", type=click.IntRange(min=60), help="Seconds between two visits.")


@source.command("add")
@click.argument("spider")
@click.argument("url")
@click.option("--brand", "brand_name", help="Whose source it is; without, it serves every brand.")
@click.option("--all-about-it", is_flag=True, help="All it gives is about the brand, named in the text or not.")
@_option
@_interval
@click.pass_context
def add(
    context: click.Context,
    spider: str,
    url: str,
    brand_name: str | None,
    all_about_it: bool,
    options: tuple[str, ...],
    interval: int | None,
) -> None:
    """Watch URL with SPIDER (feed, reviews, search)."""
    from monitor.brands import get_brand
    from monitor.jobs import utcnow
    from monitor.sources import add_source

    with open_house(context) as house, house.database.write() as session:
        brand = get_brand(session, brand_name) if brand_name else None
        if (all_about_it or spider == "search") and brand is None:
            raise click.UsageError("this needs --brand")
        added = add_source(
            session,
            spider,
            url,
            utcnow(),
            interval=interval or house.settings.collect_interval,
            brand_id=brand.id if brand else None,
            options=_read_options(options),
            matches_text=not (all_about_it or spider == "search"),
        )
        click.echo(f"source {added.id}")


@source.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """All sources and how their last visit went."""
    from monitor.sources import find_sources

    with open_house(context) as house, house.database.read() as session:
        sources = find_sources(session)
    for each in sources if not as_json else ():
        state = "paused" if each.paused else each.state
        click.echo(f"{each.id}\t{state}\t{each.spider}\t{each.url}{f' ({each.error})' if each.error else ''}")
    if as_json:
        keys = ("id", "spider", "url", "state", "state_since", "error", "found", "checked_at", "next_at", "paused")
        echo_json([{key: getattr(each, key) for key in keys} for each in sources])


@source.command("show")
@click.argument("source_id", type=int)
@click.pass_context
def show(context: click.Context, source_id: int) -> None:
    """One source in full, with the entries its last visit left out."""
    from monitor.sources import get_source

    with open_house(context) as house, house.database.read() as session:
        found = get_source(session, source_id)
    click.echo(f"{found.spider} {found.url}")
    click.echo(f"{found.state} since {found.state_since:%Y-%m-%d %H:%M} UTC{': ' + found.error if found.error else ''}")
    click.echo(f"found {found.found}, next visit {found.next_at:%Y-%m-%d %H:%M} UTC")
    for warning in found.warnings:
        click.echo(f"left out: {warning}")


@source.command("edit")
@click.argument("source_id", type=int)
@click.option("--paused/--resumed", default=None, help="Stop visiting, or go on.")
@_option
@_interval
@click.pass_context
def edit(
    context: click.Context, source_id: int, paused: bool | None, options: tuple[str, ...], interval: int | None
) -> None:
    """Replace what is given; the rest stays."""
    from monitor.jobs import utcnow
    from monitor.sources import get_source, set_paused

    with open_house(context) as house, house.database.write() as session:
        found = get_source(session, source_id)
        if paused is not None:
            set_paused(session, source_id, paused, utcnow())
        if options:
            found.options = _read_options(options)
        if interval is not None:
            found.interval = interval


@source.command("remove")
@click.argument("source_id", type=int)
@click.pass_context
def remove(context: click.Context, source_id: int) -> None:
    """Stop watching; what it gave stays."""
    from monitor.sources import remove_source

    with open_house(context) as house, house.database.write() as session:
        remove_source(session, source_id)


@source.command("test")
@click.argument("url")
@click.option("--spider", default="feed", show_default=True, help="The kind of source to try.")
@click.pass_context
def test(context: click.Context, url: str, spider: str) -> None:
    """Show what URL would give; nothing is kept."""
    import os

    from monitor.config import as_environ

    environ = {**os.environ, **as_environ(settings_of(context))}
    command = [sys.executable, "-m", "spiders.collect", "--try", spider, url]
    context.exit(subprocess.run(command, env=environ, check=False).returncode)
