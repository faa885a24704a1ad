"""The report page and its PDF: the same words, in the reader's language."""

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


def test_the_report_is_persian_where_the_page_is(reader_of):
    page = reader_of(sample.fill, language="fa").read("/reports")
    assert "هفته‌ای که از ۲۳ آبان ۱۴۰۵ شروع شد" in page


def test_a_period_that_nobody_knows_is_not_found(reader):
    reader.get("/reports?period=century", 404)
    reader.get("/reports/digest.pdf?period=", 404)


def test_without_a_brand_there_is_no_report(reader_of):
    reader_of().get("/reports", 404)
