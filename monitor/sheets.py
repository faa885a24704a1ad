"""Rows written out as CSV, JSONL or XLSX, a piece at a time: a million rows take no more memory than a hundred."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from io import StringIO
from typing import IO, Any

# Codes, numbers, truths, times and lists of words; one row is as long as the columns.
Value = str | int | float | bool | datetime | Sequence[str] | None
Row = Sequence[Value]

# With these a spreadsheet takes a cell for a formula; the wide ones are the same to some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "\ufeff"
_PIECE = 1 << 16
# What one sheet of Excel holds, the names of the columns among them.
_MOST_ROWS = 1 << 20
_LONGEST_CELL = 32767


class Format(StrEnum):
    """``csv`` is UTF-8 with a byte order mark, so that Excel reads Persian."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSONL: "application/x-ndjson",
}


def write_sheet(kind: Format, columns: Sequence[str], rows: Iterable[Row], *, right_to_left: bool) -> Iterator[bytes]:
    """The pieces of a file; times are ISO 8601, and no cell of CSV or XLSX is a formula."""
    write: Mapping[Format, Callable[[], Iterator[bytes]]] = {
        Format.CSV: lambda: _csv(columns, rows),
        Format.JSONL: lambda: _jsonl(columns, rows),
        Format.XLSX: lambda: _xlsx(columns, rows, right_to_left),
    }
    return write[kind]()


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    buffer = StringIO()
    buffer.write(_MARK)
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(_cell(value)) for value in row])
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _jsonl(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    piece: list[str] = []
    length = 0
    for row in rows:
        values = [value.isoformat() if isinstance(value, datetime) else value for value in row]
        piece.append(json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False))
        length += len(piece[-1])
        if length >= _PIECE:
            yield ("\n".join(piece) + "\n").encode()
            piece, length = [], 0
    if piece:
        yield ("\n".join(piece) + "\n").encode()


def _xlsx(columns: Sequence[str], rows: Iterable[Row], right_to_left: bool) -> Iterator[bytes]:
    # Imported here: few ask for a workbook, and it is slow to load.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = _new_sheet(book, columns, right_to_left)
    count = 1
    for row in rows:
        if count == _MOST_ROWS:
            sheet, count = _new_sheet(book, columns, right_to_left), 1
        sheet.append([_workbook_cell(sheet, _cell(value)) for value in row])
        count += 1
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from _pieces(file)


def _new_sheet(book: Any, columns: Sequence[str], right_to_left: bool) -> Any:
    sheet = book.create_sheet()
    sheet.sheet_view.rightToLeft = right_to_left
    sheet.freeze_panes = "A2"
    sheet.append(columns)
    return sheet


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _cell(value: Value) -> str | int | float | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    return " | ".join(value)


def _harmless(value: str | int | float | None) -> str | int | float | None:
    """A text that a spreadsheet would calculate gets an apostrophe; a number that is one is left."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _workbook_cell(sheet: Any, value: str | int | float | None) -> Any:
    if not isinstance(value, str):
        return value
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL]
    # "#" too: an error's name, such as #N/A, would become that error.
    if not text.startswith((*_FORMULA, "#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    # Said to be text, and quoted, so that it stays text when somebody edits it.
    cell.data_type, cell.quotePrefix = "s", True
    return cell
