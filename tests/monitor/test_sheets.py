"""Files that are written: what a spreadsheet, and a program, read in them."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from monitor import sheets
from monitor.sheets import Format, write_sheet

COLUMNS = ("id", "text", "at", "sure", "score", "words", "nothing")
ROW = (1, "«نیلگون» گران است\nو دیر", datetime(2026, 11, 22, 8, 10, tzinfo=UTC), True, 0.5, ["گران", "دیر"], None)


def written(kind, columns, rows, right_to_left=True):
    return b"".join(write_sheet(kind, columns, rows, right_to_left=right_to_left))


def workbook(content):
    return load_workbook(io.BytesIO(content))


def test_csv_is_what_excel_takes_for_utf_8():
    content = written(Format.CSV, COLUMNS, [ROW])
    assert content.startswith(b"\xef\xbb\xbf")
    names, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(names) == COLUMNS
    assert row == ["1", ROW[1], "2026-11-22T08:10:00+00:00", "true", "0.5", "گران | دیر", ""]


def test_jsonl_keeps_every_kind_of_value():
    content = written(Format.JSONL, COLUMNS, [ROW, ROW])
    first, second = map(json.loads, content.decode().splitlines())
    assert first == second == dict(zip(COLUMNS, [*ROW[:2], "2026-11-22T08:10:00+00:00", *ROW[3:]], strict=True))
    assert "نیلگون" in content.decode()


@pytest.mark.parametrize("right_to_left", [True, False])
def test_a_workbook_runs_the_way_its_reader_reads(right_to_left):
    sheet = workbook(written(Format.XLSX, COLUMNS, [ROW], right_to_left)).active
    assert bool(sheet.sheet_view.rightToLeft) is right_to_left
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    values = [cell.value for cell in sheet[2]]
    assert values == [1, ROW[1], "2026-11-22T08:10:00+00:00", "true", 0.5, "گران | دیر", None]


FORMULAS = ["=1+1", '=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text):
    (row,) = list(csv.reader(io.StringIO(written(Format.CSV, ["x"], [[text]]).decode("utf-8-sig"), newline="")))[1:]
    assert row == [f"'{text}"]
    cell = workbook(written(Format.XLSX, ["x"], [[text]])).active["A2"]
    assert cell.data_type == "s" and cell.quotePrefix
    assert json.loads(written(Format.JSONL, ["x"], [[text]])) == {"x": text}


def test_an_error_s_name_stays_text_and_a_negative_number_a_number():
    book = workbook(written(Format.XLSX, ["x", "y"], [["#N/A", -3.5]])).active
    assert (book["A2"].data_type, book["A2"].value, book["B2"].value) == ("s", "#N/A", -3.5)
    assert written(Format.CSV, ["y"], [[-3.5]]).decode("utf-8-sig").split() == ["y", "-3.5"]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_whatever_was_written_on_the_web_can_be_taken_away(texts):
    rows = [[text] for text in texts]
    lines = [json.loads(line) for line in written(Format.JSONL, ["x"], rows).decode().split("\n")[:-1]]
    assert [line["x"] for line in lines] == texts
    book = workbook(written(Format.XLSX, ["x"], rows)).active
    assert book.max_row in (len(texts) + 1, 1)
    read = list(csv.reader(io.StringIO(written(Format.CSV, ["x"], rows).decode("utf-8-sig"), newline="")))[1:]
    assert [row[0].removeprefix("'") if row else "" for row in read] == [text.removeprefix("'") for text in texts]


def test_a_workbook_goes_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(sheets, "_MOST_ROWS", 4)
    book = workbook(written(Format.XLSX, ["n"], [[n] for n in range(7)]))
    assert [[row[0].value for row in sheet.iter_rows()] for sheet in book] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


@pytest.mark.parametrize("kind", Format)
def test_ten_times_as_many_rows_take_no_more_memory(kind):
    def peak(count):
        tracemalloc.start()
        for _ in write_sheet(kind, ["id", "text"], ([n, f"row {n} " * 20] for n in range(count)), right_to_left=False):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(20_000) < 1.5 * peak(2_000) + 500_000
