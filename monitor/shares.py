"""The hosts divided among processes that collect at the same time."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Share:
    """The ``number``-th of ``of`` shares, from 0; a host is in one of them, so that one process alone visits it."""

    number: int = 0
    of: int = 1

    def has(self, url: str) -> bool:
        """Whether the host of ``url`` is in this share."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        return crc32(host.encode()) % self.of == self.number


EVERYTHING = Share()
