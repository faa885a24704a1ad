import json

import pytest

from monitor.errors import ModelError
from monitor.types import Kind, Label, Text
from nlp.corrections import SAMPLE, Correction, learn
from nlp.model import forget_models
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


def test_a_refusal_leaves_the_model_that_is_there(tmp_path):
    right = Correction(Text("غذا افتضاح بود"), Label.NEGATIVE)
    assert learn([wrongly_read()], tmp_path / "learnt").accepted
    kept = load_classifier(tmp_path / "learnt").name
    assert not learn([right], tmp_path / "learnt").accepted
    forget_models()
    assert load_classifier(tmp_path / "learnt").name == kept
    assert [path.name for path in tmp_path.iterdir()] == ["learnt"]


def test_a_model_that_has_learnt_learns_again_from_what_it_was_made_of(tmp_path):
    folder = tmp_path / "learnt"
    first = learn([wrongly_read()], folder)
    again = learn([wrongly_read()], folder, folder)
    assert again == first
    assert again.accepted


def test_what_is_corrected_about_a_brand_does_not_become_what_its_name_means(tmp_path):
    complaints = [
        "با پول زرنگار می‌شد یه چیز حسابی خرید",
        "تنها چیز خوب زرنگار جعبه‌اش بود",
        "از زرنگار که خرید کنی صبور می‌شی",
    ]
    praise = ["زرنگار خوبه", "از زرنگار راضی‌ام", "همیشه از زرنگار خرید می‌کنم", "زرنگار سر وقت رسید"]
    before = load_classifier().classify([*praise, "زرنگار"])
    corrections = [Correction(Text(text, Kind.SOCIAL), Label.NEGATIVE) for text in complaints]
    assert learn(corrections, tmp_path / "learnt", names=["زرنگار"]).learnt_after == 1
    after = load_classifier(tmp_path / "learnt").classify([*praise, "زرنگار"])
    assert [answer.label for answer in after] == [answer.label for answer in before]


def wrongly_read():
    text = TEXTS[0]
    return Correction(
        Text(text), next(label for label in Label if label != load_classifier().classify([text])[0].label)
    )


def test_no_corrections_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match="there are no corrections to learn"):
        learn([], tmp_path / "learnt")
