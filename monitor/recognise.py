"""What a pasted link is: the kind of source that reads it, and the address under which it is kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from monitor.errors import SourceError


@dataclass(frozen=True, slots=True)
class Recognised:
    """A source as a link suggests it. ``needs`` names the options without which it cannot be read."""

    spider: str
    url: str
    matches_text: bool = True
    options: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


# host (its end), the path, what is made of them; the first that fits counts.
_Make = Callable[[re.Match[str], SplitResult], Recognised | None]


def _digikala(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("digikala", f"https://www.digikala.com/product/dkp-{path[1]}/", matches_text=False)


def _bazaar(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("bazaar", f"https://cafebazaar.ir/app/{path[1]}", matches_text=False)


def _googleplay(path: re.Match[str], link: SplitResult) -> Recognised | None:
    package = parse_qs(link.query).get("id", [""])[0]
    if not re.fullmatch(r"[\w.]+", package, re.ASCII):
        return None
    return Recognised("googleplay", f"https://play.google.com/store/apps/details?id={package}", matches_text=False)


def _myket(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("myket", f"https://myket.ir/app/{path[1]}", matches_text=False)


def _snappfood(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("snappfood", f"https://snappfood.ir{path[0].rstrip('/')}/", matches_text=False)


def _telegram(path: re.Match[str], link: SplitResult) -> Recognised | None:
    # An invitation to a private group, a share button and the like are no channels.
    if path[1].lower() in ("joinchat", "share", "addstickers", "proxy", "socks", "iv"):
        return None
    return Recognised("telegram", f"https://t.me/s/{path[1]}")


def _appstore(path: re.Match[str], link: SplitResult) -> Recognised:
    country = path[1] or "us"
    return Recognised("appstore", f"https://apps.apple.com/{country}/app/id{path[2]}", matches_text=False)


def _trustpilot(path: re.Match[str], link: SplitResult) -> Recognised:
    url = f"https://www.trustpilot.com/review/{path[1].lower()}"
    return Recognised("trustpilot", url, matches_text=False, needs=("api_key",))


def _video(path: re.Match[str], link: SplitResult) -> Recognised | None:
    video = parse_qs(link.query).get("v", [""])[0] if path[0] == "/watch" else path[1]
    if not re.fullmatch(r"[\w-]{11}", video or ""):
        return None
    return Recognised("youtube", f"https://www.youtube.com/watch?v={video}", needs=("api_key",))


def _channel(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("youtube", f"https://www.youtube.com/channel/{path[1]}", needs=("api_key",))


def _reddit(path: re.Match[str], link: SplitResult) -> Recognised:
    query = f"?{link.query}" if link.query and path[0].rstrip("/").endswith("search") else ""
    place = path[0].rstrip("/") or "/r/all"
    return Recognised("reddit", f"https://www.reddit.com{place}{query}", needs=("user", "feed_token"))


def _hackernews(path: re.Match[str], link: SplitResult) -> Recognised | None:
    return _asked("hackernews", "https://hn.algolia.com/", link)


def _brave(path: re.Match[str], link: SplitResult) -> Recognised | None:
    return _asked("brave", "https://search.brave.com/search", link, "api_key", matches_text=False)


def _serpapi(path: re.Match[str], link: SplitResult) -> Recognised | None:
    return _asked("serpapi", "https://serpapi.com/search", link, "api_key", matches_text=False)


def _bluesky(path: re.Match[str], link: SplitResult) -> Recognised | None:
    return _asked("bluesky", "https://bsky.app/search", link, "user", "app_password")


def _asked(spider: str, page: str, link: SplitResult, *needs: str, matches_text: bool = True) -> Recognised | None:
    """A search's page with its question alone; None without one."""
    query = parse_qs(link.query).get("q", [""])[0].strip()
    return Recognised(spider, f"{page}?q={quote(query)}", matches_text, needs=needs) if query else None


def _google_news(path: re.Match[str], link: SplitResult) -> Recognised | None:
    query = parse_qs(link.query).get("q", [""])[0].strip()
    return Recognised("feed", news_search(query)) if query else None


