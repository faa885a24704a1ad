"""Finglish is read in Persian letters; nothing else is changed by it."""

import pytest

from nlp.finglish import readable, to_persian
from nlp.normalize import normalize


@pytest.mark.parametrize(
    ("finglish", "persian"),
    [
        ("kheili khoob bood vali dir resid", "خیلی خوب بود ولی دیر رسید"),
        ("xeyli xub bud vali dir residd", "خیلی خوب بود ولی دیر رسید"),
        ("ghaza sard bood o nooshabe garm!!", "غذا سرد بود و نوشابه گرم!"),
        ("Chera javabe telefon ro nemidin?", "چرا جواب تلفن رو نمیدین?"),
        ("mi arze vali nemi kharam", "میارزه ولی نمیخرم"),
        ("mi khastam laghv konam 😂 https://example.com/p/1", "میخواستم لغو کنم 😂 <url>"),
    ],
)
def test_finglish_is_read_as_its_writer_would_have_typed_it_in_persian(finglish, persian):
    assert readable(finglish) == persian


def test_a_word_that_nobody_turned_into_persian_is_found_by_its_sound():
    from nlp.finglish import _tables

    for latin, persian in (("mohandesin", "مهندسین"), ("khabarnegaraan", "خبرنگاران"), ("estandardha", "استانداردها")):
        assert latin not in _tables().words
        assert to_persian(latin) == persian


def test_a_word_that_is_in_no_list_is_found_without_its_ending():
    assert to_persian("maliatamo") == "مالیاتمو"
    assert to_persian("mahalishun") == "محلیشون"


def test_what_no_persian_word_sounds_like_stays():
    assert to_persian("qwrtzxv 12 <user>") == "qwrtzxv 12 <user>"


@pytest.mark.parametrize(
    "text", ["The food was cold and late", "غذا سرد بود، wifi هم نداشت", "", "😂😂", "das essen war sehr gut", "12:30"]
)
def test_all_else_is_only_normalised(text):
    assert readable(text) == normalize(text)


def test_reading_twice_changes_nothing_more():
    once = readable("in goshi 2 rooze kharab shod, poolam ro pas bedid")
    assert readable(once) == once
