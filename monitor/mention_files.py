"""Files with texts or search results that no spider can collect: good rows kept, bad ones reported by line."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.db import Database, in_chunks, storable
from monitor.errors import ImportFileError, ImportRowError, SourceError
from monitor.folding import digest, fingerprint, fold
from monitor.mentions import save_mentions
from monitor.models import Brand, SearchPage, Source
from monitor.moments import come_by
from monitor.recognise import web_address
from monitor.search_results import PAGE_ONE, save_page
from monitor.sources import add_source
from monitor.tables import Row, open_table, quoted
from monitor.types import FILE_SPIDER, Kind, MentionData, SearchPageData, SearchResultData

_BATCH = 500
_ERRORS_KEPT = 1000
_LOOKED_AT = 200
_SAMPLE = 5
_KINDS = (Kind.ARTICLE, Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT)

# Column names as exports have them, folded; the first found wins.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "text": (
        "text",
        "full_text",
        "body",
        "comment",
        "content",
        "message",
        "caption",
        "review",
        "snippet",
        "متن",
        "نظر",
        "کامنت",
    ),
    "title": ("title", "subject", "headline", "عنوان", "تیتر"),
    "url": ("url", "link", "address", "permalink", "نشانی", "لینک", "ادرس"),
    "author": ("author", "user", "username", "user_name", "name", "from", "نویسنده", "کاربر"),
    "published_at": ("published_at", "date", "created_at", "time", "timestamp", "taken_at", "تاریخ", "زمان"),
    "rating": ("rating", "rate", "stars", "score", "امتیاز", "ستاره"),
    "kind": ("kind", "type", "نوع"),
    "external_id": ("external_id", "id_str", "id", "comment_id", "شناسه"),
    "platform": ("platform", "network", "site", "سکو", "شبکه", "پلتفرم", "سایت"),
    "position": ("position", "rank", "رتبه", "جایگاه"),
    "query": ("query", "keyword", "search", "عبارت", "پرسش"),
}
# What exports call their rows, folded.
_KIND_NAMES: Mapping[str, Kind] = {
    **{kind: kind for kind in _KINDS},
    **dict.fromkeys(("tweet", "retweet", "quote", "post", "status", "توییت", "پست"), Kind.SOCIAL),
    **dict.fromkeys(("image", "photo", "video", "reel", "carousel", "sidecar", "story"), Kind.SOCIAL),
    **dict.fromkeys(("reply", "کامنت", "نظر"), Kind.COMMENT),
    "خبر": Kind.ARTICLE,
}
# Tue Oct 10 20:19:24 +0000 2018; seconds, or milliseconds, since 1970.
_X_DATE = "%a %b %d %H:%M:%S %z %Y"
_SINCE_1970 = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.\d*)?")
_DAY = timedelta(days=1)
ReadDate = Callable[[str], datetime | None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """``new`` texts kept, ``known`` ones that were there already; ``errors`` names the first thousand bad rows."""

    new: int
    known: int
    errors: tuple[ImportRowError, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read: our fields that it has, its first rows, and what is wrong with the first bad ones."""

    fields: Sequence[str]
    rows: Sequence[MentionData | SearchResultData]
    errors: Sequence[ImportRowError]


@dataclass(slots=True)
class _Reading:
    """One file being read and what went wrong so far."""

    path: Path
    errors: list[ImportRowError] = field(default_factory=list)
    left_out: int = 0

    def blame(self, line: int, cause: ValueError) -> None:
        self.left_out += 1
        if len(self.errors) < _ERRORS_KEPT:
            self.errors.append(ImportRowError(f"row left out ({cause})", f"{self.path.name}:{line}"))


def preview_mentions(path: Path, now: datetime, read_date: ReadDate, kind: Kind = Kind.SOCIAL) -> Preview:
    """How :func:`import_mentions` would read the file; nothing is kept. Raises ImportFileError."""
    return _preview(path, "text", lambda values: _mention(values, 0, kind, now, read_date))


def preview_search_results(path: Path, now: datetime, read_date: ReadDate) -> Preview:
    """The same of :func:`import_search_results`."""

    def read(values: Mapping[str, str]) -> SearchResultData:
        _moment(values, now, read_date)
        return _result(values)

    return _preview(path, "url", read)


