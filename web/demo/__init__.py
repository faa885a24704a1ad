"""The sample web: a small invented world that ``didban demo`` serves on loopback and then watches.

Everything in it is made up: the brand, its rival, the media, the customers. The story is told by the files in
``content/`` and the pages by those in ``templates/``; :mod:`web.demo.world` only puts the two together. In the second
pass what says ``since`` 2 has come and page one of the search is another; ``expected.json`` holds what a collect must
find in each.
"""

from typing import NamedTuple
from urllib.parse import quote

BRAND = "ترنجیکا"
ALIASES = ("ترنجی‌کا", "Toranjika")
RIVAL = "سبدوند"
RIVAL_ALIASES = ("Sabadvand",)


class SampleSource(NamedTuple):
    """A place to watch; ``matches_text`` says that only texts which name the brand count."""

    spider: str
    url: str
    options: dict[str, str]
    matches_text: bool


def sources(base_url: str) -> list[SampleSource]:
    """Give every source of the sample web that is served at ``base_url``."""
    base = base_url.rstrip("/")
    return [
        SampleSource("feed", f"{base}/news/feed.xml", {}, True),
        SampleSource("feed", f"{base}/blog/feed.atom", {}, True),
        SampleSource("feed", f"{base}/blog/comments.xml", {"kind": "comment"}, True),
        SampleSource("reviews", f"{base}/shop/kettle", {}, False),
        SampleSource("reviews", f"{base}/shop/lamp", {}, False),
        SampleSource("reviews", f"{base}/shop/blanket", {}, False),
        SampleSource("search", search_url(base), {}, False),
    ]


def search_url(base_url: str) -> str:
    """Give the address of the first page of a search for the brand."""
    return f"{base_url.rstrip('/')}/search?q={quote(BRAND)}&format=json&language=fa&pageno=1"
