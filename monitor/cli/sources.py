"""didban source."""

from typing import TYPE_CHECKING

import click

from monitor.cli.context import ROW_ID, as_json, echo_json, open_house, settings_of

if TYPE_CHECKING:
    from spiders.base import SourceSpider

# What is shown of a source before it is kept: so many texts, so many letters of each.
_SHOWN, _WIDTH = 3, 200


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
_interval = click.option("--interval", type=click.IntRange(60, 366 * 86_400), help="Seconds between two visits.")


@source.command("add")
@click.argument("place", nargs=-1, required=True, metavar="[SPIDER] URL")
@click.option("--brand", "brand_name", help="Whose source it is; without, it serves every brand.")
@click.option("--all-about-it", is_flag=True, help="All it gives is about the brand, named in the text or not.")
@click.option("--untried", is_flag=True, help="Keep a recognised link without trying it first.")
@_option
@_interval
@click.pass_context
def add(
    context: click.Context,
    place: tuple[str, ...],
    brand_name: str | None,
    all_about_it: bool,
    untried: bool,
    options: tuple[str, ...],
    interval: int | None,
) -> None:
    """Watch URL with SPIDER; without SPIDER, the link is recognised and tried first."""
    from monitor.brands import get_brand
    from monitor.jobs import utcnow
    from monitor.sealing import Seal
    from monitor.sources import add_source

    kind, url, given = _settle(place, options)
    with open_house(context) as house:
        if len(place) == 1 and not untried:
            kind, url = _try_first(context, kind, url, given)
        with house.database.write() as session:
            brand = get_brand(session, brand_name) if brand_name else None
            matches_text = kind.matches_text and not all_about_it
            if not matches_text and brand is None:
                raise click.UsageError("this needs --brand")
            added = add_source(
                session,
                kind.name,
                url,
                utcnow(),
                interval=interval or house.settings.collect_interval,
                brand_id=brand.id if brand else None,
                options=given,
                matches_text=matches_text,
                seal=Seal(house.settings.key()),
            )
            click.echo(f"source {added.id}" + (f": {kind.name} {url}" if len(place) == 1 else ""))


def _settle(place: tuple[str, ...], pairs: tuple[str, ...]) -> "tuple[type[SourceSpider], str, dict[str, str]]":
    """The kind of source, its address and its options; a secret that is missing is asked for."""
    from monitor.errors import ConfigError
    from monitor.recognise import recognise, web_address
    from monitor.secrets import is_secret
    from spiders import load_spiders

    if len(place) > 2:
        raise click.UsageError("one URL, or SPIDER and URL")
    options = _read_options(pairs)
    if len(place) == 1:
        found = recognise(place[0])
        name, url, options = found.spider, found.url, found.options | options
    else:
        name, url = place[0], web_address(place[1])
    kinds = load_spiders()
    if name not in kinds:
        raise ConfigError("no such kind of source", name)
    for need in kinds[name].needs:
        if not options.get(need):
            # Not as an argument: those end up in the shell's history.
            options[need] = click.prompt(need, hide_input=is_secret(need), err=True)
    return kinds[name], url, options


def _try_first(
    context: click.Context, kind: "type[SourceSpider]", url: str, options: dict[str, str]
) -> "tuple[type[SourceSpider], str]":
    """Show the first texts that the source would give, and say what it turned out to be; a bad one is not kept."""
    from monitor.recognise import Recognised
    from monitor.trying import try_link
    from spiders import load_spiders

    found, trial = try_link(settings_of(context), Recognised(kind.name, url), options)
    for text in trial.texts[:_SHOWN]:
        click.echo(f"  {text[:_WIDTH]}")
    if trial.failed:
        click.echo(f"didban: not kept ({trial.error})", err=True)
        context.exit(1)
    if trial.error:
        click.echo(f"didban: it holds nothing yet ({trial.error})", err=True)
    return load_spiders()[found.spider], found.url


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
@click.argument("source_id", type=ROW_ID)
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
@click.argument("source_id", type=ROW_ID)
@click.option("--paused/--resumed", default=None, help="Stop visiting, or go on.")
@_option
@_interval
@click.pass_context
def edit(
    context: click.Context, source_id: int, paused: bool | None, options: tuple[str, ...], interval: int | None
) -> None:
    """Replace what is given; the rest stays. An option with an empty VALUE is taken away."""
    from monitor.jobs import utcnow
    from monitor.sealing import Seal
    from monitor.sources import get_source, set_interval, set_options, set_paused

    with open_house(context) as house, house.database.write() as session:
        get_source(session, source_id)
        if paused is not None:
            set_paused(session, source_id, paused, utcnow())
        if options:
            set_options(session, source_id, _read_options(options), Seal(house.settings.key()))
        if interval is not None:
            set_interval(session, source_id, interval, utcnow())


@source.command("remove")
@click.argument("source_id", type=ROW_ID)
@click.pass_context
def remove(context: click.Context, source_id: int) -> None:
    """Stop watching; what it gave stays."""
    from monitor.sources import remove_source

    with open_house(context) as house, house.database.write() as session:
        silenced = remove_source(session, source_id)
    for rule in silenced:
        click.echo(f"rule {rule.id} was for it alone and is off now: {rule.kind}")


@source.command("test")
@click.argument("url")
@click.option("--spider", help="The kind of source to try, instead of the one that the link suggests.")
@_option
@click.pass_context
def test(context: click.Context, url: str, spider: str | None, options: tuple[str, ...]) -> None:
    """Show what URL would give; nothing is kept."""
    from monitor.recognise import Recognised
    from monitor.trying import try_link, try_source

    kind, url, given = _settle((spider, url) if spider else (url,), options)
    if spider:
        trial = try_source(settings_of(context), kind.name, url, given)
    else:
        _, trial = try_link(settings_of(context), Recognised(kind.name, url), given)
    for line in trial.lines:
        click.echo(line)
    context.exit(1 if trial.failed else 0)
