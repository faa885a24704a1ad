"""Reviews on the pages that a site's map lists."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap

from monitor.errors import ParseError
from spiders.dates import parse_date
from spiders.reviews import ReviewSpider
from spiders.runs import Run, Value
from spiders.text import web_link

_OLDEST = datetime.min.replace(tzinfo=UTC)
_MAPS = 20


class SitemapSpider(ReviewSpider):
    """The source's address is the map's, or that of a map of maps; the pages that changed last are read first.

    Option ``match``: only pages with this in their address; of many maps, those first that are called so themselves.
    Option ``pages``: how many are read (20).
    """

    name = "sitemap"
    most_pages = 20

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        most = run.whole_option("pages", self.most_pages)
        match = run.options.get("match", "")
        kind, addresses = self._addresses(response, run)
        if kind == "sitemapindex":
            # A map of products is called product-sitemap.xml, its pages /product/….
            addresses.sort(key=lambda address: match.strip("/") not in address)
            # Maps of maps may lie within each other: of all that was asked for, what is no page and not the first one.
            left = _MAPS - (len(run.visited) - run.pages)
            if not left:
                raise ParseError(f"more maps of maps than the {_MAPS} that are read", response.url)
            if len(addresses) > left:
                run.warn(f"{len(addresses)} maps are listed, {left} are read")
            for order, address in enumerate(addresses[:left]):
                for request in self.follow(run, address):
                    # Scrapy would ask for the last one first.
                    request.priority = -order
                    yield request
            return
        wanted = [address for address in addresses if match in address]
        for address in wanted:
            if run.pages > most:
                run.warn(f"{len(wanted)} pages are listed, the {most} that changed last are read")
                return
            for request in self.follow(run, address, self.read_page):
                run.pages += 1
                yield request

    def _addresses(self, response: Response, run: Run) -> tuple[str, list[str]]:
        """The kind of a map and what it lists, changed last first. Raises ParseError."""
        body = response.body
        try:
            if gzip_magic_number(response):
                body = gunzip(body, max_size=self.settings.getint("DOWNLOAD_MAXSIZE"))
            sitemap = Sitemap(body)
            entries = list(sitemap)
        except (SyntaxError, EOFError, OSError, ValueError, StopIteration, zlib.error) as e:
            raise ParseError("not a sitemap", response.url) from e
        if sitemap.type not in ("urlset", "sitemapindex"):
            raise ParseError("not a sitemap", response.url)
        listed = [
            (parse_date(entry.get("lastmod", "")) or _OLDEST, address)
            if (address := web_link(response.url, entry["loc"]))
            else f"entry {number} left out, it has no address: {entry['loc'][:80]!r}"
            for number, entry in enumerate(entries, start=1)
        ]
        dated = sorted(run.keep(listed, response.url), key=lambda each: each[0], reverse=True)
        return sitemap.type, [address for _, address in dated]
