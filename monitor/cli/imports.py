"""didban import."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.context import open_house
from monitor.cli.progress import counting

if TYPE_CHECKING:
    from monitor.mention_files import ImportResult
    from monitor.unsubscribe_files import ImportResult as UnsubscribeResult


@click.group("import")
def import_() -> None:
    """Files with what cannot be collected."""


@import_.command("unsubscribes")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--brand", "brand_name", help="Whose list it is; needed when several brands are watched.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Where a field is; again for more.")
@click.option("--preview", is_flag=True, help="Show how the file would be read, and keep nothing.")
@click.pass_context
def unsubscribes(
    context: click.Context, path: Path, brand_name: str | None, columns: Sequence[str], preview: bool
) -> None:
    """A CSV or XLSX export of people who left a list; the same file twice changes nothing."""
    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.sealing import Seal
    from monitor.unsubscribe_files import FIELDS, import_file

    mapping = _mapping(columns, FIELDS)
    if preview:
        _show_preview(path, mapping)
        return
    with open_house(context) as house, counting("importing") as advance:
        with house.database.read() as session:
            brand_id = only_brand(session, brand_name).id
        seal = Seal(house.settings.key())
        result = import_file(house.database, brand_id, path, seal, utcnow(), mapping, advance)
    _tell(context, result)


@import_.command("sendings")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--brand", "brand_name", help="Whose list it is; needed when several brands are watched.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Where a field is; again for more.")
@click.pass_context
def sendings(context: click.Context, path: Path, brand_name: str | None, columns: Sequence[str]) -> None:
    """A CSV or XLSX export of campaigns with how many mails each was, for the rates of those who leave."""
    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.sending_files import FIELDS, import_sendings

    mapping = _mapping(columns, FIELDS)
    with open_house(context) as house:
        with house.database.read() as session:
            brand_id = only_brand(session, brand_name).id
        result = import_sendings(house.database, brand_id, path, utcnow(), mapping)
    _tell(context, result)


def _mapping(columns: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in columns:
        field, separator, column = pair.partition("=")
        if field not in fields or not separator or not column.strip():
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN with a field of {', '.join(fields)}")
        mapping[field] = column.strip()
    return mapping


def _show_preview(path: Path, mapping: Mapping[str, str]) -> None:
    from monitor.jobs import utcnow
    from monitor.unsubscribe_files import preview_file

    found = preview_file(path, utcnow(), mapping)
    click.echo(f"columns: {', '.join(found.columns)}")
    for field, column in found.mapping.items():
        click.echo(f"  {field} = {column}")
    for field in found.missing:
        click.echo(f"  {field} is not recognised; name it with --column {field}=COLUMN")
    for data in found.rows:
        reason = data.reason or (repr(data.comment) if data.comment else "no reason")
        # The address is left out: what is printed here ends up in logs.
        click.echo(f"  left {data.left_at:%Y-%m-%d %H:%M} {data.list_name} {data.campaign}: {reason}")
    for error in found.errors:
        click.echo(f"  {error}")


_brand = click.option("--brand", "brand_name", help="Whose it is; needed when several brands are watched.")


@import_.command("mentions")
@click.argument("path", type=click.Path(path_type=Path))
@_brand
@click.option(
    "--kind",
    type=click.Choice(["article", "comment", "review", "social"]),
    default="social",
    show_default=True,
    help="What the texts are, where no column says it.",
)
@click.pass_context
def mentions(context: click.Context, path: Path, brand_name: str | None, kind: str) -> None:
    """A CSV, XLSX or JSONL file of texts; the same file twice changes nothing."""
    from monitor.brands import only_brand
    from monitor.jobs import read_date, utcnow
    from monitor.mention_files import import_mentions
    from monitor.types import Kind

    with open_house(context) as house:
        with house.database.read() as session:
            brand_id = only_brand(session, brand_name).id
        result = import_mentions(house.database, brand_id, path, utcnow(), read_date, Kind(kind))
    _tell(context, result)


@import_.command("search-results")
@click.argument("path", type=click.Path(path_type=Path))
@_brand
@click.pass_context
def search_results(context: click.Context, path: Path, brand_name: str | None) -> None:
    """A CSV, XLSX or JSONL file with the first page of a search: position, title, url."""
    from monitor.brands import only_brand
    from monitor.jobs import read_date, utcnow
    from monitor.mention_files import import_search_results

    with open_house(context) as house:
        with house.database.read() as session:
            brand_id = only_brand(session, brand_name).id
        result = import_search_results(house.database, brand_id, path, utcnow(), read_date)
    _tell(context, result)


def _tell(context: click.Context, result: "ImportResult | UnsubscribeResult") -> None:
    for error in result.errors:
        click.echo(f"didban: {error}", err=True)
    click.echo(f"{result.new} new, {result.known} known already, {result.left_out} left out")
    context.exit(1 if result.left_out else 0)
