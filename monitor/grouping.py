"""New mentions find their stories."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.mentions import take_over_corrections
from monitor.models import Brand, Mention
from monitor.regrouping import find_moved
from monitor.shingles import Signatures, group, pack, signature, unpack
from monitor.stories import CHANCE, WINDOW
from monitor.types import OPINIONS

_BATCH = 5000
_MOST_RECENT = 20_000
# id, brand, kind, title, text, story
_Waiting = Row[int, int, str, str, str, str]


def group_waiting(database: Database, now: datetime) -> int:
    """Put the mentions that wait for their story to the earlier ones that tell the same; how many were put.

    A story that is there already stays as it is: only new mentions join it.
    """
    joined = 0
    while True:
        # What takes long is done before the one writer's place is taken.
        with database.read() as session:
            waiting = _waiting(session)
        if not waiting:
            return joined
        signatures = {row.id: signature(_words(row.kind, row.title, row.text)) for row in waiting}
        with database.write() as session:
            for brand_id in sorted({row.brand_id for row in waiting}):
                joined += _group(session, [row for row in waiting if row.brand_id == brand_id], signatures, now)


def _waiting(session: Session) -> Sequence[_Waiting]:
    fields = (Mention.id, Mention.brand_id, Mention.kind, Mention.title, Mention.text, Mention.story)
    query = select(*fields).where(Mention.grouped_at.is_(None)).order_by(Mention.id).limit(_BATCH)
    return session.execute(query).all()


def _left(session: Session, waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """Those of one brand's mentions that wait still: another process may have been as quick."""
    # Held until the end of the transaction: of two processes the second sees what the first has put together.
    session.get(Brand, waiting[0].brand_id, with_for_update={"key_share": True})
    among = (Mention.brand_id == waiting[0].brand_id, Mention.id.between(waiting[0].id, waiting[-1].id))
    left = set(session.scalars(select(Mention.id).where(Mention.grouped_at.is_(None), *among)))
    return [row for row in waiting if row.id in left]


def _words(kind: str, title: str, text: str) -> str:
    """What is compared; nothing for a few words that two people may well write of their own accord."""
    if kind in OPINIONS and len(text) < CHANCE:
        return ""
    return f"{title}\n{text}"


def _group(
    session: Session, waiting: Sequence[_Waiting], signatures: Mapping[int, Signatures | None], now: datetime
) -> int:
    """Group mentions of one brand, all of which then have their story; how many joined another's."""
    waiting = _left(session, waiting)
    if not waiting:
        return 0
    known = {row.id: found for row in waiting if (found := signatures[row.id]) is not None}
    joined = _joined(session, [row for row in waiting if row.id in known], list(known.values()), now)
    moved = find_moved(session, waiting[0].brand_id, {row.story for row in waiting}, now)
    # Letter by letter the same tells more than alike.
    joined |= {row.id: moved[row.story] for row in waiting if row.story in moved}
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
    # Some may have had their label before they had their story.
    take_over_corrections(session, [row.id for row in waiting], now)
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
