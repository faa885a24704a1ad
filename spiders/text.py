"""Markup to the text that a reader sees, and links to where they really lead."""

import re
from urllib.parse import urljoin, urlsplit

import html_text
from w3lib.url import url_query_parameter

# What XML, and so lxml, cannot hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")

# host, path and the parameter in which a search service wraps the publisher's address
_WRAPPERS = (
    (re.compile(r"(?:^|\.)google\.[a-z.]+$"), "/url", ("url", "q")),
    (re.compile(r"(?:^|\.)bing\.com$"), "/news/apiclick.aspx", ("url",)),
)


def plain_text(markup: str) -> str:
    """The visible text of an HTML fragment, one line a block; text without markup only loses needless spaces."""
    markup = _CONTROLS.sub("", markup).strip()
    if "<" in markup or "&" in markup:
        # Without a root, lxml takes a fragment that begins with an XML declaration for bytes.
        return str(html_text.extract_text(f"<div>{markup}</div>")).strip()
    return _SPACES.sub(" ", markup)


def web_link(base: str, link: str) -> str:
    """``link`` as an absolute address, unwrapped from a search service's redirect; empty when it is none."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    for hosts, path, names in _WRAPPERS:
        if parts.path == path and hosts.search(host):
            inner = (url_query_parameter(url, name) for name in names)
            return next((target for target in inner if target and target.startswith("http")), url)
    return url
