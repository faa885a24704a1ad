"""The collecting process from end to end: a real site, a real database, a process of its own."""

import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from monitor import jobs
from monitor.brands import add_brand
from monitor.config import as_environ
from monitor.errors import FetchError
from monitor.models import Mention, Rating, RobotsText, SearchPage, Source
from monitor.sealing import Seal
from monitor.sources import add_source, make_due, set_options
from spiders import load_spiders

DATA = Path(__file__).parent.parent / "data" / "spiders"
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def html(body):
    return (200, {"Content-Type": "text/html; charset=utf-8"}, body.encode())


def feed(*entries):
    items = "".join(
        f"<item><title>{title}</title><link>{link}</link><description>{text}</description></item>"
        for title, link, text in entries
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
    return (
        200,
        {"Content-Type": "application/rss+xml", "ETag": '"v1"', "Last-Modified": "Sat, 07 Oct 2023 09:00:00 GMT"},
        body.encode(),
    )


def review_page(author, text, following=""):
    review = {"@type": "Review", "author": author, "reviewBody": text, "reviewRating": {"ratingValue": 1}}
    product = {"@type": "Product", "aggregateRating": {"ratingValue": 4, "ratingCount": 9}, "review": review}
    product["aggregateRating"]["@type"] = "AggregateRating"
    link = f'<link rel="next" href="{following}">' if following else ""
    return html(f'<html><head>{link}<script type="application/ld+json">{json.dumps(product)}</script></head></html>')


def conditional(page):
    def answer(handler):
        if handler.headers.get("If-None-Match") == '"v1"':
            handler.answer(304, {}, b"")
        else:
            handler.answer(*page)

    return answer


@pytest.fixture(scope="module")
def watched(site, collector):
    """A brand with a source of each kind, and a feed whose articles have their text on the site."""
    entries = [("Aral is late", site.url("/news.html"), "again"), ("آرال خوب است", site.url("/app.html"), "زود رسید")]
    site.pages |= {
        "/feed": conditional(feed(*entries, ("no brand in it", "https://x.example/", "at all"), ("", "", ""))),
        "/news.html": html((DATA / "article/news.html").read_text(encoding="utf-8")),
        "/app.html": html((DATA / "article/empty.html").read_text(encoding="utf-8")),
        "/p": review_page("a", "very bad", "/p?page=2"),
        "/p?page=2": review_page("b", "very good", "/p?page=3"),
        "/p?page=3": review_page("c", "beyond the option"),
    }
    with collector.database.write() as session:
        brand = add_brand(session, "Aral", HOUR_AGO, aliases=["آرال"])
        session.flush()
        ids = [
            add_source(session, spider, site.url(path), HOUR_AGO, interval=1800, brand_id=brand.id, **given).id
            for spider, path, given in (
                ("feed", "/feed", {}),
                ("reviews", "/p", {"matches_text": False, "options": {"pages": "2"}}),
            )
        ]
    return ids


@pytest.fixture(scope="module")
def first(collector, watched):
    return collector.run()


def rows(collector):
    with collector.database.read() as session:
        columns = select(Mention.kind, Mention.url, Mention.title, Mention.text, Mention.body, Mention.history)
        return session.execute(columns.order_by(Mention.key)).all()


def test_all_that_is_due_is_saved_once_and_its_pages_are_read(first, collector, site):
    assert first.stderr == ""
    assert first.code == 0
    assert first.counts == {
        "sources": 2,
        "new_mentions": 4,
        "pages": 0,
        "warnings": 1,
        "failed": 0,
        "articles": 1,
        "leavings": 0,
    }
    found = {(row.kind, row.title or row.text): row for row in rows(collector)}
    assert set(found) == {
        ("article", "Aral is late"),
        ("article", "آرال خوب است"),
        ("review", "very bad"),
        ("review", "very good"),
    }
    assert "می‌گویند سفارش‌هایشان" in found["article", "Aral is late"].body
    assert found["article", "آرال خوب است"].body == ""
    assert all(row.history for row in rows(collector))
    assert site.asked("/p?page=3") == []


def test_we_say_who_we_are(first, site):
    assert site.asked("/feed")[0]["User-Agent"].startswith("Didban/")
    assert site.asked("/robots.txt")


def test_the_pages_own_rating_is_kept(first, collector):
    with collector.database.read() as session:
        (rating,) = session.scalars(select(Rating))
    assert (rating.rating, rating.count) == (0.8, 9)


def test_a_second_visit_asks_only_for_changes_and_adds_nothing(first, collector, site, watched):
    before = rows(collector)
    with collector.database.write() as session:
        make_due(session, datetime.now(UTC), watched)
    second = collector.run()
    assert second.code == 0
    assert (second.counts["sources"], second.counts["new_mentions"], second.counts["articles"]) == (2, 0, 0)
    assert rows(collector) == before
    again = site.asked("/feed")[-1]
    assert again["If-None-Match"] == '"v1"'
    assert again["If-Modified-Since"] == "Sat, 07 Oct 2023 09:00:00 GMT"
    with collector.database.read() as session:
        source = session.get(Source, watched[0])
    assert (source.state, source.found, len(source.warnings), source.etag) == ("ok", 3, 1, '"v1"')


def test_only_the_named_source_is_visited_and_only_when_due(first, collector, watched):
    with collector.database.write() as session:
        make_due(session, datetime.now(UTC), watched)
    assert collector.run(f"--source={watched[1]}").counts["sources"] == 1
    assert collector.run(f"--source={watched[1]}").counts["sources"] == 0


def test_killed_half_way_it_is_collected_again_and_nothing_is_doubled(first, collector, site):
    ready = []

    def slow_second_page(handler):
        ready.append(True)
        time.sleep(2)
        handler.answer(*review_page("late", "the last"))

    reviews = [{"@type": "Review", "author": f"a{number}", "reviewBody": f"text {number}"} for number in range(2250)]
    script = f'<script type="application/ld+json">{json.dumps(reviews)}</script>'
    site.pages["/many"] = html(f'<html><head><link rel="next" href="/many?page=2">{script}</head></html>')
    site.pages["/many?page=2"] = slow_second_page
    with collector.database.write() as session:
        source = add_source(
            session, "reviews", site.url("/many"), HOUR_AGO, interval=1800, brand_id=1, matches_text=False
        )
        source_id = source.id

    def saved():
        with collector.database.read() as session:
            return session.scalar(select(func.count()).where(Mention.source_id == source_id))

    with collector.start(f"--source={source_id}") as child:
        while not ready:
            time.sleep(0.05)
        child.kill()
        child.communicate()
    assert saved() == 2000
    with collector.database.write() as session:
        session.get(Source, source_id).leased_until = None
    again = collector.run(f"--source={source_id}")
    assert (again.code, again.counts["new_mentions"], saved()) == (0, 251, 2251)
    with collector.database.read() as session:
        assert session.scalar(select(func.count()).where(Mention.source_id == source_id, ~Mention.history)) == 0


@pytest.fixture
def slow(first, collector, site, request):
    """The path and the id of a source that does not answer."""
    path = f"/{request.node.name}"
    site.pages[path] = lambda handler: time.sleep(30)
    with collector.database.write() as session:
        return path, add_source(session, "feed", site.url(path), HOUR_AGO, interval=1800).id


def wait_until_asked(site, path):
    while not site.asked(path):
        time.sleep(0.05)


def listening(pid):
    """The sockets on which a process waits for others to call."""
    with open("/proc/net/tcp") as table, open("/proc/net/tcp6") as other:
        rows = [line.split() for line in (*table, *other)]
    waiting = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    return waiting & {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}


def test_nobody_can_call_a_collecting_process(collector, site, slow):
    path, source_id = slow
    with collector.start(f"--source={source_id}") as child:
        wait_until_asked(site, path)
        assert listening(child.pid) == set()
        child.kill()


def test_a_process_that_dies_is_told_from_one_that_found_nothing(collector, site, slow):
    path, source_id = slow
    with ThreadPoolExecutor() as pool:
        collected = pool.submit(jobs.collect, collector.settings, collector.database, [source_id])
        wait_until_asked(site, path)
        (child,) = multiprocessing.active_children()
        child.kill()
        with pytest.raises(FetchError, match="the spiders stopped early: 'exit status -9'"):
            collected.result(20)


def test_asked_to_stop_it_saves_what_is_there_and_ends_soon(collector, site, slow):
    path, source_id = slow
    with collector.start(f"--source={source_id}") as child:
        wait_until_asked(site, path)
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        stdout, stderr = child.communicate(timeout=20)
    assert time.monotonic() - began < 8
    assert json.loads(stdout)["new_mentions"] == 0
    assert stderr == ""


def test_trying_a_source_prints_what_it_gives_and_saves_nothing(first, collector, site):
    before = rows(collector)
    with collector.start("--try", "reviews", site.url("/p"), "--option", "pages=1") as child:
        stdout, _ = child.communicate(timeout=30)
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert [line["type"] for line in lines] == ["RatingData", "MentionData", "FetchReport"]
    assert (lines[1]["text"], lines[1]["rating"]) == ("very bad", 0.2)
    assert rows(collector) == before


def test_wrong_use_is_one_line(collector, site):
    with collector.start("--try", "nosuch", site.url("/p")) as child:
        _, stderr = child.communicate(timeout=30)
    assert (child.returncode, stderr) == (2, "no such kind of source: 'nosuch'\n")


def test_search_pages_are_saved_with_their_mentions(collector, site, first):
    site.pages["/search?q=Aral&format=json"] = (200, {}, (DATA / "search/page.json").read_bytes())
    with collector.database.write() as session:
        url = site.url("/search?q=Aral&format=json")
        source_id = add_source(session, "search", url, HOUR_AGO, interval=1800, brand_id=1, matches_text=False).id
    collected = collector.run(f"--source={source_id}")
    assert (collected.counts["pages"], collected.counts["new_mentions"]) == (1, 10)
    with collector.database.read() as session:
        page = session.scalars(select(SearchPage)).one()
        assert [result.position for result in page.results] == list(range(1, 11))
        assert page.results[3].title == "آرال؛ نقد و بررسی"


def scrapy(*arguments, **environ):
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ)


