"""What a page shows can be taken away as a file: the same rows, by the same filters."""

import csv
import io
import json
import re

import pytest
from openpyxl import load_workbook

from monitor.sealing import Seal
from monitor.types import UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web import sample


def links(page):
    return dict(reversed(pair) for pair in re.findall(r'<a href="([^"]+)" download><bdi>(\w+)</bdi>', page))


@pytest.mark.parametrize("path", ["/mentions", "/searches", "/unsubscribes", "/cases"])
def test_each_page_leads_to_its_three_files(reader, path):
    found = links(reader.read(path))
    assert set(found) == {"CSV", "Excel", "JSONL"}
    answer = reader.get(found["CSV"])
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert re.fullmatch(r'attachment; filename="didban-[a-z-]+-2026-11-22\.csv"', answer.headers["Content-Disposition"])
    assert len(list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))) > 2
    assert load_workbook(io.BytesIO(reader.get(found["Excel"]).data)).active.max_row > 2
    assert len([json.loads(line) for line in reader.get(found["JSONL"]).data.splitlines()]) > 1
    reader.speak("fa")
    assert set(links(reader.read(path))) == {"CSV", "اکسل", "JSONL"}


def test_a_file_has_the_filters_of_its_page(reader):
    address = links(reader.read("/mentions?label=positive&kind=review&words=&after="))["JSONL"]
    rows = [json.loads(line) for line in reader.get(address).data.splitlines()]
    assert rows and {(row["label"], row["kind"]) for row in rows} == {("positive", "review")}
    waiting = reader.get("/exports/cases.jsonl").data.splitlines()
    assert {json.loads(line)["state"] for line in waiting} <= {"new", "acknowledged"}


@pytest.mark.parametrize("subject", ["mentions", "unsubscribes"])
def test_a_file_up_to_the_end_of_time_has_every_row(reader, subject):
    every = reader.get(f"/exports/{subject}.jsonl").data
    assert every and reader.get(f"/exports/{subject}.jsonl?to=9999-12-31").data == every
    assert reader.get(f"/exports/{subject}.jsonl?to=9999-03-20").data == every


def test_an_address_cannot_bend_a_link_to_a_file(reader):
    page = reader.read("/mentions?_external=1&_scheme=javascript&subject=cases&label=positive")
    assert links(page)["CSV"].startswith("/exports/mentions.csv?")


def test_a_workbook_runs_as_its_reader_reads(reader):
    for language, right_to_left in (("fa", True), ("en", False)):
        reader.speak(language)
        book = load_workbook(io.BytesIO(reader.get("/exports/mentions.xlsx").data))
        assert bool(book.active.sheet_view.rightToLeft) is right_to_left


@pytest.mark.parametrize("path", ["/exports/people.csv", "/exports/mentions.exe", "/exports/cases.csv?view=nowhere"])
def test_what_is_no_file_of_ours_is_not_there(reader, path):
    reader.get(path, 404)


def test_addresses_are_in_a_file_only_for_those_who_may_write_to_people(reader_of, settings, database):
    analyst = reader_of(sample.fill, role="analyst")
    with database.write() as session:
        told = UnsubscribeData("former@example.org", sample.NOW, comment="too many")
        record_events(session, 1, [told], Seal(settings.key()), sample.NOW)
    viewer = reader_of(role="viewer")
    for reader in (analyst, viewer):
        assert b"address" not in reader.get("/exports/unsubscribes.csv").data.split(b"\r\n")[0]
    assert "Excel with addresses" not in viewer.read("/unsubscribes")
    viewer.get("/exports/unsubscribes.csv?addresses=1", 403)
    assert "Excel with addresses" in analyst.read("/unsubscribes?addresses=1")
    assert b"former@example.org" in analyst.get("/exports/unsubscribes.csv?addresses=1").data
    assert "addresses=1" not in links(analyst.read("/unsubscribes?addresses=1"))["CSV"]
