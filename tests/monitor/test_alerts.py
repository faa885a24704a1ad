"""Every decision is a row of this table: facts in, alerts out."""

import pytest

from monitor.alerts import BrandFacts, Negative, Reading, Rule, decide
from monitor.loss import LossScale
from monitor.types import Basis, RuleKind

RULES = [Rule(1, RuleKind.NEW_NEGATIVE), Rule(2, RuleKind.BAND_CROSSED)]


def negative(number, story=None):
    return Negative(number, story or f"story {number}", f"title {number}", "text", f"https://e.example/{number}", 0.9)


def page(count):
    return Reading(Basis.SEARCH_RESULTS, count)


A, B, C = negative(1), negative(2), negative(3)
COPY_OF_A = negative(4, A.story)

CASES = [
    ("nothing new", BrandFacts(), []),
    ("one new", BrandFacts(fresh=[A]), [("new_negative", (1,), 1)]),
    ("copies count once", BrandFacts(fresh=[A, COPY_OF_A]), [("new_negative", (1, 4), 1)]),
    ("no reading before", BrandFacts(page=[A], reading=page(4)), []),
    ("same band", BrandFacts(before=page(1), reading=page(2), page=[A, B]), []),
    ("band up", BrandFacts(before=page(1), reading=page(3), page=[A, B, C]), [("band_crossed", (), 3)]),
    ("band down", BrandFacts(before=page(3), reading=page(1), page=[A]), [("band_crossed", (), 1)]),
    (
        "what the band alert tells is not told again",
        BrandFacts(fresh=[A, B], before=page(0), reading=page(1), page=[A]),
        [("band_crossed", (1,), 1), ("new_negative", (2,), 1)],
    ),
    ("another basis", BrandFacts(before=Reading(Basis.MENTIONS, 0), reading=page(3), page=[A]), []),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_decide(facts, expected):
    drafts = decide(facts, RULES, LossScale())
    assert [(draft.kind, draft.told, draft.facts["count"]) for draft in drafts] == expected


def test_without_rules_nothing_is_told():
    assert decide(BrandFacts(fresh=[A], before=page(0), reading=page(1), page=[A]), [], LossScale()) == []


def test_without_the_band_rule_the_negative_itself_is_told():
    facts = BrandFacts(fresh=[A], before=page(0), reading=page(1), page=[A])
    assert [draft.kind for draft in decide(facts, RULES[:1], LossScale())] == ["new_negative"]
