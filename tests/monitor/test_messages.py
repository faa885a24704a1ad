import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.messages import render, render_summary
from monitor.types import NoticeKind, RuleKind
from monitor.wording import words

MENTION = {
    "id": 1, "title": "<b>عنوان</b>", "text": "متن\nدوم", "url": "javascript:alert(1)", "score": 0.97, "sure": True
}  # fmt: skip


def band(before, share, negatives):
    return {"negatives": negatives, "share": share, "share_before": before, "mentions": [MENTION], "count": 12}


def test_a_band_crossed_in_persian_digits():
    message = render(RuleKind.BAND_CROSSED, "دیدبان", band(22.0, 59.2, 3), "fa")
    assert message.subject == "\u2068دیدبان\u2069: نتیجهٔ منفی تازه، پلهٔ ریزش از ۲۲٪ به ۵۹٫۲٪"
    assert "تا ۵۹٫۲٪" in message.text
    assert "و ۱۱ مورد دیگر" in message.text


def test_a_band_crossed_in_english():
    message = render(RuleKind.BAND_CROSSED, "Lookout", band(22.0, 59.2, 3), "en")
    assert message.subject == "\u2068Lookout\u2069: new negative results, loss band from 22 % to 59.2 %"
    assert "3 negative results on page one of the search: up to 59.2 % of prospects may turn away." in message.text
    assert "and 11 more" in message.text


def test_a_band_left_for_good_says_so():
    message = render(RuleKind.BAND_CROSSED, "Lookout", band(22.0, 0.0, 0), "en")
    assert "fewer negative results" in message.subject
    assert "No negative result is left" in message.text


@pytest.mark.parametrize("language", ["fa", "en"])
def test_foreign_text_is_escaped_and_only_web_addresses_are_links(language):
    message = render(RuleKind.NEW_NEGATIVE, "B & C", {"mentions": [MENTION], "count": 1}, language)
    assert "<b>عنوان" not in message.html
    assert "href" not in message.html
    assert "B &amp; C" in message.html


def test_a_text_without_a_title_is_told_by_itself():
    mention = {**MENTION, "title": "", "url": "https://e.example/"}
    message = render(RuleKind.NEW_NEGATIVE, "B", {"mentions": [mention], "count": 3}, "en")
    assert message.subject == "\u2068B\u2069: 3 new negative texts"
    assert message.text.count("متن دوم") == 1
    assert 'href="https://e.example/"' in message.html


FACTS = {
    RuleKind.BAND_CROSSED: band(22.0, 59.2, 3),
    RuleKind.ABUSE: {"mentions": [{**MENTION, "words": ["bastard"]}], "count": 1},
    RuleKind.REPEAT_AUTHOR: {"mentions": [MENTION], "count": 1, "author": "Sara\nB", "times": 3},
    RuleKind.PAGE_ONE: {"mentions": [MENTION], "count": 2},
    RuleKind.NEW_NEGATIVE: {"mentions": [{**MENTION, "reach": 5}], "count": 1},
    RuleKind.SPIKE: {"mentions": [MENTION], "count": 12, "usual": 2.4},
    RuleKind.EARLY_WARNING: {"mentions": [], "count": 7, "usual": 1.5, "said": 1, "reason": "bad_experience"},
    RuleKind.REASON_RISE: {"mentions": [], "count": 8, "usual": 3.5, "reason": "too_many"},
    RuleKind.SOURCE_TROUBLE: {
        "mentions": [],
        "count": 1,
        "sources": [{"id": 1, "url": "https://s.example/", "state": "failing", "hours": 7, "error": "e"}],
    },
    NoticeKind.CHANNEL_FAILED: {"mentions": [], "count": 1, "channel": "mail", "subject": "s", "error": "e"},
    NoticeKind.MAILER_FAILED: {"mentions": [], "count": 1, "mailer": "brevo (x.example)", "list": "", "error": "e"},
}
SUBJECTS = {
    RuleKind.BAND_CROSSED: "نتیجهٔ منفی تازه، پلهٔ ریزش از ۲۲٪ به ۵۹٫۲٪",
    RuleKind.ABUSE: "یک متن با واژه‌های توهین‌آمیز یا تهدیدآمیز",
    RuleKind.REPEAT_AUTHOR: "شکایت دوبارهٔ \u2068Sara B\u2069، ۳ بار در ۳۰ روز",
    RuleKind.PAGE_ONE: "۲ نتیجهٔ منفی تازه در صفحهٔ اول جست‌وجو",
    RuleKind.NEW_NEGATIVE: "یک متن منفی تازه",
    RuleKind.SPIKE: "۱۲ متن منفی تازه در ۲۴ ساعت؛ معمولاً ۲٫۴",
    RuleKind.EARLY_WARNING: "هشدار زودهنگام؛ در ۷ روز ۷ نفر به‌خاطر تجربهٔ بد رفته‌اند، معمولاً ۱٫۵",
    RuleKind.REASON_RISE: "لغو اشتراک به دلیل «ایمیل زیاد است» بیشتر شده؛ ۸ نفر در ۷ روز، معمولاً ۳٫۵",
    RuleKind.SOURCE_TROUBLE: "به یکی از منبع‌ها فعلاً نمی‌شود تکیه کرد",
    NoticeKind.CHANNEL_FAILED: "یک هشدار به کانال \u2068mail\u2069 نرسید",
    NoticeKind.MAILER_FAILED: "لغو اشتراک‌ها به \u2068brevo (x.example)\u2069 نمی‌رسد",
}


