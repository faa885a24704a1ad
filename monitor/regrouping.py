"""Stories split and merged by hand."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.db import in_chunks
from monitor.errors import MentionNotFoundError
from monitor.folding import digest
from monitor.mentions import get_mention
from monitor.models import Case, Mention
from monitor.stories import WINDOW, story_of, told_in
from monitor.types import Kind

# In front of a story that a person made: grouping adds to it, and takes nothing out of it.
_BY_HAND = "="


def split_story(session: Session, mention_id: int) -> str:
    """Make a mention a story of its own, by hand; the story's name. A case that it opened goes with it.

    Raises MentionNotFoundError.
    """
    mention = get_mention(session, mention_id)
    mention.story = _BY_HAND + digest("split", str(mention_id))
    for case in session.scalars(select(Case).where(Case.mention_id == mention_id)):
        case.story = mention.story
    return mention.story


def merge_stories(session: Session, mention_ids: Sequence[int]) -> str:
    """Make one story of those that some mentions of a brand belong to, by hand; its name.

    The oldest of their cases goes with it, the others stay to be closed. Raises MentionNotFoundError, also for a
    mention of another brand.
    """
    mentions = [get_mention(session, mention_id) for mention_id in sorted(set(mention_ids))]
    brand_id = mentions[0].brand_id
    for mention in mentions:
        if mention.brand_id != brand_id:
            raise MentionNotFoundError("no mention of this brand", mention.id)
    stories = {mention.story for mention in mentions}
    merged = _BY_HAND + digest("merge", *(str(mention.id) for mention in mentions))
    mine = (Mention.brand_id == brand_id, Mention.story.in_(stories))
    session.execute(update(Mention).where(*mine).values(story=merged))
    cases = select(Case).where(Case.brand_id == brand_id, Case.story.in_(stories)).order_by(Case.opened_at, Case.id)
    oldest = session.scalars(cases.limit(1)).one_or_none()
    if oldest is not None:
        oldest.story = merged
    return merged


def find_moved(session: Session, brand_id: int, stories: Iterable[str], now: datetime) -> dict[str, str]:
    """Those of ``stories`` whose earlier texts a person has put into others, and into which.

    A new text is named after its words, and does not know what became of those that said the same.
    """
    by_hand = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, Mention.story.startswith(_BY_HAND), Mention.seen_at > now - WINDOW)
        # The first of several is kept last.
        .order_by(Mention.id.desc())
    )
    homes = {name: mention.story for mention in by_hand for name in _names(mention, now)}
    moved = {story: homes[story] for story in stories if story in homes}
    for story in _peopled(session, brand_id, moved):
        del moved[story]
    return moved


def _names(mention: Mention, now: datetime) -> Iterator[str]:
    """What a text with the words of ``mention`` is named that comes now, or came in the WINDOW before."""
    story = story_of(Kind(mention.kind), mention.title, mention.text, mention.key)
    return (told_in(story, now, windows_ago) for windows_ago in (0, 1))


def _peopled(session: Session, brand_id: int, stories: Iterable[str]) -> list[str]:
    """Those of ``stories`` that hold texts still."""
    found: list[str] = []
    for chunk in in_chunks(stories):
        told = select(Mention.story).where(Mention.brand_id == brand_id, Mention.story.in_(chunk))
        found += session.scalars(told.where(Mention.grouped_at.is_not(None)).distinct())
    return found
