import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.brands import (
    BrandIndex,
    BrandMatcher,
    add_brand,
    edit_brand,
    find_brands,
    get_brand,
    only_brand,
    remove_brand,
)
from monitor.errors import BrandError, BrandExistsError, BrandNotFoundError
from monitor.models import AlertRule, Source
from monitor.sources import add_source
from monitor.types import RuleKind


@pytest.mark.parametrize(
    "text",
    [
        "از دیدبان راضی‌ام",
        "دیدبان",
        "«دیدبان»، خوب است",
        "از ديدبان خريدم",  # Arabic yeh
        "دیـــدبان عالی بود",  # stretched
        "دِیدبان",  # a diacritic
        "دیدبان‌ها زیاد شدند",
        "دیدبانها زیاد شدند",
        "سرویس دیدبانم قطع شد",
        "دیدبانو نصب کردم",
        "دیدبان‌مان خراب است",
        "#دیدبان_پلاس رسید",
        "@دیدبان جواب بده",
        "Didban is fine",
        "DIDBAN!",
        "didban.example را ببینید",
        "اپdidbanرو پاک کردم",
        "a didban's view",
        "نرم‌افزار دید‌بان",  # a half-space inside
        "نرم‌افزار دید بان",
        "Ｄｉｄｂａｎ",
        "دیدبان، خوب نیست",
        "چرا دیدبان؟",
        "خوب؛دیدبان؛بد",
        "۲۰٪دیدبان٪",
        "Didban×Aral",
        "دیدبانی‌ها جواب نمی‌دهند",
    ],
)
def test_a_name_is_found_in_every_spelling(text):
    assert BrandMatcher("دیدبان", aliases=["Didban", "دید بان"]).matches(text)


@pytest.mark.parametrize("text", ["", "دیدبانیسم", "بیدیدبان", "didbanner", "undidban", "دید و بان", "قدیدبان"])
def test_a_name_is_never_found_inside_another_word(text):
    assert not BrandMatcher("دیدبان", aliases=["Didban"]).matches(text)


def test_a_name_of_two_words_is_found_however_they_are_joined():
    matcher = BrandMatcher("دیجی کالا")
    for text in ("دیجی کالا", "دیجی‌کالا", "دیجیکالا", "#دیجی_کالا", "ديجي كالاها", "دیجی‌کالایی", "دیجی‌کالایی‌ها"):
        assert matcher.matches(text), text


def test_a_short_name_takes_endings_only_behind_a_half_space():
    matcher = BrandMatcher("مان")
    assert matcher.matches("فروشگاه مان")
    assert matcher.matches("مان‌ها")
    assert not matcher.matches("مانی آمد")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("McDonald's", "I hate McDonald’s so much"),
        ("McDonald’s", "mcdonalds again"),
        ("L'Oréal", "LOreal is fine"),
        ("Coca-Cola", "Coca‑Cola, Coca–Cola"),
        ("Ben & Jerry's", "Ben and Jerry’s melted"),
        ("AT&T", "AT&amp;T is down"),
        ("اسنپ", "این اسنپیا همشون گرونن"),
        ("تپسی", "تپسیا بهترن"),
        ("همراه اول", "آنتن همراه‌اولیه ضعیفه"),
        ("دیجی‌کالا", "این دیجی‌کالاس که دیر می‌رسه"),
        ("دیجی‌کالا", "دیجیکالاعه دیگه"),
        ("فیلیمو", "فیلیموئه"),
        ("آسیاتک", "اسیاتک قطعه"),
        ("اسنپ", "راننده‌اسنپ و اسنپ‌فود"),
    ],
)
def test_a_name_is_found_as_people_write_it(name, text):
    assert BrandMatcher(name).matches(text)
    assert BrandIndex({1: BrandMatcher(name)}).find(text) == [1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("سامان", "سامان‌دهی بازار"),
        ("سامان", "بی‌سامانی بازار"),
        ("مان", "خانه‌مان و کتاب‌مان"),
        ("آپ", "این اپ خوبه"),
        ("اپ", "آپ خراب است"),
    ],
)
def test_a_name_is_not_found_in_a_word_that_is_made_of_it(name, text):
    assert not BrandMatcher(name).matches(text)
    assert BrandIndex({1: BrandMatcher(name)}).find(text) == []


def test_what_differs_from_a_short_name_in_its_alef_can_be_excluded():
    matcher = BrandMatcher("آپ", exclude=["اپ"])
    assert not matcher.matches("این اپ، آپ، خوبه")
    assert matcher.matches("آپ خوبه")


