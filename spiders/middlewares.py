"""Downloader middlewares: the address guard and conditional GET."""

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from monitor.addresses import Allowed, is_public, literal_address
from spiders.addresses import AddressRefused, GuardedResolver
from spiders.runs import Run

_PORTS = {"http": 80, "https": 443}


class AddressGuard:
    """Refuses addresses that are not public before anything is sent, at every hop.

    Names are refused by :class:`spiders.addresses.GuardedResolver` as they resolve; here that refusal is told from
    a name that does not exist.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._is_allowed = Allowed(crawler.settings.getlist("ALLOWED_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "AddressGuard":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        try:
            parts = urlsplit(request.url)
            host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError) as e:
            raise AddressRefused from e
        # A name before the host is how one address is made to look like another.
        if "@" in parts.netloc or not host:
            raise AddressRefused
        address = literal_address(host)
        if address is not None and not is_public(address) and not self._is_allowed(host, port):
            raise AddressRefused

    def process_exception(self, request: Request, exception: Exception) -> None:
        # The message ends with the name that was looked up.
        if isinstance(exception, CannotResolveHostError) and _last_word(exception) in GuardedResolver.refused:
            raise AddressRefused from exception


def _last_word(exception: Exception) -> str:
    return str(exception).rstrip(".").rpartition(" ")[2]


class ConditionalGet:
    """Asks for a source only if it changed, and remembers what to ask with next time."""

    def process_request(self, request: Request) -> None:
        run = _first_of(request)
        if run is None:
            return
        if run.etag:
            request.headers["If-None-Match"] = run.etag
        if run.last_modified:
            request.headers["If-Modified-Since"] = run.last_modified

    def process_response(self, request: Request, response: Response) -> Response:
        run = _first_of(request)
        if run is not None and response.status == 200:
            run.etag = header(response, "ETag")
            run.last_modified = header(response, "Last-Modified")
        return response


def _first_of(request: Request) -> Run | None:
    run = request.meta.get("run")
    return run if isinstance(run, Run) and request.meta.get("first") else None


def header(response: Response, name: str) -> str:
    """A response header as text; empty when it is missing."""
    return (response.headers.get(name) or b"").decode("latin-1")
