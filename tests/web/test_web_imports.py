"""A file of people who left: looked at, put right, brought in once."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.uploads import keep_upload
from tests.web import sample

FILE = "email,date,reason\na@b.example,2026-11-01,too many emails\nc@d.example,2026-11-02,گران شد\nnobody,2026-11-02,\n"


def upload(reader, content, name="left.csv"):
    data = {"next": "/unsubscribes", **({"file": (BytesIO(content), name)} if name else {})}
    return reader.press("/unsubscribes/import", data, page="/unsubscribes").headers["Location"]


def bring_in(reader, place, **mapping):
    answer = reader.press(place.partition("?")[0], mapping, page=place)
    return reader.read(answer.headers["Location"])


def count(database):
    with database.read() as session:
        return session.scalar(select(func.count(UnsubscribeEvent.id)))


def test_a_file_is_looked_at_before_anything_is_kept(reader, database, settings):
    before = count(database)
    place = upload(reader, FILE.encode())
    page = reader.read(place)
    assert "Does this look right?" in page and "left.csv" in page
    assert "a…@b.example" in page and "a@b.example" not in page
    assert "too many e-mails" in page and "گران شد" in page and "no e-mail address" in page
    assert count(database) == before
    kept = b"".join(path.read_bytes() for path in (settings.data_dir / "uploads").iterdir())
    assert b"b.example" not in kept


def test_the_good_rows_are_kept_once_and_the_bad_ones_named(reader, database, settings):
    before = count(database)
    page = bring_in(reader, upload(reader, FILE.encode()))
    assert "2 people are new." in page and "1 row was left out:" in page and "left.csv:4" in page
    assert "0 people are new. 2 were here already." in bring_in(reader, upload(reader, FILE.encode()))
    assert count(database) == before + 2
    assert list((settings.data_dir / "uploads").iterdir()) == []


def test_columns_that_are_not_recognised_are_named_by_hand(reader, database):
    place = upload(reader, b"Kontakt;Am;Grund\na@b.example;2026-11-01;price\n")
    page = reader.read(place)
    assert "Say which column holds this:" in page and '<button class="primary">Import' not in page
    mapping = {"subscriber": "Kontakt", "left_at": "Am", "reason": "Grund"}
    looked = reader.press(place, {**mapping, "look": "1"}, page=place).headers["Location"]
    page = reader.read(looked)
    assert "a…@b.example" in page and re.search(r'<option value="Grund" selected>', page)
    assert "1 person is new." in bring_in(reader, place, **mapping)


def test_what_is_said_to_be_not_in_the_file_is_not_recognised_again(reader):
    place = upload(reader, b"email,date,status\na@b.example,2026-11-01,active\n")
    page = reader.read(place)
    assert '<option value="status" selected>' in page and "still subscribed" in page
    chosen = {"subscriber": "email", "left_at": "date", "status": ""}
    looked = reader.press(place, {**chosen, "look": "1"}, page=place).headers["Location"]
    page = reader.read(looked)
    assert '<option value="status" selected>' not in page and "a…@b.example" in page
    assert "1 person is new." in bring_in(reader, place, **chosen)


def test_a_column_that_is_not_there_is_said(reader):
    place = upload(reader, FILE.encode())
    page = reader.read(reader.get(f"{place}?reason=nowhere", 303).headers["Location"])
    assert "This file could not be read; nothing was imported." in page and "no column 'nowhere'" in page


@pytest.mark.parametrize("token", ["0" * 32, "..%2f..%2fsecret.key", "short"])
def test_what_is_not_kept_any_more_is_said(reader, token):
    answer = reader.client.get(f"/unsubscribes/import/{token}")
    assert answer.status_code in (303, 404)


def test_a_file_that_is_none_is_refused_in_a_line(reader):
    place = upload(reader, b"PK\x03\x04 and nothing more")
    assert "This file could not be read; nothing was imported." in reader.read(
        reader.get(place, 303).headers["Location"]
    )
    upload(reader, b"", name="")
    assert "Choose a file first." in reader.read("/unsubscribes")


def test_of_many_bad_rows_a_few_are_named(reader):
    rows = "".join(f"nobody{number},2026-11-01\n" for number in range(9))
    place = upload(reader, f"email,date\na@b.example,2026-11-01\n{rows}".encode())
    page = bring_in(reader, place)
    assert "9 rows were left out:" in page and "and 4 more rows" in page
    assert page.count("left.csv:") == 5


def test_a_long_name_of_a_column_is_cut(reader):
    place = upload(reader, f"email,date,{'x' * 500}\na@b.example,2026-11-01,\n".encode())
    assert f">{'x' * 60}…</option>" in reader.read(place)


def test_what_was_looked_at_and_left_is_forgotten_after_an_hour(tmp_path):
    seal = Seal("k")
    first = keep_upload(tmp_path, seal, "a.csv", b"x", sample.NOW)
    later = sample.NOW + timedelta(days=3650)
    second = keep_upload(tmp_path, seal, "../b.csv", b"x", later)
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [second] and first != second


def test_who_only_reads_brings_in_nothing(reader_of):
    reader = reader_of(sample.fill, role="viewer")
    reader.get(f"/unsubscribes/import/{'0' * 32}", 403)
