"""What every kind of source shares, and what happens when our own code or the database fails."""

import asyncio
import json
import logging
from contextlib import contextmanager

import pytest
from scrapy import Request
from twisted.python.failure import Failure

from monitor.brands import add_brand
from monitor.errors import StorageError
from monitor.models import Mention, Source
from monitor.sealing import Seal
from monitor.sources import add_source
from monitor.types import FetchReport, Kind, MentionData, RatingData, SourceState, SourceTask
from spiders import leases, load_spiders
from spiders.leases import LeaseKeeper
from spiders.pipelines import Saver
from spiders.runs import Harvest, Run
from tests.spiders.visiting import answer, first_request, make_spider, visit

URL = "https://x.example/feed"
SEAL = Seal("a key for tests")
FEED = (
    b"""<rss version="2.0"><channel><title>t</title><item><title>Aral</title><link>/1</link></item></channel></rss>"""
)


class Refusing:
    """A database that is not there."""

    def write(self):
        raise StorageError("database", "sqlite:///gone.db")


def spider_with(saver, kind="feed"):
    spider = make_spider(kind, SourceTask(id=1, spider=kind, url=URL))
    spider.saver = saver
    return spider


def test_every_kind_is_found_by_its_name():
    assert {name: kind.matches_text for name, kind in load_spiders().items()} == {
        "appstore": False,
        "article": True,
        "bazaar": False,
        "bluesky": True,
        "brave": False,
        "digikala": False,
        "discourse": True,
        "feed": True,
        "generic": True,
        "googleplay": False,
        "hackernews": True,
        "listmonk": False,
        "mailchimp": False,
        "mastodon": True,
        "myket": False,
        "reddit": True,
        "reddit_api": True,
        "reviews": False,
        "search": False,
        "serpapi": False,
        "sitemap": False,
        "snappfood": False,
        "telegram": True,
        "trustpilot": False,
        "wordpress": True,
        "youtube": True,
    }


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("feed", {"kind": "novel"}, "option kind is one of article, social, review, comment, not novel"),
        ("reviews", {"pages": "many"}, "option pages is a number from 1, not many"),
        ("reviews", {"pages": "0"}, "option pages is a number from 1, not 0"),
    ],
)
def test_an_option_without_sense_is_one_line(kind, options, error):
    values, requests, run = visit(kind, URL, FEED, "text/html", options)
    assert (values, requests, run.state) == ([], [], SourceState.CHANGED)
    assert run.error.startswith(error)


def test_a_utf16_feed_is_read():
    text = FEED.decode().replace("Aral", "آرال")
    values, _, run = visit("feed", URL, f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode("utf-16"), "text/xml")
    assert [value.title for value in values] == ["آرال"]
    assert run.warnings == ()


@pytest.mark.parametrize("end", [b"</channel></rss>", b"</chan"], ids=["whole", "damaged"])
def test_a_feed_of_ten_thousand_entries_gives_them_all(end):
    items = b"".join(
        b"<item><title>Aral %d</title><link>https://x.example/%d</link></item>" % (n, n) for n in range(10_000)
    )
    values, _, run = visit("feed", URL, b"<rss version='2.0'><channel><title>t</title>" + items + end)
    assert len({value.url for value in values}) == run.found == 10_000
    assert len(run.warnings) == (end != b"</channel></rss>")


