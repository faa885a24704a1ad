"""What `didban rule test` shows, against what DECIDE wrote at its time."""

from datetime import timedelta

import pytest

from monitor.mentions import relabel
from monitor.models import Mention
from monitor.replaying import replay
from monitor.rules import add_rule, find_rules
from monitor.sources import set_paused
from monitor.types import FetchReport, Label, RuleKind, SourceState
from tests.monitor.test_deciding import STORY, House


@pytest.fixture
def house(database, settings, now):
    return House(database, settings, now)


def told(house, kind, days=30, **options):
    with house.database.write() as session:
        row = add_rule(session, house.brand_id, kind, options, house.now, enabled=False)
        since = house.now - timedelta(days=days)
        return [
            (draft.kind.value, draft.facts["count"])
            for _, draft in replay(session, row, house.settings, since, house.now)
        ]


def live(house):
    """A month as it was: history, negatives, copies, an author, a band up and down."""
    house.found("a terrible thing of long ago")
    house.decide()
    house.look_done(house.feed)
    house.add_search()
    house.page(1)
    house.decide()
    for number in range(3):
        house.found(f"a terrible thing {number}", "a lovely thing", author="Sara")
        house.decide()
    house.found(STORY)
    house.decide()
    house.found(STORY, STORY)
    house.decide()
    house.page(3)
    house.decide()
    house.page(0)
    house.decide()
    return house


def test_each_rule_replayed_alone_tells_what_it_would_have_told(house):
    live(house)
    assert told(house, RuleKind.BAND_CROSSED) == [("band_crossed", 0), ("band_crossed", 0)]
    assert told(house, RuleKind.REPEAT_AUTHOR) == [("repeat_author", 1)]
    assert [count for _, count in told(house, RuleKind.NEW_NEGATIVE)] == [1, 1, 1, 1, 2]
    assert told(house, RuleKind.PAGE_ONE) == [("page_one", 2)]
    assert told(house, RuleKind.ABUSE) == []
    assert told(house, RuleKind.SPIKE) == []


def test_it_tells_what_decide_told_by_itself(house):
    house.look_done(house.feed)
    for number in range(4):
        house.found(f"a terrible thing {number}", "perhaps terrible")
        house.decide()
    with house.database.read() as session:
        rule = next(rule for rule in find_rules(session) if rule.kind == RuleKind.NEW_NEGATIVE)
        replayed = replay(session, rule, house.settings, house.now - timedelta(days=30), house.now)
    assert [(draft.kind.value, draft.facts["count"]) for _, draft in replayed] == house.alerts()


def test_the_first_look_of_another_search_is_shown_as_silently_as_it_passed(house):
    house.add_search()
    house.page(0)
    house.decide()
    house.add_search("two.example")
    house.page(4, host="two.example")
    house.decide()
    assert house.readings() == [0, 4]
    assert told(house, RuleKind.BAND_CROSSED) == house.alerts() == []
    # Corrected or not, what was there before stays untold; that it is gone is news.
    with house.database.write() as session:
        for mention in session.query(Mention).filter(Mention.label == Label.NEGATIVE):
            relabel(session, mention.id, Label.NEUTRAL, house.now)
    house.decide()
    assert house.readings() == [0, 4, 0]
    assert told(house, RuleKind.BAND_CROSSED) == house.alerts() == [("band_crossed", 0)]


def test_a_first_look_that_came_while_another_search_failed_is_shown_as_silently(house):
    house.first_look_beside_a_failure()
    house.decide()
    assert house.readings() == [0, None, 3]
    assert told(house, RuleKind.BAND_CROSSED) == house.alerts() == []


def test_a_crossing_is_shown_though_the_search_was_paused_between(house):
    house.add_search()
    house.page(3)
    house.decide()
    pause(house, True)
    house.found("a plain thing")
    house.decide()
    pause(house, False)
    house.page(0)
    house.decide()
    assert told(house, RuleKind.BAND_CROSSED) == house.alerts() == [("band_crossed", 0)]


def pause(house, paused):
    with house.database.write() as session:
        set_paused(session, house.search, paused, house.now)


def test_it_goes_by_its_own_options_and_by_today_s_labels(house):
    house.look_done(house.feed)
    house.found("a terrible parcel", "a terrible courier")
    house.decide()
    assert told(house, RuleKind.NEW_NEGATIVE, words=["courier"]) == [("new_negative", 1)]
    with house.database.write() as session:
        relabel(session, 2, Label.NEUTRAL, house.now)
    assert told(house, RuleKind.NEW_NEGATIVE, words=["courier"]) == []


def test_only_the_days_asked_for_are_shown(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    house.now += timedelta(days=10)
    assert told(house, RuleKind.NEW_NEGATIVE, days=5) == []
    assert told(house, RuleKind.NEW_NEGATIVE, days=15) == [("new_negative", 1)]


def test_a_spike_is_seen_at_its_hour(house):
    house.look_done(house.feed)
    house.found("a lovely thing")
    house.decide()
    house.now += timedelta(days=9)
    house.found(*(f"terrible thing number {number}" for number in range(8)))
    house.now += timedelta(days=3)
    for _ in range(2):
        house.decide()
    assert told(house, RuleKind.SPIKE) == [("spike", 8)]


def test_a_source_still_in_trouble_is_shown_once(house):
    with house.database.write() as session:
        from monitor.sources import record_report

        record_report(session, FetchReport(house.feed, SourceState.BLOCKED), house.now)
    house.now += timedelta(days=2)
    assert told(house, RuleKind.SOURCE_TROUBLE) == [("source_trouble", 1)]
    assert told(house, RuleKind.SOURCE_TROUBLE, hours=60) == []
