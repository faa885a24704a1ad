from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.conditions import source_trouble, spacing
from monitor.errors import RuleError
from monitor.facts import BrandFacts, Trouble
from monitor.models import Alert
from monitor.rules import add_rule, edit_rule, find_rules, get_rule, options_of, remove_rule, rule_of
from monitor.types import RuleKind


@pytest.fixture
def session(database, now):
    with database.write() as session:
        yield session


def test_a_new_brand_has_every_rule_on_and_a_rival_has_none(session, now):
    brand, rival = add_brand(session, "Lookout", now), add_brand(session, "Other", now, is_rival=True)
    assert [rule.kind for rule in find_rules(session, brand.id)] == list(RuleKind)
    assert all(rule.enabled and rule.options == {} for rule in find_rules(session, brand.id))
    assert list(find_rules(session, rival.id)) == []


def test_only_what_differs_from_the_defaults_is_kept(session, now):
    brand = add_brand(session, "Lookout", now)
    row = add_rule(session, brand.id, RuleKind.SPIKE, {"sensitivity": 2.0, "least": 9, "kinds": ["review"]}, now)
    assert row.options == {"least": 9, "kinds": ["review"]}
    edit_rule(session, row.id, given={"least": 0, "sensitivity": 3.0})
    assert row.options == {"kinds": ["review"], "sensitivity": 3.0}
    assert rule_of(row).options.kinds == ("review",)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (RuleKind.BAND_CROSSED, {"words": ["x"]}, "a rule of the kind band_crossed takes no option: 'words'"),
        (RuleKind.NEW_NEGATIVE, {"kinds": ["unsubscribe"]}, "not one of the kinds: 'unsubscribe'"),
        (RuleKind.NEW_NEGATIVE, {"topics": ["weather"]}, "not one of the topics: 'weather'"),
        (RuleKind.NEW_NEGATIVE, {"words": ["!"]}, "a word needs a letter or a digit: '!'"),
        (RuleKind.NEW_NEGATIVE, {"score_floor": 1.5}, "score_floor lies between 0 and 1, not: 1.5"),
        (RuleKind.SPIKE, {"sensitivity": 9.0}, "sensitivity is 1.5, 2 or 3, not: 9.0"),
        (RuleKind.SOURCE_TROUBLE, {"hours": 0}, "hours lies between 1 and 8760, not: 0"),
        (RuleKind.SOURCE_TROUBLE, {"hours": 99999999999}, "hours lies between 1 and 8760, not: 99999999999"),
        (RuleKind.SPIKE, {"spacing": 8761}, "spacing lies between 0 and 8760, not: 8761"),
        (RuleKind.SPIKE, {"least": 100_001}, "least lies between 0 and 100000, not: 100001"),
        (RuleKind.NEW_NEGATIVE, {"reach_floor": 10_001}, "reach_floor lies between 1 and 10000, not: 10001"),
        (RuleKind.BAND_CROSSED, {"direction": "left"}, "not one of the direction: 'left'"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(kind, given, message):
    with pytest.raises(RuleError) as raised:
        options_of(kind, given)
    assert str(raised.value) == message


def test_a_count_from_before_there_was_a_most_does_not_stop_the_clock(session, now):
    brand = add_brand(session, "Lookout", now)
    row = add_rule(session, brand.id, RuleKind.SOURCE_TROUBLE, {}, now)
    row.options = {"hours": 99999999999, "spacing": 99999999999}
    rule = rule_of(row)
    assert (rule.options.hours, spacing(rule)) == (8760, timedelta(days=365))
    trouble = Trouble(1, "https://a.example/", "blocked", now - timedelta(days=366), "")
    last_told = {(rule.id, "1"): now - timedelta(days=367)}
    facts = BrandFacts(troubles=[trouble], last_told=last_told)
    assert source_trouble(facts, rule, now) is not None
    edit_rule(session, row.id, given={"hours": 12})
    assert row.options == {"hours": 12, "spacing": 8760}


def test_a_removed_rule_leaves_its_alerts(session, now):
    brand = add_brand(session, "Lookout", now)
    row = add_rule(session, brand.id, RuleKind.NEW_NEGATIVE, {}, now)
    session.add(Alert(rule_id=row.id, brand_id=brand.id, kind=row.kind, key="k", facts={}, created_at=now))
    session.flush()
    remove_rule(session, row.id)
    session.flush()
    session.expire_all()
    (alert,) = session.query(Alert)
    assert alert.rule_id is None
    with pytest.raises(RuleError, match="no such rule"):
        get_rule(session, row.id)
