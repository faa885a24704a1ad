"""Both catalogues are full and compiled, and no translation loses a value."""

import re

import pytest

from tests.web.catalogues import compiled, po_path, read_catalogue, texts

MEND = "run: python -m tests.web.catalogues"


def strings(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.fixture(scope="module")
def wanted():
    return {message.id for message in texts() if message.id}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_text_of_the_pages_is_in_the_catalogue_and_no_other(language, wanted):
    have = {message.id for message in read_catalogue(language) if message.id}
    assert have == wanted, MEND


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_text_is_translated_and_keeps_its_values(language):
    for message in read_catalogue(language):
        if not message.id:
            continue
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for text in strings(message):
            assert text, f"not translated: {message.id}"
            assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", source)), message.id


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_compiled_catalogue_is_the_written_one(language):
    assert po_path(language).with_suffix(".mo").read_bytes() == compiled(read_catalogue(language)), MEND


def test_persian_is_written_in_persian_letters_and_digits():
    for message in read_catalogue("fa"):
        for text in strings(message) if message.id else ():
            assert not re.search(r"[يكةىٔ]", text.replace("هٔ", "")), text
            assert not re.search(r"[0-9]|!|،،|\s،", re.sub(r"%\(\w+\)s", "x", text)), text
