"""Whatever a site does, its source ends in one clear line and a state, and the others are not disturbed."""

import gzip
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.brands import add_brand
from monitor.models import SearchPage, Source
from monitor.sources import add_source
from monitor.types import SourceState

DATA = Path(__file__).parent.parent / "data" / "spiders"
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
FEED = b"""<rss version="2.0"><channel><title>t</title><item><title>Aral is late</title>
<link>https://x.example/1</link><description>again</description></item></channel></rss>"""


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "10000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.25)


def silent(handler):
    time.sleep(6)


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "10000")
    handler.end_headers()
    handler.wfile.write(FEED[:40])
    handler.close_connection = True


def endless(handler):
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b"x" * 1000)


def redirect(target):
    return (302, {"Location": target}, b"")


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


PAGES = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\nDisallow: /search"),
    "/good.rss": (200, {"Content-Type": "application/rss+xml"}, FEED),
    "/forbidden": (403, {}, b""),
    "/busy": (429, {"Retry-After": "7200"}, b""),
    "/closed": (503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, b""),
    "/private/feed": (200, {}, FEED),
    "/huge": (200, {}, b"x" * 300_000),
    "/endless": endless,
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 50_000_000)),
    "/drip": drip,
    "/silent": silent,
    "/cut": cut,
    "/loop": redirect("/loop"),
    "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/to-file": redirect("file:///etc/passwd"),
    "/page": (200, {"Content-Type": "text/html"}, (DATA / "feed/page.html").read_bytes()),
    "/empty": (200, {"Content-Type": "application/rss+xml"}, (DATA / "feed/empty.rss").read_bytes()),
    "/wordless": (
        200,
        {},
        b"<rss version='2.0'><channel><title>t</title><item><words>Aral</words></item></channel></rss>",
    ),
    "/laughs": (200, {"Content-Type": "text/xml"}, (DATA / "feed/billion_laughs.rss").read_bytes()),
    "/not-gzip": (200, {"Content-Encoding": "gzip", "Content-Type": "text/xml"}, b"plain"),
    "/image": (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "/search?q=silent": (200, {}, (DATA / "search/unresponsive.json").read_bytes()),
    "/search?q=nothing": (200, {}, (DATA / "search/nothing.json").read_bytes()),
    "/search?q=page": (200, {}, (DATA / "search/page.html").read_bytes()),
    "/search?q=forbidden": (403, {}, b""),
    "/search?q=drip": drip,
}

# spider, address (a path is the site's), state, what the line says
CASES = [
    ("feed", "/good.rss", SourceState.OK, ""),
    ("feed", "/missing", SourceState.FAILING, "the site answered 404 Not Found"),
    ("feed", "/forbidden", SourceState.BLOCKED, "the site answered 403 Forbidden"),
    ("feed", "/busy", SourceState.BLOCKED, "the site answered 429 Too Many Requests"),
    ("feed", "/closed", SourceState.FAILING, "the site answered 503 Service Unavailable"),
    ("feed", "/private/feed", SourceState.BLOCKED, "robots.txt forbids it"),
    ("feed", "/huge", SourceState.FAILING, "answer is too large"),
    ("feed", "/endless", SourceState.FAILING, "answer is too large"),
    ("feed", "/bomb", SourceState.FAILING, "answer is too large"),
    ("feed", "/drip", SourceState.FAILING, "no answer in time"),
    ("feed", "/silent", SourceState.FAILING, "no answer in time"),
    ("feed", "/cut", SourceState.FAILING, "answer broke off"),
    ("feed", "/loop", SourceState.FAILING, "too many redirects"),
    ("feed", "/to-metadata", SourceState.FAILING, "address not allowed: 'http://169.254.169.254/latest/meta-data/'"),
    ("feed", "/to-file", SourceState.FAILING, "the site answered 302"),
    ("feed", "/page", SourceState.CHANGED, "a web page, not a feed"),
    ("feed", "/empty", SourceState.EMPTY, ""),
    (
        "feed",
        "/wordless",
        SourceState.CHANGED,
        "no entry can be read (entry 1 left out, it has no link or no text: '')",
    ),
    ("feed", "/laughs", SourceState.OK, ""),
    ("feed", "/not-gzip", SourceState.FAILING, "no usable answer"),
    ("reviews", "/image", SourceState.CHANGED, "not a page of text"),
    ("feed", "http://localhost:{port}/good.rss", SourceState.FAILING, "address not allowed: 'http://localhost:"),
    ("feed", "http://2130706433:{port}/good.rss", SourceState.FAILING, "address not allowed"),
    ("feed", "http://127.0.0.1:{closed}/", SourceState.FAILING, "address not allowed"),
    (
        "feed",
        "http://no-such-host.invalid/feed",
        SourceState.FAILING,
        "host not found: 'http://no-such-host.invalid/feed'",
    ),
    ("feed", "no address at all", SourceState.FAILING, "not a web address: 'no address at all'"),
    ("feed", "http://127.0.0.1:99999/", SourceState.FAILING, "not a web address: 'http://127.0.0.1:99999/'"),
    ("feed", "http://[url]/feed", SourceState.FAILING, "not a web address: 'http://[url]/feed'"),
    ("search", "/search?q=silent", SourceState.FAILING, "no engine answered (google Suspended: CAPTCHA, bing timeout)"),
    ("search", "/search?q=nothing", SourceState.EMPTY, "the engine returned no results"),
    ("search", "/search?q=page", SourceState.CHANGED, "not JSON"),
    ("search", "/search?q=forbidden", SourceState.BLOCKED, "the site answered 403 Forbidden"),
    ("search", "/search?q=drip", SourceState.FAILING, "no answer in time"),
    ("nosuchspider", "/x", SourceState.FAILING, "no such kind of source: 'nosuchspider'"),
]


