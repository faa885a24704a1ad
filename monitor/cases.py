"""What the team does about a negative story, from the moment it appears until it is settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, Float, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from monitor import audit
from monitor.db import in_chunks
from monitor.errors import CaseError
from monitor.facts import Negative
from monitor.mentions import PERSON
from monitor.models import Case, CaseNote, Mention
from monitor.types import CaseState, Cause, Label, Step

DUE = timedelta(hours=24)
_CLOSED = (CaseState.RESOLVED, CaseState.IGNORED)
OPEN = (CaseState.NEW, CaseState.ACKNOWLEDGED, CaseState.ANSWERED)


def open_cases(session: Session, brand_id: int, negatives: Iterable[Negative], now: datetime) -> int:
    """Open a case for each story that has none; the number opened. Copies join the case of their story."""
    stories = {negative.story: negative.mention_id for negative in reversed(list(negatives))}
    known: set[str] = set()
    for chunk in in_chunks(stories):
        known.update(session.scalars(select(Case.story).where(Case.brand_id == brand_id, Case.story.in_(chunk))))
    cases = [
        _new_case(brand_id, story, mention_id, now)
        for story, mention_id in sorted(stories.items(), key=lambda item: item[1])
        if story not in known
    ]
    session.add_all(cases)
    session.flush()
    return len(cases)


def take_up(session: Session, mention: Mention, now: datetime) -> Case:
    """The case of a mention's story, opened where it has none: what was there before we looked is told with a band."""
    case = case_of(session, mention)
    if case is None:
        case = _new_case(mention.brand_id, mention.story, mention.id, now)
        session.add(case)
        session.flush()
    return case


def _new_case(brand_id: int, story: str, mention_id: int, now: datetime) -> Case:
    return Case(
        brand_id=brand_id,
        story=story,
        mention_id=mention_id,
        state=CaseState.NEW,
        opened_at=now,
        due_at=now + DUE,
    )


def follow_corrections(session: Session, brand_id: int, now: datetime) -> int:
    """Put aside the open cases of what a person has found not to be negative; how many."""
    cases = session.scalars(
        select(Case)
        .join(Case.mention)
        .where(Case.brand_id == brand_id, Case.state.in_(OPEN))
        .where(Mention.labelled_by == PERSON, Mention.label != Label.NEGATIVE)
    ).all()
    for case in cases:
        move_case(session, case, CaseState.IGNORED, now)
    return len(cases)


def reopen_case(session: Session, mention: Mention, since: datetime, now: datetime) -> None:
    """Open again the case of a text whose correction is taken back, when it was put aside ``since`` then."""
    case = case_of(session, mention)
    if case is None or case.state != CaseState.IGNORED or case.closed_at is None or case.closed_at < since:
        return
    was_acknowledged = case.acknowledged_at is not None and case.acknowledged_at < case.closed_at
    before = CaseState.ACKNOWLEDGED if was_acknowledged else CaseState.NEW
    move_case(session, case, CaseState.ANSWERED if case.answered_at is not None else before, now)


def get_case(session: Session, case_id: int) -> Case:
    """A case with its text and notes. Raises CaseError."""
    case = session.scalar(
        select(Case).where(Case.id == case_id).options(joinedload(Case.mention), selectinload(Case.notes))
    )
    if case is None:
        raise CaseError("no such case", case_id)
    return case


def case_of(session: Session, mention: Mention) -> Case | None:
    """The case of a mention's story."""
    return session.scalar(select(Case).where(Case.brand_id == mention.brand_id, Case.story == mention.story))


def cases_of(session: Session, brand_id: int, mentions: Sequence[Mention]) -> dict[str, Case]:
    """The cases of many mentions, by story."""
    stories = {mention.story for mention in mentions}
    query = select(Case).where(Case.brand_id == brand_id, Case.story.in_(stories))
    return {case.story: case for case in session.scalars(query)}


def is_late(case: Case, now: datetime) -> bool:
    """Not answered, and its time is over."""
    return case.answered_at is None and case.state in OPEN and case.due_at < now


def count_open(session: Session, brand_id: int, now: datetime) -> tuple[int, int]:
    """Open cases, and how many of them are late."""
    late = func.count().filter(Case.answered_at.is_(None), Case.due_at < now)
    row = session.execute(select(func.count(), late).where(Case.brand_id == brand_id, Case.state.in_(OPEN))).one()
    return row[0], row[1]


