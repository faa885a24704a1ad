"""The cases as a team works through them: what is due first, and a story settled from wherever it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from monitor.cases import case_of, due_in, get_case, move_case, open_cases
from monitor.gathering import as_negative
from monitor.mentions import get_mention
from monitor.models import Case, Mention
from monitor.moments import read_moment
from monitor.overview import Cursor
from monitor.types import CaseState

WAITING = (CaseState.NEW, CaseState.ACKNOWLEDGED)


def find_board(
    session: Session, brand_id: int, states: Sequence[CaseState], after: Cursor | None = None, limit: int = 25
) -> tuple[list[Case], Cursor | None]:
    """Cases in some states with their texts, and where to go on.

    Those that wait for an answer run from what is due first, so that the late ones lead; the others from the newest.
    """
    fits = (Case.brand_id == brand_id, Case.state.in_(states))
    return _board(session, fits, set(states) <= set(WAITING), after, limit)


def find_due(
    session: Session,
    brand_id: int,
    since: datetime,
    until: datetime,
    now: datetime,
    after: Cursor | None = None,
    limit: int = 25,
) -> tuple[list[Case], Cursor | None]:
    """The cases of which :func:`monitor.cases.answer_figures` says how many were answered in time, newest first."""
    return _board(session, due_in(brand_id, since, until, now), False, after, limit)


def _board(
    session: Session, fits: Sequence[ColumnElement[bool]], waits: bool, after: Cursor | None, limit: int
) -> tuple[list[Case], Cursor | None]:
    order = (Case.due_at, Case.id) if waits else (Case.due_at.desc(), Case.id.desc())
    query = (
        select(Case)
        .where(*fits)
        .order_by(*order)
        .options(joinedload(Case.mention).joinedload(Mention.source))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_comes_after(after, waits))
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return rows[:limit], (rows[limit - 1].due_at, rows[limit - 1].id) if more else None


def _comes_after(cursor: Cursor, ascending: bool) -> ColumnElement[bool]:
    due, case_id = cursor
    if ascending:
        return or_(Case.due_at > due, and_(Case.due_at == due, Case.id > case_id))
    return or_(Case.due_at < due, and_(Case.due_at == due, Case.id < case_id))


def count_states(session: Session, brand_id: int) -> Mapping[str, int]:
    """How many cases a brand has in each state that has one."""
    rows = session.execute(select(Case.state, func.count()).where(Case.brand_id == brand_id).group_by(Case.state))
    return {state: count for state, count in rows}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stood before a step that can be taken back: its state, and when it had come to each."""

    state: CaseState
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def moments(self) -> str:
        """The three, as :func:`read_standing` takes them; an empty one had not come."""
        moments = (self.acknowledged_at, self.answered_at, self.closed_at)
        return ",".join(at.isoformat() if at is not None else "" for at in moments)


def standing_of(case: Case) -> Standing:
    return Standing(CaseState(case.state), case.acknowledged_at, case.answered_at, case.closed_at)


def read_standing(state: str, moments: str) -> Standing:
    """Raises ValueError for what is none."""
    acknowledged, answered, closed = (read_moment(at) if at else None for at in (moments or ",,").split(","))
    return Standing(CaseState(state), acknowledged, answered, closed)


def settle_story(session: Session, mention_id: int, uncertain_below: float, now: datetime) -> tuple[Case, Standing]:
    """Resolve the case of a mention's story, opened first where it has none; the case and where it stood before.

    What a source's first look found has no case until somebody takes it up. Raises MentionNotFoundError.
    """
    mention = get_mention(session, mention_id)
    case = case_of(session, mention)
    if case is None:
        open_cases(session, mention.brand_id, [as_negative(mention, uncertain_below)], now)
        case = case_of(session, mention)
        assert case is not None
    before = standing_of(case)
    move_case(session, case, CaseState.RESOLVED, now)
    return case, before


def take_back(session: Session, case_id: int, before: Standing) -> Case:
    """Bring a case back to where it stood before a step that was none. Raises CaseError."""
    case = get_case(session, case_id)
    case.state, case.acknowledged_at = before.state, before.acknowledged_at
    case.answered_at, case.closed_at = before.answered_at, before.closed_at
    return case
