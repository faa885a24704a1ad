"""Texts on any page, for sites nobody thought of: where they stand is said by CSS or XPath selectors."""

from collections.abc import Iterator

from cssselect import SelectorError
from parsel import Selector, SelectorList
from scrapy import Request
from scrapy.http import Response, TextResponse

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value
from spiders.schema import number
from spiders.text import base_of, clean, plain_text, readable, selector_of, web_link


class GenericSpider(SourceSpider):
    """Options, each a selector, CSS or (from ``/``, ``./`` or ``(`` on) XPath: ``item`` and, within it, ``text``,
    ``title``, ``author``, ``date``, ``rating``, ``link``, ``id``; ``next`` within the page.

    ``best``: the best rating (5). ``kind``: social, review, comment (default) or article.
    """

    name = "generic"

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        if not isinstance(response, TextResponse):
            raise ParseError("not a page of text", response.url)
        kind = run.options.get("kind", Kind.COMMENT)
        if kind not in (Kind.ARTICLE, Kind.COMMENT, Kind.REVIEW, Kind.SOCIAL):
            raise ParseError(f"option kind is one of article, comment, review, social, not {kind}", run.url)
        run.option("item")
        run.option("text")
        page = readable(response)
        root = selector_of(page)
        items = _select(root, "item", run)
        if not items:
            raise ParseError(f"nothing on the page fits option item ({run.option('item')})", response.url)
        odd = f"nothing in it fits option text ({run.option('text')})"
        said = (_mention(item, Kind(kind), page, run) for item in items)
        entries = [mention or f"item {order} left out, {odd}" for order, mention in enumerate(said, start=1)]
        yield from run.keep(entries, response.url)
        for link in _values(root, "next", run)[:1]:
            if url := web_link(base_of(page), link):
                yield from self.follow_page(run, url)


def _mention(item: Selector, kind: Kind, page: TextResponse, run: Run) -> MentionData | None:
    def first(name: str) -> str:
        return plain_text(next(iter(_values(item, name, run)), ""))

    text = "\n".join(filter(None, map(plain_text, _values(item, "text", run))))
    if not text:
        return None
    date, rating = first("date"), number(first("rating"))
    best = run.whole_option("best", 5)
    return MentionData(
        kind=kind,
        url=web_link(base_of(page), _exact(item, "link", run)) or page.url,
        text=text,
        title=first("title").replace("\n", " "),
        external_id=_exact(item, "id", run),
        author=first("author"),
        published_at=parse_date(date) if date else None,
        rating=round(rating / best, 4) if rating is not None and 0 <= rating <= best else None,
        source_id=run.source_id,
    )


def _values(where: Selector, name: str, run: Run) -> list[str]:
    """The markup or the attributes that an option selects; nothing when it is not given."""
    return _select(where, name, run).getall() if run.options.get(name) else []


def _exact(where: Selector, name: str, run: Run) -> str:
    """The first attribute that an option selects, as it is: in ``?a=1&copy=2`` nothing is escaped. Of an element its
    text.
    """
    found = _select(where, name, run)[:1] if run.options.get(name) else ()
    return next((clean(each.get()) if isinstance(each.root, str) else plain_text(each.get()) for each in found), "")


def _select(where: Selector, name: str, run: Run) -> SelectorList[Selector]:
    selector = run.options[name]
    try:
        return where.xpath(selector) if selector.startswith(("/", "./", "(")) else where.css(selector)
    except (ValueError, SelectorError) as e:
        raise ParseError(f"option {name} is no selector ({selector})", run.url) from e
