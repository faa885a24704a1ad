"""Public posts with a hashtag, as one Mastodon server knows them."""

import re
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import read_json, records, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Run, Value
from spiders.text import plain_text, web_link

_FULL = 40
_SPANS = re.compile(r"</?span\b[^>]*>")


class MastodonSpider(SourceSpider):
    """The source's address is the tag's page: ``https://SERVER/tags/NAME``."""

    name = "mastodon"

    def first_ask(self, run: Run) -> str:
        found = re.fullmatch(r"(https?://[^/]+)/tags/([^/?#]+)/?", run.url)
        if found is None:
            raise ParseError("not the page of a hashtag (https://SERVER/tags/NAME)", run.url)
        return f"{found[1]}/api/v1/timelines/tag/{found[2]}?limit={_FULL}"

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        statuses = list(records(response, read_json(response), run, "uri", "content"))
        for status in statuses:
            # Its spans only cut a hashtag or a link into parts, which are one word to a reader.
            content = plain_text(_SPANS.sub("", string(status, "content")))
            text = "\n".join(filter(None, (words(status, "spoiler_text"), content)))
            link = web_link(run.url, string(status, "url") or string(status, "uri"))
            # A picture without words says nothing that could be read.
            if text and link:
                yield MentionData(
                    kind=Kind.SOCIAL,
                    url=link,
                    text=text,
                    external_id=string(status, "uri") or link,
                    author=string(status, "account.acct"),
                    published_at=parse_date(string(status, "created_at")),
                    source_id=run.source_id,
                )
        if len(statuses) == _FULL and (last := string(statuses[-1], "id")):
            yield from self.follow_page(run, add_or_replace_parameter(response.url, "max_id", last))
