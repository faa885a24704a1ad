"""What is taken away is what is kept, by command."""

import csv
import json
import os
import threading
import tracemalloc
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from monitor.brands import add_brand
from monitor.cli import cli
from monitor.config import as_environ
from monitor.errors import BrandNotFoundError, FileError
from monitor.exports import export_mentions
from monitor.mention_list import MentionFilter
from monitor.models import Mention
from monitor.sealing import Seal
from monitor.types import ReasonCode, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web import sample


@pytest.fixture
def export(database, settings):
    with database.write() as session:
        brand = sample.fill(session)
        left = [
            UnsubscribeData("former@example.org", sample.NOW, reason=ReasonCode.PRICE, list_name="weekly"),
            UnsubscribeData("other@example.org", sample.NOW - timedelta(days=1), comment="=cmd()", list_name="offers"),
        ]
        record_events(session, brand.id, left, Seal(settings.key()), sample.NOW)

    def call(*words, fails=None, brand="نیلگون"):
        named = ["--brand", brand] if brand else []
        result = CliRunner().invoke(cli, ["export", *words, *named], env=as_environ(settings))
        if fails is not None:
            assert isinstance(result.exception, fails), result.exception
            return str(result.exception)
        assert result.exit_code == 0, result.output
        return result.stdout_bytes

    return call


def rows_of(content):
    return list(csv.DictReader(content.decode("utf-8-sig").splitlines()))


def jsonl(content):
    return [json.loads(line) for line in content.decode().splitlines()]


def test_mentions_are_narrowed_by_what_they_are_and_when_they_were_said(export, database):
    everything = jsonl(export("mentions", "--format", "jsonl"))
    with database.read() as session:
        assert len(everything) == session.query(Mention).count()
    negatives = rows_of(export("mentions", "--label", "negative"))
    assert {row["label"] for row in negatives} == {"negative"}
    assert len(negatives) == sum(row["label"] == "negative" for row in everything)
    day = jsonl(export("mentions", "--format", "jsonl", "--since", "2026-11-20", "--until", "2026-11-20"))
    zone = sample.NOW.astimezone().tzinfo
    assert day and all(
        "2026-11-19T20:30" <= (row["published_at"] or row["seen_at"]) < "2026-11-20T20:30" for row in day
    )
    assert zone is not None


def test_days_are_of_either_calendar(export):
    day = jsonl(export("mentions", "--format", "jsonl", "--since", "2026-11-20", "--until", "2026-11-20"))
    for since, until in (
        ("1405-08-29", "1405-08-29"),
        ("۱۴۰۵/۸/۲۹", "2026/11/20"),
        ("1405-08-29T00:00", "1405-08-30T00:00+03:30"),
    ):
        assert day and jsonl(export("mentions", "--format", "jsonl", "--since", since, "--until", until)) == day


def test_what_is_no_day_is_wrong_use(export):
    for day in ("yesterday", "20261130", "2026-11-31", "9999-12-31", "0000-01-01", "2026-11-30T25:00"):
        for option in ("--since", "--until"):
            assert export("mentions", option, day, fails=SystemExit) == "2"


def test_the_ends_of_the_calendars_are_days(export):
    everything = export("mentions")
    assert export("mentions", "--since", "0001-01-01", "--until", "9999-03-20") == everything


def test_search_results_keep_their_gaps(export, database):
    from monitor.models import SearchPage

    with database.write() as session:
        session.add(SearchPage(brand_id=1, source_id=1, query="q", engine="e", taken_at=sample.NOW, error="timed out"))
    rows = rows_of(export("search-results"))
    assert [row["position"] for row in rows] == ["", *map(str, range(1, 11))]
    assert rows[0]["error"] == "timed out"


def test_addresses_are_taken_away_only_on_purpose(export):
    plain = export("unsubscribes")
    assert b"example.org" not in plain and b"address" not in plain.split(b"\r\n")[0]
    (row,) = rows_of(export("unsubscribes", "--addresses", "--reason", "price", "--list", "weekly"))
    assert row["address"] == "former@example.org"
    assert "'=cmd()" in [row["comment"] for row in rows_of(plain)]


def test_cases_are_taken_away_by_state(export):
    rows = rows_of(export("cases", "--state", "new", "--state", "acknowledged"))
    assert {row["state"] for row in rows} == {"new", "acknowledged"}


def test_a_file_is_whole_private_and_of_the_kind_its_name_says(export, tmp_path):
    path = tmp_path / "mentions.xlsx"
    assert export("mentions", str(path)) == b""
    assert path.stat().st_mode & 0o777 == 0o600
    sheet = load_workbook(path).active
    assert sheet.sheet_view.rightToLeft and sheet.max_row > 10
    assert list(tmp_path.glob("*.part")) == []


def test_what_is_no_file_is_written_into_and_stays_what_it_is(export, tmp_path):
    kept, link, pipe, read = tmp_path / "kept.csv", tmp_path / "link.csv", tmp_path / "pipe.csv", []
    kept.write_text("before")
    link.symlink_to(kept)
    export("mentions", str(link))
    assert link.is_symlink() and rows_of(kept.read_bytes())
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    export("mentions", str(pipe))
    reader.join(10)
    assert pipe.is_fifo() and read == [kept.read_bytes()]
    assert {file.name for file in tmp_path.glob("*.csv*")} | {file.name for file in tmp_path.glob(".*")} == {
        "kept.csv", "link.csv", "pipe.csv",
    }  # fmt: skip


def test_what_cannot_be_done_is_said(export, tmp_path):
    assert "name one of the brands" in export("mentions", fails=BrandNotFoundError, brand="")
    assert "cannot write file" in export("mentions", str(tmp_path / "no" / "such.csv"), fails=FileError)


def test_a_long_export_is_never_in_memory_as_a_whole(database, now):
    with database.write() as session:
        brand_id = add_brand(session, "Long", now).id
        session.execute(
            Mention.__table__.insert(),
            [
                {
                    "brand_id": brand_id, "key": f"{n}", "kind": "review", "url": "https://e.example/", "title": "",
                    "text": f"text {n} " * 30, "author": "", "body": "", "twin": "",
                    "seen_at": now - timedelta(minutes=n), "story": f"{n}",
                    "history": False, "language": "en", "label": "neutral", "topic": "",
                    "labelled_by": "m",
                }
                for n in range(12_000)
            ],
        )  # fmt: skip

    def peak(since):
        with database.read() as session:
            tracemalloc.start()
            count = sum(1 for _ in export_mentions(brand_id, MentionFilter(said_from=since), 0.5).rows(session))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return count, most

    peak(now - timedelta(minutes=10))
    few, small = peak(now - timedelta(minutes=1_999))
    many, large = peak(datetime(2000, 1, 1, tzinfo=now.tzinfo))
    assert (few, many) == (2_000, 12_000)
    assert large < 1.5 * small
