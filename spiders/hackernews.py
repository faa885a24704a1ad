"""Stories and comments of Hacker News that its search finds."""

from collections.abc import Iterator
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, url_query_parameter

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import Record, part, read_json, records, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value


class HackerNewsSpider(SourceSpider):
    """The source's address is ``https://hn.algolia.com/?q=NAME``."""

    name = "hackernews"
    most_pages = 1

    def first_ask(self, run: Run) -> str:
        query = url_query_parameter(run.url, "q") or ""
        if not query:
            raise ParseError("the address has no ?q=NAME", run.url)
        asked = {"query": f'"{query}"', "tags": "(story,comment)", "hitsPerPage": 100, "page": 0}
        return f"https://hn.algolia.com/api/v1/search_by_date?{urlencode(asked)}"

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        hits = records(response, part(answer, "hits"), run, "objectID")
        yield from run.keep([_mention(hit, run) for hit in hits], response.url)
        pages = part(answer, "nbPages")
        if isinstance(pages, int) and run.pages < pages:
            yield from self.follow_page(run, add_or_replace_parameter(response.url, "page", str(run.pages)))


def _mention(hit: Record, run: Run) -> MentionData | str:
    title, identifier = words(hit, "title"), string(hit, "objectID")
    # Of a comment the title is the story's, and no word of its own.
    text = words(hit, "comment_text") or words(hit, "story_text") or title
    title = title or words(hit, "story_title")
    if not identifier or not text:
        return f"hit {identifier or '?'} left out, it has no number or no text"
    return MentionData(
        kind=Kind.SOCIAL,
        url=f"https://news.ycombinator.com/item?id={identifier}",
        text=text,
        title=title if title != text else "",
        external_id=identifier,
        author=string(hit, "author"),
        published_at=parse_date(string(hit, "created_at")),
        source_id=run.source_id,
    )
