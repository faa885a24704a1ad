"""Texts that tell the same thing are one story."""

from monitor.folding import digest, fingerprint
from monitor.types import Kind

# Two people may well write "عالی بود" of their own accord; nobody writes forty equal letters twice by chance.
CHANCE = 40


def story_of(kind: Kind, title: str, text: str, key: str) -> str:
    """Equal for copies of one text; a short text is a story of its own.

    Syndicated copies keep the headline or the text, rarely the address.
    """
    words = text if kind in (Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT) else title or text
    if kind in (Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT) and len(words) < CHANCE:
        return digest(key)
    return fingerprint(words)
