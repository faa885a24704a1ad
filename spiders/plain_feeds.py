"""Well-formed RSS 2 and Atom 1 of the common tags, read ten times as fast as feedparser does.

Whatever is unusual in the least is left to feedparser, whose answers these are too: a test holds both to be equal.
"""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from spiders.entries import Entry, first_date

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_MEDIA = "{http://search.yahoo.com/mrss/}"
# The attributes that a tag may have; None where they do not matter.
_RSS: Mapping[str, frozenset[str] | None] = {
    "title": frozenset(),
    "link": frozenset(),
    "description": frozenset(),
    "guid": frozenset({"isPermaLink"}),
    "pubDate": frozenset(),
    "author": frozenset(),
    "source": frozenset({"url"}),
    _CONTENT: frozenset(),
    _CREATOR: frozenset(),
}
_RSS_UNREAD = {
    "category",
    "comments",
    "enclosure",
    "{http://purl.org/rss/1.0/modules/slash/}comments",
    "{http://wellformedweb.org/CommentAPI/}commentRss",
    f"{_MEDIA}content",
    f"{_MEDIA}thumbnail",
}
_ATOM_TEXTS = ("title", "summary", "content")
_ATOM_READ = (*_ATOM_TEXTS, "id", "updated", "published")
# A document type, a base of its own, Windows' or doubly encoded letters: feedparser knows what to do.
_UNUSUAL = re.compile(r"<!DOCTYPE|<!ENTITY|xml:base|[\x80-\x9f]|[\xc2-\xf4][\x80-\xbf]")
# Addresses that stay as they are when they are joined to another; feedparser mends the rest.
_WHOLE_LINK = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/(?!\.\.?/)[\w~%+,@!=:.*()-]*)+(?:\?[\w~%+,@!=:.*()&/-]+)?")
_WHOLE_ID = re.compile(rf"{_WHOLE_LINK.pattern}|(?:urn|tag):[\w:.,/@-]+")


class _Unusual(Exception):
    """Something that feedparser had better read."""


def read_plain(text: str) -> list[Entry] | None:
    """The entries of a feed; None when feedparser is needed."""
    if _UNUSUAL.search(text):
        return None
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text.encode(), parser)
        if root.tag == "rss":
            (channel,) = root
            return [_rss_entry(item) for item in channel.iterchildren("item")]
        if root.tag == f"{_ATOM}feed":
            return [_atom_entry(entry) for entry in root.iterchildren(f"{_ATOM}entry")]
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError, _Unusual):
        return None
    return None


def _rss_entry(item: Any) -> Entry:
    said: dict[str, str] = {}
    publisher = ""
    permanent = True
    for child in item:
        tag = child.tag
        if tag in _RSS_UNREAD:
            if len(child):
                raise _Unusual
            continue
        attributes = _RSS.get(tag)
        if attributes is None or tag in said or not attributes.issuperset(child.attrib):
            raise _Unusual
        said[tag] = _text(child)
        if tag == "guid":
            permanent = child.get("isPermaLink", "true") == "true"
        elif tag == "source" and "url" in child.attrib:
            publisher = said[tag]
    if "author" in said and _CREATOR in said:
        raise _Unusual
    return _entry(
        said,
        link=said.get("link", ""),
        markup=(said.get("description", ""), said.get(_CONTENT, "")),
        author=said.get("author") or said.get(_CREATOR, ""),
        id=said.get("guid", ""),
        permanent=permanent,
        dates=(said.get("pubDate", ""),),
        publisher=publisher,
    )


def _atom_entry(entry: Any) -> Entry:
    said: dict[str, str] = {}
    link = author = ""
    for child in entry:
        name = child.tag.removeprefix(_ATOM) if isinstance(child.tag, str) else ""
        if name == "category":
            continue
        if name == "link":
            link = _atom_link(child) or link
        elif name == "author" and not author:
            author = _atom_author(child)
        elif name in _ATOM_READ and name not in said:
            if child.get("type", "text") not in ("text", "html") or len(child.attrib) > ("type" in child.attrib):
                raise _Unusual
            said[name] = _text(child)
        else:
            raise _Unusual
    return _entry(
        said,
        link=link,
        markup=(said.get("summary", ""), said.get("content", "")),
        author=author,
        id=said.get("id", ""),
        permanent=True,
        dates=(said.get("published", ""), said.get("updated", "")),
        publisher="",
    )


def _atom_link(link: Any) -> str:
    usual = link.get("rel", "alternate") == "alternate" and link.get("type", "text/html") == "text/html"
    return link.get("href", "") if usual else ""


def _atom_author(author: Any) -> str:
    # A comment's tag is no string.
    parts = {str(child.tag).removeprefix(_ATOM): _text(child) for child in author}
    if not parts.keys() <= {"name", "email", "uri"}:
        raise _Unusual
    name, email = parts.get("name", ""), parts.get("email", "")
    return f"{name} ({email})" if name and email else name or email


def _text(element: Any) -> str:
    if len(element):
        raise _Unusual
    return (element.text or "").strip()


def _entry(
    said: Mapping[str, str],
    *,
    link: str,
    markup: tuple[str, str],
    author: str,
    id: str,
    permanent: bool,
    dates: tuple[str, ...],
    publisher: str,
) -> Entry:
    if permanent:
        link = link or id
        if id and not _WHOLE_ID.fullmatch(id):
            raise _Unusual
    if link and not _WHOLE_LINK.fullmatch(link):
        raise _Unusual
    published_at = first_date(dates)
    # feedparser reads dates that we cannot.
    if published_at is None and any(dates):
        raise _Unusual
    return Entry(
        link=link,
        title=said.get("title", ""),
        markup=max(markup, key=len),
        author=author,
        id=id,
        published_at=published_at,
        publisher=publisher,
    )
