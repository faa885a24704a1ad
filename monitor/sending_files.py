"""Exports of campaigns with how many mails each was: columns recognised, bad rows reported, good ones kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from monitor.db import Database
from monitor.errors import ImportFileError, ImportRowError
from monitor.folding import fold
from monitor.moments import read_moment
from monitor.sendings import MOST_MAILS, record_sendings
from monitor.tables import UNREADABLE, Row, open_table, quoted
from monitor.types import SendingBasis, SendingData
from monitor.unsubscribe_files import ImportResult

FIELDS = ("count", "sent_at", "campaign", "list_name", "external_id")
# Column names in the campaign reports of Mailchimp, Brevo and GetResponse, and plain ones, folded; the first wins.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "count": ("total recipients", "successful deliveries", "sent", "emails sent", "emails_sent", "recipients", "mails",
              "تعداد", "ارسال شده"),
    "sent_at": ("send date", "sent at", "sent_at", "send_time", "sent date", "date", "تاریخ"),
    "campaign": ("title", "campaign", "campaign name", "name", "subject", "کمپین"),
    "list_name": ("list", "audience", "list_name", "فهرست"),
    "external_id": ("unique id", "campaign_id", "campaign id"),
}  # fmt: skip


def import_sendings(
    database: Database, brand_id: int, path: Path, now: datetime, mapping: Mapping[str, str] = MappingProxyType({})
) -> ImportResult:
    """Keep every good row of a CSV or XLSX file; the same file twice changes nothing. Raises ImportFileError."""
    errors: list[ImportRowError] = []
    with open_table(path) as table:
        columns = _find_columns(table.columns, mapping, path)
        told = list(_read(table.rows, columns, path.name, now, errors))
    with database.write() as session:
        new, known = record_sendings(session, brand_id, told)
    return ImportResult(new, known, tuple(errors), len(errors))


def _find_columns(names: Sequence[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    by_folded = {fold(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for field, aliases in _COLUMNS.items():
        wanted = [fold(mapping[field])] if field in mapping else aliases
        name = next((by_folded[alias] for alias in wanted if alias in by_folded), None)
        if name is not None:
            found[field] = name
        elif field in mapping or field in ("count", "sent_at"):
            raise ImportFileError(f"no column for {field} (one of: {', '.join(wanted)})", str(path))
    return found


def _read(
    rows: Iterator[Row], columns: Mapping[str, str], name: str, now: datetime, errors: list[ImportRowError]
) -> Iterator[SendingData]:
    for line, cells in rows:
        if cells is None:
            errors.append(ImportRowError(f"row left out ({UNREADABLE})", f"{name}:{line}"))
            continue
        values = {field: cells.get(column, "").strip() for field, column in columns.items()}
        if not any(values.values()):
            continue
        try:
            yield _read_row(values, now)
        except ValueError as e:
            errors.append(ImportRowError(f"row left out ({e})", f"{name}:{line}"))


def _read_row(values: Mapping[str, str], now: datetime) -> SendingData:
    count = _read_count(values["count"])
    try:
        sent_at = read_moment(values["sent_at"])
    except ValueError:
        raise ValueError(f"not a date{quoted(values['sent_at'])}") from None
    if sent_at > now:
        raise ValueError("a date in the future")
    if not values.get("campaign") and not values.get("list_name"):
        raise ValueError("neither a campaign nor a list")
    return SendingData(
        count,
        sent_at,
        list_name=values.get("list_name", ""),
        campaign=values.get("campaign", ""),
        provider="file",
        external_id=values.get("external_id", ""),
        basis=SendingBasis.FILE,
    )


def _read_count(text: str) -> int:
    plain = fold(text).replace(",", "").replace("٬", "")
    # By the length first: a number without an end takes long to become one.
    if not plain.isdecimal() or len(plain) > len(str(MOST_MAILS)) or not 0 < int(plain) <= MOST_MAILS:
        raise ValueError(f"no number of mails{quoted(text)}")
    return int(plain)
