import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.folding import canonical_url, fingerprint, fold


@given(st.text())
def test_folding_twice_equals_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("كتابي", "کتابی"), ("۱۲٣", "123"), ("می\u200cروم", "می\u200cروم"), ("Straße", "strasse"), ("مدرسة", "مدرسه")],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_spelling_spacing_and_punctuation_do_not_change_a_fingerprint():
    assert fingerprint("خدمات‌شان، بد بود!") == fingerprint("خدمات شان بد بود")
    assert fingerprint("خدمات بد بود") != fingerprint("خدمات خوب بود")


@pytest.mark.parametrize(
    "twin",
    [
        "https://www.example.org/a?id=1",
        "http://example.org/a/?id=1",
        "https://example.org/a?utm_source=x&id=1&fbclid=2",
        "https://example.org/a?id=1#comments",
        "https://EXAMPLE.org/a?id=1",
    ],
)
def test_twins_of_an_address_are_one(twin):
    assert canonical_url(twin) == canonical_url("https://example.org/a?id=1")


def test_another_query_is_another_address():
    assert canonical_url("https://example.org/a?id=1") != canonical_url("https://example.org/a?id=2")
