import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.brands import add_brand
from monitor.errors import ImportFileError
from monitor.mention_files import import_mentions, import_search_results, preview_search_results
from monitor.models import Mention, MentionVersion, SearchPage, Source
from monitor.types import Kind


def read_date(text):
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


@pytest.fixture
def brand_id(database, now):
    with database.write() as session:
        return add_brand(session, "Lookout", now).id


@pytest.fixture
def imported(database, brand_id, now, tmp_path):
    def do(name, content, what=import_mentions, later=timedelta(), **more):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return what(database, brand_id, path, now + later, read_date, **more)

    return do


def all_of(database, table):
    with database.read() as session:
        return list(session.query(table).order_by(table.id))


TEXTS = """متن,نویسنده,تاریخ,امتیاز,link,type
خیلی دیر رسید,سارا,2026-01-02,۲,instagram.example/p/1,
,بی‌متن,,,,
Fine,Bob,not a date,,,
Fine,Bob,,6,,
Fine,Bob,,stars,,
Fine,Bob,,,not a link,
Fine,Bob,,,,novel
Fine,Bob,Mon Jan 01 00:00:00 +2359 0001,,,
"عالی بود",کاوه,,,,review
"""


def test_good_rows_are_kept_and_bad_ones_named_by_line(imported, database):
    result = imported("export.csv", TEXTS)
    assert (result.new, result.known, result.left_out) == (2, 0, 7)
    assert [str(error) for error in result.errors] == [
        "row left out (no text): 'export.csv:3'",
        "row left out (not a date: 'not a date'): 'export.csv:4'",
        "row left out (stars lie between 0 and 5, not 6): 'export.csv:5'",
        "row left out (not a number of stars: 'stars'): 'export.csv:6'",
        "row left out (not a web address: 'not a link'): 'export.csv:7'",
        "row left out (kind is one of article, review, social, comment: 'novel'): 'export.csv:8'",
        "row left out (not a date: 'Mon Jan 01 00:00:00 +2359 0001'): 'export.csv:9'",
    ]
    first, second = all_of(database, Mention)
    assert (first.kind, first.author, first.rating) == ("social", "سارا", 0.4)
    assert first.url == "https://instagram.example/p/1"
    assert first.published_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert (second.kind, second.history) == ("review", True)


def test_the_same_file_twice_changes_nothing_and_its_source_is_never_due(imported, database):
    rows = "\n".join(json.dumps({"text": f"text {number}", "author": "A"}) for number in range(1200))
    assert imported("export.jsonl", f"{rows}\n[]\nbroken\n\n").new == 1200
    again = imported("export.jsonl", rows, kind=Kind.SOCIAL)
    assert (again.new, again.known, again.left_out) == (0, 1200, 0)
    assert [(source.spider, source.paused) for source in all_of(database, Source)] == [("file", True)]


def test_a_file_that_cannot_be_read_or_has_no_texts_is_refused(imported, database, brand_id, now, tmp_path):
    with pytest.raises(ImportFileError, match="no column for text"):
        imported("export.csv", "a,b\n1,2\n")
    with pytest.raises(ImportFileError, match="cannot read file"):
        import_mentions(database, brand_id, tmp_path / "gone.jsonl", now, read_date)


@pytest.mark.parametrize("columns", ["id,text", "id,text,author", "id,platform,text", "platform,text"])
def test_rows_of_two_places_do_not_overwrite_each_other(imported, database, columns):
    def export(place):
        text = "{n}" if "platform" in columns else f"{place} {{n}}"
        rows = {"id": "{n}", "text": text, "author": "Bob", "platform": place}
        line = ",".join(rows[name] for name in columns.split(","))
        return "\n".join([columns, *(line.format(n=n) for n in (1, 2))])

    for place in ("Instagram", "X"):
        assert (imported(f"{place}.csv", export(place)).new, imported("again.csv", export(place)).new) == (2, 0)
    assert len(all_of(database, Mention)) == 4 and not all_of(database, MentionVersion)


HALF = {
    "text": "half \ud83d of a\x00 letter",
    "title": "\ud83d t",
    "url": "https://x.example/\ud83d9",
    "author": "A\udc00",
}


