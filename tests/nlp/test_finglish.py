"""Finglish is read in Persian letters; nothing else is changed by it."""

import time

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


@pytest.mark.parametrize(
    ("finglish", "persian"),
    [
        ("kheili bad bud", "خیلی بد بود"),
        ("poshtibani bad nist", "پشتیبانی بد نیست"),
        ("khadamat bad, gerun", "خدمات بد, گرون"),
        ("peyke bad akhlagh", "پیک بد اخلاق"),
        ("keyfiat bad ghaza sard", "کیفیت بد غذا سرد"),
        ("kheyli bade, nakharid", "خیلی بده, نخرید"),
        ("tajrobe badi bud", "تجربه بدی بود"),
        ("az in barkhord badam miad", "از این برخورد بدم میاد"),
        ("bad az yek hafte resid", "بعد از یک هفته رسید"),
        ("chand ruz bad zang zadan", "چند روز بعد زنگ زدن"),
        ("az in be bad nemikharam", "از این به بعد نمیخرم"),
        ("bade 3 mah kharab shod", "بعد 3 ماه خراب شد"),
        ("hafteye badi miad", "هفته بعدی میاد"),
    ],
)
def test_what_stands_beside_it_tells_bad_from_after(finglish, persian):
    assert readable(finglish) == persian


def test_reading_twice_changes_nothing_more():
    once = readable("in goshi 2 rooze kharab shod, poolam ro pas bedid")
    assert readable(once) == once


def test_a_word_without_end_stays_and_costs_nothing():
    endless = "salamkhoobichetori" * 5_000
    started = time.perf_counter()
    assert "salamkhoobichetorisalamkhoobichetori" in readable(f"kheili gerun bud {endless}")
    assert time.perf_counter() - started < 2
