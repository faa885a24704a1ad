"""Reviews of an app in Cafe Bazaar."""

import re
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import part, read_json, records, share, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Ask, Run, Value

_REVIEWS = "https://api.cafebazaar.ir/rest-v1/process/ReviewRequest"
_PERSIAN, _NEWEST_FIRST = 2, 1


class BazaarSpider(SourceSpider):
    """The source's address is the app's page: ``https://cafebazaar.ir/app/PACKAGE``."""

    name = "bazaar"
    matches_text = False

    def first_ask(self, run: Run) -> Ask:
        return _ask(run, "")

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        reply = part(read_json(response), "singleReply.reviewReply")
        for review in records(response, part(reply, "reviews"), run, "id", "comment"):
            text = words(review, "comment")
            if not text:
                continue
            yield MentionData(
                kind=Kind.REVIEW,
                url=run.url,
                text=text,
                external_id=string(review, "id"),
                author=words(review, "user"),
                published_at=parse_date(string(review, "date")),
                rating=share(review, "rate"),
                source_id=run.source_id,
            )
        if cursor := string(reply, "nextPageCursor"):
            yield from self.follow_page(run, _ask(run, cursor))


def _ask(run: Run, cursor: str) -> Ask:
    package = re.search(r"/app/([\w.]+)", run.url)
    if package is None:
        raise ParseError("not the page of an app (https://cafebazaar.ir/app/PACKAGE)", run.url)
    wanted = {"packageName": package[1], "cursor": cursor, "sortBy": _NEWEST_FIRST}
    who = {"language": _PERSIAN, "clientVersion": "web", "clientID": "", "deviceID": ""}
    return Ask(_REVIEWS, json={"properties": who, "singleRequest": {"reviewRequest": wanted}})
