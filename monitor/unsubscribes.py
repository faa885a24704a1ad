"""Why people leave: events recorded once, imported from files, counted by reason."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.errors import ImportFileError, ImportRowError
from monitor.folding import digest, fold
from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import ReasonCode, UnsubscribeData

_BATCH = 500
PROVIDER = "provider"

# Column names in the exports of Mailchimp, GetResponse and listmonk, and plain ones, folded.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "subscriber": ("email address", "email", "e-mail", "subscriber", "ایمیل", "نشانی ایمیل"),
    "left_at": ("unsub_time", "unsubscribed at", "unsubscribed_at", "left_at", "date", "updated_at", "تاریخ"),
    "list_name": ("list", "list_name", "audience", "فهرست"),
    "campaign": ("unsub_campaign_title", "campaign", "message", "کمپین"),
    "reason": ("unsub_reason", "reason", "unsubscribe reason", "دلیل"),
    "comment": ("unsub_reason_other", "comment", "notes", "توضیح"),
}

# The choices providers offer, folded, by how they begin; anything else is the person's own words.
_CHOICES: Mapping[str, ReasonCode | None] = {
    "unspecified": None,
    "none given": None,
    "no reason": None,
    "no longer interested": ReasonCode.NOT_RELEVANT,
    "i no longer want": ReasonCode.NOT_RELEVANT,
    "content not relevant": ReasonCode.NOT_RELEVANT,
    "not relevant": ReasonCode.NOT_RELEVANT,
    "too many": ReasonCode.TOO_MANY,
    "no longer your client": ReasonCode.NO_LONGER_CUSTOMER,
    "did not signup": ReasonCode.NEVER_SIGNED_UP,
    "did not sign up": ReasonCode.NEVER_SIGNED_UP,
    "never signed up": ReasonCode.NEVER_SIGNED_UP,
    "i never signed up": ReasonCode.NEVER_SIGNED_UP,
    "spam": ReasonCode.SPAM,
    "spammy content": ReasonCode.SPAM,
    "inappropriate content": ReasonCode.SPAM,
    "the emails are inappropriate": ReasonCode.SPAM,
    "the emails are spam": ReasonCode.SPAM,
}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """``new`` events kept, ``known`` ones that were there already, and one error for each row left out."""

    new: int
    known: int
    errors: tuple[ImportRowError, ...]


def map_reason(choice: str) -> tuple[ReasonCode | None, str]:
    """A provider's reason field as a code, or as the person's own words when it is no known choice."""
    folded = fold(choice).rstrip(".")
    if not folded:
        return None, ""
    if folded in set(ReasonCode):
        return ReasonCode(folded), ""
    for start, code in _CHOICES.items():
        # "Other: the offers never reach my city" is a choice and somebody's words in one field.
        if folded == start or (code is not None and folded.startswith(f"{start} ") and len(folded) < 60):
            return code, ""
    return None, choice.strip()


def record_events(
    session: Session, brand_id: int, items: Iterable[UnsubscribeData], seal: Seal, now: datetime
) -> tuple[int, int]:
    """Keep each event once; how many were new and how many known. A blank reason stays blank."""
    rows: dict[str, UnsubscribeEvent] = {}
    known = 0
    for data in items:
        row = _make_event(brand_id, data, seal, now)
        known += row.key in rows
        rows.setdefault(row.key, row)
    seen = set(
        session.scalars(
            select(UnsubscribeEvent.key).where(
                UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.key.in_(list(rows))
            )
        )
    )
    session.add_all(row for key, row in rows.items() if key not in seen)
    session.flush()
    return len(rows) - len(seen), known + len(seen)


def _make_event(brand_id: int, data: UnsubscribeData, seal: Seal, now: datetime) -> UnsubscribeEvent:
    person = seal.hash(data.subscriber.strip().casefold())
    moment = data.external_id or data.left_at.astimezone(UTC).isoformat()
    waits = data.reason is None and bool(data.comment)
    return UnsubscribeEvent(
        brand_id=brand_id,
        key=digest(data.provider, data.list_name, person, moment),
        subscriber_hash=person,
        list_name=data.list_name,
        campaign=data.campaign,
        provider=data.provider,
        left_at=data.left_at,
        comment=data.comment,
        recorded_at=now,
        reason=data.reason or "",
        reason_score=1.0 if data.reason else None,
        labelled_by=PROVIDER if data.reason else "",
        labelled_at=None if waits else now,
    )


def import_file(session: Session, brand_id: int, path: Path, seal: Seal, now: datetime) -> ImportResult:
    """Record every good row of a CSV export and report every bad one by line.

    Encodings and separators are guessed; the same file twice changes nothing. Raises ImportFileError when the file
    cannot be read or has no column with an address or a date.
    """
    with _open_text(path) as file:
        reader = csv.DictReader(file, dialect=_dialect(file, path))
        columns = _find_columns(reader.fieldnames or (), path)
        errors: list[ImportRowError] = []
        new = known = 0
        for batch in _batches(_read_rows(reader, columns, path, now, errors)):
            kept, seen = record_events(session, brand_id, batch, seal, now)
            new, known = new + kept, known + seen
    return ImportResult(new, known, tuple(errors))


def _open_text(path: Path) -> TextIO:
    """The file as text: by its byte order mark, as UTF-8, or as Windows' Persian and Arabic code page."""
    try:
        head = path.read_bytes()[:4]
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as probe:
            while probe.read(1 << 20):
                pass
    except UnicodeDecodeError:
        encoding = "windows-1256"
    except OSError as e:
        raise ImportFileError("cannot read file", str(path)) from e
    return path.open(encoding=encoding, newline="", errors="replace")