def test_half_a_letter_costs_no_file(imported, database):
    rows = [{"text": "one"}, HALF, {"text": "two"}]
    result = imported("export.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert (result.new, result.left_out) == (3, 0)
    assert [mention.text for mention in all_of(database, Mention)] == ["one", "half ? of a letter", "two"]
    result = imported("serp.jsonl", json.dumps({"position": 1, **HALF}), import_search_results)
    assert (result.new, result.left_out) == (1, 0)


def test_a_zero_in_a_table_is_no_part_of_its_texts(imported, database):
    assert imported("export.csv", "te\x00xt,title\nthr\x00ee,\x00\n").new == 1
    assert [(mention.text, mention.title) for mention in all_of(database, Mention)] == [("three", "")]


def test_equal_words_are_told_apart_by_id_and_an_edit_is_known_on_its_platform(imported, database):
    assert imported("a.csv", "id,text\n1,Fine\n2,Fine\n").new == 2
    assert imported("b.csv", "id,network,text\n1,X,Fine\n").new == 1
    assert imported("c.csv", "id,network,text\n1,X,Poor after all\n").new == 0
    assert all_of(database, Mention)[2].text == "Poor after all"


@pytest.mark.parametrize("date", ["Tue Nov 14 22:13:20 +0000 2023", "1700000000", "1700000000000", "1700000000.0"])
def test_the_dates_of_exports_are_read(imported, database, date):
    assert imported("x.csv", f"created_at,text\n{date},Fine\n").left_out == 0
    assert all_of(database, Mention)[0].published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kind"), [("tweet", "social"), ("Sidecar", "social"), ("reply", "comment"), ("توییت", "social")]
)
def test_what_exports_call_their_rows_is_understood(imported, database, said, kind):
    assert imported("x.csv", f"type,full_text\n{said},Fine\n").left_out == 0
    assert all_of(database, Mention)[0].kind == kind


RESULTS = """rank,title,link,snippet,keyword,date
1,Lookout,lookout.example,The shop,lookout,2026-01-02
2,Complaint,https://news.example/1,Two months,lookout,2026-01-02
2,Twice,https://news.example/2,,lookout,2026-01-02
11,Too far,https://news.example/3,,lookout,2026-01-02
3,No address,,,lookout,2026-01-02
1,Lookout,lookout.example,The shop,lookout shop,2026-01-02
"""


def test_pages_of_results_are_kept_by_query_and_moment(imported, database):
    result = imported("serp.csv", RESULTS, import_search_results)
    assert (result.new, result.known, result.left_out) == (2, 0, 3)
    assert [error.message for error in result.errors] == [
        "row left out (position 2 comes twice)",
        "row left out (position lies between 1 and 10: '11')",
        "row left out (no address)",
    ]
    again = imported("serp.csv", RESULTS, import_search_results)
    assert (again.new, again.known) == (0, 2)
    with database.read() as session:
        pages = session.query(SearchPage).order_by(SearchPage.id).all()
        assert [(page.query, page.engine, len(page.results)) for page in pages] == [
            ("lookout", "file", 2),
            ("lookout shop", "file", 1),
        ]


def test_a_page_without_a_date_is_of_now_unless_nothing_changed_for_a_day(imported):
    page = "position,url\n1,https://a.example/\n2,https://b.example/\n"
    assert imported("serp.csv", page, import_search_results).new == 1
    assert imported("serp.csv", page, import_search_results).known == 1
    assert imported("serp.csv", page, import_search_results, later=timedelta(days=2)).new == 1


@pytest.mark.parametrize("date", ["9999999999", "2026-11-21", "Tue Nov 24 22:13:20 +0000 2026"])
def test_what_is_of_a_day_to_come_is_left_out(imported, database, date):
    results = f"position,url,date\n1,https://a.example/,{date}\n2,https://b.example/,2026-11-19\n"
    texts = f"text,date\nto come,{date}\nfine,2026-11-20T09:30\n"
    for result in (imported("serp.csv", results, import_search_results), imported("texts.csv", texts)):
        assert (result.new, [error.message for error in result.errors]) == (1, ["row left out (a date in the future)"])
    assert [page.taken_at for page in all_of(database, SearchPage)] == [datetime(2026, 11, 19, tzinfo=UTC)]


def test_a_clock_that_runs_a_little_fast_means_now(imported, database, now):
    assert imported("texts.csv", "text,date\nfine,2026-11-20T09:30\n").new == 1
    assert all_of(database, Mention)[0].published_at == now


def test_what_is_looked_at_first_is_read_as_it_will_be(now, tmp_path):
    path = tmp_path / "serp.csv"
    path.write_text("position,url,date\n1,https://a.example/,2027-01-01\n2,https://b.example/,2026-01-01\n")
    looked = preview_search_results(path, now, read_date)
    assert ([row.position for row in looked.rows], len(looked.errors)) == ([2], 1)
