"""The page of searches: places over time, what is new, what has left, and looks that failed."""

from datetime import timedelta

import lxml.html
from sqlalchemy import select

from monitor.models import SearchPage, SearchResult
from monitor.rank_history import find_histories
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


def test_without_a_search_the_page_leads_to_the_sources(reader):
    assert "No search has been asked yet." in reader.read("/searches?brand=2")
