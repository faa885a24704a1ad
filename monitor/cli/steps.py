"""didban collect, score, decide, deliver, status: one step now, for all that waits."""

from dataclasses import asdict

import click

from monitor.cli.context import ROW_ID, House, as_json, echo_json, open_house
from monitor.cli.progress import counting


@click.command()
@click.option("--brand", "brand_name", help="This brand's sources, due or not.")
@click.option("--source", "source_id", type=ROW_ID, help="This source, due or not.")
@click.option("--all", "everything", is_flag=True, help="Every source, due or not.")
@as_json
@click.pass_context
def collect(
    context: click.Context, brand_name: str | None, source_id: int | None, everything: bool, as_json: bool
) -> None:
    """Visit the sources that are due."""
    from monitor import jobs

    with open_house(context) as house:
        ids = _chosen(house, brand_name, source_id, everything)
        result = jobs.collect(house.settings, house.database, ids)
    if as_json:
        echo_json(asdict(result))
    else:
        click.echo(
            f"{result.sources} sources, {result.new_mentions} new mentions, {result.articles} articles, "
            f"{result.warnings} entries left out, {result.failed} sources in trouble"
        )
    context.exit(1 if result.failed else 0)


def _chosen(house: House, brand_name: str | None, source_id: int | None, everything: bool) -> list[int] | None:
    """The sources asked for, made due; None for whatever is due by itself."""
    from monitor.brands import get_brand
    from monitor.jobs import utcnow
    from monitor.sources import find_sources, get_source, make_due

    if not (brand_name or source_id or everything):
        return None
    with house.database.write() as session:
        if source_id:
            ids = [get_source(session, source_id).id]
        elif brand_name:
            ids = [source.id for source in find_sources(session, get_brand(session, brand_name).id)]
        else:
            ids = [source.id for source in find_sources(session)]
        return make_due(session, utcnow(), ids)


@click.command()
@click.pass_context
def score(context: click.Context) -> None:
    """Label the texts that have no label yet."""
    from monitor import jobs

    with open_house(context) as house:
        done = 0
        with counting("labelling") as advance:
            for count in jobs.score(house.settings, house.database):
                advance(count)
                done += count
    click.echo(f"{done} texts labelled")


@click.command()
@click.pass_context
def decide(context: click.Context) -> None:
    """Judge what was labelled and write the alerts."""
    from monitor import jobs

    with open_house(context) as house:
        click.echo(f"{jobs.decide(house.settings, house.database)} alerts")


@click.command()
@click.pass_context
def deliver(context: click.Context) -> None:
    """Send the alerts that wait."""
    from monitor import jobs

    with open_house(context) as house:
        outcome = jobs.deliver(house.settings, house.database)
    click.echo(f"{outcome.sent} sent")
    for error in outcome.errors:
        click.echo(f"didban: {error}", err=True)
    context.exit(1 if outcome.errors else 0)


@click.command()
@as_json
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Each brand's figure, its open cases, the sources in trouble and how far the work is behind."""
    from monitor.jobs import utcnow
    from monitor.standing import find_standing

    with open_house(context) as house, house.database.read() as session:
        standing = find_standing(session, house.settings, utcnow())
    if as_json:
        echo_json(standing)
        return
    for step in standing["late"]:
        minutes = standing["seconds_behind"][step] // 60
        click.echo(f"late: {step}, {minutes} minutes behind; is didban run or a worker running?")
    for row in standing["brands"]:
        share = f"up to {row['share_lost']:g} %" if row["share_lost"] is not None else "no figure"
        cases = f"{row['open_cases']} open cases, {row['late_cases']} late"
        click.echo(f"{row['brand']}: {row['negatives']} negative, {share} ({row['basis']}); {cases}")
        for trouble in row["sources_in_trouble"]:
            click.echo(f"  {trouble['state']} {trouble['url']}: {trouble['error']}")
