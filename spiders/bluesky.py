"""Bluesky posts that its search finds, for somebody with an app password."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, url_query_parameter

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import part, read_json, records, string
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Ask, Run, Value
from spiders.text import plain_text

_LOGIN = "https://bsky.social/xrpc/com.atproto.server.createSession"
_SEARCH = "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts"


class BlueskySpider(SourceSpider):
    """The source's address is ``https://bsky.app/search?q=NAME``; options ``user`` (a handle) and ``app_password``."""

    name = "bluesky"
    needs = ("user", "app_password")

    def first_ask(self, run: Run) -> Ask:
        if not url_query_parameter(run.url, "q"):
            raise ParseError("the address has no ?q=NAME", run.url)
        login = {"identifier": run.option("user"), "password": run.option("app_password")}
        return Ask(_LOGIN, json=login, redirects=False)

    def parse_source(self, response: Response, run: Run) -> Iterator[Request]:
        token = string(read_json(response), "accessJwt")
        if not token:
            raise ParseError("JSON without accessJwt", response.url)
        query = urlencode({"q": url_query_parameter(run.url, "q"), "sort": "latest", "limit": 100})
        yield from self._search(run, f"{_SEARCH}?{query}", token, decides=True)

    def _search(self, run: Run, url: str, token: str, *, decides: bool = False) -> Iterator[Request]:
        ask = Ask(url, headers={"Authorization": f"Bearer {token}"}, redirects=False)
        read = partial(self._read_posts, token=token)
        yield from self.follow(run, ask, read, decides=True) if decides else self.follow_page(run, ask, read)

    def _read_posts(self, response: Response, run: Run, token: str) -> Iterator[Value | Request]:
        answer = read_json(response)
        for post in records(response, part(answer, "posts"), run, "uri", "author.handle", "record.text"):
            uri, handle, text = string(post, "uri"), string(post, "author.handle"), string(post, "record.text")
            if uri and handle and text:
                yield MentionData(
                    kind=Kind.SOCIAL,
                    url=f"https://bsky.app/profile/{handle}/post/{uri.rpartition('/')[2]}",
                    text=plain_text(text),
                    external_id=uri,
                    author=handle,
                    published_at=parse_date(string(post, "record.createdAt")),
                    source_id=run.source_id,
                )
        if cursor := string(answer, "cursor"):
            yield from self._search(run, add_or_replace_parameter(response.url, "cursor", cursor), token)