@pytest.mark.parametrize("kind", FACTS)
def test_every_kind_of_alert_has_its_words(kind):
    assert set(FACTS) == {*RuleKind, *NoticeKind} - {NoticeKind.DIGEST}
    assert render(kind, "دیدبان", FACTS[kind], "fa").subject == f"\u2068دیدبان\u2069: {SUBJECTS[kind]}"
    english = render(kind, "Lookout", FACTS[kind], "en")
    assert english.subject.startswith("\u2068Lookout\u2069: ")
    assert not re.search(r"[\u0600-\u06ff]", english.subject)


def test_a_message_names_the_deciding_words_and_how_far_a_story_has_spread():
    assert "Deciding words: \u2068bastard\u2069" in render(RuleKind.ABUSE, "B", FACTS[RuleKind.ABUSE], "en").text
    assert "حالا در ۵ نشانی آمده است." in render(RuleKind.NEW_NEGATIVE, "B", FACTS[RuleKind.NEW_NEGATIVE], "fa").html


@pytest.mark.parametrize(
    ("language", "how", "line"),
    [
        ("en", {}, "Surely negative: 97 %"),
        ("fa", {}, "با اطمینان منفی: ۹۷٪"),
        ("fa", {"score": 0.61}, "احتمالاً منفی: ۶۱٪"),
        ("en", {"sure": False}, "Whether it is negative is not sure."),
    ],
)
def test_a_message_says_how_bad_a_text_is(language, how, line):
    message = render(RuleKind.ABUSE, "B", {"mentions": [{**MENTION, **how}], "count": 1}, language)
    assert line in message.text
    assert line in message.html


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ({"basis": "search_results", "negatives": 3, "share": 59.2}, "۳ نتیجهٔ منفی در صفحهٔ اول جست‌وجو؛ تا ۵۹٫۲٪"),
        ({"basis": "search_results", "negatives": 0, "share": 0.0}, "اکنون هیچ نتیجهٔ منفی‌ای"),
        (
            {"basis": "mentions", "negatives": 1, "share": 22.0},
            "تا ۲۲٪ از مشتریان احتمالی ممکن است منصرف شوند؛ برآوردی خام",
        ),
    ],
)
def test_a_message_says_what_the_band_is_now_and_on_what_it_stands(now, line):
    facts = {"mentions": [MENTION], "count": 1, "band": now}
    assert line in render(RuleKind.NEW_NEGATIVE, "B", facts, "fa").text


def test_a_message_has_a_link_for_every_act():
    message = render(
        RuleKind.PAGE_ONE, "B", FACTS[RuleKind.PAGE_ONE], "en", lambda act, number: f"https://d.example/{act}/{number}"
    )
    for act in ("open", "handled", "not_negative"):
        assert f"https://d.example/{act}/1" in message.text
        assert f'href="https://d.example/{act}/1"' in message.html


def test_mail_shows_nothing_from_elsewhere():
    for kind, facts in FACTS.items():
        html = render(kind, "B", facts, "fa").html
        assert not re.search(r"<(img|link|script|style|iframe)|src=|url\(|@import", html)


def test_a_summary_holds_every_alert_in_order():
    messages = [render(kind, "B", FACTS[kind], "fa") for kind in (RuleKind.SPIKE, RuleKind.ABUSE)]
    summary = render_summary(messages, "fa")
    assert summary.subject == "۲ هشدار در ساعت سکوت رسید"
    assert summary.text.index(messages[0].subject) < summary.text.index(messages[1].subject)
    assert summary.html.count("<html") == 1
    assert 'dir="rtl" align="right"' in summary.html
    assert [data["kind"] for data in summary.data["alerts"]] == ["spike", "abuse"]


