"""Bytes to text in the encoding they are really in, markup to what a reader sees, links to where they lead.

Pages are searched by :func:`selector_of` and their links stand on :func:`base_of`: what Scrapy has for that fails on a
``<base>`` that is no address.
"""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import html_text
from parsel import Selector
from scrapy.http import TextResponse, XmlResponse
from scrapy.utils.response import get_base_url
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom
from w3lib.url import url_query_parameter

_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
# What XML, and so lxml, cannot hold, nor a database all of it; JSON may smuggle in half a letter.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What may hold what nobody sees: only that needs cleaning, which takes longer than the reading.
_UNSEEN = re.compile(
    r"<(?:[!?]|(?:script|style|link|meta|no\w+|object|embed|i?frame|i?layer|frameset|applet|param|base|title)\b)", re.I
)
# A tag that ends: 5<excellent and a < b hold none.
_TAG = re.compile(r"<[a-z/!?][^<]*>", re.I)
_SPACES = re.compile(r"[^\S\n]+")
# In a host nothing of this can stand, though urllib lets it.
_NO_HOST = re.compile(r"[\x00-\x20\x7f-\xa0]")

# host, path and the parameter in which a search service wraps the publisher's address
_WRAPPERS = (
    (re.compile(r"(?:^|\.)google\.[a-z.]+$"), "/url", ("url", "q")),
    (re.compile(r"(?:^|\.)bing\.com$"), "/news/apiclick.aspx", ("url",)),
)


# What Python calls encodings and no page is in; they fail where it is asked to pass over what cannot be read.
_NO_PAGES = ("idna", "punycode", "undefined")
# A UTF-8 text may have this share of broken bytes before it is taken for something else.
_BROKEN_SHARE = 0.1


def encoding_of(body: bytes, content_type: str) -> str:
    """The first encoding that reads ``body`` whole: its mark, that of the header, its own word, UTF-8, windows-1256.

    The last is what old Persian sites use without saying so, and reads anything; UTF-8 with a few broken bytes
    stays UTF-8.
    """
    marked, _ = read_bom(body)
    for encoding in (marked, http_content_type_encoding(content_type), html_body_declared_encoding(body), "utf-8"):
        try:
            if encoding is not None and encoding not in _NO_PAGES:
                body.decode(encoding)
                return encoding
        except (UnicodeError, LookupError):
            continue
    special = sum(byte > 0x7F for byte in body)
    broken = body.decode("utf-8", "replace").count("\ufffd")
    return "utf-8" if broken <= special * _BROKEN_SHARE else "cp1256"


def readable(response: TextResponse) -> TextResponse:
    """A page in the encoding it is really in, without what its parsers fail on."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    page = response.replace(encoding=encoding_of(response.body, content_type))
    text = without_bad_references(page.text)
    return page if text == page.text else page.replace(body=text.encode(), encoding="utf-8")


def without_bad_references(markup: str) -> str:
    """``markup`` without numeric references to characters that do not exist or are controls: parsers fail on them."""
    return _REFERENCE.sub(_good_reference, markup)


def _good_reference(found: re.Match[str]) -> str:
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    code = int(digits, base) if len(digits.lstrip("0")) < 8 and digits.strip("0") else 0
    if not (0 < code < 0xD800 or 0xE000 <= code < 0x110000):
        return "\ufffd"
    return "" if _CONTROLS.match(chr(code)) else found[0]


def clean(text: str) -> str:
    """``text`` trimmed, without controls and halves of letters; all else stays as it is."""
    return _CONTROLS.sub("", text).strip()


def plain_text(markup: str) -> str:
    """The visible text of an HTML fragment, one line a block; text without markup only loses needless spaces."""
    markup = clean(without_bad_references(markup))
    if _TAG.search(markup):
        # Without a root, lxml takes a fragment that begins with an XML declaration for bytes.
        tree = html_text.parse_html(f"<div>{markup}</div>")
        text = html_text.extract_text(tree) if _UNSEEN.search(markup) else html_text.etree_to_text(tree)
        return str(text).strip()
    return _SPACES.sub(" ", unescape(markup) if "&" in markup else markup).strip()


def selector_of(page: TextResponse) -> Selector:
    """A page to be searched, its own word on whether it is XML believed; JSON is searched in vain."""
    # Not page.selector: it reads the page's base first, and fails on one that is no address.
    return Selector(page.text, type="xml" if isinstance(page, XmlResponse) else "html")


def base_of(page: TextResponse) -> str:
    """The address that the links of a page stand on: its ``<base>``, or its own where that is none, as in browsers."""
    try:
        base = _absolute("", get_base_url(page))
    except ValueError:
        return page.url
    return base if base and not _NO_HOST.search(urlsplit(base).netloc) else page.url


def web_link(base: str, link: str) -> str:
    """``link`` as an absolute address, unwrapped from a search service's redirect; empty when it is none."""
    url = _absolute(base, clean(link))
    parts = urlsplit(url)
    for hosts, path, names in _WRAPPERS:
        if parts.path == path and hosts.search(parts.hostname or ""):
            inner = (_absolute("", url_query_parameter(url, name) or "") for name in names)
            return next(filter(None, inner), url)
    return url


def _absolute(base: str, link: str) -> str:
    if not link:
        return ""
    try:
        # Most are whole already.
        url = link if link.startswith(("http://", "https://")) else urljoin(base, link)
        parts = urlsplit(url)
        # That a port is none shows only when it is asked for.
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return url if is_address else ""


def hides_publisher(url: str) -> bool:
    """Whether an address is Google News' own for an article: behind it is no text, only a script."""
    parts = urlsplit(url)
    return parts.hostname == "news.google.com" and "/articles/" in parts.path
