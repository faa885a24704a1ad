"""Any Hugging Face sequence-classification directory with an ONNX export works in the bundled model's place."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from monitor.errors import ModelError
from monitor.types import Kind, Text
from nlp.explain import explain
from nlp.labeller import load_labeller
from nlp.model import BUNDLED
from nlp.sentiment import load_classifier

FOREIGN = Path(__file__).parent / "data" / "foreign"


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(FOREIGN, tmp_path / "model"))


@pytest.fixture
def own(tmp_path):
    return Path(shutil.copytree(BUNDLED, tmp_path / "own"))


def change(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_a_two_class_model_answers_in_our_labels():
    happy, sad = load_classifier(FOREIGN).classify(["خوب و عالي بود", Text("بد", Kind.REVIEW)])
    assert happy.label == "positive"
    assert sad.label == "negative"
    assert sad.scores["neutral"] == 0.0
    assert sum(happy.scores.values()) == pytest.approx(1.0)
    assert happy.score == happy.scores[happy.label]


def test_its_window_is_obeyed():
    text = " ".join(["بد"] * 100 + ["خوب"])
    assert load_classifier(FOREIGN).classify([text])[0].label == "negative"


def test_the_bundled_model_helps_out_with_topics_and_reasons():
    labeller = load_labeller(FOREIGN)
    assert labeller.name.startswith("foreign@")
    (labels,) = labeller.label([Text("عالی")])
    assert labels.sentiment.label == "positive"
    assert labels.topic
    assert labeller.comments(["هر روز ایمیل می‌فرستید"])[0].reason.score > 0


def test_it_explains_with_that_model():
    words = dict(explain("نگاه کن عالی و بد", FOREIGN))
    assert words["عالی"] > 0 > words["بد"]


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "onnx/model.onnx"])
def test_a_missing_part_is_one_clear_line(copied, missing):
    (copied / missing).unlink()
    with pytest.raises(ModelError, match="the model directory has no"):
        load_classifier(copied)


def test_a_missing_directory_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match="no such model directory"):
        load_classifier(tmp_path / "nowhere")


def test_labels_that_are_no_sentiments_are_refused(copied):
    change(copied, id2label={"0": "cat", "1": "dog"})
    with pytest.raises(ModelError, match="cat, dog are not sentiments"):
        load_classifier(copied)


def test_a_wrong_number_of_classes_is_refused(copied):
    change(copied, id2label={"0": "negative", "1": "neutral", "2": "positive"})
    with pytest.raises(ModelError, match="the graph has 2 classes, config"):
        load_classifier(copied).classify(["خوب"])


def test_a_broken_configuration_is_refused(copied):
    (copied / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="not JSON"):
        load_classifier(copied)


@pytest.mark.parametrize("text", ["[]", '{"id2label": ["negative", "positive"]}'])
def test_a_configuration_that_is_no_object_is_refused(copied, text):
    (copied / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="is no object"):
        load_classifier(copied)


def test_classes_without_numbers_are_refused(copied):
    change(copied, id2label={"good": "positive", "bad": "negative"})
    with pytest.raises(ModelError, match="id2label numbers no classes"):
        load_classifier(copied)


def test_an_empty_graph_is_refused(copied):
    (copied / "onnx" / "model.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match="the model's graph cannot be read"):
        load_classifier(copied)


def test_an_empty_linear_half_is_refused(own):
    (own / "linear.npz").write_bytes(b"")
    with pytest.raises(ModelError, match="the model's linear part cannot be read"):
        load_classifier(own)


def test_a_linear_half_of_other_sizes_is_refused(own):
    change_linear(own, lambda parts: {"rarity": parts["rarity"][:-1]})
    with pytest.raises(ModelError, match="has other sizes than ours"):
        load_classifier(own)


def test_a_linear_half_of_other_classes_is_refused(own):
    change_linear(own, lambda parts: {"kinds": parts["kinds"][:0]})
    with pytest.raises(ModelError, match="has other classes than its configuration"):
        load_classifier(own)


@pytest.mark.parametrize(
    ("lacking", "said"), [("mix", "how its halves are mixed"), ("topic_labels", "lacks the classes")]
)
def test_a_configuration_that_lacks_what_our_model_needs_is_refused(own, lacking, said):
    change(own, **{lacking: None})
    with pytest.raises(ModelError, match=said):
        load_classifier(own).classify(["بد بود"])


def change_linear(folder, changed):
    with np.load(folder / "linear.npz") as stored:
        parts = dict(stored)
    np.savez(folder / "linear.npz", **{**parts, **changed(parts)})


def test_a_broken_graph_is_refused(copied):
    (copied / "onnx" / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="the model's graph cannot be read"):
        load_classifier(copied)


def test_a_broken_tokenizer_is_refused(copied):
    (copied / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="the model's tokenizer cannot be read"):
        load_classifier(copied)
