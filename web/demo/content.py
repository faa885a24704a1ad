"""The story of the sample web, read from the JSON Lines files in ``content/``.

Dates are told as ``days_ago``, so that the story always happened in the last thirty days. A thing with ``since`` 2
is not there before the second pass.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

PASSES = (1, 2)
PAGE_SIZE = 5


@dataclass(frozen=True, slots=True)
class Article:
    """A page with a text of its own; ``site`` is news, blog or directory.

    ``tracking`` is added to the feed's link, as marketing tools do. ``in_feed`` is False for what only a search finds.
    """

    site: str
    slug: str
    title: str
    summary: str
    body: tuple[str, ...]
    days_ago: float
    outlet: str
    language: str = "fa"
    tracking: str = ""
    encoding: str = "utf-8"
    in_feed: bool = True
    since: int = 1

    @property
    def path(self) -> str:
        return f"/{self.site}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Comment:
    """A reader's words under the blog post ``post``."""

    id: int
    post: str
    author: str
    text: str
    days_ago: float
    language: str = "fa-latn"
    since: int = 1

    @property
    def path(self) -> str:
        return f"/blog/comments/{self.id}"


@dataclass(frozen=True, slots=True)
class Product:
    """A thing the shop sells; ``markup`` is how its page tells machines about the reviews."""

    slug: str
    name: str
    about: str
    price: int
    markup: str
    best_rating: int = 5
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """A buyer's words; ``date`` is how the page writes the day: iso, jalali_text or jalali_digits."""

    id: int
    product: str
    author: str
    text: str
    days_ago: float
    rating: float | None = None
    title: str = ""
    language: str = "fa"
    date: str = "iso"
    since: int = 1


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A search result; ``positions`` holds its place on page one in each pass, None where it is not there.

    ``label`` is what any reader would say of it.
    """

    path: str
    snippet: str
    positions: tuple[int | None, ...]
    engines: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Leaver:
    """One line of the newsletter's export; ``address`` is empty in the one that is broken."""

    address: str
    campaign: str
    days_ago: float
    reason: str = ""
    comment: str = ""


@cache
def articles() -> tuple[Article, ...]:
    return tuple(Article(**row | {"body": tuple(row["body"])}) for row in _rows("articles"))


@cache
def comments() -> tuple[Comment, ...]:
    return tuple(Comment(**row) for row in _rows("comments"))


@cache
def products() -> tuple[Product, ...]:
    return tuple(Product(**row) for row in _rows("products"))


@cache
def reviews() -> tuple[Review, ...]:
    return tuple(Review(**row) for row in _rows("reviews"))


@cache
def search_rows() -> tuple[SearchRow, ...]:
    return tuple(
        SearchRow(**row | {"positions": tuple(row["positions"]), "engines": tuple(row["engines"])})
        for row in _rows("search")
    )


@cache
def leavers() -> tuple[Leaver, ...]:
    return tuple(Leaver(**row) for row in _rows("unsubscribes"))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    lines = (files(__package__) / "content" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return (json.loads(line) for line in lines if line.strip())
