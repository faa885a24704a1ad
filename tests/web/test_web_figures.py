"""Every figure leads to its rows: each number that is a link opens as many rows as it says, page by page."""

import re
from urllib.parse import urljoin

import lxml.html
import pytest

from monitor.models import Case, Subscriber, UnsubscribeEvent
from monitor.sealing import SUBSCRIBER
from monitor.types import CaseState, Stayed
from tests.web import sample

FIGURE = re.compile(r"([\d,]+)(?: [a-z ]+)?")


def page_at(reader, address):
    return lxml.html.fromstring(reader.get(address).text)


def rows_behind(reader, address):
    """How many rows the address lists, its further pages included."""
    page = page_at(reader, address)
    rows = len(page.cssselect("main li.mention, main li.comment"))
    further = page.cssselect("p.more a")
    return rows + (rows_behind(reader, urljoin(address, further[0].get("href"))) if further else 0)


def figures_of(reader, address):
    """Each link on the page that is a number, with the number it says."""
    for link in page_at(reader, address).cssselect("main a[href^='/']"):
        said = FIGURE.fullmatch(" ".join(link.text_content().split()))
        if said and "#" not in link.get("href"):
            yield link.get("href"), int(said[1].replace(",", ""))


@pytest.mark.parametrize(
    ("address", "least"), [("/", 12), ("/unsubscribes", 20), ("/unsubscribes?reason=bad_experience", 20)]
)
def test_each_linked_figure_opens_the_rows_it_counts(reader, database, address, least):
    with database.write() as session:
        # Whoever came back is counted nowhere, and whose words are still to be read has given no "no answer".
        back, unread, *_ = session.query(UnsubscribeEvent).order_by(UnsubscribeEvent.left_at.desc()).limit(2)
        back.stayed = Stayed.UNDONE
        unread.reason, unread.labelled_at = "", None
        session.query(Case).filter_by(state=CaseState.ACKNOWLEDGED).one().state = CaseState.ANSWERED
    figures = list(figures_of(reader, address))
    assert len(figures) >= least
    wrong = [(where, said, found) for where, said in figures if (found := rows_behind(reader, where)) != said]
    assert wrong == []


def test_the_share_answered_in_time_opens_the_cases_it_is_a_share_of(reader):
    overview = page_at(reader, "/")
    section = overview.get_element_by_id("answers")
    said = re.search(r"of (\d+) cases? answered in time", " ".join(section.text_content().split()))
    assert rows_behind(reader, section.cssselect("p a")[0].get("href")) == int(said[1]) == 2


def test_figures_of_the_page_of_those_who_left_are_links(reader):
    page = page_at(reader, "/unsubscribes")
    numbers = [
        cell for cell in page.cssselect("main table.figures td") if re.fullmatch(r"[1-9]\d*", cell.text_content())
    ]
    assert numbers and all(cell.cssselect("a") or "muted" in cell.get("class", "") for cell in numbers)
    assert all(item.cssselect("a") for item in page.cssselect(".exit-inside p.meta"))


def test_whoever_may_not_know_people_sees_no_address(reader_of, reader, database):
    with database.write() as session:
        event = session.query(UnsubscribeEvent).order_by(UnsubscribeEvent.left_at.desc()).first()
        sealed = reader.app.extensions["didban_seal"].close("negar@example.org", SUBSCRIBER)
        session.add(Subscriber(hash=event.subscriber_hash, address=sealed, address_at=sample.NOW))
    assert "n…@example.org" in reader.read("/unsubscribes/leavings")
    assert "example.org" not in reader_of(role="viewer").read("/unsubscribes/leavings")


def test_a_period_that_is_none_is_missing(reader):
    reader.get("/unsubscribes/leavings?period=never", 404)
    assert "Nobody fits this choice." in reader.read("/unsubscribes/leavings?campaign=nothing")
