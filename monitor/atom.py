"""An Atom feed (RFC 4287) of plain texts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 has no way to write.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text; ``url`` is where it stands, empty for nowhere, and ``language`` a tag of BCP 47, empty for unknown."""

    id: UUID
    title: str
    text: str
    url: str
    author: str
    language: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """``address`` is the feed's own and ``page`` the one it tells of; ``language`` is that of its title."""

    id: UUID
    title: str
    address: str
    page: str
    language: str
    updated_at: datetime
    entries: Sequence[Entry]


def write_atom(feed: Feed) -> bytes:
    """The feed as a document in UTF-8."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(_name("feed"), {_LANG: feed.language})
    _add(root, "id", feed.id.urn)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated_at.isoformat())
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(_add(root, "author"), "name", "Didban")
    for entry in feed.entries:
        _add_entry(root, entry)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _add_entry(root: ET.Element, entry: Entry) -> None:
    node = _add(root, "entry")
    if entry.language:
        node.set(_LANG, entry.language)
    _add(node, "id", entry.id.urn)
    _add(node, "title", entry.title)
    _add(node, "updated", entry.said_at.isoformat())
    _add(node, "published", entry.said_at.isoformat())
    if entry.url:
        _add(node, "link", rel="alternate", href=entry.url)
    if entry.author:
        _add(_add(node, "author"), "name", entry.author)
    _add(node, "content", entry.text, type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    node = ET.SubElement(parent, _name(name), {key: _clean(value) for key, value in attributes.items()})
    node.text = _clean(text) if text is not None else None
    return node


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text)