def _preview(path: Path, needed: str, read: Callable[[Mapping[str, str]], MentionData | SearchResultData]) -> Preview:
    reading, fields, sample = _Reading(path), dict[str, None](), []
    with _open_rows(path, needed) as rows:
        for line, values in islice(rows, _LOOKED_AT):
            fields |= dict.fromkeys(values)
            try:
                sample.append(read(values))
            except ValueError as e:
                reading.blame(line, e)
    return Preview(tuple(fields), sample[:_SAMPLE], reading.errors[:_SAMPLE])


def import_mentions(
    database: Database, brand_id: int, path: Path, now: datetime, read_date: ReadDate, kind: Kind = Kind.SOCIAL
) -> ImportResult:
    """Keep every text of a CSV, XLSX or JSONL file for a brand, as history that alerts nobody.

    ``kind`` is what rows are that do not say it; ratings are stars out of five. The same file twice changes nothing.
    Raises ImportFileError when the file cannot be read or has no column with texts.
    """
    reading = _Reading(path)
    with database.write() as session:
        source_id = _source_of(session, brand_id, "mentions", now)
    new = seen = 0
    with _open_rows(path, "text") as rows:
        for batch in in_chunks(_mentions(rows, reading, source_id, kind, now, read_date), _BATCH):
            with database.write() as session:
                new += save_mentions(session, batch, now)
            seen += len(batch)
    return ImportResult(new, seen - new, tuple(reading.errors), reading.left_out)


def import_search_results(
    database: Database, brand_id: int, path: Path, now: datetime, read_date: ReadDate
) -> ImportResult:
    """Keep the first page of results that a CSV, XLSX or JSONL file holds: position, title, url, text (snippet).

    Rows are one page for each query and moment; without a date they are of ``now``, and a page equal to the last
    one of a day is known. Raises ImportFileError.
    """
    reading = _Reading(path)
    pages: dict[tuple[str, datetime | None], dict[int, SearchResultData]] = {}
    with _open_rows(path, "url") as rows:
        for line, values in rows:
            try:
                result = _result(values)
                taken_at = _moment(values, now, read_date)
                page = pages.setdefault((values.get("query", ""), taken_at), {})
                if result.position in page:
                    raise ValueError(f"position {result.position} comes twice")
                page[result.position] = result
            except ValueError as e:
                reading.blame(line, e)
    new = 0
    with database.write() as session:
        source_id = _source_of(session, brand_id, "search-results", now)
        for (query, taken_at), found in sorted(pages.items(), key=lambda item: item[0][1] or now):
            results = tuple(found[position] for position in sorted(found))
            if taken_at is None and results == _last_results(session, source_id, query, now):
                continue
            data = SearchPageData(query, FILE_SPIDER, taken_at or now, results, source_id=source_id)
            if not _has_page(session, data):
                save_page(session, data, now)
                new += 1
    return ImportResult(new, len(pages) - new, tuple(reading.errors), reading.left_out)


def _source_of(session: Session, brand_id: int, what: str, now: datetime) -> int:
    """The source under which a brand's files are kept; nobody visits it."""
    url = f"import:{what}:{brand_id}"
    known = session.scalar(select(Source.id).where(Source.spider == FILE_SPIDER, Source.url == url))
    if known is not None:
        return known
    session.get_one(Brand, brand_id)
    source = add_source(session, FILE_SPIDER, url, now, interval=86400, brand_id=brand_id, matches_text=False)
    source.paused = True
    return source.id


def _has_page(session: Session, data: SearchPageData) -> bool:
    query = select(SearchPage.id).where(SearchPage.source_id == data.source_id, SearchPage.taken_at == data.taken_at)
    return session.scalar(query.where(SearchPage.query == data.query)) is not None


def _last_results(session: Session, source_id: int, query: str, now: datetime) -> tuple[SearchResultData, ...]:
    """Those of the last page of a day: one that was the same for longer was looked at again."""
    last = session.scalar(
        select(SearchPage)
        .where(SearchPage.source_id == source_id, SearchPage.query == query, SearchPage.taken_at > now - _DAY)
        .order_by(SearchPage.taken_at.desc())
        .limit(1)
    )
    if last is None:
        return ()
    return tuple(SearchResultData(each.position, each.mention.url, each.title, each.snippet) for each in last.results)


