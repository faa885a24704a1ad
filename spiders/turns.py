"""Whose turn it is to ask a host: one request at a time and a delay apart, over all kinds of source in a process."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import ClassVar

from scrapy import Request
from scrapy.core.downloader import Downloader, Slot
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached


@dataclass(slots=True)
class Turn:
    """A host's: ``asked`` is held while it is asked, ``last`` is the slot of the crawler that asked last."""

    asked: asyncio.Lock = field(default_factory=asyncio.Lock)
    last: Slot | None = None


class PoliteDownloader(Downloader):
    """Scrapy's own keeps its pace within one crawler, and each kind of source has a crawler.

    Who waits for one host's turn holds up nobody who asks another. The slot that asked last knows when that was, and
    from AutoThrottle how slow the host is: the next goes on from there.
    """

    _turns: ClassVar[defaultdict[str, Turn]] = defaultdict(Turn)

    def get_slot_key(self, request: Request) -> str:
        # Scrapy's takes what led here by a redirect for a request to the host that it came from.
        return urlparse_cached(request).hostname or ""

    async def _download(self, slot: Slot, request: Request) -> Response:
        slot.transferring.add(request)
        turn = self._turns[self.get_slot_key(request)]
        async with turn.asked:
            if turn.last is not None and turn.last is not slot:
                slot.delay = turn.last.delay
                await asyncio.sleep(turn.last.lastseen + slot.download_delay() - monotonic())
            turn.last = slot
            slot.lastseen = monotonic()
            return await super()._download(slot, request)
