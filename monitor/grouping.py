"""New mentions find their stories."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

import numpy as np
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.models import Mention
from monitor.shares import EVERYTHING, Share
from monitor.shingles import Signatures, group, pack, signature, unpack
from monitor.stories import CHANCE, WINDOW
from monitor.types import OPINIONS

_BATCH = 5000
_MOST_RECENT = 20_000
# id, brand, kind, title, text, story, url
_Waiting = Row[int, int, str, str, str, str, str]


def group_waiting(database: Database, now: datetime, share: Share = EVERYTHING) -> int:
    """Put mentions of ``share`` that wait for their story to the earlier ones that tell the same; how many were put.

    A story that is there already stays as it is: only new mentions join it.
    """
    joined = 0
    while True:
        # What takes long is done before the one writer's place is taken.
        with database.read() as session:
            waiting = _waiting(session, share)
        if not waiting:
            return joined
        signatures = {row.id: signature(_words(row.kind, row.title, row.text)) for row in waiting}
        with database.write() as session:
            # Another process may have been as quick.
            left = _left(session, waiting[0].id, waiting[-1].id)
            waiting = [row for row in waiting if row.id in left]
            for brand_id in sorted({row.brand_id for row in waiting}):
                joined += _group(session, [row for row in waiting if row.brand_id == brand_id], signatures, now)


def _waiting(session: Session, share: Share) -> list[_Waiting]:
    fields = (Mention.id, Mention.brand_id, Mention.kind, Mention.title, Mention.text, Mention.story, Mention.url)
    query = select(*fields).where(Mention.grouped_at.is_(None)).order_by(Mention.id)
    rows = session.execute(query.execution_options(yield_per=_BATCH))
    return list(islice((row for row in rows if share.has(row.url)), _BATCH))


def _left(session: Session, first: int, last: int) -> set[int]:
    """The mentions from ``first`` to ``last`` that wait still."""
    return set(session.scalars(select(Mention.id).where(Mention.grouped_at.is_(None), Mention.id.between(first, last))))


def _words(kind: str, title: str, text: str) -> str:
    """What is compared; nothing for a few words that two people may well write of their own accord."""
    if kind in OPINIONS and len(text) < CHANCE:
        return ""
    return f"{title}\n{text}"


def _group(
    session: Session, waiting: Sequence[_Waiting], signatures: Mapping[int, Signatures | None], now: datetime
) -> int:
    """Group mentions of one brand, all of which then have their story; how many joined another's."""
    known = {row.id: found for row in waiting if (found := signatures[row.id]) is not None}
    joined = _joined(session, [row for row in waiting if row.id in known], list(known.values()), now)
    done = [
        {
            "id": row.id,
            "grouped_at": now,
            "signature": None if (found := signatures[row.id]) is None else pack(found),
            "story": joined.get(row.id, row.story),
        }
        for row in waiting
    ]
    session.execute(update(Mention), done)
    return len(joined)


def _joined(
    session: Session, fresh: Sequence[_Waiting], signatures: Sequence[Signatures], now: datetime
) -> dict[int, str]:
    """The mentions among ``fresh`` that tell an earlier story, and which."""
    if not fresh:
        return {}
    known = session.execute(
        select(Mention.id, Mention.story, Mention.signature)
        .where(Mention.brand_id == fresh[0].brand_id, Mention.seen_at > now - WINDOW)
        .where(Mention.grouped_at.is_not(None), Mention.signature.is_not(None))
        .order_by(Mention.id.desc())
        .limit(_MOST_RECENT)
    ).all()
    earlier = unpack([row.signature for row in known if row.signature])
    rows = [*known, *fresh]

    def text_of(row: int) -> str:
        if row >= len(known):
            return f"{fresh[row - len(known)].title}\n{fresh[row - len(known)].text}"
        title, text = session.execute(select(Mention.title, Mention.text).where(Mention.id == known[row].id)).one()
        return f"{title}\n{text}"

    first = group(np.concatenate([earlier, np.stack(signatures)]), text_of, since=len(known))
    told = {row.story for row in known}
    joined = {}
    for place, mention in enumerate(fresh, start=len(known)):
        story = rows[first[place]].story
        # The same headline, letter by letter, has put it to its story already.
        if mention.story not in told and mention.story != story:
            joined[mention.id] = story
    return joined
