"""Every request to a host waits for its robots.txt, however many wait at once."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from monitor.brands import add_brand
from monitor.models import RobotsText, Source
from monitor.robots import find_robots, save_robots
from monitor.sources import add_source, make_due
from monitor.types import RobotsData, SourceState

NOW = datetime.now(UTC) - timedelta(hours=1)
FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


def slow_robots(handler):
    time.sleep(0.5)
    body = b"User-agent: *\nDisallow: /private/"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_all_that_wait_for_a_slow_robots_txt_obey_it(collector, site):
    paths = [f"/private/{number}" for number in range(6)]
    site.pages.update({"/robots.txt": slow_robots, **{path: (200, {}, FEED) for path in paths}})
    before = datetime.now(UTC) - timedelta(hours=1)
    with collector.database.write() as session:
        brand = add_brand(session, "Aral", before)
        for path in paths:
            add_source(session, "feed", site.url(path), before, interval=1800, brand_id=brand.id)
    collector.run()
    with collector.database.read() as session:
        assert set(session.scalars(select(Source.state))) == {SourceState.BLOCKED}


def robots(status, body=b"", **headers):
    return (status, {"Content-Type": "text/plain", **headers}, body)


@pytest.fixture
def visited(collector, site):
    """How a feed of this name ended under a robots.txt, and how often that was asked for."""

    def visit(path, answer):
        site.pages |= {"/robots.txt": answer, path: (200, {}, FEED)}
        before = len(site.asked("/robots.txt"))
        with collector.database.write() as session:
            session.execute(delete(RobotsText))
            source_id = add_source(session, "feed", site.url(path), NOW, interval=1800).id
        collector.run(f"--source={source_id}")
        with collector.database.read() as session:
            source = session.get(Source, source_id)
        return source, len(site.asked("/robots.txt")) - before

    return visit


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_host_that_says_it_has_none_allows_all(visited, status):
    source, _ = visited(f"/feed-{status}", robots(status))
    assert (source.state, source.error) == (SourceState.EMPTY, "")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_where_it_cannot_be_read_nothing_is_asked(visited, site, status):
    path = f"/feed-{status}"
    source, _ = visited(path, robots(status))
    assert source.state == SourceState.FAILING
    assert source.error == f"its robots.txt cannot be read, so it is not asked: '{site.url(path)}'"
    assert site.asked(path) == []


def test_a_failure_is_asked_for_once_and_holds_for_all_that_wait(collector, site):
    paths = [f"/dead/{number}" for number in range(5)]
    site.pages |= {"/robots.txt": robots(503), **{path: (200, {}, FEED) for path in paths}}
    with collector.database.write() as session:
        session.execute(delete(RobotsText))
        ids = [add_source(session, "feed", site.url(path), NOW, interval=1800).id for path in paths]

    def ended():
        before = len(site.asked("/robots.txt"))
        collector.run(*(f"--source={id}" for id in ids))
        with collector.database.read() as session:
            sources = session.scalars(select(Source).where(Source.id.in_(ids))).all()
        return {(each.state, each.error.partition(":")[0]) for each in sources}, len(site.asked("/robots.txt")) - before

    unreadable = (SourceState.FAILING, "its robots.txt cannot be read, so it is not asked")
    assert ended() == ({unreadable}, 1)
    assert not any(site.asked(path) for path in paths)
    # A copy of long ago is obeyed by all of them, too.
    with collector.database.write() as session:
        make_due(session, datetime.now(UTC), ids)
        text = "User-agent: *\nDisallow: /dead/"
        save_robots(session, [RobotsData(f"http://{site.host}", text, NOW - timedelta(days=2))], NOW)
    assert ended() == ({(SourceState.BLOCKED, "robots.txt forbids it")}, 1)


def test_a_host_that_breaks_off_is_not_asked(visited, site):
    def break_off(handler):
        handler.close_connection = True

    source, _ = visited("/feed-off", break_off)
    assert source.state == SourceState.FAILING
    assert site.asked("/feed-off") == []


def test_redirects_without_an_end_are_as_good_as_none(visited):
    source, _ = visited("/feed-round", robots(302, Location="/robots.txt"))
    assert source.state == SourceState.EMPTY


def test_it_is_remembered_for_a_day_and_longer_where_it_fails(visited, collector, site):
    source, asked = visited("/feed-day", robots(200, b"User-agent: *\nDisallow: /feed-day"))
    assert (source.state, asked) == (SourceState.BLOCKED, 1)

    def again(older):
        with collector.database.write() as session:
            make_due(session, datetime.now(UTC), [source.id])
            session.execute(update(RobotsText).values(checked_at=datetime.now(UTC) - older))
        before = len(site.asked("/robots.txt"))
        collector.run(f"--source={source.id}")
        with collector.database.read() as session:
            return session.get(Source, source.id).state, len(site.asked("/robots.txt")) - before

    assert again(timedelta(hours=23)) == (SourceState.BLOCKED, 0)
    site.pages["/robots.txt"] = robots(503)
    state, asked = again(timedelta(hours=25))
    assert (state, asked > 0) == (SourceState.BLOCKED, True)
    site.pages["/robots.txt"] = robots(404)
    assert again(timedelta(hours=25)) == (SourceState.EMPTY, 1)
    assert site.asked("/feed-day") != []


def test_what_was_not_read_for_a_month_goes(database, now):
    with database.write() as session:
        save_robots(session, [RobotsData("https://a.example", "a", now - timedelta(days=31))], now)
        save_robots(session, [RobotsData("https://b.example", "b", now)], now)
        assert set(find_robots(session, ["https://a.example", "https://b.example"])) == {"https://b.example"}