def test_a_feed_damaged_beyond_reading_is_one_line(monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("unexpected call")

    monkeypatch.setattr("feedparser.parse", fail)
    _, _, run = visit("feed", URL, FEED[:-10])
    assert run.error.startswith(f"not a feed (damaged beyond reading): '{URL}'")


def test_json_nested_without_end_is_one_line():
    _, _, run = visit("feed", URL, b'{"a":' * 100_000, "application/json")
    assert run.error.startswith("not a feed (broken JSON)")
    _, _, run = visit(
        "reviews", URL, b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>", "text/html"
    )
    assert run.warnings[0].startswith("JSON-LD block 1 cannot be read") and len(run.warnings) == 1


def test_warnings_are_counted_beyond_the_hundredth():
    run = Run(URL, source_id=1)
    for number in range(250):
        run.warn(str(number))
    assert len(run.report().warnings) == 101
    assert run.report().warnings[-1] == "… and 150 more"


def test_a_further_page_that_fails_is_a_warning_and_an_address_that_is_none_too():
    spider = make_spider("reviews", SourceTask(id=1, spider="reviews", url=URL))
    run = spider.runs[0]
    first_request(spider)
    (request,) = spider.follow(run, "https://x.example/2")
    assert list(spider.follow(run, "https://x.example/2")) == []
    assert list(spider.follow(run, "no address")) == []
    failure = Failure(TimeoutError("slow"))
    failure.request = request
    list(request.errback(failure))
    assert run.error == ""
    assert run.warnings == (
        "not a web address: 'no address'",
        "no usable answer: 'https://x.example/2': TimeoutError: slow",
    )


def test_by_hand_the_lines_go_to_the_log(caplog):
    spider = load_spiders()["feed"](url=URL, kind="novel")
    request = first_request(spider)
    with caplog.at_level(logging.WARNING):
        outputs = list(request.callback(answer(request, FEED), **request.cb_kwargs))
    assert outputs == []
    assert [record.getMessage()[:14] for record in caplog.records] == ["option kind is"]


def test_a_bug_in_a_spider_costs_one_source_its_visit_and_is_reported(database):
    spider = spider_with(Saver(database, SEAL))
    request = first_request(spider)
    response = answer(request, FEED)

    def buggy(response, run):
        yield MentionData("article", URL, "found before the bug", source_id=1)
        raise KeyError("bug")

    with pytest.raises(KeyError) as raised:
        list(request.callback(response, run=spider.runs[0], read=buggy))
    spider.note_bug(Failure(raised.value), response)
    (harvest,) = spider.abandoned()
    assert [value.text for value in harvest.values] == ["found before the bug"]
    assert harvest.report.state is SourceState.FAILING
    assert harvest.report.error == f"bug in the spider (KeyError, see the log): '{URL}'"
    assert list(spider.abandoned()) == []


def test_what_the_database_refuses_is_counted_and_logged(caplog):
    saver = Saver(Refusing(), SEAL)
    saver.save(Harvest((), FetchReport(1, SourceState.OK)))
    saver.flush()
    assert (saver.counts["unsaved"], saver.counts["sources"], saver.reported) == (1, 0, set())
    assert caplog.messages == ["database: 'sqlite:///gone.db'"]


class RefusingMany(Refusing):
    """A database that takes no two mentions at once."""

    def __init__(self, database):
        self.database = database
        self.tries = 0

    @contextmanager
    def write(self):
        self.tries += 1
        with self.database.write() as session:
            yield session
            if self.tries in (1, 2):
                raise StorageError("database", "full")


def test_what_is_refused_takes_nothing_else_with_it(database, now):
    with database.write() as session:
        brand = add_brand(session, "Aral", now)
        ids = [
            add_source(session, "feed", f"https://x{n}.example/", now, interval=60, brand_id=brand.id).id
            for n in range(3)
        ]
    saver = Saver(RefusingMany(database), SEAL)
    for id in ids:
        saver.save(Harvest((MentionData(Kind.SOCIAL, "https://x.example/", f"Aral {id}", source_id=id),)))
    saver.flush()
    # All at once was refused, then the first; the others went in.
    assert (saver.counts["unsaved"], saver.counts["new_mentions"]) == (1, 2)


def test_a_visit_of_which_a_batch_was_refused_did_not_go_well(database, now):
    with database.write() as session:
        brand = add_brand(session, "Aral", now)
        source_id = add_source(session, "feed", URL, now, interval=60, brand_id=brand.id).id
    first, last = (MentionData(Kind.SOCIAL, f"{URL}/{n}", f"Aral {n}", source_id=source_id) for n in range(2))
    refusing = RefusingMany(database)
    refusing.tries = 1
    saver = Saver(refusing, SEAL)

    def visit():
        saver.save(Harvest((first,)))
        saver.flush()
        saver.save(Harvest((last,), FetchReport(source_id, SourceState.OK, found=2, etag='"v1"')))
        saver.flush()
        with database.read() as session:
            return session.get(Source, source_id), session.query(Mention).count()

    source, found = visit()
    assert (found, source.state, source.etag, source.first_look_done_at) == (1, "new", "", None)
    assert (source.next_at, saver.reported) == (now, set())
    source, found = visit()
    assert (found, source.state, source.etag, saver.reported) == (2, "ok", '"v1"', {source_id})


def test_what_no_database_can_hold_costs_nothing_else(database, now):
    with database.write() as session:
        brand = add_brand(session, "Aral", now)
        ids = [
            add_source(session, "feed", f"https://x{n}.example/", now, interval=60, brand_id=brand.id).id
            for n in range(2)
        ]

    def said(source_id, number, **given):
        url = f"https://x.example/{source_id}/{number}"
        return MentionData(Kind.SOCIAL, url, f"Aral {source_id} {number}", source_id=source_id, **given)

    bad = (said(ids[0], 1, external_id="\ud83d"), RatingData("https://x.example/", 0.5, 10**30, source_id=ids[0]))
    saver = Saver(database, SEAL)
    saver.save(Harvest((said(ids[0], 2), *bad, said(ids[0], 3)), FetchReport(ids[0], SourceState.OK, found=4)))
    saver.save(Harvest((said(ids[1], 1),), FetchReport(ids[1], SourceState.OK, found=1)))
    saver.flush()
    assert (saver.counts["unsaved"], saver.counts["new_mentions"], saver.reported) == (1, 3, set(ids))
    with database.read() as session:
        assert session.query(Mention).count() == 3
        assert session.get(Source, ids[0]).warnings == ["2 left out, no database can hold it"]
        assert session.get(Source, ids[1]).warnings == []


def test_a_harvest_of_which_the_database_refuses_a_part_leaves_its_source_due(database, now):
    class Failing(Refusing):
        tries = 0

        @contextmanager
        def write(self):
            Failing.tries += 1
            with database.write() as session:
                yield session
                if Failing.tries > 1:
                    raise StorageError("database", "full")

    saver = Saver(Failing(), SEAL)
    broken = MentionData(Kind.SOCIAL, "https://x.example/", "Aral", external_id="\ud83d", source_id=1)
    with database.write() as session:
        brand = add_brand(session, "Aral", now)
        add_source(session, "feed", URL, now, interval=60, brand_id=brand.id)
    saver.save(Harvest((broken,), FetchReport(1, SourceState.OK)))
    saver.save(Harvest((), FetchReport(1, SourceState.OK)))
    saver.flush()
    assert (saver.counts["unsaved"], saver.reported) == (2, set())


def test_a_lease_that_cannot_be_renewed_is_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(leases, "_PERIOD", 0.01)
    with LeaseKeeper(Refusing(), {1}, set()):
        while len(caplog.messages) < 2:
            pass
    assert set(caplog.messages) == {"database: 'sqlite:///gone.db'"}


def test_values_are_handed_over_in_batches_and_the_report_comes_last(database):
    spider = spider_with(Saver(database, SEAL), "reviews")
    request = first_request(spider)
    reviews = [{"@type": "Review", "author": str(number), "reviewBody": "text"} for number in range(2250)]
    body = f'<script type="application/ld+json">{json.dumps(reviews)}</script>'.encode()
    harvests = list(request.callback(answer(request, body, "text/html"), **request.cb_kwargs))
    assert [len(harvest.values) for harvest in harvests] == [1000, 1000, 250]
    assert [harvest.report is not None for harvest in harvests] == [False, False, True]


def test_start_gives_one_request_a_source():
    tasks = [SourceTask(id=number, spider="feed", url=f"https://x{number}.example/") for number in range(3)]
    spider = load_spiders()["feed"](tasks=tasks)

    async def start():
        return [output async for output in spider.start()]

    outputs = asyncio.run(start())
    assert all(isinstance(output, Request) for output in outputs)
    assert [output.url for output in outputs] == [task.url for task in tasks]
