"""Files of texts and of search results brought in by the browser: looked at first, then kept once."""

import io
import re

import pytest
from sqlalchemy import func, select

from monitor.models import Mention, SearchPage
from tests.web import sample

TEXTS = "متن;نویسنده;تاریخ;نوع\nبسته سالم رسید;سارا;۱۴۰۵/۰۸/۲۰;نظر\n;نگار;۱۴۰۵/۰۸/۲۱;\nدیر رسید;;فردای دور;\n"
RESULTS = "position,url,title\n1,https://a.example/x,Nilgoon\n2,https://b.example/y,Nilgoon shop\n99,https://c.example/z,far\n"


def choose(reader, what, text, name="file.csv"):
    given = {"what": what, "file": (io.BytesIO(text.encode()), name)}
    return reader.press("/sources/import", given, page="/sources/import").location


def bring_in(reader, address):
    page = reader.read(address)
    fields = dict(re.findall(r'name="(what)" value="([^"]+)"', page))
    answer = reader.press(address.partition("?")[0], fields, page=address)
    return page, reader.read(answer.location)


def count(database, what):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(what))


def test_texts_are_looked_at_and_then_kept_once(reader, database):
    before = count(database, Mention)
    assert 'href="/sources/import"' in reader.read("/sources")
    looked, told = bring_in(reader, choose(reader, "review", TEXTS))
    assert "Columns recognised:" in looked and "Author" in looked and "بسته سالم رسید" in looked
    assert "there is no text" in looked and "row 3" in looked
    assert "1 is new." in told and "2 rows were left out:" in told
    assert count(database, Mention) == before + 1
    _, again = bring_in(reader, choose(reader, "review", TEXTS))
    assert "0 are new. 1 was here already." in again and count(database, Mention) == before + 1


def test_search_results_are_one_page_and_rows_left_out_are_named_in_persian(reader, database):
    before = count(database, SearchPage)
    reader.speak("fa")
    looked, _told = bring_in(reader, choose(reader, "search-results", RESULTS))
    assert "https://" not in looked.split("<main")[1].split("</ol>")[0] and "a.example" in looked
    assert "ردیف ۴" in looked and "جایگاه" in looked
    assert count(database, SearchPage) == before + 1
    bring_in(reader, choose(reader, "search-results", RESULTS))
    assert count(database, SearchPage) == before + 1


def test_a_persian_name_keeps_its_ending(reader):
    looked = reader.read(choose(reader, "social", '{"text": "بسته سالم رسید"}\n', "متن‌ها.jsonl"))
    assert "بسته سالم رسید" in looked and "social post" in looked


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a,b\n1,2\n", "file.csv", "این ستون لازم است"),
        ("", "file.csv", "خالی است"),
        ("PK\x03\x04 no workbook", "file.xlsx", "فایل اکسل"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_so_in_the_language_of_the_page(reader, text, name, said):
    reader.speak("fa")
    page = reader.read(reader.get(choose(reader, "review", text, name), 303).location)
    assert "این فایل خوانده نشد" in page and said in page


def test_what_is_no_choice_is_refused(reader):
    place = choose(reader, "review", TEXTS)
    reader.get(place.replace("review", "nonsense"), 400)
    assert "Choose a file first." in reader.read(
        reader.press("/sources/import", {"what": "review"}, page="/sources/import").location
    )


def test_a_viewer_is_not_offered_it(reader_of):
    reader = reader_of(sample.fill, role="viewer")
    assert "/sources/import" not in reader.read("/sources")
    reader.get("/sources/import", 403)
