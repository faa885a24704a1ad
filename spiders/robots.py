"""robots.txt as RFC 9309 has it: remembered for a day, and where it cannot be read nothing is asked."""

import asyncio
import logging
from collections import defaultdict
from datetime import UTC, datetime
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser

from monitor.robots import FRESH
from monitor.types import RobotsData
from spiders.addresses import AddressRefused
from spiders.pipelines import Saver

# What the RFC asks crawlers to read at least, and what we read at most.
_LONGEST = 500 * 1024
_TOO_MANY_REQUESTS = 429
# For so many seconds a host whose robots.txt failed is not asked for it again.
_FAILURE_HOLDS = 60.0
_log = logging.getLogger(__name__)


class RobotsUnreadable(IgnoreRequest):
    """The host has a robots.txt, as far as anybody knows, and does not show it."""


class ObeyRobots(RobotsTxtMiddleware):
    """Scrapy's own, with a memory, a queue for each host, and the RFC's answer to a robots.txt that fails.

    Scrapy lets all requests that wait for a host's robots.txt share one Deferred, which hands its value to the first
    of them and nothing to the others: those went ahead as if everything were allowed. It also takes a failure for
    leave. Here a failure is remembered for a while: each further try at a dead host would hold up all that wait for it
    once more. The memory is that of all crawlers of a process.
    """

    _queues: ClassVar[defaultdict[str, asyncio.Lock]] = defaultdict(asyncio.Lock)
    _known: ClassVar[dict[str, RobotsData]] = {}
    # With the moment at which each came.
    _failures: ClassVar[dict[str, tuple[Exception, float]]] = {}
    _recalled: ClassVar[set[str]] = set()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Raises what kept the robots.txt from being read, once for all requests that wait for it."""
        origin = _origin(request.url)
        async with self._queues[origin]:
            known = self._recall(origin)
            now = datetime.now(UTC)
            is_fresh = known is not None and known.checked_at >= now - FRESH
            if not is_fresh and not self._has_just_failed(origin):
                known = await self._read(origin, known, now)
            failure = self._failures.get(origin)
        if known is None:
            assert failure is not None
            # Without the frames of the request before this one.
            raise failure[0].with_traceback(None)
        if not known.text:
            return None
        return self._parserimpl.from_crawler(self.crawler, known.text.encode())

    def _has_just_failed(self, origin: str) -> bool:
        failure = self._failures.get(origin)
        return failure is not None and monotonic() - failure[1] < _FAILURE_HOLDS

    def _recall(self, origin: str) -> RobotsData | None:
        saver = self._saver
        if saver is not None and origin not in self._recalled:
            # Those of all sources at once, then what a page leads to.
            wanted = {origin} | {_origin(run.url) for run in getattr(self.crawler.spider, "runs", ())} - self._recalled
            self._recalled.update(wanted)
            self._known.update(saver.recall(wanted))
        return self._known.get(origin)

    @property
    def _saver(self) -> Saver | None:
        return getattr(self.crawler.spider, "saver", None)

    async def _read(self, origin: str, known: RobotsData | None, now: datetime) -> RobotsData | None:
        """A robots.txt asked for anew; what was known before, if anything, where that fails."""
        url = f"{origin}/robots.txt"
        request = Request(
            url, priority=self.DOWNLOAD_PRIORITY, meta={"dont_obey_robotstxt": True}, callback=NO_CALLBACK
        )
        assert self.crawler.engine is not None
        try:
            text = _text_of(await self.crawler.engine.download_async(request))
        except AddressRefused:
            raise
        except Exception as e:
            if "max redirections" not in str(e):
                error = RobotsUnreadable(str(e)) if isinstance(e, IgnoreRequest) else e
                self._failures[origin] = error, monotonic()
                if known is not None:
                    _log.warning("%s cannot be read; the copy of %s is obeyed", url, known.checked_at, exc_info=True)
                return known
            # Five redirects without an end are as good as none, says the RFC.
            text = ""
        found = self._known[origin] = RobotsData(origin, text, now)
        if self._saver is not None:
            self._saver.remember(found)
        return found


def _origin(url: str) -> str:
    """Empty for what is no address, as that of a source may be."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _text_of(response: Response) -> str:
    """Empty when the host says that there is none. Raises RobotsUnreadable when it says nothing."""
    if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:
        raise RobotsUnreadable(f"answered {response.status}")
    if response.status >= 300:
        return ""
    return response.body[:_LONGEST].decode("utf-8-sig", "ignore").replace("\x00", "")
