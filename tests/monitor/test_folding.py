import re
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.folding import _SETTLED, LATIN, PERSIAN, canonical_host, canonical_url, fingerprint, fold


@given(st.text())
def test_folding_twice_equals_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("كتابي", "کتابی"),
        ("۱۲٣", "123"),
        ("می\u200cروم", "می\u200cروم"),
        ("Straße", "strasse"),
        ("مدرسة", "مدرسه"),
        ("ﻛﺘﺎﺑﻲ", "کتابی"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u064e\u0651", "\uff9e\u0301"])
def test_a_letter_under_thousands_of_marks_is_folded_in_no_time(marks):
    started = time.perf_counter()
    assert fold(f"زرنگار بده e{marks * 60_000}").startswith("زرنگار بده e")
    assert time.perf_counter() - started < 2


def test_spelling_spacing_and_punctuation_do_not_change_a_fingerprint():
    assert fingerprint("خدمات‌شان، بد بود!") == fingerprint("خدمات شان بد بود")
    assert fingerprint("خدمات بد بود") != fingerprint("خدمات خوب بود")


@pytest.mark.parametrize(("block", "letters"), [(range(0x620, 0x700), PERSIAN), (range(0xC0, 0x250), LATIN)])
def test_letters_digits_and_marks_make_words_and_nothing_else_does(block, letters):
    in_words = {letter for letter in map(chr, block) if unicodedata.category(letter)[0] in "LNM"}
    assert set(re.findall(f"[{letters}]", "".join(map(chr, block)))) == in_words


@pytest.mark.parametrize(
    "twin",
    [
        "https://www.example.org/a?id=1",
        "http://example.org/a/?id=1",
        "https://example.org/a?utm_source=x&id=1&fbclid=2",
        "https://example.org/a?id=1#comments",
        "https://EXAMPLE.org/a?id=1",
        "https://example.org/a?UTM_Source=x&id=1&utm_Medium",
        "https://example.org/a?id=1&fbclid=2#comments",
        "https://example.org/a/amp?amp&id=1",
    ],
)
def test_twins_of_an_address_are_one(twin):
    assert canonical_url(twin) == canonical_url("https://example.org/a?id=1")


@pytest.mark.parametrize(
    ("edition", "page"),
    [
        ("http://www.google.com/amp/example.org/a", "example.org/a"),
        ("https://www.google.com/amp/s/amp.example.org/a", "example.org/a"),
        ("https://example-org.cdn.ampproject.org/c/example.org/a/amp/", "example.org/a"),
        ("https://example.org/amp/news/1", "example.org/news/1"),
        ("https://example.org/fa/amp/news/1", "example.org/fa/news/1"),
        ("https://example.org/fa/news/1/a-headline/amp/", "example.org/fa/news/1/a-headline"),
        ("https://example.org/news/1.amp.html", "example.org/news/1.html"),
        ("https://example.org/product/7/amp", "example.org/product/7"),
        # No editions: things and places that bear the name.
        ("https://example.org/product/amp", "example.org/product/amp"),
        ("https://example.org/fa/tag/amp/", "example.org/fa/tag/amp"),
        ("https://example.org/amp", "example.org"),
        ("https://example.org/guitars/amp/7", "example.org/guitars/amp/7"),
        ("https://example.org/ample/amps", "example.org/ample/amps"),
        ("https://example.org/a?camp=1&amps=2", "example.org/a?amps=2&camp=1"),
    ],
)
def test_the_editions_of_a_page_are_told_from_pages_of_the_name(edition, page):
    assert canonical_url(edition) == page


def test_another_query_is_another_address():
    assert canonical_url("https://example.org/a?id=1") != canonical_url("https://example.org/a?id=2")


def test_what_is_not_decomposed_has_no_parts():
    settled = [chr(code) for code in range(sys.maxunicode) if _SETTLED.fullmatch(chr(code))]
    assert len(settled) > 1000
    for letter in settled:
        assert unicodedata.normalize("NFKD", letter) == letter and not unicodedata.combining(letter)


def test_diacritics_and_ligatures_go_wherever_they_stand():
    assert fold("مُحَمَّد … ﷼ é") == fold("محمد ... ریال e")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.Example.org/a?id=1",
        "http://m.example.org:8080",
        "https://example.org",
        "https://www.google.com/amp/s/example.org/a",
        "https://خبر.example/الف",
        "http://user@example.org/",
        "http://[::1]:80/a",
        "example.org/a",
        "file:3/12",
        "",
    ],
)
def test_the_host_is_that_of_the_canonical_address(url):
    assert canonical_host(url) == canonical_url(url).partition("/")[0]
