from datetime import timedelta
from math import comb

import pytest

from monitor.chance import rise_chance
from monitor.exits import count_words, find_words, group_trends, is_sure, reason_trends
from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import ReasonCode, Stayed, UnsubscribeData
from monitor.unsubscribes import record_events


@pytest.fixture
def leave(database, brand_id, now):
    count = iter(range(10_000))

    def run(number, days_ago, **values):
        told = [
            UnsubscribeData(f"p{next(count)}@example.org", now - timedelta(days=days_ago), **values)
            for _ in range(number)
        ]
        with database.write() as session:
            record_events(session, brand_id, told, Seal("k"), now)

    return run


@pytest.mark.parametrize(("count", "before"), [(0, 0), (1, 0), (5, 5), (12, 3), (3, 12), (40, 20)])
def test_the_chance_of_a_rise_is_the_exact_binomial(count, before):
    total = count + before
    assert rise_chance(count, before) == pytest.approx(sum(comb(total, k) for k in range(count, total + 1)) / 2**total)


def test_large_counts_do_not_overflow():
    assert rise_chance(6000, 5000) < 1e-10
    assert rise_chance(5000, 6000) > 0.99


def test_reasons_against_the_period_before(database, brand_id, now, leave):
    leave(4, 10, reason=ReasonCode.PRICE)
    leave(2, 40, reason=ReasonCode.PRICE)
    leave(30, 10, reason=ReasonCode.BAD_EXPERIENCE)
    leave(3, 40, reason=ReasonCode.BAD_EXPERIENCE)
    leave(1, 10)
    leave(5, 70)
    with database.read() as session:
        found = {trend.name: trend for trend in reason_trends(session, brand_id, now)}
    assert (found["price"].count, found["price"].before, found["price"].change) == (4, 2, 1.0)
    assert not found["price"].is_rise
    assert found["bad_experience"].is_rise and found["bad_experience"].chance < 1e-5
    assert found[""].change is None
    assert next(iter(found)) == "bad_experience"


def test_who_waits_for_the_model_did_not_say_nothing(database, brand_id, now, leave):
    leave(2, 5, comment="hm")
    leave(1, 5)
    with database.read() as session:
        assert [(t.name, t.count) for t in reason_trends(session, brand_id, now)] == [("", 1)]


@pytest.mark.parametrize(
    ("reason", "score", "sure"), [("price", 0.9, True), ("price", 0.4, False), ("price", None, False), ("", None, True)]
)
def test_a_reason_is_sure_or_a_guess(reason, score, sure):
    assert is_sure(UnsubscribeEvent(reason=reason, reason_score=score), 0.55) is sure


def test_groups_and_one_reason_in_them(database, brand_id, now, leave):
    leave(3, 5, list_name="news", reason=ReasonCode.PRICE)
    leave(1, 5, list_name="offers")
    with database.read() as session:
        assert [(t.name, t.count) for t in group_trends(session, brand_id, "list_name", now)] == [
            ("news", 3),
            ("offers", 1),
        ]
        assert [t.name for t in group_trends(session, brand_id, "list_name", now, reason="price")] == ["news"]
        assert [t.name for t in group_trends(session, brand_id, "door", now)] == ["file"]


def test_words_are_counted_once_a_comment_and_those_who_stayed_are_left_out(database, brand_id, now, leave):
    leave(1, 1, comment="پشتیبانی پشتیبانی جواب نداد")
    leave(1, 2, comment="پشتيباني افتضاح")
    leave(1, 3, comment="پشتیبانی خوب")
    with database.write() as session:
        session.get(UnsubscribeEvent, 3).stayed = Stayed.UNDONE
    with database.read() as session:
        (use,) = find_words(session, brand_id, now - timedelta(days=9), now)
        assert find_words(session, brand_id, now - timedelta(days=9), now, "price") == []
    assert (use.word, use.count, len(use.examples)) == ("پشتیبانی", 2, 2)


def test_words_that_say_nothing_are_left_out():
    found = count_words(["the parcel was late", "a late parcel, again", "x 12 12"])
    assert [use.word for use in found] == ["late", "parcel"]