@pytest.fixture
def environ(collector):
    return {**os.environ, **as_environ(collector.settings)}


def test_a_scrapy_user_finds_a_scrapy_project(environ):
    assert scrapy("list", **environ).stdout.split() == sorted(load_spiders())


def test_scrapy_crawl_gives_the_values(environ, site, watched, tmp_path):
    out = tmp_path / "out.json"
    done = scrapy("crawl", "feed", "-a", f"url={site.url('/feed')}", "-a", "kind=social", "-o", str(out), **environ)
    values = json.loads(out.read_text(encoding="utf-8"))
    assert [value["title"] for value in values] == ["Aral is late", "آرال خوب است", "no brand in it"]
    assert {value["kind"] for value in values} == {"social"}
    assert done.stderr.splitlines() == ["WARNING: entry 4 left out, it has no link or no text: ''"]


def test_a_page_that_hides_its_publisher_is_given_up_without_a_request(collector, first):
    url = "https://news.google.com/rss/articles/CBMi?oc=5"
    with collector.start("--try", "article", url) as child:
        stdout, _ = child.communicate(timeout=30)
    article, report = map(json.loads, stdout.splitlines())
    assert (article["error"], report["state"]) == (f"the address hides its publisher: '{url}'", "no_preview")


def test_a_feed_that_answers_with_a_page_for_a_while_stays_the_feed_it_was(collector, first, site):
    tag = feed(("Aral", "https://x.example/tag", "late"))
    page = html('<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed">')
    with collector.database.write() as session:
        source_id = add_source(session, "feed", site.url("/tag/feed"), HOUR_AGO, interval=1800, brand_id=1).id

    def visit(answer):
        site.pages["/tag/feed"] = answer
        with collector.database.write() as session:
            make_due(session, datetime.now(UTC), [source_id])
        collector.run(f"--source={source_id}")
        with collector.database.read() as session:
            source = session.get(Source, source_id)
        return source.state, source.url.removeprefix(site.url("")), source.error.partition(":")[0]

    assert visit(tag) == ("ok", "/tag/feed", "")
    assert visit(page) == ("changed", "/tag/feed", "a web page, not a feed")
    assert visit(tag) == ("ok", "/tag/feed", "")


