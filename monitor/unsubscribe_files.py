"""Exports of people who left, from any provider: columns recognised, bad rows reported, good ones kept."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from monitor.db import Database, in_chunks
from monitor.errors import ImportFileError, ImportRowError
from monitor.folding import fold
from monitor.moments import read_moment
from monitor.reasons import settle_reason
from monitor.sealing import Seal
from monitor.tables import UNREADABLE, Row, Table, open_table, quoted
from monitor.types import Door, UnsubscribeData
from monitor.unsubscribes import record_events

FIELDS = ("subscriber", "left_at", "list_name", "campaign", "segment", "reason", "comment", "status", "external_id")
NEEDED = ("subscriber", "left_at")
# Each transaction touches much of every index: fewer and larger ones write less.
_BATCH = 2000
_ERRORS_KEPT = 1000
_SAMPLE = 5

# Column names in the exports of Mailchimp, GetResponse and listmonk, and plain ones, folded; the first found wins.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "subscriber": ("email address", "email", "e-mail", "e-mail address", "subscriber", "ایمیل", "نشانی ایمیل"),
    "left_at": (
        "unsub_time", "unsubscribed at", "unsubscribed_at", "unsubscription date", "unsubscribed on", "removed on",
        "left_at", "date", "updated_at", "تاریخ",
    ),
    "list_name": ("list", "list_name", "lists", "audience", "campaign name", "فهرست"),
    "campaign": ("unsub_campaign_title", "campaign", "message", "newsletter", "message subject", "کمپین"),
    "segment": ("segment", "segments", "بخش"),
    "reason": ("unsub_reason", "reason", "unsubscribe reason", "removal reason", "دلیل"),
    "comment": ("unsub_reason_other", "comment", "comments", "feedback", "توضیح"),
    "status": ("subscription_status", "status", "وضعیت"),
    "external_id": ("event_id",),
}  # fmt: skip
# What only one provider's export has; it names the provider of the rows.
_MARKS: Mapping[str, Sequence[str]] = {
    "mailchimp": ("unsub_time", "unsub_reason", "leid", "euid"),
    "getresponse": ("removal reason", "removed on", "contact origin"),
    "listmonk": ("uuid", "attributes"),
}
# "enabled" is listmonk's; its export of all subscribers holds mostly such rows.
_STILL_THERE = {"active", "enabled", "subscribed", "confirmed", "unconfirmed", "pending"}
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """``new`` leavings kept, ``known`` ones that were there already, ``left_out`` rows that could not be read.

    ``errors`` names the first thousand of those by line.
    """

    new: int
    known: int
    errors: tuple[ImportRowError, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read: our field -> its column, and the first rows as they are understood.

    ``missing`` are the fields without which nothing can be imported; ``rows`` is empty then.
    """

    columns: Sequence[str]
    mapping: Mapping[str, str]
    provider: str
    missing: Sequence[str]
    rows: Sequence[UnsubscribeData]
    errors: Sequence[str]


@dataclass(slots=True)
class _Reading:
    """One file being read: where its columns are and what went wrong so far."""

    name: str
    mapping: Mapping[str, str]
    provider: str
    now: datetime
    errors: list[ImportRowError] = field(default_factory=list)
    left_out: int = 0

    def rows(self, rows: Iterator[Row]) -> Iterator[UnsubscribeData]:
        for line, cells in rows:
            if cells is None:
                self._blame(line, UNREADABLE)
                continue
            values = {name: cells.get(column, "").strip() for name, column in self.mapping.items()}
            if not any(values.values()):
                continue
            try:
                yield _read_row(values, self.provider, self.now)
            except ValueError as e:
                self._blame(line, str(e))

    def _blame(self, line: int, cause: str) -> None:
        self.left_out += 1
        if len(self.errors) < _ERRORS_KEPT:
            self.errors.append(ImportRowError(f"row left out ({cause})", f"{self.name}:{line}"))


