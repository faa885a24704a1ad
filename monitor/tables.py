"""Tables in files, as rows of text: CSV in any encoding and with any separator, and XLSX."""

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from monitor.errors import ImportFileError

# A line of the file (counted from 1, the names of the columns among them) and its cells by column.
Row = tuple[int, Mapping[str, str]]

_XLSX_LARGEST = 1_000_000_000
_LONGEST_CELL = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` can be gone through once and are read as they are asked for."""

    columns: Sequence[str]
    rows: Iterator[Row]


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The first table of a CSV or XLSX file. Raises ImportFileError, also while its rows are read."""
    try:
        with path.open("rb") as file:
            is_workbook = file.read(4) == b"PK\x03\x04"
    except OSError as e:
        raise ImportFileError("cannot read file", str(path)) from e
    with _open_workbook(path) if is_workbook else _open_csv(path) as table:
        yield table


@contextmanager
def _open_csv(path: Path) -> Iterator[Table]:
    with _open_text(path) as file:
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.DictReader(file, dialect=_dialect(file, path), restkey="", restval="")
        yield Table(tuple(reader.fieldnames or ()), _csv_rows(reader, path))


def _csv_rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[Row]:
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as e:
        raise ImportFileError("no table of text", f"{path}:{reader.line_num}") from e


def _open_text(path: Path) -> TextIO:
    """The file as text: by its byte order mark, as UTF-8, or as Windows' Persian and Arabic code page."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as probe:
            while probe.read(1 << 20):
                pass
    except UnicodeError:
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


@contextmanager
def _open_workbook(path: Path) -> Iterator[Table]:
    # Imported here: few have a workbook, and it is slow to load.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > _XLSX_LARGEST:
                raise ImportFileError("workbook is too large when unpacked", str(path))
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as e:
        raise ImportFileError("not a workbook", str(path)) from e
    try:
        rows = ([_cell_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True))
        names = next(rows, [])
        if not any(names):
            raise ImportFileError("file is empty", str(path))
        # Row 1 holds the names.
        cells = (dict(zip(names, row, strict=False)) for row in rows)
        yield Table(tuple(names), enumerate(cells, start=2))
    finally:
        book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
