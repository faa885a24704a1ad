"""Reviews at Trustpilot, for somebody with a key to its interface."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from monitor.errors import ParseError
from monitor.types import Kind, MentionData, RatingData
from spiders.answers import part, read_json, records, share, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Ask, Run, Value

_UNITS = "https://api.trustpilot.com/v1/business-units"
_FULL = 100


class TrustpilotSpider(SourceSpider):
    """The source's address is ``https://www.trustpilot.com/review/DOMAIN``; option ``api_key``."""

    name = "trustpilot"
    matches_text = False
    needs = ("api_key",)

    def first_ask(self, run: Run) -> Ask:
        domain = re.search(r"/review/([^/?#]+)", run.url)
        if domain is None:
            raise ParseError("not the page of a business (https://www.trustpilot.com/review/DOMAIN)", run.url)
        return _ask(run, f"{_UNITS}/find?{urlencode({'name': domain[1]})}")

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        unit = read_json(response)
        identifier = string(unit, "id")
        if not re.fullmatch(r"\w+", identifier):
            raise ParseError("JSON without the business's id", response.url)
        rating, count = share(unit, "score.trustScore"), part(unit, "numberOfReviews.total")
        if rating is not None and isinstance(count, int):
            yield RatingData(url=run.url, rating=rating, count=count, source_id=run.source_id)
        url = f"{_UNITS}/{identifier}/reviews?page=1&perPage={_FULL}&orderBy=createdat.desc"
        yield from self.follow(run, _ask(run, url), self._read_reviews, decides=True)

    def _read_reviews(self, response: Response, run: Run) -> Iterator[Value | Request]:
        reviews = list(records(response, part(read_json(response), "reviews"), run, "id", "text"))
        for review in reviews:
            title, text = words(review, "title"), words(review, "text")
            if title or text:
                yield MentionData(
                    kind=Kind.REVIEW,
                    url=f"https://www.trustpilot.com/reviews/{string(review, 'id')}",
                    text=text or title,
                    title=title if text else "",
                    external_id=string(review, "id"),
                    author=words(review, "consumer.displayName"),
                    published_at=parse_date(string(review, "createdAt")),
                    rating=share(review, "stars"),
                    source_id=run.source_id,
                )
        if len(reviews) == _FULL:
            url = add_or_replace_parameter(response.url, "page", str(run.pages + 1))
            yield from self.follow_page(run, _ask(run, url), self._read_reviews)


def _ask(run: Run, url: str) -> Ask:
    return Ask(url, headers={"apikey": run.option("api_key")}, redirects=False)