@pytest.fixture(scope="module")
def addresses(site):
    site.pages.update(PAGES)
    closed = closed_port()
    return {
        address: site.url(address) if address.startswith("/") else address.format(port=site.port, closed=closed)
        for _, address, _, _ in CASES
    }


@pytest.fixture(scope="module")
def collected(collector, addresses):
    with collector.database.write() as session:
        brand = add_brand(session, "Aral", HOUR_AGO)
        session.flush()
        for spider, address, _, _ in CASES:
            add_source(session, spider, addresses[address], HOUR_AGO, interval=1800, brand_id=brand.id)
    return collector.run()


def source_at(collector, address):
    with collector.database.read() as session:
        return session.scalars(select(Source).where(Source.url == address)).one()


@pytest.mark.parametrize(("spider", "address", "state", "line"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_a_source_ends_in_one_line_and_a_state(collected, collector, addresses, spider, address, state, line):
    source = source_at(collector, addresses[address])
    assert (source.state, source.error[: len(line)]) == (state, line)
    assert len(source.error.splitlines()) <= 1 and bool(source.error) == bool(line)
    assert source.leased_until is None and source.next_at > datetime.now(UTC)


def test_the_outcome_counts_what_failed_and_the_log_stays_silent(collected):
    bad = sum(state not in (SourceState.OK, SourceState.EMPTY) for _, _, state, _ in CASES)
    assert collected.code == 1
    assert collected.stderr == ""
    assert collected.counts["sources"] == len(CASES)
    assert collected.counts["failed"] == bad
    assert collected.counts["new_mentions"] == 1
    assert collected.counts["pages"] == 5


def test_retry_after_is_honoured(collected, collector, addresses):
    now = datetime.now(UTC)
    assert source_at(collector, addresses["/busy"]).next_at > now + timedelta(hours=1, minutes=50)
    assert source_at(collector, addresses["/closed"]).next_at > now + timedelta(days=6)


def test_a_failed_search_is_a_page_that_says_nothing_and_never_zero(collected, collector):
    with collector.database.read() as session:
        pages = session.scalars(select(SearchPage)).all()
        assert len(pages) == 5
        assert all(page.error and not page.results for page in pages)


def test_an_entity_bomb_is_a_warning_and_expands_to_nothing(collected, collector, addresses):
    source = source_at(collector, addresses["/laughs"])
    assert source.found == 1 and source.warnings[0].startswith("the feed is damaged")


def test_nothing_is_asked_twice_of_a_site_that_says_it_is_busy(collected, site):
    assert len(site.asked("/busy")) == len(site.asked("/closed")) == 1