def _mastodon(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("mastodon", f"https://{link.netloc}/tags/{path[1]}")


def _mailchimp(path: re.Match[str], link: SplitResult) -> Recognised:
    centre = (link.hostname or "").partition(".")[0]
    return Recognised("mailchimp", f"https://{centre}.api.mailchimp.com/", matches_text=False, needs=("api_key",))


def _searxng(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("search", link.geturl(), matches_text=False)


def _sitemap(path: re.Match[str], link: SplitResult) -> Recognised:
    return Recognised("sitemap", link.geturl(), matches_text=False)


def _discourse(path: re.Match[str], link: SplitResult) -> Recognised | None:
    return _asked("discourse", f"{link.scheme}://{link.netloc}/search", link)


def news_search(query: str) -> str:
    """The address of a search at Google News, as the feed of its results."""
    return f"https://news.google.com/rss/search?q={quote(query)}&hl=fa&gl=IR&ceid=IR:fa"


# Any site may have pages at /tags/ and /search: these programs' servers are known by how they are commonly named, and
# the others can be added by naming the kind.
_MASTODONS = r"(?:[^/]*(?:mastodon|mstdn|toot|fosstodon)[^/]*|[^/]*\.social)"
_FORUMS = r"(?:.*[.-])?(?:forums?|community|communities|discuss|discourse|meta|talk)\..*|.*\.discourse\.group"

_PLACES: tuple[tuple[str, str, str, _Make], ...] = (
    (r"digikala\.com", r"/product/dkp-(\d+)(?:/.*)?", "", _digikala),
    (r"cafebazaar\.ir", r"/app/([\w.]+)(?:/.*)?", "", _bazaar),
    (r"play\.google\.com", r"/store/apps/details", "", _googleplay),
    (r"myket\.ir", r"/app/([\w.]+)(?:/.*)?", "", _myket),
    (r"snappfood\.ir", r"/\w+/menu/.*-r-\w+/?", "", _snappfood),
    (r"(?:t\.me|telegram\.me)", r"/(?:s/)?([A-Za-z]\w{3,31})(?:/\d*)?", "", _telegram),
    (r"apple\.com", r"(?:/([a-z]{2}))?/app/(?:.*/)?id(\d+)/?", "", _appstore),
    (r"trustpilot\.com", r"/review/([^/]+)/?", "", _trustpilot),
    (r"youtube\.com", r"/watch|/shorts/([\w-]{11})/?", "", _video),
    (r"youtu\.be", r"/([\w-]{11})/?", "", _video),
    (r"youtube\.com", r"/channel/(UC[\w-]{22})(?:/.*)?", "", _channel),
    (r"reddit\.com", r"/r/\w+(?:/search|/new)?/?|/search/?", "", _reddit),
    (r"hn\.algolia\.com", r"/.*", "", _hackernews),
    (r"search\.brave\.com", r"/search", "", _brave),
    (r"serpapi\.com", r"/search(?:\.json)?", "", _serpapi),
    (r"bsky\.app", r"/search", "", _bluesky),
    (r"[a-z]+\d+\.(?:api|admin)\.mailchimp\.com", r"/?.*", "", _mailchimp),
    (r"news\.google\.com", r"/search", "", _google_news),
    (_MASTODONS, r"/tags/([^/]+)/?", "", _mastodon),
    (r".*", r"(?:/.*)?/search", r"(?:^|&)format=json(?:&|$)", _searxng),
    (_FORUMS, r"/search", r"(?:^|&)q=", _discourse),
    (r".*", r"/.*sitemap[^/]*\.xml(?:\.gz)?", "", _sitemap),
)


def recognise(link: str) -> Recognised:
    """The source that ``link`` suggests: a place we know, otherwise a feed or a site that names its feed.

    Reads the address only and asks nobody. Raises SourceError for what is no web address, and for places whose texts
    cannot be collected.
    """
    url = web_address(link)
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    for place, reason in _CLOSED.items():
        if re.fullmatch(rf"(?:.*\.)?{place}", host):
            raise SourceError(reason, url)
    for place, path, query, make in _PLACES:
        found = re.fullmatch(path, parts.path) if re.fullmatch(rf"(?:.*\.)?{place}", host) else None
        if found and re.search(query, parts.query) and (recognised := make(found, parts)) is not None:
            return recognised
    return Recognised("feed", url)


# Whoever collects there without leave breaks the law or the lock; what people export themselves can be imported.
_CLOSED = {
    r"instagram\.com": "Instagram cannot be collected; import a file: didban import mentions",
    r"(?:x|twitter)\.com": "X cannot be collected; import a file: didban import mentions",
}


def web_address(url: str) -> str:
    """``url`` with its scheme; people leave it out. Raises SourceError when no web address is meant."""
    address = url.strip() if "://" in url else f"https://{url.strip()}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_usable = parts.scheme in ("http", "https") and parts.port != 0 and re.fullmatch(r"[^\s/@]+", host)
    except ValueError:
        # A port that is none, an address in broken brackets.
        is_usable = None
    if not is_usable or re.search(r"\s", address):
        raise SourceError("not a web address", url)
    return address
