"""How numbers, dates and addresses are written in both languages."""

from datetime import UTC, date, datetime, timedelta
from unicodedata import bidirectional

import pytest
from flask import session

from tests.web import sample
from web import create_app, filters
from web.security import outside_link


@pytest.fixture
def writing(settings, database):
    app = create_app(settings, database, clock=lambda: sample.NOW)

    def write(language, function, *values):
        with app.test_request_context():
            session["language"] = language
            return str(function(*values))

    return write


@pytest.mark.parametrize(
    ("value", "persian", "english"),
    [
        (0, "۰", "0"),
        (59.2, "۵۹٫۲", "59.2"),
        (22.0, "۲۲", "22"),
        (1234567, "۱٬۲۳۴٬۵۶۷", "1,234,567"),
        (3.14, "۳٫۱", "3.1"),
    ],
)
def test_numbers(writing, value, persian, english):
    assert writing("fa", filters.number, value) == persian
    assert writing("en", filters.number, value) == english


@pytest.mark.parametrize(
    ("value", "persian", "english"),
    [(0.25, "۰٫۲۵", "0.25"), (0.04, "۰٫۰۴", "0.04"), (59.25, "۵۹٫۲۵", "59.25"), (1234567.0, "۱٬۲۳۴٬۵۶۷", "1,234,567")],
)
def test_what_was_typed_is_written_with_all_its_decimals(writing, value, persian, english):
    assert writing("fa", filters.exact, value) == persian
    assert writing("en", filters.exact, value) == english
    assert writing("en", filters.exact_percent, value) == f"{english}\N{NO-BREAK SPACE}%"


def test_shares(writing):
    assert writing("fa", filters.percent, 59.2).endswith("۵۹٫۲٪")
    assert writing("en", filters.percent, 59.2) == "59.2\N{NO-BREAK SPACE}%"
    assert writing("fa", filters.rate, 0.0042).endswith("۰٫۴۲٪")


@pytest.mark.parametrize("write", [filters.percent, filters.rate])
def test_a_share_alone_has_its_sign_where_one_in_a_sentence_has_it(writing, write):
    # After an Arabic letter digits run as Arabic ones, and the sign stays on their left.
    assert bidirectional(writing("fa", write, 0.22)[0]) == "AL"


def test_dates_stand_on_the_readers_calendar(writing):
    assert writing("fa", filters.day, date(2026, 11, 22)) == "۱ آذر ۱۴۰۵"
    assert writing("en", filters.day, date(2026, 11, 22)) == "22 November 2026"
    assert writing("fa", filters.day_month, date(2026, 3, 20)) == "۲۹ اسفند"


def test_a_day_begins_in_the_owners_time_zone(writing):
    # 21:00 in Greenwich is half past midnight in Tehran.
    assert writing("fa", filters.day, datetime(2026, 11, 21, 21, 0, tzinfo=UTC)) == "۱ آذر ۱۴۰۵"


@pytest.mark.parametrize(
    ("age", "persian", "english"),
    [
        (timedelta(seconds=20), "لحظه‌ای پیش", "just now"),
        (timedelta(minutes=1), "۱ دقیقه پیش", "1 minute ago"),
        (timedelta(minutes=59), "۵۹ دقیقه پیش", "59 minutes ago"),
        (timedelta(hours=2, minutes=59), "۲ ساعت پیش", "2 hours ago"),
        (timedelta(hours=25), "دیروز", "yesterday"),
        (timedelta(days=3), "۳ روز پیش", "3 days ago"),
        (timedelta(days=40), "۲۱ مهر ۱۴۰۵", "13 October 2026"),
        (-timedelta(hours=3), "لحظه‌ای پیش", "just now"),
    ],
)
def test_how_long_ago(writing, age, persian, english):
    assert f">{persian}<" in writing("fa", filters.ago, sample.NOW - age)
    assert f">{english}<" in writing("en", filters.ago, sample.NOW - age)


@pytest.mark.parametrize(
    ("wait", "persian", "english"),
    [
        (timedelta(seconds=-5), "تا چند لحظهٔ دیگر", "any moment now"),
        (timedelta(minutes=2), "۲ دقیقهٔ دیگر", "in 2 minutes"),
        (timedelta(hours=11), "۱۱ ساعت دیگر", "in 11 hours"),
        (timedelta(days=9), "۱۰ آذر ۱۴۰۵", "1 December 2026"),
    ],
)
def test_how_soon(writing, wait, persian, english):
    assert f">{persian}<" in writing("fa", filters.ahead, sample.NOW + wait)
    assert f">{english}<" in writing("en", filters.ahead, sample.NOW + wait)


def test_the_exact_moment_is_told_on_both_calendars(writing):
    moment = datetime(2026, 11, 22, 8, 10, tzinfo=UTC)
    assert 'title="۱ آذر ۱۴۰۵، ۱۱:۴۰ (\u20662026-11-22\u2069)"' in writing("fa", filters.ago, moment)
    assert 'title="22 November 2026, 11:40 (1405-09-01)"' in writing("en", filters.ago, moment)
    assert 'datetime="2026-11-22T08:10:00+00:00"' in writing("en", filters.ago, moment)


def test_a_day_is_told_on_the_other_calendar_on_hover(writing):
    of = date(2026, 11, 22)
    assert writing("fa", filters.day_tag, of) == (
        '<time datetime="2026-11-22" title="۱ آذر ۱۴۰۵ (\u20662026-11-22\u2069)">۱ آذر ۱۴۰۵</time>'
    )
    assert 'title="22 November 2026 (1405-09-01)">22 November</time>' in writing("en", filters.day_month_tag, of)


def test_a_moment_in_a_list_of_choices_has_one_calendar(writing):
    moment = datetime(2026, 11, 22, 8, 10, tzinfo=UTC)
    assert writing("fa", filters.moment, moment) == "۱ آذر ۱۴۰۵، ۱۱:۴۰"
    assert writing("en", filters.moment, moment) == "22 November 2026, 11:40"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.a.example/x", "a.example"),
        ("not an address", "not an address"),
        ("http://127.0.0.1:80/news/feed.xml", "127.0.0.1/news"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_a_site_is_isolated(url, shown):
    assert filters.host(url) == f'<bdi class="host" dir="ltr">{shown}</bdi>'


def test_a_place_within_a_site_is_told_apart():
    assert filters.place("https://a.example/feed/") == '<bdi class="host" dir="ltr">a.example/feed</bdi>'
    assert filters.place("http://[bad") == filters.host("http://[bad")


def test_an_address_is_shown_in_letters():
    assert filters.readable("https://a.example/?q=%D8%AF%DB%8C") == "https://a.example/?q=دی"
    assert len(filters.readable("https://a.example/" + "a" * 200)) == 141


def test_an_excerpt_ends_between_words():
    assert filters.excerpt("one  two\nthree", 100) == "one two three"
    assert filters.excerpt("one two three", 10) == "one two…"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/x?q=1", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("https://", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(url, linked):
    assert outside_link(url) == (url if linked else "")


def test_deciding_words_are_underlined_whole_and_foreign_text_is_escaped():
    assert filters.underlined("<b>bad</b> badly", ["bad"]) == "&lt;b&gt;<u>bad</u>&lt;/b&gt; badly"
    assert filters.underlined("خیلی بد بود", ["بد بود", "بد"]) == "خیلی <u>بد بود</u>"
    assert filters.underlined("a & b", []) == "a &amp; b"
