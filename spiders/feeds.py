"""Feeds: RSS, Atom, RDF and JSON Feed in any encoding; also news searches that come as feeds."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import feedparser
from parsel import Selector
from scrapy import Request
from scrapy.http import Response, TextResponse

from monitor.errors import ParseError
from monitor.types import Kind, MentionData, SourceState
from spiders.base import SourceSpider
from spiders.entries import Entry, first_date
from spiders.middlewares import header
from spiders.plain_feeds import read_plain
from spiders.runs import Run, Value
from spiders.text import base_of, clean, encoding_of, plain_text, readable, web_link, without_bad_references

_KINDS = (Kind.ARTICLE, Kind.SOCIAL, Kind.REVIEW, Kind.COMMENT)
# A mark, an XML declaration and comments may stand before a page.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?xml[^>]*>|<!--(?:[^-]|-(?!->))*+-->)*+(?:<!doctype\s+html|<html)", re.IGNORECASE
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
# What the feed of a page's comments is called, in its address or its title.
_COMMENTS = ("comment", "دیدگاه")
_DATES = ("published", "published_parsed", "updated", "updated_parsed")


class FeedSpider(SourceSpider):
    """The source's address is a feed's, or that of a page that names its feed.

    Option ``kind``: what the entries are, one of article (default), social, review, comment.
    """

    name = "feed"
    kind: ClassVar[Kind] = Kind.ARTICLE

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        kind = run.options.get("kind", self.kind)
        if kind not in _KINDS:
            raise ParseError(f"option kind is one of {', '.join(_KINDS)}, not {kind}", run.url)
        # What was a feed before and answers with a page has changed, and keeps its address.
        if len(run.visited) == 1 and (run.since is None or _is_front(run.url)) and _PAGE.match(response.body):
            link = named_feed(response)
            if link and (requests := list(self.follow(run, link, decides=True))):
                # The source's own address from now on: of the feed can be asked whether it has changed.
                run.url = link
                yield from requests
                return
            if not link and _is_front(run.url):
                # A site that has none may come to have one.
                run.fail(SourceState.EMPTY, str(ParseError("a web page, not a feed", run.url)))
                return
        entries = [
            _mention(entry, Kind(kind), response.url, run)
            or f"entry {number} left out, it has no link or no text: {(entry.title or entry.id)[:80]!r}"
            for number, entry in enumerate(read_feed(response, run), start=1)
        ]
        yield from run.keep(entries, response.url)


def _is_front(url: str) -> bool:
    """Whether ``url`` is a site's, and not that of a feed of it, which may be all in the query."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def named_feed(response: Response) -> str:
    """The feed that a web page names: of articles before comments, then of this page before the whole site."""
    if not isinstance(response, TextResponse):
        return ""
    # What is said to be XML is read as the page that it is.
    page = readable(response)
    links = Selector(page.text, type="html").xpath("//link[contains(concat(' ', @rel, ' '), ' alternate ')][@href]")
    feeds = [link.attrib for link in links if link.attrib.get("type", "").lower() in _FEED_TYPES]
    base, own = base_of(page), _place(page.url)

    def rank(feed: Mapping[str, str]) -> tuple[bool, bool]:
        words = f"{feed['href']} {feed.get('title', '')}".lower()
        return any(word in words for word in _COMMENTS), not _place(web_link(base, feed["href"])).startswith(own)

    return web_link(base, min(feeds, key=rank)["href"]) if feeds else ""


def _place(url: str) -> str:
    """The path of an address, as the paths beneath it begin."""
    return f"{unquote(urlsplit(url).path).rstrip('/')}/"


def _mention(entry: Entry, kind: Kind, base: str, run: Run) -> MentionData | None:
    title = plain_text(entry.title).replace("\n", " ")
    if entry.publisher:
        title = title.removesuffix(f" - {entry.publisher}")
    text = plain_text(entry.markup)
    if entry.publisher:
        text = text.removesuffix(entry.publisher).rstrip()
    text = text or title
    link = web_link(base, entry.link or entry.id)
    if not link or not text:
        return None
    return MentionData(
        kind=kind,
        url=link,
        text=text,
        title=title,
        external_id=clean(entry.id),
        author=plain_text(entry.author) or clean(entry.publisher),
        published_at=entry.published_at,
        source_id=run.source_id,
    )


def read_feed(response: Response, run: Run) -> list[Entry]:
    """The entries of a feed of any kind. Raises ParseError when the answer is none."""
    body = response.body
    content_type = header(response, "Content-Type")
    if body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_entries(body, response.url)
    if _PAGE.match(body):
        raise ParseError("a web page, not a feed", response.url)
    text = without_bad_references(body.decode(encoding_of(body, content_type), "replace").lstrip("\ufeff"))
    plain = read_plain(text)
    return _feedparser_entries(text, response.url, run) if plain is None else plain


def _feedparser_entries(text: str, url: str, run: Run) -> list[Entry]:
    feed = _parse(text, url)
    broken = feed.get("bozo_exception")
    cause = " ".join(str(broken).split())[:120] if broken else "no feed of a known kind"
    if not feed.entries and (broken or not feed.version):
        raise ParseError(f"not a feed ({cause})", url)
    if broken:
        run.warn(f"the feed is damaged ({cause}); what could be read was kept")
    return [_xml_entry(entry) for entry in feed.entries]


def _parse(text: str, url: str) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    # A bare string might be taken for the name of a file.
    source = io.BytesIO(text.encode(errors="replace"))
    try:
        return feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, AssertionError, RecursionError) as e:
        # Its second, lenient parser raises these on what it cannot make out at all.
        raise ParseError("not a feed (damaged beyond reading)", url) from e


def _xml_entry(entry: Any) -> Entry:
    contents = [part.get("value") or "" for part in entry.get("content", ())]
    publisher = entry.get("source", {}).get("title", "") if "href" in entry.get("source", {}) else ""
    return Entry(
        link=entry.get("link") or "",
        title=entry.get("title") or "",
        markup=max([entry.get("summary") or "", *contents], key=len),
        author=entry.get("author") or "",
        id=entry.get("id") or "",
        # Asked for what is missing, feedparser answers "updated" with what "published" says.
        published_at=first_date(entry[name] for name in _DATES if name in entry),
        publisher=publisher,
    )


def _json_entries(body: bytes, url: str) -> list[Entry]:
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as e:
        raise ParseError("not a feed (broken JSON)", url) from e
    version = feed.get("version")
    items = feed.get("items")
    if not str(version).startswith("https://jsonfeed.org/version/1") or not isinstance(items, list):
        raise ParseError("not a feed (JSON, but no JSON Feed)", url)
    return [_json_entry(item if isinstance(item, dict) else {}) for item in items]


def _json_entry(item: dict[str, Any]) -> Entry:
    def text(name: str) -> str:
        value = item.get(name)
        return value if isinstance(value, str) else ""

    authors = item.get("authors") or [item.get("author")]
    names = [author.get("name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    return Entry(
        link=text("url") or text("external_url"),
        title=text("title"),
        markup=text("content_html") or text("content_text") or text("summary"),
        author=", ".join(name for name in names if isinstance(name, str)),
        id=str(item.get("id") or ""),
        published_at=first_date((text("date_published"), text("date_modified"))),
    )
