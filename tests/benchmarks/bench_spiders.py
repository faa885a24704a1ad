"""Collecting, end to end, against what others need for less: real HTTP, a real database, processes of their own."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import pytest
from sqlalchemy import func, select

from monitor.brands import add_brand
from monitor.config import Settings
from monitor.db import open_database
from monitor.jobs import collect
from monitor.models import Mention, Source
from monitor.sources import add_source, make_due
from tests.benchmarks.many_hosts import BRANDS, ENTRIES, PAGES, REVIEWS, host

FEEDS, SHOPS = 1000, 500
# reader with many threads, as its documentation has it, and the feedparser that we use too.
READER = """
import os
os.environ["READER_NO_VENDORED_FEEDPARSER"] = "1"
import sys, warnings
from time import perf_counter
from reader import make_reader
reader = make_reader(sys.argv[1], feed_root="")
for line in sys.stdin:
    reader.add_feed(line.strip(), exist_ok=True)
begun = perf_counter()
reader.update_feeds(workers=20)
took = perf_counter() - begun
print(took, reader.get_entry_counts().total)
"""


class Web:
    def __init__(self, *arguments):
        command = [sys.executable, "-m", "tests.benchmarks.many_hosts", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def counts(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def web(request):
    web = Web(*request.param)
    with web.process:
        yield web
        web.process.stdin.close()


@contextmanager
def measured(what):
    """Prints and gives the wall time in seconds."""
    took = {}
    begun = perf_counter()
    yield took
    took["wall"] = perf_counter() - begun
    print(f"{what}: {took['wall']:.1f} s", flush=True)


def read(folder, addresses):
    command = [sys.executable, "-c", READER, str(folder / "reader.sqlite")]
    done = subprocess.run(command, input="\n".join(addresses), stdout=subprocess.PIPE, text=True, check=True)
    seconds, entries = done.stdout.split()
    return float(seconds), int(entries)


def watched(settings, addresses):
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as session:
        for name in BRANDS:
            add_brand(session, name, now)
        for address in addresses:
            # Texts that are whole in the feed: what is measured is feeds, not the pages behind them.
            add_source(session, "feed", address, now, interval=1800, options={"kind": "social"})
    return database


def load_the_spiders(settings):
    """A worker that runs has done this: its first collect loads what all others find loaded."""
    empty = replace(settings, data_dir=settings.data_dir / "empty")
    database = open_database(empty)
    with measured("\nloading the spiders, once for a worker"):
        collect(empty, database)
    database.close()


def settings_for(folder, hosts):
    return Settings(
        data_dir=folder,
        secret_key="a key for tests",
        allowed_hosts=tuple(host(number) for number in range(hosts)),
        download_delay=0.0,
    )


@pytest.mark.parametrize("web", [(FEEDS, "feeds")], indirect=True)
def test_a_thousand_feeds_in_half_the_time_of_reader(web, tmp_path):
    addresses = [f"http://{host(number)}:{web.port}/feed" for number in range(FEEDS)]
    settings = settings_for(tmp_path, FEEDS)
    database = watched(settings, addresses)
    load_the_spiders(settings)

    with measured("ours, cold") as cold:
        first = collect(settings, database)
    assert (first.sources, first.new_mentions, first.failed) == (FEEDS, FEEDS * ENTRIES, 0)
    print(web.counts())
    with database.write() as session:
        assert session.scalar(select(func.count()).select_from(Mention)) == FEEDS * ENTRIES
        assert session.scalar(select(func.count()).where(Source.state == "ok")) == FEEDS
        make_due(session, datetime.now(UTC))
    with measured("ours, unchanged") as again:
        second = collect(settings, database)
    assert (second.sources, second.new_mentions, second.failed) == (FEEDS, 0, 0)
    asked = web.counts()
    print(asked)

    with measured("reader, cold, with its start"):
        theirs, entries = read(tmp_path, addresses)
    assert entries == FEEDS * ENTRIES
    web.counts()
    with measured("reader, unchanged, with its start"):
        theirs_again, _ = read(tmp_path, addresses)
    print(web.counts())
    print(f"reader itself: {theirs:.1f} s cold, {theirs_again:.1f} s unchanged")
    shares = cold["wall"] / theirs, again["wall"] / cold["wall"]
    print("ours takes {:.2f} of its time; an unchanged run {:.2f} of a cold one".format(*shares))
    assert asked == {"feeds": FEEDS, "conditional": FEEDS, "unchanged": FEEDS}
    assert shares[0] <= 0.5 and shares[1] < 0.2


# Fetches the same pages with the same settings, reads what they state in the plainest way, and stores nothing.
BARE = """
import json, sys
from time import perf_counter
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
import spiders.settings as ours

class Bare(scrapy.Spider):
    name = "bare"
    seen = 0
    async def start(self):
        for line in sys.stdin:
            yield scrapy.Request(line.strip())
    def parse(self, response):
        for block in response.xpath('//script[@type="application/ld+json"]/text()').getall():
            for review in json.loads(block)["review"]:
                yield {"text": review["reviewBody"], "rating": review["reviewRating"]["ratingValue"]}
        Bare.seen += 1
        for link in response.xpath("//link[@rel='next']/@href").getall():
            yield response.follow(link)

settings = Settings()
settings.setmodule(ours)
for name in ("DOWNLOADER_MIDDLEWARES", "ITEM_PIPELINES"):
    settings.set(name, {}, priority="cmdline")
settings.setdict({"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver", "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_START_DELAY": 0, "CONCURRENT_ITEMS": 100}, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl(Bare)
begun = perf_counter()
process.start()
print(perf_counter() - begun, Bare.seen)
"""


@pytest.mark.parametrize("web", [(SHOPS, "pages")], indirect=True)
def test_ten_thousand_review_pages_beside_a_spider_that_stores_nothing(web, tmp_path):
    addresses = [f"http://{host(number)}:{web.port}/reviews?page=1" for number in range(SHOPS)]
    settings = settings_for(tmp_path, SHOPS)
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as session:
        brand = add_brand(session, BRANDS[0], now)
        for address in addresses:
            options = {"pages": str(PAGES)}
            add_source(
                session, "reviews", address, now, interval=1800, brand_id=brand.id, options=options, matches_text=False
            )
    with measured("\nours") as ours:
        result = collect(settings, database)
    assert (result.sources, result.new_mentions, result.failed) == (SHOPS, SHOPS * PAGES * REVIEWS, 0)
    assert web.counts()["pages"] == SHOPS * PAGES
    command = [sys.executable, "-c", BARE]
    with measured("bare, with its start"):
        done = subprocess.run(command, input="\n".join(addresses), stdout=subprocess.PIPE, text=True, check=True)
    seconds, pages = done.stdout.split()
    assert int(pages) == SHOPS * PAGES
    share = float(seconds) / ours["wall"]
    print(f"bare itself: {float(seconds):.1f} s; ours reads {share:.2f} of its pages a second (at least 0.8)")
    assert share >= 0.8