@pytest.fixture
def turns(collector, first, site):
    """When each request to a slow host with five kinds of source, and to another that leads there, began and ended."""
    times = {site.host: [], f"localhost:{site.port}": []}

    def slowly(page):
        def answer(handler):
            began = time.monotonic()
            time.sleep(0.3)
            times[handler.headers["Host"]].append((began, time.monotonic()))
            handler.answer(*page)

        return answer

    pages = {
        "/robots.txt": (404, {}, b""),
        "/turn.rss": feed(("Aral", "https://x.example/turn", "late")),
        "/turn-moved.rss": (301, {"Location": site.url("/turn-here.rss")}, b""),
        "/turn-here.rss": feed(("Aral", "https://x.example/here", "late")),
        "/turn-reviews": review_page("turn", "late"),
        "/turn-board": html("<ul><li><p>Aral</p></li></ul>"),
        "/turn.xml": (200, {}, b"<urlset xmlns='x'></urlset>"),
        "/turn/wp-json/wp/v2/comments?per_page=100&page=1": (200, {}, b"[]"),
    }
    site.pages |= {path: slowly(page) for path, page in pages.items()}
    kinds = (
        ("feed", site.url("/turn.rss"), {}),
        ("reviews", site.url("/turn-reviews"), {}),
        ("generic", site.url("/turn-board"), {"item": "li", "text": "p"}),
        ("sitemap", site.url("/turn.xml"), {}),
        ("wordpress", site.url("/turn"), {}),
        ("feed", f"http://localhost:{site.port}/turn-moved.rss", {}),
    )
    with collector.database.write() as session:
        session.execute(delete(RobotsText))
        ids = [
            add_source(session, kind, url, HOUR_AGO, interval=1800, brand_id=1, options=options).id
            for kind, url, options in kinds
        ]
    settings = collector.settings
    collector.settings = replace(settings, download_delay=0.6, allowed_hosts=tuple(times))
    collected = collector.run(*(f"--source={id}" for id in ids))
    collector.settings = settings
    assert (collected.code, collected.stderr, collected.counts["sources"]) == (0, "", 6)
    return times[site.host], times[f"localhost:{site.port}"]


