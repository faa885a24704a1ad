"""A brand's mentions as a list to be worked through: narrowed, searched, copies folded into their story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from monitor.hosts import Host
from monitor.mentions import PERSON
from monitor.models import Case, Mention
from monitor.overview import Cursor, count_tellings
from monitor.searching import Contains, months_between, parse

# Copies are opened in place; whoever wants to see more of one story follows its words.
COPIES_SHOWN = 20
# Of a word that stands everywhere only so many mentions are looked at, those found last.
MOST_FOUND = 2000
# A filter that fits fewer is worth beginning with.
_FEW = 2000
# Each has an index of its own, in the order of the list.
_COLUMNS = ("label", "kind", "language", "topic", "source_id", "author", "story")
NO_CASE = "none"
# What a text with an unsure label is called instead of by its label.
UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class MentionFilter:
    """What a list of mentions is narrowed to; an empty field does not narrow.

    ``since`` is when a text was found; ``said_from`` and ``said_before`` when it was said. ``words`` are those of
    :func:`monitor.searching.parse`. With ``sure_from`` the score, or a person, must stand behind the label; with
    ``unsure_below`` neither may. ``case`` is a state, or NO_CASE. ``site`` is the host of its
    address.
    """

    label: str = ""
    kind: str = ""
    language: str = ""
    topic: str = ""
    source_id: int | None = None
    since: datetime | None = None
    words: str = ""
    said_from: datetime | None = None
    said_before: datetime | None = None
    least_score: float | None = None
    sure_from: float | None = None
    unsure_below: float | None = None
    case: str = ""
    author: str = ""
    site: str = ""
    story: str = ""

    def __bool__(self) -> bool:
        return self != MentionFilter()

    def called(self, label: str, uncertain_below: float) -> "MentionFilter":
        """Narrowed further to what a reader sees called so: a label that is sure, or UNCERTAIN."""
        if label == UNCERTAIN:
            return replace(self, unsure_below=uncertain_below)
        return replace(self, label=label, sure_from=uncertain_below) if label else self


def find_mentions(
    session: Session, brand_id: int, wanted: MentionFilter, after: Cursor | None = None, limit: int = 25
) -> tuple[list[Mention], Cursor | None]:
    """The newest telling of each story that fits, by when it was said, with its source; and where to go on.

    With words, of the MOST_FOUND mentions with these words that were found last.
    """
    find = _searched if wanted.words else _listed
    places = find(session, brand_id, wanted, after, limit)
    shown = places[:limit]
    query = select(Mention).where(Mention.id.in_([row_id for _, row_id in shown])).options(joinedload(Mention.source))
    mentions = {mention.id: mention for mention in session.scalars(query)}
    return [mentions[row_id] for _, row_id in shown], shown[-1] if len(places) > limit else None


def _listed(session: Session, brand_id: int, wanted: MentionFilter, after: Cursor | None, limit: int) -> list[Cursor]:
    """From the newest back, until there are enough: a telling is left out when a newer one fits."""
    newer = aliased(Mention)
    is_newer = or_(newer.said_at > Mention.said_at, and_(newer.said_at == Mention.said_at, newer.id > Mention.id))
    query = (
        select(Mention.said_at, Mention.id)
        .where(*fits(Mention, brand_id, wanted, _rarest(session, brand_id, wanted)))
        .where(
            ~exists().where(
                newer.story == Mention.story,
                newer.said_at >= Mention.said_at,
                is_newer,
                *fits(newer, brand_id, replace(wanted, story="", case=""), "story"),
            )
        )
        .order_by(Mention.said_at.desc(), Mention.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        moment, row_id = after
        query = query.where(
            or_(Mention.said_at < moment, and_(Mention.said_at == moment, Mention.id < row_id)),
            # Said once more, plainly: the index on the time can begin here.
            Mention.said_at <= moment,
        )
    return [(said_at, row_id) for said_at, row_id in session.execute(query)]


def _searched(session: Session, brand_id: int, wanted: MentionFilter, after: Cursor | None, limit: int) -> list[Cursor]:
    """What was found, put in order and gone through from its beginning: it comes in none that a list could go on in."""
    terms = parse(wanted.words)
    if not terms:
        return []
    months = months_between(wanted.said_from, wanted.said_before)
    found = session.execute(
        select(Mention.said_at, Mention.id, Mention.story)
        .where(Contains(Mention.id, brand_id, terms, months, MOST_FOUND))
        .where(*fits(Mention, brand_id, replace(wanted, words=""), ""))
        .order_by(Mention.said_at.desc(), Mention.id.desc())
        .execution_options(yield_per=4 * limit)
    )
    stories: set[str] = set()
    places: list[Cursor] = []
    for said_at, row_id, story in found:
        if story not in stories and (after is None or (said_at, row_id) < after):
            places.append((said_at, row_id))
        stories.add(story)
        if len(places) > limit:
            break
    found.close()
    return places


def fits(
    row: type[Mention], brand_id: int, wanted: MentionFilter, first: str | None = None
) -> list[ColumnElement[bool]]:
    """The conditions of ``wanted``. ``first`` names the one column whose index the database shall begin with; ""
    for none of them, None to leave it to the database.
    """
    conditions = [row.brand_id == brand_id if first is None or first else Unindexed(row.brand_id) == brand_id]
    for name in _COLUMNS:
        if value := getattr(wanted, name):
            column = getattr(row, name)
            conditions.append((column if first in (None, name) else Unindexed(column)) == value)
    if wanted.since is not None:
        conditions.append(row.seen_at >= wanted.since)
    said_at = Unindexed(row.said_at) if first == "" else row.said_at
    if wanted.said_from is not None:
        conditions.append(said_at >= wanted.said_from)
    if wanted.said_before is not None:
        conditions.append(said_at < wanted.said_before)
    conditions += _score_fits(row, wanted)
    if wanted.site:
        site = wanted.site.lower().removeprefix("www.")
        # Most addresses do not even hold the word: they need not be taken apart.
        conditions += [row.url.icontains(site, autoescape=True), Host(row.url) == site]
    if wanted.case:
        conditions.append(_case_fits(row, brand_id, wanted.case))
    if wanted.words:
        terms = parse(wanted.words)
        conditions.append(Contains(row.id, brand_id, terms) if terms else false())
    return conditions


def _score_fits(row: type[Mention], wanted: MentionFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.least_score is not None:
        conditions.append(row.score >= wanted.least_score)
    if wanted.sure_from is not None:
        conditions.append(or_(row.labelled_by == PERSON, row.score >= wanted.sure_from))
    if wanted.unsure_below is not None:
        conditions.append(and_(row.label != "", row.labelled_by != PERSON, row.score < wanted.unsure_below))
    return conditions


def _case_fits(row: type[Mention], brand_id: int, state: str) -> ColumnElement[bool]:
    cases = exists().where(Case.brand_id == brand_id, Case.story == row.story)
    return ~cases if state == NO_CASE else cases.where(Case.state == state)


def _rarest(session: Session, brand_id: int, wanted: MentionFilter) -> str | None:
    """Of several columns that are narrowed, the one that fits the fewest: neither database knows that on SQLite."""
    names = [name for name in _COLUMNS if getattr(wanted, name)]
    if len(names) < 2:
        return names[0] if names else None
    return min(names, key=lambda name: _count(session, brand_id, name, getattr(wanted, name)))


def _count(session: Session, brand_id: int, name: str, value: object) -> int:
    some = select(Mention.id).where(Mention.brand_id == brand_id, getattr(Mention, name) == value).limit(_FEW)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


class Unindexed(ColumnElement[Any]):
    """A column that SQLite shall not begin with: without figures of its own it would guess."""

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, column: Any) -> None:
        self.column = column
        self.type = column.type


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.column, **options))


@compiles(Unindexed, "sqlite")
def _with_plus(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"


def find_copies(
    session: Session, brand_id: int, mentions: Sequence[Mention], limit: int = COPIES_SHOWN
) -> Mapping[int, list[Mention]]:
    """The other tellings of the stories of some mentions, newest first, at most ``limit`` of each."""
    tellings = count_tellings(session, brand_id, [mention.story for mention in mentions])
    return {mention.id: _copies(session, mention, limit) if tellings[mention.story] > 1 else [] for mention in mentions}


def _copies(session: Session, mention: Mention, limit: int) -> list[Mention]:
    query = (
        select(Mention)
        .where(Mention.brand_id == mention.brand_id, Mention.story == mention.story, Mention.id != mention.id)
        .order_by(Mention.said_at.desc(), Mention.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))
