import pytest

from monitor.abuse import abusive_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("خیلی بی‌شعورید", ("بی شعورید",)),
        ("بي شرف‌ها جواب بدهید", ("بی شرف",)),
        ("می‌کشمت اگر پولم را ندهی", ("می کشمت",)),
        ("lashi haye kalahbardar", ("lashi",)),
        ("You ASSHOLES, I know where you live!", ("assholes", "i know where you live")),
        ("kesafat, KESAFAT", ("kesafat",)),
        ("«بی‌شرف»، این کثافت؟", ("بی شرف", "کثافت")),
    ],
)
def test_abuse_and_threats_are_found_in_any_spelling(text, words):
    assert abusive_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "کالای عوضی فرستادند و پس نمی‌گیرند",
        "کیفیتش افتضاح بود، پشیمان شدم",
        "کشتم خودم را تا جواب دادند",
        "آتیش زدم به مالم",
        "bastardised recipe, terrible taste",
        "you will regret this purchase",
        "avazi ferestadan",
        "",
    ],
)
def test_a_hard_complaint_is_no_abuse(text):
    assert abusive_words(text) == ()