def test_a_host_is_asked_one_thing_at_a_time_whatever_kinds_of_source_it_has(turns):
    slow, other = turns
    # The robots.txt once, for whichever asked first.
    assert (len(slow), len(other)) == (7, 2)
    # Scrapy varies the delay by a half.
    assert all(began >= ended and began - before > 0.28 for (before, ended), (began, _) in itertools.pairwise(slow))
    # Nobody else waits for it.
    assert other[-1][1] < slow[3][1]


def reviews(*nodes, following=""):
    link = f'<link rel="next" href="{following}">' if following else ""
    script = json.dumps([{"@type": "Review", **node} for node in nodes])
    return html(f'<html><head>{link}<script type="application/ld+json">{script}</script></head></html>')


@pytest.fixture
def look(collector, first, site):
    """Visit a source with these options; by path, author and text of what it gave, in the order of authors, whether it
    is history.
    """

    def look(spider, path, **options):
        seal, now = Seal(collector.settings.key()), datetime.now(UTC)
        with collector.database.write() as session:
            source = session.scalar(select(Source).where(Source.url == site.url(path)))
            source = source or add_source(
                session, spider, site.url(path), HOUR_AGO, interval=1800, brand_id=1, matches_text=False
            )
            set_options(session, source.id, options, seal)
            make_due(session, now, [source.id])
            source_id = source.id
        collector.run(f"--source={source_id}")
        with collector.database.read() as session:
            found = session.scalars(select(Mention).where(Mention.source_id == source_id).order_by(Mention.author))
            return {(each.url.removeprefix(site.url("")), each.author, each.text): each.history for each in found}

    return look


def test_an_old_text_that_is_within_reach_only_now_is_history(look, site):
    old, fresh = {"datePublished": "2021-03-01"}, {"datePublished": datetime.now(UTC).isoformat()}
    ann, ben, cem = ({"author": name, "reviewBody": f"said by {name}"} for name in ("Ann", "Ben", "Cem"))
    site.pages["/dated"] = reviews(ann | old, following="/dated?page=2")
    site.pages["/dated?page=2"] = reviews(ben | old)
    assert look("reviews", "/dated", pages="1") == {("/dated", "Ann", "said by Ann"): True}
    site.pages["/dated"] = reviews(cem | fresh, ann | old, following="/dated?page=2")
    assert list(look("reviews", "/dated", pages="2").values()) == [True, True, False]


def test_reviews_that_each_page_counts_from_one_are_kept_each(look, site):
    site.pages["/counted.xml"] = (
        200,
        {},
        f"<urlset xmlns='x'><url><loc>{site.url('/counted/1')}</loc></url>"
        f"<url><loc>{site.url('/counted/2')}</loc></url></urlset>".encode(),
    )
    site.pages["/counted/1"] = reviews({"identifier": "1", "author": "Ali", "reviewBody": "broke at once"})
    site.pages["/counted/2"] = reviews({"identifier": "1", "author": "Sara", "reviewBody": "lovely, works well"})
    both = {
        ("/counted/1", "Ali", "broke at once"): True,
        ("/counted/2", "Sara", "lovely, works well"): True,
    }
    assert look("sitemap", "/counted.xml") == both
    assert look("sitemap", "/counted.xml") == both
