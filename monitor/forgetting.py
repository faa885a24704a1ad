"""Authors who asked to be forgotten: known by a digest of their name, so that nothing of theirs is kept again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.folding import digest, fold
from monitor.models import ErasedAuthor
from monitor.types import Kind, MentionData

# Of a page only the name goes: the rest was published by somebody else.
PAGES = (Kind.ARTICLE, Kind.SEARCH_RESULT)


def author_digest(author: str) -> str:
    """Equal for every spelling of a name. Without a key: whoever has the database can try names out on it."""
    return digest("erased author", fold(author))


def remember_erased(session: Session, author: str, now: datetime) -> None:
    """From now on nothing of this author is kept; again changes nothing."""
    if session.get(ErasedAuthor, author_digest(author)) is None:
        session.add(ErasedAuthor(digest=author_digest(author), erased_at=now))


def without_erased(session: Session, items: Iterable[MentionData]) -> Iterator[MentionData]:
    """``items`` without the posts of those who asked to be forgotten, and pages without their names."""
    erased = set(session.scalars(select(ErasedAuthor.digest)))
    for data in items:
        if not erased or not data.author or author_digest(data.author) not in erased:
            yield data
        elif data.kind in PAGES:
            yield replace(data, author="")
