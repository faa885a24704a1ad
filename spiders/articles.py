"""The main text and the date of a page that a feed or a search has named."""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from scrapy.http import Response, TextResponse

from monitor.errors import FetchError, ParseError
from monitor.types import ArticleData, SourceState, SourceTask
from spiders.base import Output, SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value
from spiders.text import hides_publisher, readable, selector_of

# trafilatura drops the half-space, without which Persian words run together; a letter nobody uses stands in for it.
_HALF_SPACES = re.compile("\u200c|&zwnj;|&#8204;|&#x200c;", re.IGNORECASE)
_HALF_SPACE = "\ua66e"

# It logs each page without a text as an error of its own; the page's state says so already.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# Where pages say when they were published, the most reliable first.
_DATES = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@itemprop='datePublished' or @name='datePublished' or @name='pubdate' or @name='date']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//article//time/@datetime",
    "//time[@pubdate]/@datetime",
)


class ArticleSpider(SourceSpider):
    """``pages`` are addresses that wait for their text; each gives one ArticleData, which says why it has none."""

    name = "article"

    def __init__(
        self, url: str = "", pages: Iterable[str] = (), tasks: Iterable[SourceTask] = (), **given: Any
    ) -> None:
        super().__init__(url=url, tasks=tuple(tasks), **given)
        self.runs.extend(Run(url=page) for page in pages)

    def begin(self, run: Run) -> Iterator[Output]:
        if hides_publisher(run.url):
            run.fail(SourceState.NO_PREVIEW, str(FetchError("the address hides its publisher", run.url)))
            yield from self.close_run(run)
        else:
            yield from super().begin(run)

    def parse_source(self, response: Response, run: Run) -> Iterator[ArticleData]:
        if not isinstance(response, TextResponse):
            raise ParseError("not a page of text", response.url)
        # They take long to load, and most visits read no page.
        import trafilatura
        from trafilatura.settings import Document

        page = readable(response)
        document = trafilatura.bare_extraction(
            _HALF_SPACES.sub(_HALF_SPACE, page.text), url=response.url, with_metadata=True, include_comments=False
        )
        if not isinstance(document, Document) or not document.text:
            raise ParseError("no main text on the page", response.url)
        root = selector_of(page)
        stated = (parse_date(date) for path in _DATES for date in root.xpath(path).getall())
        guessed = parse_date(document.date) if document.date else None
        yield ArticleData(
            # The address that was asked for: under it the page is waited for.
            url=run.url,
            text=document.text.replace(_HALF_SPACE, "\u200c"),
            title=(document.title or "").replace(_HALF_SPACE, "\u200c"),
            published_at=next((moment for moment in stated if moment), guessed),
        )

    def last_values(self, run: Run) -> Iterable[Value]:
        if not run.gave:
            again_in = (run.retry_after or 0.0) if run.passes else None
            yield ArticleData(url=run.url, error=run.error or "no answer", again_in=again_in)