LONG = {**MENTION, "title": "عنوان " * 1000, "text": "متن " * 70, "url": "https://e.example/?" + "a&" * 1000}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_message_stays_small_and_says_what_it_leaves_out(language):
    facts = {"mentions": [LONG] * 10, "count": 10}
    message = render(RuleKind.NEW_NEGATIVE, "B", facts, language, lambda act, _: "https://d.example/" * 20)
    assert len(message.html.encode()) < 100_000
    assert len(message.text) < 20_000
    summary = render_summary([message] * 100, language)
    assert len(summary.html.encode()) < 100_000
    assert len(summary.text) < 20_000
    left = 10 - message.text.count("https://e.example/")
    assert f"{words(language).number(left)} " in message.text.splitlines()[-1]


def test_a_summary_says_how_many_alerts_it_leaves_out():
    message = render(RuleKind.NEW_NEGATIVE, "B", {"mentions": [LONG], "count": 1}, "en")
    summary = render_summary([message] * 100, "en")
    for form in (summary.text, summary.html):
        shown = form.count("\u2068B\u2069: a new")
        assert 0 < shown < 100
        assert f"and {100 - shown} more alerts; see the page Alerts" in form
    assert len(summary.data["alerts"]) == 100


def test_both_catalogues_are_full_and_compiled():
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-m", "tests.translations", "--check"], cwd=root, check=True)


def test_the_mark_of_a_latin_brand_does_not_turn_a_persian_line():
    # What stands isolated does not count where a program looks for the first strong letter.
    subject = render(RuleKind.SPIKE, "Snapp Food", FACTS[RuleKind.SPIKE], "fa").subject
    assert subject.startswith("\u2068Snapp Food\u2069: ۱۲ متن")


def test_only_what_was_found_goes_its_own_way():
    facts = {
        "mentions": [{**MENTION, "title": "Late again", "words": ["late"], "url": "https://e.example/"}],
        "count": 1,
    }
    html = render(RuleKind.ABUSE, "B", facts, "fa", lambda act, _: f"https://d.example/{act}").html
    assert '<span dir="auto">Late again</span><br><span dir="auto">متن دوم</span><br>با اطمینان منفی: ۹۷٪<br>' in html
    assert html.count('dir="auto"') == 2


@pytest.mark.parametrize(
    ("value", "persian", "english"),
    [(12345, "۱۲٬۳۴۵", "12,345"), (1234567, "۱٬۲۳۴٬۵۶۷", "1,234,567"), (59.2, "۵۹٫۲", "59.2"), (22.0, "۲۲", "22")],
)
def test_figures_are_written_as_on_the_pages(value, persian, english):
    assert words("fa").number(value) == persian
    assert words("en").number(value) == english


def test_a_share_that_somebody_typed_keeps_all_its_decimals():
    assert (words("fa").percent(33.25), words("en").percent(33.25), words("en").percent(70.0)) == (
        "۳۳٫۲۵٪",
        "33.25 %",
        "70 %",
    )


@pytest.mark.parametrize(
    ("kind", "error", "persian", "english"),
    [
        (
            NoticeKind.CHANNEL_FAILED,
            "the channel did not answer in time",
            "دلیل: کانال به‌موقع جواب نداد.",
            "The reason it gave: The channel did not answer in time.",
        ),
        (
            NoticeKind.MAILER_FAILED,
            "the service did not accept it (status 401)",
            "دلیل: سرویس نپذیرفت (کد \u2068۴۰۱\u2069).",
            "The reason it gave: The service did not accept it (code \u2068401\u2069).",
        ),
        (
            NoticeKind.CHANNEL_FAILED,
            "the channel did not accept the message (Chat 5 not found)",
            "دلیل: کانال پیام را نپذیرفت: \u2068Chat 5 not found\u2069",
            "The reason it gave: The channel did not accept the message: \u2068Chat 5 not found\u2069",
        ),
        (
            NoticeKind.CHANNEL_FAILED,
            "of a new kind",
            "دلیل: \u2068of a new kind\u2069",
            "gave: \u2068of a new kind\u2069",
        ),
    ],
)
def test_why_a_message_was_not_taken_is_told_in_words(kind, error, persian, english):
    facts = {**FACTS[kind], "error": error}
    assert persian in render(kind, "B", facts, "fa").text.splitlines()
    assert english in render(kind, "B", facts, "en").text
