"""didban import."""

from pathlib import Path

import click

from monitor.cli.context import open_house


@click.group("import")
def import_() -> None:
    """Files with what cannot be collected."""


@import_.command("unsubscribes")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--brand", "brand_name", help="Whose list it is; needed when several brands are watched.")
@click.pass_context
def unsubscribes(context: click.Context, path: Path, brand_name: str | None) -> None:
    """A CSV export of people who left a list; the same file twice changes nothing."""
    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.sealing import Seal
    from monitor.unsubscribes import import_file

    with open_house(context) as house, house.database.write() as session:
        brand = only_brand(session, brand_name)
        result = import_file(session, brand.id, path, Seal(house.settings.key()), utcnow())
    for error in result.errors:
        click.echo(f"didban: {error}", err=True)
    click.echo(f"{result.new} new, {result.known} known already, {len(result.errors)} left out")
    context.exit(1 if result.errors else 0)
