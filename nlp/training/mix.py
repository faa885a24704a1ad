"""How much each half of the model counts, and at what temperature its scores are as right as they claim."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from monitor.types import Kind, Text
from nlp.model import forget_models, load_model
from nlp.scores import softmax
from nlp.training import data
from nlp.training.data import LABELS, REASONS, TOPICS
from nlp.training.evaluate import told

# The linear half's margins are small numbers; these are tried as its weight beside the network's 1.
_LINEAR_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_TEMPERATURES = tuple(np.exp(np.linspace(np.log(0.4), np.log(4.0), 60)).tolist())
_ANSWERS = {"logits": ("label", LABELS), "topic_logits": ("topic", TOPICS), "reason_logits": ("reason", REASONS)}


# Kinds that are written alike share their weights; a kind that is not here, or not told, gets those of all rows.
_ALIKE = ((Kind.SEARCH_RESULT, Kind.ARTICLE), (Kind.REVIEW,))
_LEAST_ROWS = 100


def fit_mix(model_dir: Path, data_dir: Path) -> dict[str, dict[str, Any]]:
    """Choose weight and temperature of each head by the likelihood of dev answers; written to ``config.json``.

    The sentiment head has them for each kind of text, under ``kinds``, beside those of all rows.
    """
    own = data.read_authored(data_dir, "dev")
    chooser = random.Random(0)
    public = data.read_labelled(data_dir, "dev")
    public = chooser.sample(public, min(len(own), len(public)))
    annotated = data.read_annotated(data_dir, "dev")
    public += chooser.sample(annotated, min(len(own) // 4, len(annotated)))
    mix: dict[str, dict[str, Any]] = {}
    place = 0
    for head, (field, names) in _ANSWERS.items():
        # Half of what the scores are judged on is our own kinds of text, the rest public sets and raw text.
        rows = [e for e in own + public if getattr(e, field)]
        texts, columns = [told(e) for e in rows], slice(place, place + len(names))
        network = _network(model_dir, texts, head)
        truth = np.array([names.index(getattr(e, field)) for e in rows])
        # These weights are for kinds without columns of their own, so the linear half is not told the kind here.
        mix[head] = _weights(network, _linear(model_dir, [text.text for text in texts], columns), truth)
        if head == "logits":
            linear = _linear(model_dir, texts, columns)
            mix[head]["kinds"] = _weights_of_kinds(network, linear, truth, [text.kind for text in texts])
        place += len(names)
    path = model_dir / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "mix": mix}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    forget_models()
    return mix


def _network(model_dir: Path, texts: Sequence[Text], head: str) -> Any:
    """What the network says for one head [len(texts), classes]."""
    (logits,), _ = load_model(model_dir).network(texts, [head])
    return logits


def _linear(model_dir: Path, texts: Sequence[str | Text], columns: slice) -> Any:
    """What the linear half says for one head, whose place is ``columns`` [len(texts), classes]."""
    return load_model(model_dir).linear(texts)[:, columns]


def _weights_of_kinds(network: Any, linear: Any, truth: Any, kinds: list[Kind | None]) -> dict[str, dict[str, float]]:
    found = {}
    for group in _ALIKE:
        rows = np.array([kind in group for kind in kinds])
        if rows.sum() >= _LEAST_ROWS:
            weights = _weights(network[rows], linear[rows], truth[rows])
            found.update({kind.value: weights for kind in group})
    return found


def _weights(network: Any, linear: Any, truth: Any) -> dict[str, float]:
    """The two weights under which ``truth`` [n] surprises least."""
    _, weight, temperature = min(
        (_surprise((network + weight * linear) / temperature, truth), weight, temperature)
        for weight in _LINEAR_WEIGHTS
        for temperature in _TEMPERATURES
    )
    return {"network": round(1 / temperature, 4), "linear": round(weight / temperature, 4)}


def _surprise(logits: Any, truth: Any) -> float:
    """Mean negative log-likelihood of ``truth`` [n] under ``logits`` [n, classes]."""
    scores = softmax(logits)
    return float(-np.log(np.maximum(scores[np.arange(len(truth)), truth], 1e-9)).mean())
