"""A brand's mentions as a list to be worked through: narrowed, searched, copies folded into their story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from monitor.models import Mention
from monitor.overview import Cursor

# Copies are opened in place; whoever wants to see more of one story follows its words.
COPIES_SHOWN = 20
_TO_PERSIAN = str.maketrans("يىكة", "ییکه")
_TO_ARABIC = str.maketrans("یک", "يك")
_JOINERS = ("\N{ZERO WIDTH NON-JOINER}", " ", "")


@dataclass(frozen=True, slots=True)
class MentionFilter:
    """What a list of mentions is narrowed to; an empty field does not narrow.

    ``words`` must all stand in the text, however their letters and half-spaces are typed. ``since`` is when a text
    was seen.
    """

    label: str = ""
    kind: str = ""
    language: str = ""
    topic: str = ""
    source_id: int | None = None
    since: datetime | None = None
    words: str = ""

    def __bool__(self) -> bool:
        columns = self.label or self.kind or self.language or self.topic
        return bool(columns or self.source_id or self.since or self.words)


def spellings(word: str) -> list[str]:
    """The ways in which a word is typed: Persian or Arabic letters; half-space, space or neither."""
    persian = word.translate(_TO_PERSIAN)
    letters = dict.fromkeys((persian, persian.translate(_TO_ARABIC)))
    return list(dict.fromkeys(text.replace(_JOINERS[0], joiner) for text, joiner in product(letters, _JOINERS)))


def find_mentions(
    session: Session, brand_id: int, wanted: MentionFilter, after: Cursor | None = None, limit: int = 25
) -> tuple[list[Mention], Cursor | None]:
    """The newest telling of each story that fits, newest first, with its source; and where to go on."""
    newer = aliased(Mention)
    is_newer = or_(newer.seen_at > Mention.seen_at, and_(newer.seen_at == Mention.seen_at, newer.id > Mention.id))
    query = (
        select(Mention)
        .where(*fits(Mention, brand_id, wanted))
        .where(~exists().where(newer.story == Mention.story, is_newer, *fits(newer, brand_id, wanted)))
        .order_by(Mention.seen_at.desc(), Mention.id.desc())
        .options(joinedload(Mention.source))
        .limit(limit + 1)
    )
    if after is not None:
        moment, row_id = after
        query = query.where(
            or_(Mention.seen_at < moment, and_(Mention.seen_at == moment, Mention.id < row_id)),
            # Said once more, plainly: the index on the time can begin here.
            Mention.seen_at <= moment,
        )
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return rows[:limit], (rows[limit - 1].seen_at, rows[limit - 1].id) if more else None


def fits(row: type[Mention], brand_id: int, wanted: MentionFilter) -> list[ColumnElement[bool]]:
    """What must be true of ``row``, a mention or an alias of it."""
    conditions = [row.brand_id == brand_id]
    for name in ("label", "kind", "language", "topic", "source_id"):
        if value := getattr(wanted, name):
            conditions.append(getattr(row, name) == value)
    if wanted.since is not None:
        conditions.append(row.seen_at >= wanted.since)
    for word in wanted.words.split():
        places = (row.title, row.text, row.author)
        ways = product(places, spellings(word))
        conditions.append(or_(*(place.icontains(way, autoescape=True) for place, way in ways)))
    return conditions


def find_copies(session: Session, brand_id: int, mentions: Sequence[Mention]) -> Mapping[int, list[Mention]]:
    """The other tellings of the stories of some mentions, newest first, at most COPIES_SHOWN of each."""
    copies: dict[str, list[Mention]] = {mention.story: [] for mention in mentions}
    rows = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, Mention.story.in_(copies), Mention.id.not_in([m.id for m in mentions]))
        .order_by(Mention.seen_at.desc(), Mention.id.desc())
    )
    for row in rows:
        if len(copies[row.story]) < COPIES_SHOWN:
            copies[row.story].append(row)
    return {mention.id: copies[mention.story] for mention in mentions}
