"""Reviews of a restaurant or shop at Snappfood."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import part, read_json, records, share, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value

_COMMENTS = "https://snappfood.ir/mobile/v1/restaurant/vendor-comment"
_BEST = 10.0


class SnappfoodSpider(SourceSpider):
    """The source's address is the page of the place: ``https://snappfood.ir/restaurant/menu/NAME-r-CODE/``."""

    name = "snappfood"
    matches_text = False

    def first_ask(self, run: Run) -> str:
        return _address(run, 0)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        comments = list(records(response, part(read_json(response), "data.comments"), run, "commentId", "commentText"))
        for comment in comments:
            text = words(comment, "commentText")
            # Stars without words are in the place's rating.
            if text:
                yield MentionData(
                    kind=Kind.REVIEW,
                    url=run.url,
                    text=text,
                    external_id=string(comment, "commentId"),
                    author=words(comment, "sender"),
                    published_at=parse_date(string(comment, "createdDate")),
                    rating=share(comment, "rating", _BEST),
                    source_id=run.source_id,
                )
        if comments:
            yield from self.follow_page(run, _address(run, run.pages))


def _address(run: Run, page: int) -> str:
    vendor = re.search(r"-r-(\w+)", run.url)
    if vendor is None:
        raise ParseError("not the page of a place (https://snappfood.ir/restaurant/menu/NAME-r-CODE/)", run.url)
    # Newest first, as long as no sortType is named. Some count its pages from 0, some from 1: what comes twice is kept
    # once.
    asked = {"vendorCode": vendor[1], "page": page, "locale": "fa"}
    return f"{_COMMENTS}?{urlencode(asked)}"
