from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.cases import (
    CaseChange,
    add_note,
    answer_figures,
    case_of,
    cases_of,
    count_open,
    edit_case,
    get_case,
    is_late,
    move_case,
    open_cases,
)
from monitor.errors import CaseError
from monitor.facts import Negative
from monitor.models import Mention
from monitor.types import CaseState, Cause, Step

HOUR = timedelta(hours=1)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def brand_id(session, now):
    return add_brand(session, "Lookout", now).id


def add_case(session, brand_id, story, at):
    mention = Mention(brand_id=brand_id, key=story, kind="review", url="u", text="t", seen_at=at, story=story)
    session.add(mention)
    session.flush()
    assert open_cases(session, brand_id, [Negative(mention.id, story, "t", "x", "u", 0.9)], at) == 1
    return case_of(session, mention)


def test_a_story_has_one_case_however_many_copies_it_has(session, brand_id, now):
    case = add_case(session, brand_id, "a", now)
    copies = [Negative(case.mention_id, "a", "t", "x", "u", 0.9)] * 3
    assert open_cases(session, brand_id, copies, now) == 0
    assert cases_of(session, brand_id, [case.mention]) == {"a": case}


def test_each_state_keeps_the_time_at_which_it_was_reached_first(session, brand_id, now):
    case = add_case(session, brand_id, "a", now)
    for hours, state in enumerate((CaseState.ACKNOWLEDGED, CaseState.ANSWERED, CaseState.ANSWERED, CaseState.RESOLVED)):
        move_case(session, case, state, now + hours * HOUR)
    assert (case.acknowledged_at, case.answered_at, case.closed_at) == (now, now + HOUR, now + 3 * HOUR)
    move_case(session, case, CaseState.ACKNOWLEDGED, now + 5 * HOUR)
    assert (case.answered_at, case.closed_at) == (now + HOUR, None)
    move_case(session, case, CaseState.NEW, now + 6 * HOUR)
    assert (case.acknowledged_at, case.answered_at) == (None, None)


def test_a_case_put_aside_was_not_answered(session, brand_id, now):
    case = add_case(session, brand_id, "a", now)
    move_case(session, case, CaseState.IGNORED, now)
    assert (case.answered_at, case.closed_at) == (None, now)


def test_time_to_first_answer_and_share_in_time(session, brand_id, now):
    cases = [add_case(session, brand_id, story, now) for story in "abcde"]
    for case, hours in zip(cases, (2, 4, 30, None, None), strict=True):
        if hours is not None:
            move_case(session, case, CaseState.ANSWERED, now + hours * HOUR)
    move_case(session, cases[4], CaseState.IGNORED, now)
    figures = answer_figures(session, brand_id, now, now + HOUR, now + 12 * HOUR)
    assert (figures.opened, figures.answered, figures.due, figures.in_time) == (4, 3, 3, 2)
    later = answer_figures(session, brand_id, now, now + HOUR, now + 25 * HOUR)
    assert (later.due, later.in_time, later.share, later.first_answer) == (4, 2, 50.0, 4 * HOUR)
    nothing = answer_figures(session, brand_id, now + HOUR, now + 2 * HOUR, now + 3 * HOUR)
    assert (nothing.share, nothing.first_answer) == (None, None)


def test_late_is_what_nobody_answered_in_time(session, brand_id, now):
    late, answered = add_case(session, brand_id, "a", now), add_case(session, brand_id, "b", now)
    move_case(session, answered, CaseState.ANSWERED, now)
    session.flush()
    assert count_open(session, brand_id, now + 25 * HOUR) == (2, 1)
    assert is_late(late, now + 25 * HOUR)
    assert not is_late(late, now + 23 * HOUR)
    assert not is_late(answered, now + 25 * HOUR)


def test_a_case_is_edited_by_what_is_given(session, brand_id, now):
    case = add_case(session, brand_id, "a", now)
    steps = frozenset({Step.EXPLAIN, Step.LISTEN})
    edit_case(case, CaseChange(owner=" Sara ", cause=Cause.PRODUCT, offered="a new one", steps=steps))
    edit_case(case, CaseChange(due_at=now + HOUR))
    assert (case.owner, case.cause, case.offered, case.due_at) == ("Sara", "product", "a new one", now + HOUR)
    assert case.steps == ["listen", "explain"]
    with pytest.raises(CaseError, match="at most 100"):
        edit_case(case, CaseChange(owner="x" * 101))


def test_notes_are_kept_in_their_order(session, brand_id, now):
    case = add_case(session, brand_id, "a", now)
    for text in ("first ", "second"):
        add_note(session, case, text, now, author="Sara")
    session.expire_all()
    assert [note.text for note in get_case(session, case.id).notes] == ["first", "second"]
    with pytest.raises(CaseError, match="an empty note"):
        add_note(session, case, " ", now)
    with pytest.raises(CaseError, match="no such case: 99"):
        get_case(session, 99)
