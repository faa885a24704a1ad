"""The quality gate: floors on a frozen sample, lowered only on purpose, in ``data/quality.json``."""

import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path

import pytest

from monitor.types import Kind, Text
from nlp.corrections import SAMPLE
from nlp.reasons import classify_reasons
from nlp.sentiment import load_classifier
from nlp.training.augment import variants
from nlp.training.evaluate import macro_f1

GATE = json.loads((Path(__file__).parent / "data" / "quality.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def groups():
    rows = defaultdict(list)
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["group"]].append(row)
    return rows


def as_texts(rows):
    return [Text(row["text"], Kind(row["kind"])) for row in rows]


def test_the_sample_is_the_frozen_one():
    assert hashlib.sha256(SAMPLE.read_bytes()).hexdigest() == GATE["sha256"]


@pytest.mark.parametrize("group", [name for name in GATE["floors"] if name not in {"pairs", "reasons", "variants"}])
def test_macro_f1_stays_above_its_floor(groups, group):
    answers = load_classifier().classify(as_texts(groups[group]))
    figure = macro_f1([row["label"] for row in groups[group]], [answer.label.value for answer in answers])
    assert figure >= GATE["floors"][group]


def test_pairs_are_told_apart(groups):
    pairs = defaultdict(list)
    answers = load_classifier().classify(as_texts(groups["pairs"]))
    for row, answer in zip(groups["pairs"], answers, strict=True):
        pairs[row["pair"]].append(answer.label == row["label"])
    assert sum(map(all, pairs.values())) / len(pairs) >= GATE["floors"]["pairs"]


def test_reasons_are_found(groups):
    reasons = classify_reasons([row["text"] for row in groups["reasons"]])
    right = sum(reason.code == row["code"] for row, reason in zip(groups["reasons"], reasons, strict=True))
    assert right / len(reasons) >= GATE["floors"]["reasons"]


def test_spelling_does_not_change_the_label(groups):
    chooser = random.Random(11)
    rows = groups["headlines"][:40] + groups["posts fa"][:40] + groups["posts fa-latn"][:20]
    alike = 0
    for row in rows:
        spellings = [row["text"], *variants(row["text"], chooser)]
        answers = load_classifier().classify([Text(text, Kind(row["kind"])) for text in spellings])
        alike += len({answer.label for answer in answers}) == 1
    assert alike / len(rows) >= GATE["floors"]["variants"]
