"""Reviews of an app at Google Play: the questions and fields are google-play-scraper's, the asking is ours.

The library's own downloader knows neither our address guard nor robots.txt, and turns the checking of certificates off
for the whole process as it is loaded: that is taken back at once.
"""

import json
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import share
from spiders.base import SourceSpider
from spiders.runs import Ask, Run, Value
from spiders.text import clean, plain_text

_PAGE = 100
_NEWEST_FIRST = 2
_ANY = "null"


class GooglePlaySpider(SourceSpider):
    """The source's address is the app's page: ``https://play.google.com/store/apps/details?id=PACKAGE``.

    Options ``language`` (``fa``), which is that of the reviews, and ``country`` (``us``).
    """

    name = "googleplay"
    matches_text = False
    most_pages = 2

    def first_ask(self, run: Run) -> Ask:
        return _ask(run, None)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        reviews, further = _read(response)
        fields = _library()[1]
        said = [{name: field.extract_content(review) for name, field in fields.items()} for review in reviews]
        entries = [
            _mention(each, run) or f"review {number} left out, it has no text or no number"
            for number, each in enumerate(said, start=1)
        ]
        yield from run.keep(entries, response.url)
        if further:
            yield from self.follow_page(run, _ask(run, further))


def _ask(run: Run, further: str | None) -> Ask:
    package = re.search(r"[?&]id=([\w.]+)", run.url, re.ASCII)
    language, country = run.options.get("language", "fa"), run.options.get("country", "us")
    if package is None or not re.fullmatch(r"[a-z]{2}[a-z]{2}", language + country, re.ASCII):
        raise ParseError("not the page of an app (…/store/apps/details?id=PACKAGE), or no such language", run.url)
    formats = _library()[0]
    token = None if further is None else quote(further, safe="")
    body = formats.build_body(package[1], _NEWEST_FIRST, _PAGE, _ANY, _ANY, token)
    return Ask(formats.build(lang=language, country=country), form=body.decode())


def _read(response: Response) -> tuple[list[Any], str]:
    """The reviews of an answer, and what to ask for the next ones with; empty at the end."""
    try:
        # Behind a line that keeps scripts from reading it: [[…, "oCPfdb", "JSON", …]].
        outer = json.loads(response.body.decode().partition("\n")[2])
        inner = json.loads(outer[0][2])
    except (ValueError, TypeError, LookupError) as e:
        raise ParseError("no reviews in the answer", response.url) from e
    reviews = inner[0] if isinstance(inner, list) and inner else []
    if not isinstance(reviews, list):
        raise ParseError("JSON without the list that was expected", response.url)
    last = inner[-2] if isinstance(inner, list) and len(inner) > 1 else None
    further = last[-1] if isinstance(last, list) and last else ""
    return reviews, further if isinstance(further, str) else ""


def _mention(said: dict[str, Any], run: Run) -> MentionData | None:
    text, number = said["content"], said["reviewId"]
    if not isinstance(text, str) or not text.strip() or not isinstance(number, str):
        return None
    at = said["at"]
    return MentionData(
        kind=Kind.REVIEW,
        url=run.url,
        text=plain_text(text),
        external_id=clean(number),
        author=clean(said["userName"]) if isinstance(said["userName"], str) else "",
        # The library gives the moment in this machine's own zone, without saying so.
        published_at=at.astimezone(UTC) if isinstance(at, datetime) else None,
        rating=share(said, "score"),
        source_id=run.source_id,
    )


@cache
def _library() -> tuple[Any, Any]:
    """The library's words for a question about reviews, and its fields of a review."""
    checked = ssl._create_default_https_context
    try:
        from google_play_scraper.constants.element import ElementSpecs
        from google_play_scraper.constants.request import Formats
    finally:
        ssl._create_default_https_context = checked
    return Formats.Reviews, ElementSpecs.Review
