"""didban export."""

import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.context import ROW_ID, House, open_house
from monitor.types import CaseState, Kind, Label, Language, ReasonCode, Topic

if TYPE_CHECKING:
    from monitor.exports import Export

_FORMATS = ("csv", "xlsx", "jsonl")


class _Moment(click.ParamType[tuple[datetime, bool]]):
    """A day or a moment of either calendar; of a day without a time, where it begins and that it is a whole day."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[datetime, bool]:
        from monitor.moments import read_day_or_moment

        if isinstance(value, tuple):
            return value
        try:
            found = read_day_or_moment(value)
            return (found, False) if isinstance(found, datetime) else (datetime.combine(found, time.min), True)
        except ValueError:
            self.fail(f"{value!r} is no day like 2026-11-30 and no moment like 2026-11-30T08:00", param, ctx)


def _one_of(values: Any) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


def _common(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False),
        click.option("--format", "ending", type=click.Choice(_FORMATS), help="By FILE's ending, else csv."),
        click.option("--brand", "brand_name", help="Whose rows; needed when several brands are watched."),
        click.option("--since", type=_Moment(), help="From this day or moment on."),
        click.option("--until", type=_Moment(), help="Up to the end of this day, or before this moment."),
        click.pass_context,
    ):
        command = option(command)
    return command


@click.group()
def export() -> None:
    """Rows as a file: CSV, XLSX or JSONL, to FILE or standard output."""


@export.command("mentions")
@click.option("--label", type=_one_of(Label), help="Only with this label.")
@click.option("--kind", "text_kind", type=_one_of(Kind), help="Only this kind of text.")
@click.option("--language", type=_one_of(Language), help="Only in this language.")
@click.option("--topic", type=_one_of(Topic), help="Only about this.")
@click.option("--source", "source_id", type=ROW_ID, help="Only of this source.")
@click.option("--words", default="", help="Only with all of these words, however they are typed.")
@_common
def mentions(
    context: click.Context,
    label: str | None,
    text_kind: str | None,
    language: str | None,
    topic: str | None,
    source_id: int | None,
    words: str,
    **where: Any,
) -> None:
    """Mentions, by when they were said."""

    def plan(house: House, brand_id: int, since: datetime | None, until: datetime | None) -> "Export":
        from monitor.exports import export_mentions
        from monitor.mention_list import MentionFilter

        wanted = MentionFilter(
            label=label or "",
            kind=text_kind or "",
            language=language or "",
            topic=topic or "",
            source_id=source_id,
            words=words,
            said_from=since,
            said_before=until,
        )
        return export_mentions(brand_id, wanted, house.settings.uncertain_below)

    _write(context, plan, **where)


@export.command("search-results")
@click.option("--source", "source_id", type=ROW_ID, help="Only of this search.")
@_common
def search_results(context: click.Context, source_id: int | None, **where: Any) -> None:
    """Results of searches by when they were looked at; a look that failed is a row without a position."""

    def plan(house: House, brand_id: int, since: datetime | None, until: datetime | None) -> "Export":
        from monitor.exports import export_search_results
        from monitor.listings import PageFilter

        wanted = PageFilter(since, until, source_id=source_id)
        return export_search_results(brand_id, wanted, house.settings.uncertain_below)

    _write(context, plan, **where)


@export.command("unsubscribes")
@click.option("--reason", type=_one_of(ReasonCode), help="Only for this reason.")
@click.option("--list", "list_name", default="", help="Only from this list.")
@click.option("--campaign", default="", help="Only after this mail.")
@click.option("--provider", default="", help="Only as this provider told it.")
@click.option("--addresses", is_flag=True, help="With the addresses that are still kept; handle the file as such.")
@_common
def unsubscribes(
    context: click.Context,
    reason: str | None,
    list_name: str,
    campaign: str,
    provider: str,
    addresses: bool,
    **where: Any,
) -> None:
    """People who left and why; without their addresses."""

    def plan(house: House, brand_id: int, since: datetime | None, until: datetime | None) -> "Export":
        from monitor.exports import export_leavings
        from monitor.listings import LeavingFilter
        from monitor.sealing import Seal

        wanted = LeavingFilter(
            since, until, reason=reason or "", list_name=list_name, campaign=campaign, provider=provider
        )
        return export_leavings(brand_id, wanted, Seal(house.settings.key()) if addresses else None)

    _write(context, plan, **where)


@export.command("cases")
@click.option("--state", "states", type=_one_of(CaseState), multiple=True, help="Only in this state; may be repeated.")
@click.option("--owner", default="", help="Only this owner's.")
@_common
def cases(context: click.Context, states: tuple[str, ...], owner: str, **where: Any) -> None:
    """Cases, by when they were opened."""

    def plan(house: House, brand_id: int, since: datetime | None, until: datetime | None) -> "Export":
        from monitor.exports import export_cases
        from monitor.jobs import utcnow
        from monitor.listings import CaseFilter

        return export_cases(brand_id, CaseFilter(since, until, states=states, owner=owner), utcnow())

    _write(context, plan, **where)


def _write(
    context: click.Context,
    plan: Callable[[House, int, datetime | None, datetime | None], "Export"],
    *,
    file: Path | None,
    ending: str | None,
    brand_name: str | None,
    since: tuple[datetime, bool] | None,
    until: tuple[datetime, bool] | None,
) -> None:
    from monitor.brands import only_brand
    from monitor.drafts import written_aside
    from monitor.sheets import Format, write_sheet

    chosen = Format(ending or _ending(file) or "csv")
    if file is None and chosen == Format.XLSX and sys.stdout.isatty():
        raise click.UsageError("a workbook is nothing to read on a terminal; name a FILE")
    with open_house(context) as house, house.database.read() as session:
        begin = _aware(house, since[0]) if since else None
        end = _aware(house, until[0], whole_day=until[1]) if until else None
        export = plan(house, only_brand(session, brand_name).id, begin, end)
        pieces = write_sheet(
            chosen, export.columns, export.rows(session), right_to_left=house.settings.language == "fa"
        )
        with click.open_file("-", "wb") if file is None else written_aside(file) as target:
            for piece in pieces:
                target.write(piece)


def _ending(file: Path | None) -> str:
    ending = file.suffix.removeprefix(".").lower() if file is not None else ""
    return ending if ending in _FORMATS else ""


def _aware(house: House, moment: datetime, *, whole_day: bool = False) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=house.settings.zone)
    return datetime.combine(moment.date() + timedelta(days=1), time.min, moment.tzinfo) if whole_day else moment
