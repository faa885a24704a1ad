"""The page of searches: places over time, what is new, what has left, and looks that failed."""

from datetime import timedelta

import lxml.html
from sqlalchemy import select

from monitor.mention_files import import_search_results
from monitor.models import SearchPage, SearchResult
from monitor.rank_history import find_histories
from spiders.dates import parse_date
from tests.web import sample


def with_a_past(session):
    """The sample after three looks: two results changed places, one left, the one in the middle failed."""
    brand = sample.fill(session)
    newest = session.scalar(select(SearchPage))
    for hours, error in ((24, "the search engine answered 503"), (48, "")):
        page = SearchPage(
            brand_id=brand.id,
            source_id=newest.source_id,
            query=newest.query,
            engine=newest.engine,
            taken_at=newest.taken_at - timedelta(hours=hours),
            error=error,
        )
        session.add(page)
        order = [] if error else [newest.results[place] for place in (1, 0, *range(2, 8))]
        for position, result in enumerate(order, start=1):
            page.results.append(SearchResult(mention=result.mention, position=position, title=result.title))
    session.delete(newest.results[7])
    session.flush()


def test_the_page_is_in_the_menu_whatever_the_last_search_gave(reader_of):
    def failed(session):
        with_a_past(session)
        session.scalar(select(SearchPage).order_by(SearchPage.taken_at.desc()).limit(1)).error = "no answer"

    reader = reader_of(failed)
    for path in ("/", "/searches"):
        places = lxml.html.fromstring(reader.get(path).text).cssselect("nav.places a[href='/searches']")
        assert len(places) == 2 and {link.text for link in places} == {"Search results"}
    assert {link.get("aria-current") for link in places} == {"page"}


def test_a_history_knows_places_gaps_and_what_has_left(database):
    with database.write() as session:
        with_a_past(session)
    with database.read() as session:
        (history,) = find_histories(session, 1, 0.55)
    assert history.failed == (False, True, False)
    assert [rank.now for rank in history.ranks] == [1, 2, 3, 4, 5, 6, 7, 9, 10, None]
    assert (history.ranks[0].positions, history.ranks[0].before) == ((2, None, 1), 2)
    assert history.ranks[-1].positions == (8, None, None)


def test_the_page_says_what_moved(reader_of):
    page = reader_of(with_a_past).read("/searches")
    for words in ("1 place up", "1 place down", "new on page one", "has left page one", "where it was"):
        assert words in page
    assert "Grey columns are looks that failed." in page and "the last 3 looks" in page


def test_the_history_of_a_search_that_is_no_longer_watched_stays(reader_of, database):
    reader = reader_of(with_a_past)
    before = lxml.html.fromstring(reader.get("/searches").text).cssselect(".rank")
    with database.read() as session:
        source_id = session.scalar(select(SearchPage.source_id).limit(1))
    reader.press(f"/sources/{source_id}/remove", {"next": "/sources"}, "/sources")
    page = reader.read("/searches")
    assert "no longer watched" in page and "the last 3 looks" in page
    after = lxml.html.fromstring(page).cssselect(".rank")
    assert [rank.text_content() for rank in after] == [rank.text_content() for rank in before]


def test_a_search_that_came_in_files_has_its_history_by_query(reader, database, tmp_path):
    path = tmp_path / "serp.csv"
    with database.read() as session:
        searched = len(find_histories(session, 1, 0.55))
    for day, query in ((1, ""), (1, "Nilgoon shop"), (2, "Nilgoon shop")):
        path.write_text(f"position,url,query,date\n{day},https://a.example/,{query},2026-11-{day:02}\n")
        assert import_search_results(database, 1, path, sample.NOW, parse_date).new == 1
    with database.read() as session:
        *_, nameless, shop = histories = find_histories(session, 1, 0.55)
    assert len(histories) == searched + 2 and (nameless.query, shop.query) == ("", "Nilgoon shop")
    assert shop.ranks[0].positions == (1, 2)
    page = reader.read("/searches")
    assert '<bdi>Nilgoon shop</bdi> <span class="muted"><bdi>a file</bdi>' in page


def test_without_a_search_the_page_leads_to_the_sources(reader):
    assert "No search has been asked yet." in reader.read("/searches?brand=2")