@contextmanager
def _open_rows(path: Path, needed: str) -> Iterator[Iterator[tuple[int, dict[str, str]]]]:
    """Rows by our own names of their columns. Raises ImportFileError when ``needed`` is not among them."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield _json_rows(path)
        return
    with open_table(path) as table:
        columns = _columns(table.columns)
        if needed not in columns:
            wanted = ", ".join(_COLUMNS[needed])
            raise ImportFileError(f"no column for {needed} (one of: {wanted})", str(path))
        yield (_renamed(row, columns) for row in table.rows)


def _columns(names: Sequence[str]) -> dict[str, str]:
    by_folded = {fold(name): name for name in reversed(names)}
    found = {
        ours: next((by_folded[name] for name in map(fold, theirs) if name in by_folded), "")
        for ours, theirs in _COLUMNS.items()
    }
    return {ours: theirs for ours, theirs in found.items() if theirs}


def _renamed(row: Row, columns: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """A line that cannot be taken apart comes as a row without values."""
    line, cells = row
    return line, {ours: (cells or {}).get(theirs, "").strip() for ours, theirs in columns.items()}


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """One object a line; a line that is none comes as a row without values."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for line, text in enumerate(file, start=1):
                if text.strip():
                    yield line, _json_row(text)
    except OSError as e:
        raise ImportFileError("cannot read file", str(path)) from e


def _json_row(text: str) -> dict[str, str]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(row, dict):
        return {}
    cells = {name: storable(str(value)).strip() for name, value in row.items() if isinstance(value, str | int | float)}
    return {ours: cells[theirs] for ours, theirs in _columns(list(cells)).items()}


def _mentions(
    rows: Iterator[tuple[int, dict[str, str]]],
    reading: _Reading,
    source_id: int,
    kind: Kind,
    now: datetime,
    read_date: ReadDate,
) -> Iterator[MentionData]:
    for line, values in rows:
        try:
            yield _mention(values, source_id, kind, now, read_date)
        except ValueError as e:
            reading.blame(line, e)


def _mention(values: Mapping[str, str], source_id: int, kind: Kind, now: datetime, read_date: ReadDate) -> MentionData:
    if not values.get("text"):
        raise ValueError("no text")
    said = fold(values.get("kind", "")) or kind
    if said not in _KIND_NAMES:
        raise ValueError(f"kind is one of {', '.join(_KINDS)}{quoted(said)}")
    return MentionData(
        kind=_KIND_NAMES[said],
        url=_address(values["url"]) if values.get("url") else "",
        text=values["text"],
        title=values.get("title", ""),
        external_id=_identifier(values),
        author=values.get("author", ""),
        published_at=_moment(values, now, read_date),
        rating=_stars(values.get("rating", "")),
        source_id=source_id,
    )


def _identifier(values: Mapping[str, str]) -> str:
    """A row's id at its site; without an address the platform is the site, and what is missing of both its words."""
    if values.get("url"):
        return values.get("external_id", "")
    named = fold(values.get("platform", "")), values.get("external_id", "")
    words = fingerprint(*(values.get(name, "") for name in ("author", "title", "text")))
    return digest(*named) if all(named) else digest(*named, words)


def _address(text: str) -> str:
    try:
        return web_address(text)
    except SourceError as e:
        raise ValueError(f"not a web address{quoted(text)}") from e


def _moment(values: Mapping[str, str], now: datetime, read_date: ReadDate) -> datetime | None:
    text = values.get("published_at", "")
    if not text:
        return None
    moment = _exported(text) or read_date(text)
    if moment is None:
        raise ValueError(f"not a date{quoted(text)}")
    come = come_by(moment, now)
    if come is None:
        raise ValueError("a date in the future")
    return come


def _exported(text: str) -> datetime | None:
    """The moment that an export writes in its program's own way."""
    if found := _SINCE_1970.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    try:
        return datetime.strptime(text, _X_DATE).astimezone(UTC)
    # One in the first or the last day of the calendar may have none in UTC.
    except (ValueError, OverflowError):
        return None


def _stars(text: str) -> float | None:
    if not text:
        return None
    try:
        stars = float(fold(text).replace("٫", ".").replace(",", "."))
    except ValueError:
        raise ValueError(f"not a number of stars{quoted(text)}") from None
    if not 0 <= stars <= 5:
        raise ValueError(f"stars lie between 0 and 5, not {text[:40]}")
    return round(stars / 5, 4)


def _result(values: Mapping[str, str]) -> SearchResultData:
    position = fold(values.get("position", ""))
    if not position.isdecimal() or not 1 <= int(position) <= PAGE_ONE:
        raise ValueError(f"position lies between 1 and {PAGE_ONE}{quoted(position)}")
    if not values.get("url"):
        raise ValueError("no address")
    url = _address(values["url"])
    return SearchResultData(int(position), url, values.get("title", "") or url, values.get("text", ""))
