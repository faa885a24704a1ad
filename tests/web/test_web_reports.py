"""The report page and its PDF: the same words, in the reader's language."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.web import sample


@pytest.mark.parametrize(("period", "title"), [("day", "21 November 2026"), ("week", "week from 9 November 2026")])
def test_the_report_says_what_the_digest_says(reader, period, title):
    page = reader.read(f"/reports?period={period}")
    assert title in page
    assert "Negative texts per day" in page
    pdf = reader.get(f"/reports/digest.pdf?period={period}")
    assert pdf.mimetype == "application/pdf"
    assert title in PdfReader(BytesIO(pdf.data)).metadata.title


def test_the_file_is_named_by_the_owners_day(reader_of, monkeypatch):
    # 21:30 in Greenwich is the next day in Tehran.
    monkeypatch.setattr(sample, "NOW", datetime(2026, 11, 22, 21, 30, tzinfo=UTC))
    reader = reader_of(sample.fill)
    for path in ("/reports/digest.pdf", "/exports/mentions.csv"):
        assert "2026-11-23" in reader.get(path).headers["Content-Disposition"]


def test_the_rows_of_its_days_come_as_files(reader, database):
    page = reader.read("/reports?period=week")
    links = re.findall(r'href="(/exports/[^"]+)" download', page)
    assert [link.partition("?")[0] for link in links] == [
        f"/exports/{subject}.{ending}"
        for subject in ("mentions", "unsubscribes")
        for ending in ("csv", "xlsx", "jsonl")
    ]
    assert {link.partition("?")[2] for link in links} == {"to=2026-11-15&from=2026-11-09"}
    left = [json.loads(line)["left_at"] for line in reader.get(links[5]).text.splitlines()]
    said = [json.loads(line) for line in reader.get(links[2]).text.splitlines()]
    assert left and said and all("2026-11-08T20:30" <= moment < "2026-11-15T20:30" for moment in left)
    for link in links:
        reader.get(link)


def test_the_report_is_persian_where_the_page_is(reader_of):
    page = reader_of(sample.fill, language="fa").read("/reports")
    assert "هفته‌ای که از ۲۳ آبان ۱۴۰۵ شروع شد" in page


def test_a_period_that_nobody_knows_is_not_found(reader):
    reader.get("/reports?period=century", 404)
    reader.get("/reports/digest.pdf?period=", 404)


def test_without_a_brand_there_is_no_report(reader_of):
    reader_of().get("/reports", 404)