def move_case(session: Session, case: Case, state: CaseState, now: datetime) -> None:
    """Bring a case to a state; the time at which each was first reached stays.

    A case that is resolved without a word was answered by that; one that is put aside never was. Moving back to an
    open state opens it again.
    """
    case.state = state
    if state == CaseState.NEW:
        case.acknowledged_at = case.answered_at = case.closed_at = None
        return
    case.acknowledged_at = case.acknowledged_at or now
    if state in (CaseState.ANSWERED, CaseState.RESOLVED):
        case.answered_at = case.answered_at or now
    case.closed_at = (case.closed_at or now) if state in _CLOSED else None


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What a form or a command changes; None leaves it as it is."""

    owner: str | None = None
    due_at: datetime | None = None
    cause: Cause | None = None
    offered: str | None = None
    steps: frozenset[Step] | None = None


def edit_case(case: Case, change: CaseChange) -> None:
    """Change what is given. Raises CaseError for an owner of more than 100 letters."""
    if change.owner is not None:
        if len(change.owner.strip()) > 100:
            raise CaseError("an owner's name has at most 100 letters", case.id)
        case.owner = change.owner.strip()
    if change.due_at is not None:
        case.due_at = change.due_at
    if change.cause is not None:
        case.cause = change.cause
    if change.offered is not None:
        case.offered = change.offered.strip()
    if change.steps is not None:
        case.steps = [step for step in Step if step in change.steps]


def add_note(session: Session, case: Case, text: str, now: datetime, author: str = "") -> CaseNote:
    """Keep a note, under the name of ``author`` or of who acts now. Raises CaseError when there is nothing in it."""
    if not text.strip():
        raise CaseError("an empty note", case.id)
    note = CaseNote(case_id=case.id, text=text.strip(), created_at=now)
    note.author = (author.strip() or audit.name_of_actor())[:100]
    session.add(note)
    session.flush()
    return note


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """How a period's cases were answered; those put aside are left out.

    ``due`` counts cases whose time is over or that were answered; ``in_time`` those of them answered by then.
    ``share`` is in percent and ``first_answer`` the median, each None without a case to count.
    """

    opened: int
    answered: int
    due: int
    in_time: int
    first_answer: timedelta | None

    @property
    def share(self) -> float | None:
        return 100 * self.in_time / self.due if self.due else None


def due_in(brand_id: int, since: datetime, until: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The cases opened in [since, until) that were answered or whose time is over; those put aside are left out."""
    return (*_opened_in(brand_id, since, until), or_(Case.answered_at.is_not(None), Case.due_at < now))


def _opened_in(brand_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Case.brand_id == brand_id,
        Case.state != CaseState.IGNORED,
        Case.opened_at >= since,
        Case.opened_at < until,
    )


def answer_figures(session: Session, brand_id: int, since: datetime, until: datetime, now: datetime) -> AnswerFigures:
    """Time to first answer and share answered in time, of cases opened from ``since`` to before ``until``."""
    counted, is_answered = _opened_in(brand_id, since, until), Case.answered_at.is_not(None)
    opened, answered, due, in_time = session.execute(
        select(
            func.count(),
            func.count(Case.answered_at),
            func.count().filter(*due_in(brand_id, since, until, now)),
            func.count().filter(Case.answered_at <= Case.due_at),
        ).where(*counted)
    ).one()
    if not answered:
        return AnswerFigures(opened, answered, due, in_time, None)
    # In the middle stands one, or between two.
    waits = session.scalars(
        select(_SecondsBetween(Case.opened_at, Case.answered_at))
        .where(*counted, is_answered)
        .order_by(_SecondsBetween(Case.opened_at, Case.answered_at))
        .offset((answered - 1) // 2)
        .limit(2 - answered % 2)
    ).all()
    return AnswerFigures(opened, answered, due, in_time, timedelta(seconds=round(fmean(map(float, waits)), 3)))


class _SecondsBetween(GenericFunction[float]):
    """From the first moment to the second; each database counts in its own way."""

    type = Float()
    inherit_cache = True


@compiles(_SecondsBetween)
def _by_epoch(element: _SecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(moment, **options) for moment in element.clauses)
    return f"extract(epoch FROM {second} - {first})"


@compiles(_SecondsBetween, "sqlite")
def _by_julian_day(element: _SecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(moment, **options) for moment in element.clauses)
    return f"(julianday({second}) - julianday({first})) * 86400"
