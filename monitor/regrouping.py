"""Stories split and merged by hand."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.errors import MentionNotFoundError
from monitor.folding import digest
from monitor.mentions import get_mention
from monitor.models import Case, Mention

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
