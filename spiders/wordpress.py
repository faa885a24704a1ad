"""The comments of a WordPress site, through its REST interface."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from monitor.types import Kind, MentionData
from spiders.answers import read_json, records, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.middlewares import header
from spiders.runs import Run, Value
from spiders.text import web_link


class WordPressSpider(SourceSpider):
    """The source's address is the site's; option ``search``: only comments with these words."""

    name = "wordpress"

    def first_ask(self, run: Run) -> str:
        site = run.url.partition("?")[0].rstrip("/")
        search = run.options.get("search", "")
        url = f"{site}/wp-json/wp/v2/comments?per_page=100&page=1"
        return add_or_replace_parameter(url, "search", search) if search else url

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        for comment in records(response, read_json(response), run, "id", "link", "content.rendered"):
            link, text = web_link(run.url, string(comment, "link")), words(comment, "content.rendered")
            if not link or not text:
                run.warn(f"comment {string(comment, 'id')} left out, it has no link or no text")
                continue
            gmt = string(comment, "date_gmt")
            yield MentionData(
                kind=Kind.COMMENT,
                url=link,
                text=text,
                external_id=f"comment {string(comment, 'id')}",
                author=words(comment, "author_name"),
                published_at=parse_date(f"{gmt}Z" if gmt else string(comment, "date")),
                source_id=run.source_id,
            )
        total = header(response, "X-WP-TotalPages")
        if total.isdecimal() and run.pages < int(total):
            yield from self.follow_page(run, add_or_replace_parameter(response.url, "page", str(run.pages + 1)))
