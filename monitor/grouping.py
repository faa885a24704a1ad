"""New mentions find their stories; stories are split and merged by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.folding import digest
from monitor.mentions import get_mention
from monitor.models import Mention
from monitor.shingles import group, pack, signature, unpack
from monitor.stories import CHANCE
from monitor.types import Kind

_BATCH = 1000
# Copies come within days; a notice that returns after weeks is news again.
_WINDOW = timedelta(days=14)
_MOST_RECENT = 20_000
_OWN_WORDS = (Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT)
# In front of a story that a person made: grouping adds to it, and takes nothing out of it.
_BY_HAND = "="


def group_waiting(database: Database, now: datetime) -> int:
    """Put mentions that wait for their story to the earlier ones that tell the same; how many were put.

    A story that is there already stays as it is: only new mentions join it.
    """
    joined = 0
    while True:
        with database.write() as session:
            waiting = _waiting(session)
            if not waiting:
                return joined
            for brand_id in sorted({mention.brand_id for mention in waiting}):
                joined += _group(session, [m for m in waiting if m.brand_id == brand_id], now)
            for mention in waiting:
                mention.grouped_at = now


def _waiting(session: Session) -> Sequence[Mention]:
    query = select(Mention).where(Mention.grouped_at.is_(None)).order_by(Mention.id).limit(_BATCH)
    return session.scalars(query).all()


def _words(kind: str, title: str, text: str) -> str:
    """What is compared; nothing for a few words that two people may well write of their own accord."""
    if kind in _OWN_WORDS and len(text) < CHANCE:
        return ""
    return f"{title}\n{text}"


def _group(session: Session, waiting: Sequence[Mention], now: datetime) -> int:
    fresh = []
    for mention in waiting:
        found = signature(_words(mention.kind, mention.title, mention.text))
        if found is not None:
            mention.signature = pack(found)
            fresh.append((mention, found))
    if not fresh:
        return 0
    known = session.execute(
        select(Mention.story, Mention.signature, Mention.title, Mention.text)
        .where(Mention.brand_id == fresh[0][0].brand_id, Mention.seen_at > now - _WINDOW)
        .where(Mention.grouped_at.is_not(None), Mention.signature.is_not(None))
        .order_by(Mention.id.desc())
        .limit(_MOST_RECENT)
    ).all()
    signatures = np.stack([found for _, found in fresh])
    if known:
        signatures = np.concatenate([unpack([row.signature for row in known if row.signature]), signatures])
    stories = [row.story for row in known] + [mention.story for mention, _ in fresh]
    texts = [f"{row.title}\n{row.text}" for row in known]
    texts += [f"{mention.title}\n{mention.text}" for mention, _ in fresh]
    first = group(signatures, texts, since=len(known))
    told = set(stories[: len(known)])
    joined = 0
    for row, (mention, _) in enumerate(fresh, start=len(known)):
        # The same headline, letter by letter, has put it to its story already.
        if first[row] != row and mention.story not in told and mention.story != stories[first[row]]:
            mention.story = stories[first[row]]
            joined += 1
    return joined


def split_story(session: Session, mention_id: int) -> str:
    """Make a mention a story of its own, by hand; the story's name. Raises MentionNotFoundError."""
    mention = get_mention(session, mention_id)
    mention.story = _BY_HAND + digest("split", str(mention_id))
    return mention.story


def merge_stories(session: Session, mention_ids: Sequence[int]) -> str:
    """Make one story of those that some mentions of a brand belong to, by hand; its name.

    Raises MentionNotFoundError.
    """
    mentions = [get_mention(session, mention_id) for mention_id in sorted(set(mention_ids))]
    merged = _BY_HAND + digest("merge", *(str(mention.id) for mention in mentions))
    for mention in mentions:
        session.execute(
            update(Mention)
            .where(Mention.brand_id == mentions[0].brand_id, Mention.story == mention.story)
            .values(story=merged)
        )
    return merged
