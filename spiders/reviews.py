"""Reviews and ratings that a page states in schema.org's words, as JSON-LD or microdata."""

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse

from monitor.errors import ParseError
from monitor.types import Kind, MentionData, RatingData
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value
from spiders.schema import Node, count, find_nodes, number, page_nodes, text_of
from spiders.text import base_of, plain_text, readable, selector_of, web_link

_REVIEWS = ("Review", "UserReview", "CriticReview", "EmployerReview")


class ReviewSpider(SourceSpider):
    """Option ``pages``: how many pages are read, following ``rel=next`` (default 5)."""

    name = "reviews"
    matches_text = False
    most_pages = 5

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        run.whole_option("pages", self.most_pages)
        yield from self.read_page(response, run, with_rating=run.pages == 1)
        if isinstance(response, TextResponse):
            page = readable(response)
            for link in selector_of(page).xpath("//*[self::a or self::link][@rel='next']/@href").getall()[:1]:
                if url := web_link(base_of(page), link):
                    yield from self.follow_page(run, url)

    def read_page(self, response: Response, run: Run, *, with_rating: bool = True) -> Iterator[Value]:
        """The reviews of one page, and what it states as its own rating."""
        if not isinstance(response, TextResponse):
            raise ParseError("not a page of text", response.url)
        nodes = page_nodes(readable(response), run)
        if with_rating:
            yield from _rating(nodes, response.url, run)
        seen: set[tuple[str, str]] = set()
        for node in find_nodes(nodes, *_REVIEWS):
            review = _review(node, response.url, run)
            # A page often says the same in both JSON-LD and microdata.
            if review is not None and (identity := (review.author, "".join(review.text.split()))) not in seen:
                seen.add(identity)
                yield review


def _review(node: Node, page: str, run: Run) -> MentionData | None:
    """None for a review of stars only: the page's rating counts those."""
    title = plain_text(text_of(node, "name") or text_of(node, "headline"))
    text = plain_text(text_of(node, "reviewBody") or text_of(node, "description")) or title
    if not text:
        return None
    rating = node.get("reviewRating")
    date = text_of(node, "datePublished") or text_of(node, "dateCreated")
    return MentionData(
        kind=Kind.REVIEW,
        url=web_link(page, text_of(node, "url")) or page,
        text=text,
        title=title if title != text else "",
        external_id=_identifier(node, page),
        author=plain_text(text_of(node, "author")),
        published_at=parse_date(date) if date else None,
        rating=share_of(rating, run) if rating is not None else None,
        source_id=run.source_id,
    )


def _identifier(node: Node, page: str) -> str:
    """A review's own address, however its page shortens it, or what its site calls it.

    A blank node (``_:b0``) is named for one reading of one page only. What a property is called («Review ID») is the
    same for all reviews.
    """
    address = text_of(node, "@id")
    if address and not address.startswith("_:"):
        return web_link(page, address) or address
    stated = node.get("identifier")
    if isinstance(stated, list):
        stated = stated[0] if stated else None
    if isinstance(stated, dict) and stated.get("name"):
        return text_of(stated, "value")
    return text_of(node, "identifier")


def _rating(nodes: list[Node], page: str, run: Run) -> Iterator[RatingData]:
    """The first aggregate rating, which is that of what the page is about."""
    for node in find_nodes(nodes, "AggregateRating"):
        rating = share_of(node, run)
        votes = count(node.get("ratingCount")) or count(node.get("reviewCount")) or 0
        if rating is not None:
            yield RatingData(url=page, rating=rating, count=votes, source_id=run.source_id)
            return


def share_of(rating: Any, run: Run) -> float | None:
    """A schema.org rating from 0 to 1: its share of the best, five when none is stated; None when it has no sense."""
    if isinstance(rating, list):
        rating = rating[0] if rating else None
    if not isinstance(rating, dict):
        rating = {"ratingValue": rating}
    value, best, worst = (number(rating.get(name)) for name in ("ratingValue", "bestRating", "worstRating"))
    if value is None:
        return None
    best = 5.0 if best is None else best
    # Stars begin at nothing whether 0 or 1 is called the worst; other scales begin where they say.
    start = 0.0 if worst is None or (worst in (0, 1) and best > worst) else worst
    share = (value - start) / (best - start) if best != start else -1.0
    if 0 <= share <= 1:
        return round(share, 4)
    run.warn(f"a rating of {value:g} does not fit its scale up to {best:g}")
    return None
