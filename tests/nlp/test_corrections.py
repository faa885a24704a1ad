import json

import pytest

from monitor.errors import ModelError
from monitor.types import Kind, Label, Text
from nlp.corrections import SAMPLE, Correction, learn
from nlp.sentiment import load_classifier

TEXTS = [f"زرنگارپلاس ژوان {word}" for word in ("کوشا", "نوید", "مانا", "پویا", "آرش", "سام", "رها", "دنا")]


def test_what_people_say_is_learnt_and_nothing_else_gets_worse(tmp_path):
    wrong = next(label for label in Label if label != load_classifier().classify([TEXTS[0]])[0].label)
    corrections = [Correction(Text(text), wrong) for text in TEXTS]
    outcome = learn(corrections, tmp_path / "learnt")
    assert outcome.accepted
    assert outcome.sample_after >= outcome.sample_before
    assert outcome.learnt_after > outcome.learnt_before
    assert load_classifier(tmp_path / "learnt").classify(["زرنگارپلاس ژوان"])[0].label == wrong


def test_harmful_corrections_are_refused(tmp_path):
    turned = {"negative": Label.POSITIVE, "positive": Label.NEGATIVE, "neutral": Label.NEGATIVE}
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    nonsense = [
        Correction(Text(row["text"], Kind(row["kind"])), turned[row["label"]]) for row in rows if "label" in row
    ]
    outcome = learn(nonsense, tmp_path / "learnt")
    assert not outcome.accepted
    assert outcome.sample_after < outcome.sample_before
    assert not (tmp_path / "learnt").exists()


def test_no_corrections_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match="there are no corrections to learn"):
        learn([], tmp_path / "learnt")
