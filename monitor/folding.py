"""Bring copies of a text to one spelling, for comparing; what is kept is never changed."""

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url

_LETTERS: dict[str, str] = {
    "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه",
    "أ": "ا", "إ": "ا", "ٱ": "ا", "آ": "ا", "ؤ": "و",
    "\u0640": "", "\u200d": "", "\u200e": "", "\u200f": "", "\ufeff": "", "\u00ad": "",
    "…": "...", "\u00a0": " ",
    **{chr(0x0660 + digit): str(digit) for digit in range(10)},
    **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
}  # fmt: skip
_CHANGED = re.compile(f"[{''.join(_LETTERS)}]")
# Characters that decompose into nothing else and are no diacritics: of most texts these are all.
_SETTLED = re.compile(
    r"[\x00-\x7f«»\u060c\u061b\u061f\u0621\u0627-\u063f\u0641-\u0649\u066a-\u066d\u0679-\u06bf\u06cc\u06d4"
    r"\u200c\u2013\u2014\u2018-\u201e\u2022\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]*"
)


class _Plain(dict[int, str]):
    """Our letters, and no diacritics; what each character is, is looked up once.

    Each character is taken apart by itself: of a whole text Python sorts every run of diacritics, in a time that grows
    with the square of the run, and a post may be one run.
    """

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code))
        self[code] = "".join(_LETTERS.get(each, "" if unicodedata.combining(each) else each) for each in apart)
        return self[code]


_PLAIN = _Plain({ord(letter): kept for letter, kept in _LETTERS.items()})
_NOT_WORD = re.compile(r"[\W_]+")

# The letters of words in folded texts, digits and marks with them, as classes of expressions; no punctuation, which the
# two blocks have among them («،», «؟», «×»).
PERSIAN = r"\u0620-\u0669\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06fc\u06ff"
LATIN = r"a-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"

_TRACKERS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name",
    "amp", "amp_js_v", "usqp", "outputType",
    "fbclid", "gclid", "dclid", "yclid", "msclkid", "igshid", "mc_cid", "mc_eid", "_ga", "ref_src", "oc",
)  # fmt: skip

# In any letters: some write UTM_Source.
_TRACKED = re.compile(rf"(?<=[?&])(?:{'|'.join(_TRACKERS)})(?:=[^&#]*)?(?:&|(?=#)|$)", re.IGNORECASE)

# Before an address that has TLS stands an s.
_AMP_CACHE = re.compile(r"^https?://(?:www\.google\.[a-z.]+/amp|[\w-]+\.cdn\.ampproject\.org/[cv])/(?:s/)?(?=[^/]+\.)")
# Only in front of a whole name: m.example is a host of its own.
_EDITION = re.compile(r"^(?:m|mobile|amp)\.(?=[^.]+\.)")
_PLAIN_HOST = re.compile(r"https?://([A-Za-z0-9.-]+(?::[0-9]+)?)(?=[/?#]|$)")
# Behind these stands the name of a thing, and "amp" is one: /product/amp.
_SHELVES = (
    "product", "products", "shop", "store", "category", "categories", "collection", "collections",
    "tag", "tags", "topic", "topics", "brand", "brands", "search", "wiki", "docs", "dp",
)  # fmt: skip
_LANGUAGE = r"(?:/[a-z]{2})?"
_AMP_FIRST = re.compile(rf"^({_LANGUAGE})/amp(?=/.)")
_AMP_LAST = re.compile(rf"{''.join(f'(?<!/{shelf})' for shelf in _SHELVES)}/amp$|\.amp(?=\.html?$|$)")


def fold(text: str) -> str:
    """Lower-case ``text`` in Persian letters and Latin digits, without diacritics; half-spaces stay."""
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = _CHANGED.sub(lambda found: _LETTERS[found[0]], text)
    if not _SETTLED.fullmatch(plain):
        plain = plain.translate(_PLAIN)
    return " ".join(plain.casefold().split())


def fingerprint(*texts: str) -> str:
    """A stable digest of the words of ``texts``: spelling, spacing and punctuation do not change it."""
    words = "|".join(_NOT_WORD.sub("", fold(text)) for text in texts)
    return hashlib.sha256(words.encode()).hexdigest()[:40]


def canonical_url(url: str) -> str:
    """The address for comparing: without trackers, fragment, scheme and trailing slash, of the page's one and only
    edition (not ``www.``, ``m.``, ``amp.``, ``/amp``, nor a cache of AMP pages). What is no address only loses its
    scheme.
    """
    try:
        cleaned = canonicalize_url(_TRACKED.sub("", _AMP_CACHE.sub("https://", url)))
    except ValueError:
        # Within the address of a cache may stand anything.
        return url.partition("://")[2] or url
    parts = urlsplit(cleaned)
    host = _EDITION.sub("", parts.netloc.removeprefix("www."))
    path = _AMP_LAST.sub("", _AMP_FIRST.sub(r"\1", parts.path.rstrip("/")))
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{path}{query}"


def canonical_host(url: str) -> str:
    """The host of :func:`canonical_url`, with its port."""
    if found := _PLAIN_HOST.match(_AMP_CACHE.sub("https://", url)):
        return _EDITION.sub("", found[1].lower().removeprefix("www."))
    return canonical_url(url).partition("/")[0]


def digest(*parts: str) -> str:
    """A stable key of ``parts`` taken as they are."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
