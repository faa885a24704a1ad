"""A pasted link from the form to the kept source, with a real visit to a real site in between."""

import re
import threading
import time
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from monitor.models import Source, SourceTrial
from monitor.sources import add_source
from monitor.trials import end_trial
from monitor.types import SourceState
from tests.web import sample
from tests.web.conftest import Reader
from tests.web.entering import log_in
from web import create_app

ITEMS = "".join(
    f"<item><title>نیلگون {n}</title><link>https://x.example/{n}</link><description>متن</description></item>"
    for n in "۱۲۳۴"
)
REVIEW = '{"@type": "Review", "reviewBody": "نیلگون خوب بود"}'
PAGES = {
    "/": '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
    "/feed.xml": f'<rss version="2.0"><channel><title>t</title>{ITEMS}</channel></rss>',
    "/shop.html": f'<!doctype html><script type="application/ld+json">{REVIEW}</script>',
    "/page.html": "<!doctype html><html><body>nothing</body></html>",
}


class _Site(BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml" if self.path.endswith("xml") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def reader(settings, database, site):
    with database.write() as session:
        sample.fill(session)
    allowed = replace(settings, allowed_hosts=(site.removeprefix("http://"),), download_delay=0.0)
    reader = Reader(create_app(allowed, database, clock=lambda: sample.NOW))
    log_in(reader.app, reader.client, "analyst")
    reader.speak("en")
    return reader


def tried(reader, page):
    """What the page of a trial says at its end."""
    for _ in range(300):
        text = reader.read(page)
        if "It is being visited" not in text:
            return text
        assert 'data-refresh="2"' in text
        time.sleep(0.1)
    raise AssertionError("the trial has no end")


def test_a_site_is_tried_and_its_feed_kept(reader, site, database):
    page = reader.press("/sources/add", {"link": f"{site}/"}, "/sources/add").location
    text = tried(reader, page)
    assert "It gave 4 texts" in text
    assert [f"نیلگون {n}: متن" in text for n in "۱۲۳۴"] == [True, True, True, False]
    with database.read() as session:
        assert session.scalar(select(Source).where(Source.url == f"{site}/")) is None
    kept = reader.press(f"{page}/keep", page=page)
    with database.read() as session:
        source = session.scalar(select(Source).where(Source.url == f"{site}/feed.xml"))
        assert (source.spider, source.matches_text, source.brand.name) == ("feed", True, "نیلگون")
        assert session.scalar(select(SourceTrial)) is None
    assert kept.location.endswith(f"#source-{source.id}")
    assert "It is watched from now on." in reader.read("/sources")


def test_a_page_with_reviews_is_kept_as_one(reader, site, database):
    page = reader.press("/sources/add", {"link": f"{site}/shop.html"}, "/sources/add").location
    assert "نیلگون خوب بود" in tried(reader, page)
    reader.press(f"{page}/keep", page=page)
    with database.read() as session:
        source = session.scalar(select(Source).where(Source.url == f"{site}/shop.html"))
        assert (source.spider, source.matches_text) == ("reviews", False)


def test_what_gives_nothing_says_why_and_is_not_kept(reader, site):
    page = reader.press("/sources/add", {"link": f"{site}/page.html"}, "/sources/add").location
    text = tried(reader, page)
    assert "It gave nothing that could be used: its pages have changed." in text
    assert "a web page, not a feed" in text
    assert f"{page}/keep" not in text


def test_an_address_inside_is_not_visited(reader):
    page = reader.press("/sources/add", {"link": "http://127.0.0.1:1/feed"}, "/sources/add").location
    assert "address not allowed" in tried(reader, page)


def test_a_source_that_is_kept_is_tested_beside_its_schedule(reader, site, database):
    with database.write() as session:
        source = add_source(session, "feed", f"{site}/feed.xml", sample.NOW, interval=3600, brand_id=1)
        source_id, next_at = source.id, source.next_at
    page = reader.press(f"/sources/{source_id}/test", page="/sources").location
    text = tried(reader, page)
    assert "It gave 4 texts" in text and "Start watching" not in text
    with database.read() as session:
        assert session.get(Source, source_id).next_at == next_at


def test_a_key_is_asked_for_and_shown_nowhere(reader, database, monkeypatch):
    monkeypatch.setattr("web.trials.Thread", lambda **given: _Unstarted())
    link = "https://www.youtube.com/watch?v=abcdefghijk"
    answer = reader.client.post("/sources/add", data={**reader.hidden("/sources/add"), "link": link})
    assert 'name="api_key" type="password"' in answer.text
    page = reader.press("/sources/add", {"link": link, "api_key": "very-secret"}, "/sources/add").location
    assert "very-secret" not in reader.read(page)
    with database.write() as session:
        trial = session.scalar(select(SourceTrial))
        assert "very-secret" not in str(trial.options)
        end_trial(session, trial.id, SourceState.OK, ["x" * 1000, "b", "c", "d"], "")
    reader.press(f"{page}/keep", page=page)
    with database.read() as session:
        assert session.scalar(select(Source.options).where(Source.spider == "youtube"))["api_key"].startswith("sealed:")


def test_a_long_line_does_not_outgrow_the_cookie_that_it_travels_in(reader, monkeypatch):
    monkeypatch.setattr("web.trials.Thread", lambda **given: _Unstarted())
    link = {"link": f"https://x.example/{'a' * 1900}"}
    first, second = (reader.press("/sources/add", link, "/sources/add").location for _ in range(2))
    reader.press(f"{first}/keep", page=first)
    reader.press(f"{second}/keep", {"next": "/sources"}, page=second)
    assert len(reader.client.get_cookie("didban").value) < 4000
    assert "source exists already" in reader.read("/sources")


class _Unstarted:
    def start(self):
        pass


def test_few_are_tried_at_once_and_one_that_was_cut_short_says_so(reader, database, monkeypatch):
    monkeypatch.setattr("web.trials.Thread", lambda **given: _Unstarted())
    for number in range(3):
        page = reader.press("/sources/add", {"link": f"https://x{number}.example/"}, "/sources/add").location
    refused = reader.press("/sources/add", {"link": "https://x9.example/"}, "/sources/add", 422).text
    assert "other links are being tried; wait a moment" in refused and 'value="https://x9.example/"' in refused
    assert "Other links are being tried." in refused and "cannot be watched" not in refused
    with database.write() as session:
        for trial in session.scalars(select(SourceTrial)):
            trial.begun_at -= timedelta(minutes=5)
    assert "The visit was cut short." in reader.read(page)


@pytest.mark.parametrize(("link", "line"), [("not a link", "not a web address"), ("https://x.com/a", "X cannot be")])
def test_what_cannot_be_watched_is_said_beside_the_link(reader, link, line):
    page = reader.press("/sources/add", {"link": link}, "/sources/add", 422).text
    assert line in page and f'value="{link}"' in page and 'aria-invalid="true"' in page


def test_what_cannot_be_watched_is_said_in_persian(reader):
    reader.speak("fa")
    page = reader.press("/sources/add", {"link": "https://www.instagram.com/a"}, "/sources/add", 422).text
    assert "از اینستاگرام و ایکس گردآوری نمی‌کنیم" in page and 'class="evidence"' not in page


def test_what_is_watched_already_is_not_called_unwatchable(reader, database):
    reader.speak("fa")
    with database.read() as session:
        source = session.scalar(select(Source).where(Source.spider == "feed"))
    with database.write() as session:
        trial = SourceTrial(brand_id=1, spider=source.spider, url=source.url, options={}, matches_text=True)
        trial.begun_at, trial.state, trial.error, trial.texts = sample.NOW, SourceState.OK, "", []
        session.add(trial)
    reader.press("/sources/trials/1/keep", {"next": "/sources"}, page="/sources")
    page = reader.read("/sources")
    assert "این منبع از قبل دیدبانی می‌شود." in page and f"<bdi>{source.url}</bdi> در صفحهٔ منبع‌ها هست" in page


def test_viewers_neither_try_nor_change(settings, database):
    with database.write() as session:
        sample.fill(session)
    reader = Reader(create_app(settings, database, clock=lambda: sample.NOW))
    log_in(reader.app, reader.client, "viewer")
    reader.speak("en")
    reader.get("/sources/add", 403)
    assert "/sources/add" not in reader.read("/sources")
    assert not re.search(r"/sources/\d+/(pause|remove|interval|test)", reader.read("/sources"))


def test_the_schedule_is_changed_and_a_source_removed(reader, database):
    with database.read() as session:
        source_id = session.scalar(select(Source.id))
    reader.press(f"/sources/{source_id}/interval", {"interval": "21600"}, "/sources")
    with database.read() as session:
        assert session.get(Source, source_id).interval == 21600
    reader.press(f"/sources/{source_id}/interval", {"interval": "1"}, "/sources", status=400)
    reader.press(f"/sources/{source_id}/remove", {"next": "/sources"}, "/sources")
    assert "It is no longer visited; what it gave stays." in reader.read("/sources")
    with database.read() as session:
        assert session.get(Source, source_id) is None
