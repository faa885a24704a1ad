"""Reddit's own interface, for an app of the owner's (https://www.reddit.com/prefs/apps, kind "script")."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, add_or_replace_parameters

from monitor.errors import ParseError
from monitor.types import Kind, MentionData
from spiders.answers import Record, part, read_json, records, string
from spiders.base import SourceSpider
from spiders.middlewares import header
from spiders.runs import Ask, Run, Value
from spiders.text import plain_text, web_link

_LOGIN = "https://www.reddit.com/api/v1/access_token"
_PAGE = 100


class RedditApiSpider(SourceSpider):
    """The source's address is a search or a subreddit as a browser shows it.

    Options ``client_id`` and ``client_key`` of the app. Each visit asks for a pass of its own: none grows stale.
    """

    name = "reddit_api"
    needs = ("client_id", "client_key")

    def first_ask(self, run: Run) -> Ask:
        if not (urlsplit(run.url).hostname or "").endswith("reddit.com"):
            raise ParseError("not an address at reddit.com", run.url)
        login = base64.b64encode(f"{run.option('client_id')}:{run.option('client_key')}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials"})
        return Ask(_LOGIN, form=form, headers={"Authorization": f"Basic {login}"}, redirects=False)

    def parse_source(self, response: Response, run: Run) -> Iterator[Request]:
        token = string(read_json(response), "access_token")
        if not token:
            raise ParseError("JSON without access_token", response.url)
        parts = urlsplit(run.url)
        path = parts.path.rstrip("/")
        path = path if path.endswith(("/search", "/new")) else f"{path}/new"
        query = f"?{parts.query}" if parts.query else ""
        wanted = {"sort": "new", "limit": str(_PAGE), "raw_json": "1"}
        url = add_or_replace_parameters(f"https://oauth.reddit.com{path}{query}", wanted)
        yield from self.follow(run, _with(token, url), partial(self._read_posts, token), decides=True)

    def _read_posts(self, token: str, response: Response, run: Run) -> Iterator[Value | Request]:
        listing = part(read_json(response), "data")
        for post in records(response, part(listing, "children"), run, "data.name", "data.permalink"):
            mention = _mention(post, run)
            if mention is not None:
                yield mention
        if _is_spent(response, run):
            return
        if after := string(listing, "after"):
            yield from self.follow_page(
                run,
                _with(token, add_or_replace_parameter(response.url, "after", after)),
                partial(self._read_posts, token),
            )


def _with(token: str, url: str) -> Ask:
    return Ask(url, headers={"Authorization": f"Bearer {token}"}, redirects=False)


def _is_spent(response: Response, run: Run) -> bool:
    """Whether the allowance is used up; the source then waits until there is a new one."""
    try:
        left, seconds = (float(header(response, f"X-Ratelimit-{name}")) for name in ("Remaining", "Reset"))
    except ValueError:
        return False
    if left >= 1:
        return False
    run.wait(seconds)
    return True


def _mention(post: Record, run: Run) -> MentionData | None:
    """None for what has no words of its own, such as a removed comment."""
    title, body = string(post, "data.title"), string(post, "data.selftext") or string(post, "data.body")
    link, name = web_link("https://www.reddit.com", string(post, "data.permalink")), string(post, "data.name")
    if not (title or body) or not link or not name:
        return None
    title = plain_text(title)
    return MentionData(
        kind=Kind.SOCIAL,
        url=link,
        text=plain_text(body) or title,
        title=title,
        external_id=name,
        author=string(post, "data.author"),
        published_at=_moment(part(post, "data.created_utc")),
        source_id=run.source_id,
    )


def _moment(seconds: Any) -> datetime | None:
    """Seconds since 1970; None for what is no such number or lies ahead."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment if moment <= datetime.now(UTC) else None