def import_file(
    database: Database,
    brand_id: int,
    path: Path,
    seal: Seal,
    now: datetime,
    mapping: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[int], None] | None = None,
) -> ImportResult:
    """Record every good row of a CSV or XLSX file and report every bad one by line.

    ``mapping`` names columns (our field -> the file's column) where they are not recognised, and ``""`` for none.
    Rows are kept in batches, each in a transaction of its own; ``progress`` is told how many rows each batch had. The
    same file twice changes nothing, also when the first time was cut short. Raises ImportFileError when the file
    cannot be read or has no column with an address or a date.
    """
    new = known = 0
    with open_table(path) as table:
        found = find_columns(table.columns, mapping, path)
        for needed in NEEDED:
            if needed not in found:
                wanted = ", ".join(_COLUMNS[needed])
                raise ImportFileError(f"no column for {needed} (one of: {wanted})", str(path))
        reading = _Reading(path.name, found, _provider_of(table.columns), now)
        for batch in in_chunks(reading.rows(table.rows), _BATCH):
            with database.write() as session:
                kept, seen = record_events(session, brand_id, batch, seal, now)
            new, known = new + kept, known + seen
            if progress is not None:
                progress(len(batch))
    return ImportResult(new, known, tuple(reading.errors), reading.left_out)


def preview_file(path: Path, now: datetime, mapping: Mapping[str, str] = MappingProxyType({})) -> Preview:
    """How :func:`import_file` would read the file; nothing is kept. Raises ImportFileError."""
    with open_table(path) as table:
        return _preview(table, path, now, mapping)


def _preview(table: Table, path: Path, now: datetime, mapping: Mapping[str, str]) -> Preview:
    found = find_columns(table.columns, mapping, path)
    provider = _provider_of(table.columns)
    missing = [needed for needed in NEEDED if needed not in found]
    reading = _Reading(path.name, found, provider, now)
    sample = [] if missing else _first(reading.rows(table.rows))
    return Preview(table.columns, found, provider, missing, sample, [str(error) for error in reading.errors[:_SAMPLE]])


def _first(rows: Iterator[UnsubscribeData]) -> list[UnsubscribeData]:
    return [data for data, _ in zip(rows, range(_SAMPLE), strict=False)]


def find_columns(names: Sequence[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    """Our field -> the file's column: what ``mapping`` says, and what is recognised of the fields it leaves out.

    A field for which it says ``""`` has no column. Raises ImportFileError for a column that is not there.
    """
    by_folded = {fold(name): name for name in reversed(names)}
    chosen = {name: _find_column(by_folded, column, names, path) for name, column in mapping.items()}
    # A column means one thing: what was named as the campaign is not recognised as a list too.
    free = {folded: name for folded, name in by_folded.items() if name not in chosen.values()}
    recognised = {
        name: next((free[alias] for alias in aliases if alias in free), "") for name, aliases in _COLUMNS.items()
    }
    found = {**recognised, **chosen}
    return {name: column for name, column in found.items() if column}


def _find_column(by_folded: Mapping[str, str], chosen: str, names: Sequence[str], path: Path) -> str:
    if chosen and fold(chosen) not in by_folded:
        # A file without names begins with a person.
        there = ", ".join(name for name in names if quoted(name))
        raise ImportFileError(f"no column {chosen!r} (there are: {there})", str(path))
    return by_folded[fold(chosen)] if chosen else ""


def _provider_of(names: Sequence[str]) -> str:
    folded = {fold(name) for name in names}
    for provider, marks in _MARKS.items():
        if folded & set(marks):
            return provider
    return "file"


def _read_row(values: Mapping[str, str], provider: str, now: datetime) -> UnsubscribeData:
    subscriber = values["subscriber"]
    if not _ADDRESS.fullmatch(subscriber):
        raise ValueError("no e-mail address")
    if values.get("status", "").casefold() in _STILL_THERE:
        raise ValueError("still subscribed")
    left_at = _read_time(values["left_at"])
    if left_at > now:
        raise ValueError("a date in the future")
    reason, comment = settle_reason(values.get("reason", ""), values.get("comment", ""))
    return UnsubscribeData(
        subscriber=subscriber,
        left_at=left_at,
        list_name=values.get("list_name", ""),
        campaign=values.get("campaign", ""),
        segment=values.get("segment", ""),
        provider=provider,
        reason=reason,
        comment=comment,
        external_id=values.get("external_id", ""),
        door=Door.FILE,
    )


def _read_time(text: str) -> datetime:
    """ISO dates as exports write them; without a zone they are UTC, as Mailchimp and listmonk write them."""
    if not text:
        raise ValueError("no date")
    try:
        return read_moment(text)
    except ValueError:
        raise ValueError(f"not a date{quoted(text)}") from None
