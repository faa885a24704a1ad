"""English beside Persian: the same texts in both languages, written side by side and kept out of training."""

import hashlib
import json
from collections import defaultdict
from pathlib import Path

import pytest

from monitor.types import Kind, Text
from nlp.sentiment import load_classifier
from nlp.training.evaluate import macro_f1

DATA = Path(__file__).parent / "data"
ITEMS = [json.loads(line) for line in (DATA / "parallel.jsonl").read_text(encoding="utf-8").splitlines()]
GATE = json.loads((DATA / "parallel.json").read_text(encoding="utf-8"))
TITLES = {"search_result", "article"}


@pytest.fixture(scope="module")
def answers():
    """The labels given to all items, by language."""
    classify = load_classifier().classify
    return {
        language: [answer.label for answer in classify([Text(item[language], Kind(item["kind"])) for item in ITEMS])]
        for language in ("fa", "en")
    }


def figure_of(group, given):
    """Macro-F1 of the single texts; of the pairs, the part of which both texts are labelled right."""
    if group == "pairs":
        pairs = defaultdict(list)
        for item, label in zip(ITEMS, given, strict=True):
            if "pair" in item:
                pairs[item["pair"]].append(label == item["label"])
        return sum(map(all, pairs.values())) / len(pairs)
    chosen = [
        (item["label"], label.value)
        for item, label in zip(ITEMS, given, strict=True)
        if "pair" not in item and (item["kind"] in TITLES) == (group == "titles")
    ]
    return macro_f1(*map(list, zip(*chosen, strict=True)))


def test_the_texts_are_the_frozen_ones():
    assert hashlib.sha256((DATA / "parallel.jsonl").read_bytes()).hexdigest() == GATE["sha256"]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("group", ["titles", "talk", "pairs"])
def test_each_language_stays_above_its_floor(answers, group, language):
    assert figure_of(group, answers[language]) >= GATE["floors"][group][language]


def test_english_is_as_good_as_persian(answers):
    right = {
        language: sum(label == item["label"] for item, label in zip(ITEMS, given, strict=True)) / len(ITEMS)
        for language, given in answers.items()
    }
    assert right["en"] >= right["fa"] - GATE["behind"]
