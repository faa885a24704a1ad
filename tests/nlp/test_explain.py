import time

import pytest

from monitor.types import Kind, Label, Text
from nlp.explain import explain


def test_the_deciding_word_comes_first():
    words = explain("غذای این رستوران افتضاح بود")
    assert words[0][0] == "افتضاح"
    assert words[0][1] > 0


def test_the_words_of_finglish_are_told_as_they_were_typed():
    words = dict(explain("ghazashoon eftezah bood, digeh sefaresh nemidam"))
    assert set(words) <= {"ghazashoon", "eftezah", "bood", "digeh", "sefaresh", "nemidam"}
    assert max(words, key=words.__getitem__) == "eftezah"


def test_weights_fall_in_size_and_are_few():
    weights = [
        abs(weight) for _, weight in explain("ارسال سریع بود ولی کیفیت غذا خیلی بد و قیمتش هم زیاد بود", limit=5)
    ]
    assert weights == sorted(weights, reverse=True)
    assert 0 < len(weights) <= 5


def test_nothing_is_explained_by_nothing():
    assert explain("") == []
    assert explain(" \n ") == []


def test_a_long_text_is_explained_in_pieces_and_in_time():
    text = Text("این گوشی را دو ماه پیش خریدم و خیلی راضی هستم " * 12, Kind.REVIEW)
    explain(text)
    began = time.perf_counter()
    assert len(explain(text)) <= 8
    # Usual texts take a few hundredths; the margin is for a busy machine.
    assert time.perf_counter() - began < 2


def test_words_of_another_label_do_not_decide():
    praise = "با فروشگاه پارسه، خرید آسان و سریع را تجربه کنید؛ بهترین قیمت و ارسال رایگان"
    assert explain(praise, label=Label.NEGATIVE) == []
    assert explain(praise, label=Label.POSITIVE) == explain(praise)


@pytest.mark.parametrize("word", ["معمولی", "تا", "افتضاح"])
def test_the_only_word_speaks_for_its_label(word):
    ((found, weight),) = explain(word)
    assert found == word
    assert 0 < weight < 8