def _dialect(file: TextIO, path: Path) -> type[csv.Dialect]:
    head = file.readline()
    file.seek(0)
    if not head.strip():
        raise ImportFileError("file is empty", str(path))

    class Found(csv.excel):
        delimiter = max(",;\t|", key=head.count)

    return Found


def _find_columns(names: Sequence[str], path: Path) -> dict[str, str]:
    by_folded = {fold(name): name for name in names}
    columns = {
        field: by_folded[alias]
        for field, aliases in _COLUMNS.items()
        for alias in reversed(aliases)
        if alias in by_folded
    }
    for needed in ("subscriber", "left_at"):
        if needed not in columns:
            raise ImportFileError(f"no column for {needed} (one of: {', '.join(_COLUMNS[needed])})", str(path))
    return columns


def _read_rows(
    reader: "csv.DictReader[str]",
    columns: Mapping[str, str],
    path: Path,
    now: datetime,
    errors: list[ImportRowError],
) -> Iterator[UnsubscribeData]:
    for row in reader:
        values = {field: (row.get(column) or "").strip() for field, column in columns.items()}
        if not any(values.values()):
            continue
        try:
            yield _read_row(values, now)
        except ValueError as e:
            error = ImportRowError(f"row left out ({e})", f"{path.name}:{reader.line_num}")
            errors.append(error)


def _read_row(values: Mapping[str, str], now: datetime) -> UnsubscribeData:
    subscriber = values["subscriber"]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", subscriber):
        raise ValueError("no e-mail address")
    left_at = _read_time(values["left_at"])
    if left_at > now:
        raise ValueError("a date in the future")
    reason, words = map_reason(values.get("reason", ""))
    comment = values.get("comment", "") or words
    if reason is ReasonCode.OTHER and comment:
        # "Other" beside somebody's words says less than the words do.
        reason = None
    return UnsubscribeData(
        subscriber=subscriber,
        left_at=left_at,
        list_name=values.get("list_name", ""),
        campaign=values.get("campaign", ""),
        provider="file",
        reason=reason,
        comment=comment,
    )


def _read_time(text: str) -> datetime:
    """ISO dates as exports write them; without a zone they are UTC, as Mailchimp and listmonk write them."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"not a date: {text!r}" if text else "no date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _batches(items: Iterator[UnsubscribeData]) -> Iterator[list[UnsubscribeData]]:
    batch: list[UnsubscribeData] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def count_reasons(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many left in [since, until) for each reason; ``""`` counts those who said nothing."""
    rows = session.execute(
        select(UnsubscribeEvent.reason, func.count())
        .where(UnsubscribeEvent.brand_id == brand_id)
        .where(UnsubscribeEvent.left_at >= since, UnsubscribeEvent.left_at < until)
        .group_by(UnsubscribeEvent.reason)
    )
    return {reason: count for reason, count in rows}
