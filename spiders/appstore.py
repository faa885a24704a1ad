"""Reviews of an app in Apple's App Store, country by country."""

import re
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from monitor.errors import FetchError, ParseError
from monitor.types import Kind, MentionData
from spiders.answers import Record, part, read_json, records, share, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value

_FEED = "https://itunes.apple.com/{}/rss/customerreviews/page={}/id={}/sortby=mostrecent/json"
_APP = re.compile(r"/id(\d+)")
_PLACE = re.compile(r"/([a-z]{2})/rss/customerreviews/page=(\d+)/")
_FULL, _LAST_PAGE = 50, 10
_ABSENT = (400, 404)


class AppStoreSpider(SourceSpider):
    """The source's address is the app's page; option ``countries``: ``us,ae,tr`` instead of the address's own."""

    name = "appstore"
    matches_text = False
    most_pages = 2
    # A country without this app is a country without reviews.
    handle_httpstatus_list = _ABSENT

    def first_ask(self, run: Run) -> str:
        return _FEED.format(_countries(run)[0], 1, _app(run))

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        reviews = _reviews(response, run)
        for entry in reviews:
            yield _review(entry, run)
        place = _PLACE.search(response.url)
        if place is not None and len(run.visited) == 1:
            for country in _countries(run)[1:]:
                yield from self.follow(run, _FEED.format(country, 1, _app(run)))
        if place is not None and len(reviews) == _FULL and (page := int(place[2]) + 1) <= _LAST_PAGE:
            if page <= run.whole_option("pages", self.most_pages):
                yield from self.follow(run, _FEED.format(place[1], page, _app(run)))


def _app(run: Run) -> str:
    found = _APP.search(run.url)
    if found is None:
        raise ParseError("not the page of an app (https://apps.apple.com/us/app/NAME/id123)", run.url)
    return found[1]


def _countries(run: Run) -> list[str]:
    in_address = re.search(r"apple\.com/([a-z]{2})/", run.url)
    given = run.options.get("countries", "") or (in_address[1] if in_address else "us")
    countries = [country.strip().lower() for country in given.split(",") if country.strip()]
    if not countries or not all(re.fullmatch("[a-z]{2}", country) for country in countries):
        raise ParseError(f"option countries is like us,ae,tr, not {given}", run.url)
    return countries


def _reviews(response: Response, run: Run) -> list[Record]:
    if response.status in _ABSENT:
        run.warn(str(FetchError("no such app in this country", response.url)))
        return []
    feed = part(read_json(response), "feed")
    if not isinstance(feed, dict):
        raise ParseError("JSON without a feed", response.url)
    # One review comes as itself, none as nothing.
    entries = feed.get("entry", [])
    found = [entries] if isinstance(entries, dict) else entries
    # The app itself may stand before its reviews.
    is_app = isinstance(found, list) and bool(found) and part(found[0], "im:rating") is None
    return list(records(response, found[1:] if is_app else found, run, "id", "im:rating", "content"))


def _review(entry: dict[str, object], run: Run) -> MentionData:
    title, text = words(entry, "title.label"), words(entry, "content.label")
    return MentionData(
        kind=Kind.REVIEW,
        url=run.url,
        text=text or title,
        title=title if text else "",
        external_id=string(entry, "id.label"),
        author=words(entry, "author.name.label"),
        published_at=parse_date(string(entry, "updated.label")),
        rating=share(part(entry, "im:rating"), "label"),
        source_id=run.source_id,
    )
