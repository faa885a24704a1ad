"""Every decision is a row of this table: facts in, alerts out."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts import decide
from monitor.conditions import is_holiday
from monitor.facts import (
    AuthorRecord,
    BrandFacts,
    Moment,
    Negative,
    Reading,
    ReasonCount,
    Rule,
    RuleOptions,
    Trouble,
)
from monitor.loss import LossScale
from monitor.types import Basis, RuleKind

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = list(RuleKind)
RULES = [Rule(number, kind) for number, kind in enumerate(KINDS, 1)]


def negative(number, story=None, **more):
    return Negative(
        number, story or f"story {number}", f"title {number}", "text", f"https://e.example/{number}", 0.9, **more
    )


def page(count):
    return Reading(Basis.SEARCH_RESULTS, count)


def told_by(facts, rules=RULES, now=NOW):
    return [(draft.kind.value, draft.told, draft.facts["count"]) for draft in decide(facts, rules, LossScale(), now)]


def moments(count):
    return [Moment(NOW - 2 * DAY, negative(number)) for number in range(100, 100 + count)]


A, B, C = negative(1), negative(2), negative(3)
COPY_OF_A = negative(4, A.story)
THREAT = negative(5, whole="پیداتون می‌کنم", sure=False)
BOTH = negative(6, whole="این بی‌شرف‌ها پولم را پس ندادند")

CASES = [
    ("nothing new", BrandFacts(), []),
    ("one new", BrandFacts(fresh=[A]), [("new_negative", (1,), 1)]),
    ("copies count once", BrandFacts(fresh=[A, COPY_OF_A]), [("new_negative", (1, 4), 1)]),
    ("what nobody is sure of waits", BrandFacts(fresh=[negative(1, sure=False)]), []),
    ("no reading before", BrandFacts(page=[A], reading=page(4)), []),
    ("same band", BrandFacts(before=page(1), reading=page(2), page=[A, B]), []),
    ("band up", BrandFacts(before=page(1), reading=page(3), page=[A, B, C]), [("band_crossed", (), 3)]),
    ("band down", BrandFacts(before=page(3), reading=page(1), page=[A]), [("band_crossed", (), 1)]),
    (
        "what the band alert tells is not told again",
        BrandFacts(fresh=[A, B], before=page(0), reading=page(1), page=[A]),
        [("band_crossed", (1,), 1), ("new_negative", (2,), 1)],
    ),
    (
        "nor is a copy of it",
        BrandFacts(fresh=[A, COPY_OF_A], before=page(0), reading=page(1), page=[A]),
        [("band_crossed", (1,), 1)],
    ),
    ("another basis", BrandFacts(before=Reading(Basis.MENTIONS, 0), reading=page(3), page=[A]), []),
    (
        "on page one without a new band",
        BrandFacts(fresh=[A, B], page=[A]),
        [("page_one", (1,), 1), ("new_negative", (2,), 1)],
    ),
    (
        "a threat is told whatever the model thought",
        BrandFacts(fresh=[THREAT, A]),
        [("abuse", (5,), 1), ("new_negative", (1,), 1)],
    ),
    ("abuse is told once, and by the graver rule", BrandFacts(fresh=[BOTH], page=[BOTH]), [("abuse", (6,), 1)]),
    (
        "an author who complains for the third time",
        BrandFacts(fresh=[A, B], authors=[AuthorRecord("Sara", "e.example", 3, (1,))]),
        [("repeat_author", (1,), 1), ("new_negative", (2,), 1)],
    ),
    (
        "twice is not again and again",
        BrandFacts(fresh=[A], authors=[AuthorRecord("Sara", "e.example", 2, (1,))]),
        [("new_negative", (1,), 1)],
    ),
    (
        "an author told of lately is not told of again",
        BrandFacts(
            fresh=[A],
            authors=[AuthorRecord("Sara", "e.example", 9, (1,))],
            last_told={(KINDS.index(RuleKind.REPEAT_AUTHOR) + 1, "Sara e.example"): NOW - 29 * DAY},
        ),
        [("new_negative", (1,), 1)],
    ),
    (
        "bad experiences before reviews",
        BrandFacts(reasons=[ReasonCount("bad_experience", 6, 1.0)], negatives=moments(1)),
        [("early_warning", (), 6)],
    ),
    (
        "bad experiences as often as usual",
        BrandFacts(reasons=[ReasonCount("bad_experience", 4, 3.0)]),
        [],
    ),
    (
        "bad experiences with the reviews",
        BrandFacts(reasons=[ReasonCount("bad_experience", 6, 1.0)], negatives=moments(8)),
        [("reason_rise", (), 6)],
    ),
    (
        "bad experiences that a warning has told of",
        BrandFacts(
            reasons=[ReasonCount("bad_experience", 9, 1.0)],
            last_told={(KINDS.index(RuleKind.EARLY_WARNING) + 1, "before reviews"): NOW - 2 * DAY},
        ),
        [],
    ),
    ("a reason that doubles", BrandFacts(reasons=[ReasonCount("spam", 8, 4.0)]), [("reason_rise", (), 8)]),
    (
        "as many as in the one week there was before",
        BrandFacts(reasons=[ReasonCount("bad_experience", 7, 4.0, weeks=1)]),
        [],
    ),
    ("a reason from nothing", BrandFacts(reasons=[ReasonCount("spam", 5, 0.0)]), [("reason_rise", (), 5)]),
    ("a reason that grows a little", BrandFacts(reasons=[ReasonCount("spam", 7, 4.0)]), []),
    ("a reason below the floor", BrandFacts(reasons=[ReasonCount("spam", 4, 0.0)]), []),
    (
        "two reasons are two alerts",
        BrandFacts(reasons=[ReasonCount("price", 9, 1.0), ReasonCount("spam", 5, 1.0)]),
        [("reason_rise", (), 9), ("reason_rise", (), 5)],
    ),
    (
        "a reason told of this week",
        BrandFacts(
            reasons=[ReasonCount("spam", 9, 1.0)],
            last_told={(KINDS.index(RuleKind.REASON_RISE) + 1, "spam"): NOW - 6 * DAY},
        ),
        [],
    ),
    (
        "a source in trouble long enough",
        BrandFacts(
            troubles=[Trouble(7, "u", "failing", NOW - 6 * HOUR, "e"), Trouble(8, "v", "blocked", NOW - HOUR, "")]
        ),
        [("source_trouble", (), 1)],
    ),
    (
        "trouble that was told while it lasted",
        BrandFacts(
            troubles=[Trouble(7, "u", "failing", NOW - 90 * HOUR, "e")],
            last_told={(KINDS.index(RuleKind.SOURCE_TROUBLE) + 1, "7"): NOW - 80 * HOUR},
        ),
        [],
    ),
    (
        "trouble that came back too soon",
        BrandFacts(
            troubles=[Trouble(7, "u", "failing", NOW - 7 * HOUR, "e")],
            last_told={(KINDS.index(RuleKind.SOURCE_TROUBLE) + 1, "7"): NOW - 20 * HOUR},
        ),
        [],
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_decide(facts, expected):
    assert told_by(facts) == expected


def test_without_rules_nothing_is_told():
    assert told_by(BrandFacts(fresh=[A], before=page(0), reading=page(1), page=[A]), []) == []


def test_without_the_band_rule_the_negative_itself_is_told():
    facts = BrandFacts(fresh=[A], before=page(0), reading=page(1), page=[A])
    assert told_by(facts, [Rule(1, RuleKind.NEW_NEGATIVE)]) == [("new_negative", (1,), 1)]


@pytest.mark.parametrize(
    ("direction", "before", "now", "expected"),
    [("up", 1, 3, 1), ("up", 3, 1, 0), ("down", 1, 3, 0), ("down", 3, 1, 1), ("both", 3, 1, 1)],
)
def test_a_band_is_told_in_the_direction_asked_for(direction, before, now, expected):
    rule = Rule(1, RuleKind.BAND_CROSSED, RuleOptions(direction=direction))
    assert len(told_by(BrandFacts(before=page(before), reading=page(now)), [rule])) == expected


FILTERS = [
    (RuleOptions(kinds=("review",)), True),
    (RuleOptions(kinds=("social",)), False),
    (RuleOptions(sources=(3,)), True),
    (RuleOptions(sources=(4,)), False),
    (RuleOptions(languages=("fa", "en")), True),
    (RuleOptions(languages=("en",)), False),
    (RuleOptions(topics=("refund",)), True),
    (RuleOptions(topics=("price",)), False),
    (RuleOptions(words=("گارانتی", "ندادند")), True),
    (RuleOptions(words=("گارانتی",)), False),
    (RuleOptions(score_floor=0.9), True),
    (RuleOptions(score_floor=0.95), False),
    (RuleOptions(reach_floor=2), True),
    (RuleOptions(reach_floor=3), False),
]


@pytest.mark.parametrize(("options", "fits"), FILTERS, ids=[repr(options) for options, _ in FILTERS])
def test_a_rule_tells_only_what_its_options_let_through(options, fits):
    mention = negative(1, source_id=3, language="fa", topic="refund", whole="پولم را پس ندادند", reach=2)
    assert bool(told_by(BrandFacts(fresh=[mention]), [Rule(1, RuleKind.NEW_NEGATIVE, options)])) is fits


def test_a_burst_of_ten_thousand_is_one_alert_that_names_the_count():
    facts = BrandFacts(fresh=[negative(number) for number in range(10_000)])
    (draft,) = decide(facts, RULES, LossScale(), NOW)
    assert draft.facts["count"] == 10_000
    assert len(draft.facts["mentions"]) == 10


def moments(*days_and_counts):
    return [
        Moment(NOW - day * DAY - timedelta(minutes=30 + number), negative(day * 1000 + number))
        for day, count in days_and_counts
        for number in range(count)
    ]


def spikes(counts, sensitivity=2.0, since=NOW - 40 * DAY, now=NOW, **options):
    rule = Rule(1, RuleKind.SPIKE, RuleOptions(sensitivity=sensitivity, **options))
    shifted = [Moment(moment.at + (now - NOW), moment.mention) for moment in moments(*enumerate(counts))]
    return decide(BrandFacts(negatives=shifted, watched_since=since), [rule], LossScale(), now)


@pytest.mark.parametrize(
    ("name", "counts", "sensitivity", "expected"),
    [
        ("a usual day", [4, 4, 4, 4, 4, 4, 4, 4], 2.0, 0),
        ("a calm week, then many", [12, 2, 3, 2, 3, 2, 3, 2], 2.0, 1),
        ("many, but below the floor", [4, 0, 0, 0, 0, 0, 0, 0], 2.0, 0),
        ("the floor itself, from nothing", [5, 0, 0, 0, 0, 0, 0, 0], 2.0, 1),
        ("a rough week explains it", [12, 2, 14, 1, 9, 3, 12, 2], 2.0, 0),
        ("7 after 4 a day is within two deviations", [7, 4, 4, 4, 4, 4, 4, 4], 2.0, 0),
        ("and beyond one and a half only from 8 on", [8, 4, 4, 4, 4, 4, 4, 4], 1.5, 1),
        ("which three deviations still bear", [10, 4, 4, 4, 4, 4, 4, 4], 3.0, 0),
        ("and 11 breaks", [11, 4, 4, 4, 4, 4, 4, 4], 3.0, 1),
    ],
)
def test_a_spike(name, counts, sensitivity, expected):
    assert len(spikes(counts, sensitivity)) == expected


def test_a_spike_names_count_and_usual_and_leaves_the_texts_to_the_other_rules():
    (draft,) = spikes([12, 2, 3, 2, 3, 2, 3, 2])
    assert (draft.facts["count"], draft.facts["usual"], draft.told) == (12, 2.4, ())


def test_before_three_whole_days_were_watched_nothing_is_a_spike():
    assert not spikes([12, 0, 0, 0], since=NOW - 3.5 * DAY)
    assert spikes([12, 0, 0, 0], since=NOW - 4 * DAY)


def test_spikes_keep_their_spacing():
    rule = Rule(1, RuleKind.SPIKE)
    for hours, expected in ((23, 0), (24, 1)):
        facts = BrandFacts(
            negatives=moments((0, 12)), watched_since=NOW - 40 * DAY, last_told={(1, ""): NOW - hours * HOUR}
        )
        assert len(decide(facts, [rule], LossScale(), NOW)) == expected


def test_the_quiet_of_nowruz_makes_no_spike_of_the_first_working_days():
    first_day = datetime(2026, 4, 4, 9, 0, tzinfo=UTC)  # the 15th of Farvardin 1405
    usual_before = [9, *[0] * 16, *[8, 10, 9, 7, 9, 8, 11, 9, 8]]
    assert is_holiday(first_day - DAY)
    assert not is_holiday(first_day)
    assert not spikes(usual_before, now=first_day, since=first_day - 60 * DAY)
    assert spikes(usual_before, now=first_day + 120 * DAY, since=first_day)


def test_a_spike_counts_only_what_its_filters_let_through():
    assert not spikes([12, 0, 0, 0, 0, 0, 0, 0], kinds=("social",))


def test_what_grew_is_told_under_a_key_of_its_own():
    rule = Rule(1, RuleKind.NEW_NEGATIVE)
    first, later = (
        decide(BrandFacts(fresh=[grown], moment=moment), [rule], LossScale(), NOW)[0]
        for moment, grown in (("1", negative(1, "s")), ("2", negative(1, "s", reach=5, told_reach=1)))
    )
    assert first.key != later.key
    assert later.facts["mentions"][0]["reach"] == 5
