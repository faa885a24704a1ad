"""Tables in files, as rows of text: CSV in any encoding and with any separator, and XLSX."""

import csv
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from monitor.db import storable
from monitor.errors import ImportFileError
from monitor.folding import fold

# A line of the file (counted from 1, the names of the columns among them) and its cells by column; None when the line
# cannot be taken apart.
Row = tuple[int, Mapping[str, str] | None]
UNREADABLE = "a stray quotation mark, or a cell too long"

# A workbook is unpacked each time it is looked at. Honest ones unpack to ten to sixteen times their size, also with the
# same in every cell (measured to 100,000 rows, which are 40 MB); what unpacks to far more was made to keep us busy.
_XLSX_LARGEST = 100_000_000
_XLSX_DENSEST = 50
_XLSX_SMALL = 5_000_000
_LONGEST_CELL = 1 << 20
# What a workbook that is not whole makes its reader raise; either XML parser's errors are kinds of SyntaxError.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, NotImplementedError,
    EOFError, LookupError, OSError, SyntaxError, TypeError, ValueError,
)  # fmt: skip


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


def quoted(cell: str) -> str:
    """A cell as an error may repeat it after its message: cut short, and not at all where it may name a person."""
    return "" if "@" in fold(cell) else f": {cell[:40]!r}"


class _Lines:
    """The lines of a file, of which those taken for one row can be put back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self._before = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.taken.append(self._again.popleft() if self._again else storable(next(self._file)))
        return self.taken[-1]

    def begin_row(self) -> int:
        """The number of the line that comes next, counted from 1."""
        self._before += len(self.taken)
        self.taken = []
        return self._before + 1

    def put_back_all_but_one(self) -> str:
        """The line where the row began; what was taken after it comes again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        return self.taken[0]


@contextmanager
def _open_csv(path: Path) -> Iterator[Table]:
    with _open_text(path) as file:
        csv.field_size_limit(_LONGEST_CELL)
        rows = _csv_rows(_Lines(file), _dialect(file, path))
        names = next(rows)[1]
        if names is None:
            raise ImportFileError("no table of text", str(path))
        yield Table(tuple(names), ((line, _by_name(names, cells)) for line, cells in rows))


def _csv_rows(lines: _Lines, dialect: type[csv.Dialect]) -> Iterator[tuple[int, list[str] | None]]:
    """Each row with its first line. One that cannot be read costs its line only: those that a stray quotation mark
    would swallow are read by themselves.
    """
    reader = csv.reader(lines, dialect, strict=True)
    while True:
        line = lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, _loosely(lines.put_back_all_but_one(), dialect)
            continue
        if cells:
            yield line, cells


def _by_name(names: Sequence[str], cells: list[str] | None) -> Mapping[str, str] | None:
    return None if cells is None else dict(zip(names, cells, strict=False))


def _loosely(line: str, dialect: type[csv.Dialect]) -> list[str] | None:
    """A line with quotation marks where none belong, all of them in pairs: what its writer meant is plain enough."""
    try:
        return next(csv.reader([line], dialect)) if line.count(str(dialect.quotechar)) % 2 == 0 else None
    except csv.Error:
        return None


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
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > min(_XLSX_LARGEST, max(_XLSX_SMALL, _XLSX_DENSEST * path.stat().st_size)):
            raise ImportFileError("workbook is too large when unpacked; save it as CSV", str(path))
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, *_DAMAGED) as e:
        raise ImportFileError("not a workbook", str(path)) from e
    try:
        rows = _sheet_rows(book, path)
        names = next(rows, [])
        if not any(names):
            raise ImportFileError("file is empty", str(path))
        # Row 1 holds the names.
        cells = (dict(zip(names, row, strict=False)) for row in rows)
        yield Table(tuple(names), enumerate(cells, start=2))
    finally:
        book.close()


def _sheet_rows(book: Any, path: Path) -> Iterator[list[str]]:
    """The first sheet is unpacked as it is read, so that only then is found whether it is whole."""
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell_text(cell) for cell in row]
    except _DAMAGED as e:
        raise ImportFileError("damaged workbook", str(path)) from e


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
