"""What a reader types, however odd, as a query; and the index in step with the mentions."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.mention_list import MentionFilter, find_mentions
from monitor.models import Brand, Mention, MentionText
from monitor.searching import Term, months_between, parse, searchable
from tests.web.sample import NOW, days, make_mention

ZWNJ = "\N{ZERO WIDTH NON-JOINER}"


def test_words_are_kept_folded_and_joined():
    assert searchable("كيفيت، «عالي»!", f"۱۲ می{ZWNJ}گویند") == "کیفیت عالی 12 می گویند میگویند"


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("دیر رسید", (Term(("دیر",)), Term(("رسید",), prefix=True))),
        ('"دير رسيد"', (Term(("دیر", "رسید")),)),
        ("refund -late", (Term(("refund",)), Term(("late",), negated=True))),
        ("ref* now", (Term(("ref",), prefix=True), Term(("now",), prefix=True))),
        (f"می{ZWNJ}گویند", (Term(("می", "گویند"), "میگویند", prefix=True),)),
        ('-"too late" x', (Term(("too", "late"), negated=True), Term(("x",)))),
        ('"never closed', (Term(("never", "closed"), prefix=True),)),
        ('؟ * - "" \'', ()),
    ],
)
def test_what_is_typed_becomes_terms(typed, terms):
    assert parse(typed) == terms


@pytest.fixture
def brand(database, brand_id):
    with database.read() as session:
        return session.get(Brand, brand_id)


@pytest.fixture
def found(database, brand_id):
    def search(words, **narrowed):
        with database.read() as session:
            return {m.text for m in find_mentions(session, brand_id, MentionFilter(words=words, **narrowed))[0]}

    return search


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(typed=st.text(alphabet=st.sampled_from("آیك\"'*-():^{}+~<>&|!%_\\\0 aN0" + ZWNJ), max_size=30))
def test_nothing_typed_is_an_error(database, brand_id, typed):
    with database.read() as session:
        find_mentions(session, brand_id, MentionFilter(words=typed))
        find_mentions(session, brand_id, MentionFilter(words=typed, label="negative", said_from=NOW, said_before=NOW))


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("دیر", {"سفارش خيلي دیر رسید", f"دیر نمی{ZWNJ}رسد"}),
        ("خیلی دیر", {"سفارش خيلي دیر رسید"}),
        ('"دیر رسید"', {"سفارش خيلي دیر رسید"}),
        ('"رسید دیر"', set()),
        ("دیر -رسید", {f"دیر نمی{ZWNJ}رسد"}),
        ("-دیر", {"refund after 100 days", "Refunded at once"}),
        ("نمیرسد", {f"دیر نمی{ZWNJ}رسد"}),
        ("نمی رسد", {f"دیر نمی{ZWNJ}رسد"}),
        (f"نمی{ZWNJ}رسد", {f"دیر نمی{ZWNJ}رسد"}),
        ("REFUND", {"refund after 100 days", "Refunded at once"}),
        ('"refund"', {"refund after 100 days"}),
        ("refund* days", {"refund after 100 days"}),
        ("۱۰۰", {"refund after 100 days"}),
        ("b1", set()),
    ],
)
def test_words_phrases_exceptions_and_beginnings(database, brand, found, words, texts):
    with database.write() as session:
        for text in ("سفارش خيلي دیر رسید", f"دیر نمی{ZWNJ}رسد", "refund after 100 days", "Refunded at once"):
            make_mention(session, brand, text)
    assert found(words) == texts


def test_the_search_follows_edits_bodies_and_removals(database, brand, found):
    with database.write() as session:
        mention = make_mention(session, brand, "the lamp broke")
    assert found("lamp")
    with database.write() as session:
        session.get_one(Mention, mention.id).text = "the kettle broke"
    assert not found("lamp") and found("kettle")
    with database.write() as session:
        session.get_one(Mention, mention.id).body = "a long page about toasters"
    assert found("toasters kettle")
    with database.write() as session:
        session.delete(session.get_one(Mention, mention.id))
    assert not found("kettle")
    with database.read() as session:
        assert session.scalars(select(MentionText)).all() == []


def test_a_removed_brand_leaves_nothing_to_find(database, brand):
    with database.write() as session:
        make_mention(session, brand, "the lamp broke")
    with database.write() as session:
        session.delete(session.get_one(Brand, brand.id))
    with database.read() as session:
        assert session.scalars(select(MentionText)).all() == []


def test_the_other_brands_words_stay_theirs(database, brand, found):
    with database.write() as session:
        other = Brand(name="Other", created_at=NOW)
        session.add(other)
        session.flush()
        make_mention(session, other, "lamp of another")
        make_mention(session, brand, "lamp of ours")
    assert found("lamp") == {"lamp of ours"}


def test_words_and_dates_go_together(database, brand, found):
    with database.write() as session:
        make_mention(session, brand, "lamp now", seen_at=NOW)
        make_mention(session, brand, "lamp then", seen_at=NOW, published_at=NOW - days(70))
    assert found("lamp", said_from=NOW - days(80), said_before=NOW - days(60)) == {"lamp then"}
    assert found("lamp", said_from=NOW - days(7)) == {"lamp now"}


def test_a_span_is_named_by_its_months():
    assert months_between(NOW - days(40), NOW) == ("m202610", "m202611")
    assert (
        months_between(NOW, NOW - days(40)) == months_between(NOW - days(4000), NOW) == months_between(NOW, None) == ()
    )
