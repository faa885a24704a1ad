"""What a mention was called before, by whom and when; and how a correction is taken back for good."""

from datetime import timedelta

import pytest

from monitor.label_history import find_history, take_back_label
from monitor.mentions import relabel
from monitor.models import Brand, Mention
from monitor.scoring import score_waiting
from monitor.types import Label
from tests.fakes import WordLabeller
from tests.web.sample import make_mention

HOUR = timedelta(hours=1)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def mentions(session, brand_id, now):
    brand = session.get_one(Brand, brand_id)
    story = {"story": "one", "label": "negative", "score": 0.9, "labelled_by": "small 1", "labelled_at": now}
    return [make_mention(session, brand, f"terrible {number}", **story) for number in range(2)]


def steps(session, mention):
    session.refresh(mention)
    return [(step.label, step.by, step.person, step.at) for step in find_history(session, mention)]


def test_the_history_runs_from_the_model_to_the_last_person(session, mentions, now):
    relabel(session, mentions[0].id, Label.NEUTRAL, now + HOUR, "the desk")
    relabel(session, mentions[1].id, Label.POSITIVE, now + 2 * HOUR)
    wanted = [
        ("negative", "small 1", "", now),
        ("neutral", "person", "the desk", now + HOUR),
        ("positive", "person", "", now + 2 * HOUR),
    ]
    assert steps(session, mentions[0]) == steps(session, mentions[1]) == wanted


def test_nothing_has_no_history(session, brand_id):
    brand = session.get_one(Brand, brand_id)
    assert find_history(session, make_mention(session, brand, "x", label="", labelled_at=None)) == []


def test_a_correction_taken_back_is_the_models_again(session, mentions, now):
    relabel(session, mentions[0].id, Label.NEUTRAL, now + HOUR)
    relabel(session, mentions[1].id, Label.POSITIVE, now + HOUR)
    assert take_back_label(session, mentions[1].id, now) == 0
    assert take_back_label(session, mentions[1].id, now + HOUR) == 4
    for mention in mentions:
        assert steps(session, mention) == [("negative", "small 1", "", now)]
        assert mention.score == 0.9 and mention.decided_at is None
    assert take_back_label(session, mentions[0].id, now + HOUR) == 0


def test_a_text_that_is_read_again_keeps_what_it_was_called(database, brand_id, now):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        old = {"label": "positive", "score": 0.8, "labelled_by": "small 1", "labelled_at": None}
        first = make_mention(session, brand, "terrible", **old).id
        fresh = make_mention(session, brand, "terrible", **{**old, "label": ""}).id
    list(score_waiting(database, WordLabeller(), now))
    with database.read() as session:
        assert [step.label for step in find_history(session, session.get_one(Mention, first))] == [
            "positive",
            "negative",
        ]
        assert len(find_history(session, session.get_one(Mention, fresh))) == 1