def test_a_phrase_that_holds_the_name_hides_that_one_place():
    matcher = BrandMatcher("دیوار", exclude=["دیوار چین"])
    assert not matcher.matches("سفر به ديوار چين")
    assert matcher.matches("دیوار چین را در دیوار آگهی کرد")


def test_any_other_excluded_phrase_turns_the_text_down():
    assert not BrandMatcher("ترنج", exclude=["مربا"]).matches("مربا با ترنج تازه")


@pytest.mark.parametrize("name", ["", "  ", "!!"])
def test_a_name_needs_a_letter_or_a_digit(name):
    with pytest.raises(BrandError, match="needs a letter or a digit"):
        BrandMatcher(name)


def test_an_own_brand_gets_the_default_rules_and_a_rival_none(database, now):
    with database.write() as session:
        own = add_brand(session, " دید  بان ", now)
        rival = add_brand(session, "Rival", now, is_rival=True)
    assert own.name == "دید بان"
    with database.read() as session:
        rules = [(rule.brand_id, rule.kind) for rule in session.query(AlertRule)]
    assert {brand_id for brand_id, _ in rules} == {own.id}
    assert {"new_negative", "band_crossed"} <= {kind for _, kind in rules}
    assert len(rules) == len(set(rules))
    with database.read() as session:
        assert [brand.id for brand in find_brands(session)] == [own.id, rival.id]


def test_the_same_name_twice_is_refused(database, now):
    with database.write() as session:
        add_brand(session, "A", now)
    with pytest.raises(BrandExistsError, match="brand exists already: 'A'"), database.write() as session:
        add_brand(session, "A", now)


def test_editing_replaces_only_what_is_given(database, now):
    with database.write() as session:
        brand = add_brand(session, "A", now, aliases=["B"], exclude=["C"])
        edit_brand(session, brand, aliases=["D"])
    with database.write() as session:
        brand = get_brand(session, "A")
        assert (brand.aliases, brand.exclude, brand.is_rival) == (["D"], ["C"], False)
        edit_brand(session, brand, exclude=[], is_rival=True)
        assert (brand.aliases, brand.exclude, brand.is_rival) == (["D"], [], True)


def test_a_rival_that_becomes_our_own_gets_its_rules_once(database, now):
    with database.write() as session:
        rival = add_brand(session, "R", now, is_rival=True)
        edit_brand(session, rival, is_rival=False)
        kinds = [rule.kind for rule in session.query(AlertRule).filter_by(brand_id=rival.id)]
        assert sorted(kinds) == sorted(RuleKind)
        session.delete(session.query(AlertRule).first())
        session.flush()
        edit_brand(session, rival, is_rival=True)
        edit_brand(session, rival, is_rival=False)
        assert session.query(AlertRule).count() == len(kinds) - 1


def test_removing_a_brand_removes_what_hangs_on_it(database, now):
    with database.write() as session:
        brand = add_brand(session, "A", now)
        add_source(session, "feed", "https://a.example/feed", now, interval=60, brand_id=brand.id)
    with database.write() as session:
        remove_brand(session, "A")
    with database.read() as session:
        assert session.query(Source).count() == 0
        with pytest.raises(BrandNotFoundError, match="no such brand: 'A'"):
            get_brand(session, "A")


def test_the_only_brand_needs_no_name(database, now):
    with database.read() as session, pytest.raises(BrandNotFoundError, match="none yet"):
        only_brand(session, None)
    with database.write() as session:
        own = add_brand(session, "A", now)
        add_brand(session, "R", now, is_rival=True)
        assert only_brand(session, None).id == own.id
        assert only_brand(session, "R").name == "R"
        add_brand(session, "B", now)
        with pytest.raises(BrandNotFoundError, match="name one of the brands: 'A, B'"):
            only_brand(session, None)


_LETTERS = st.sampled_from("اآبپدیک‌ _-–abo0#@'’&«»،؟é×٢ИьＡ")
_NAMES = st.text(_LETTERS, min_size=1, max_size=6).filter(lambda name: re.search(r"[^\W_]", name))


@settings(max_examples=300, deadline=None)
@given(
    names=st.lists(st.tuples(_NAMES, st.lists(_NAMES, max_size=2), st.lists(_NAMES, max_size=1)), max_size=5),
    words=st.lists(st.text(_LETTERS, max_size=8), max_size=8),
)
def test_an_index_of_brands_says_what_each_matcher_says(names, words):
    matchers = {number: BrandMatcher(name, aliases, exclude) for number, (name, aliases, exclude) in enumerate(names)}
    text = " ".join([*words, *(f"{word}{name}" for word, (name, _, _) in zip(words, names, strict=False))])
    assert BrandIndex(matchers).find(text) == [id for id, matcher in matchers.items() if matcher.matches(text)]
