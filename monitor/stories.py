"""Texts that tell the same thing are one story."""

from datetime import datetime, timedelta

from monitor.folding import digest, fingerprint
from monitor.types import OPINIONS, Kind

# Two people may well write "عالی بود" of their own accord; nobody writes forty equal letters twice by chance.
CHANCE = 40
# A shorter headline names no event («اطلاعیه», "Weekly update"): with it the text must be the same.
_HEADLINE = 25
# Copies come within days; a notice that returns after weeks is news again.
WINDOW = timedelta(days=14)


def story_of(kind: Kind, title: str, text: str, key: str) -> str:
    """Equal for copies of one text; a short text is a story of its own.

    Syndicated copies keep the headline or the text, rarely the address.
    """
    if kind not in OPINIONS and len(title) >= _HEADLINE:
        return fingerprint(title)
    words = text if kind in OPINIONS else f"{title} {text}"
    return fingerprint(words) if len(words) >= CHANCE else digest(key)


def told_in(story: str, now: datetime, windows_ago: int = 0) -> str:
    """The name of a story that began in the WINDOW of ``now``, or in an earlier one."""
    window = int(now.timestamp() // WINDOW.total_seconds()) - windows_ago
    return digest(story, str(window))
