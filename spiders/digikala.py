"""Reviews of a product at Digikala."""

import re
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import part, read_json, records, share, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value


class DigikalaSpider(SourceSpider):
    """The source's address is the product's page: ``https://www.digikala.com/product/dkp-123/``."""

    name = "digikala"
    matches_text = False

    def first_ask(self, run: Run) -> str:
        return _address(run, 1)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        for comment in records(response, part(answer, "data.comments"), run, "id", "body"):
            title, text = words(comment, "title"), words(comment, "body")
            # Stars without words are in the product's rating.
            if not title and not text:
                continue
            yield MentionData(
                kind=Kind.REVIEW,
                url=run.url,
                text=text or title,
                title=title if text else "",
                external_id=string(comment, "id"),
                # All who would not be named have one name there.
                author="" if part(comment, "is_anonymous") else words(comment, "user_name"),
                published_at=parse_date(string(comment, "created_at")),
                rating=share(comment, "rate"),
                source_id=run.source_id,
            )
        pages = part(answer, "data.pager.total_pages")
        if isinstance(pages, int) and run.pages < pages:
            yield from self.follow_page(run, _address(run, run.pages + 1))


def _address(run: Run, page: int) -> str:
    product = re.search(r"dkp-(\d+)", run.url)
    if product is None:
        raise ParseError("not the page of a product (https://www.digikala.com/product/dkp-123/)", run.url)
    return f"https://api.digikala.com/v1/rate-review/products/{product[1]}/?page={page}"
