"""How well a labeller does, set by set, on the dev parts; the official test parts are not ours to see."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.types import Text
from nlp.training import data
from nlp.training.augment import variants
from nlp.training.data import Example


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer a text: label, its probability, topic, reason code."""

    labels: list[str]
    scores: list[float]
    topics: list[str]
    reasons: list[str]


Predict = Callable[[Sequence[Text]], Answers]

_HEADLINES = ("headlines_fa", "headlines2", "headlines3")
_POSTS = ("posts_fa", "posts2", "posts3", "posts4", "latin", "long_fa")
_VARIANT_ROWS = 300


def measure(predict: Predict, data_dir: Path) -> dict[str, Any]:
    """Figures by set: macro-F1, accuracy and row counts, all on dev rows.

    Each text is given with the kind its set suggests, except under ``untold``, where the kind is left out.
    """
    own = data.read_authored(data_dir, "dev")
    labelled = [e for e in own if e.label]
    annotated = data.read_annotated(data_dir, "dev")
    public = data.read_labelled(data_dir, "dev")
    unseen = data.read_labelled(data_dir, "dev", "evaluation_only")
    answers = predict([told(e) for e in labelled])
    found = list(zip(labelled, answers.labels, strict=True))
    figures: dict[str, Any] = {
        "headlines": _score(_pick(found, _HEADLINES)),
        "posts": _score(_pick(found, _POSTS)),
        "hard": _score(_pick(found, ("hard",))),
        "pairs_both_right": _pairs(found),
        "untold": _score(list(zip(labelled, predict([Text(e.text) for e in labelled]).labels, strict=True))),
        "languages": {
            f"{group} {language}": _score([pair for pair in _pick(found, names) if pair[0].language == language])
            for group, names in (("headlines", _HEADLINES), ("posts", _POSTS))
            for language in ("fa", "fa-latn", "en")
        },
        "phenomena": _by(found, lambda example: example.phenomenon),
        "calibration": _calibration(labelled, answers),
        "topics": _topics(labelled, answers),
        "reasons": _reasons([e for e in own if e.reason], predict),
        "variants_alike": _variants_alike(labelled, predict),
    }
    for group, rows in (("annotated", annotated), ("public", public), ("evaluation_only", unseen)):
        labels = predict([told(e) for e in rows]).labels
        figures[group] = _by(list(zip(rows, labels, strict=True)), lambda example: example.source)
    return figures


def told(example: Example) -> Text:
    """The example as a caller who knows its kind would give it."""
    return Text(example.text, example.kinds[0])


def macro_f1(truth: Sequence[str], guess: Sequence[str]) -> float:
    """Mean F1 over the classes that occur in ``truth``."""
    scores = []
    for name in sorted(set(truth)):
        right = sum(t == g == name for t, g in zip(truth, guess, strict=True))
        total = sum(t == name for t in truth) + sum(g == name for g in guess)
        scores.append(2 * right / total if total else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def _score(found: Sequence[tuple[Example, str]]) -> dict[str, float]:
    truth = [str(example.label) for example, _ in found]
    guess = [label for _, label in found]
    right = sum(t == g for t, g in zip(truth, guess, strict=True))
    return {
        "f1": round(macro_f1(truth, guess), 4),
        "accuracy": round(right / len(truth), 4) if truth else 0.0,
        "rows": len(truth),
    }


def _pick(found: Iterable[tuple[Example, str]], sources: Sequence[str]) -> list[tuple[Example, str]]:
    return [(example, label) for example, label in found if example.source in sources]


def _by(found: Sequence[tuple[Example, str]], key: Callable[[Example], str]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[tuple[Example, str]]] = defaultdict(list)
    for example, label in found:
        if key(example):
            groups[key(example)].append((example, label))
    return {name: _score(group) for name, group in sorted(groups.items())}


def _pairs(found: Iterable[tuple[Example, str]]) -> dict[str, float]:
    """Share of minimal pairs of which every member is right."""
    out = {}
    for source in ("pairs2", "hard"):
        groups: dict[str, list[bool]] = defaultdict(list)
        for example, label in found:
            if example.pair and example.source == source:
                groups[example.pair].append(example.label == label)
        pairs = [group for group in groups.values() if len(group) > 1]
        out[source] = round(sum(map(all, pairs)) / len(pairs), 4) if pairs else 0.0
        out[f"{source}_pairs"] = len(pairs)
    return out


def _topics(examples: Sequence[Example], answers: Answers) -> dict[str, float]:
    rows = [(e.topic, topic) for e, topic in zip(examples, answers.topics, strict=True) if e.topic]
    truth, guess = [str(t) for t, _ in rows], [g for _, g in rows]
    return {"f1": round(macro_f1(truth, guess), 4), "rows": len(rows)}


def _reasons(examples: Sequence[Example], predict: Predict) -> dict[str, float]:
    guess = predict([told(e) for e in examples]).reasons
    truth = [str(e.reason) for e in examples]
    right = sum(t == g for t, g in zip(truth, guess, strict=True))
    return {
        "f1": round(macro_f1(truth, guess), 4),
        "accuracy": round(right / len(truth), 4),
        "rows": len(truth),
    }


def _variants_alike(examples: Sequence[Example], predict: Predict) -> dict[str, float]:
    """Share of texts whose label no variant changes."""
    chooser = random.Random(7)
    rows = chooser.sample(list(examples), min(_VARIANT_ROWS, len(examples)))
    texts: list[Text] = []
    sizes = []
    for example in rows:
        kinds = example.kinds[0]
        group = [example.text, *variants(example.text, chooser)]
        texts += [Text(text, kinds) for text in group]
        sizes.append(len(group))
    labels = iter(predict(texts).labels)
    alike = [len({next(labels) for _ in range(size)}) == 1 for size in sizes]
    return {"share": round(sum(alike) / len(alike), 4), "rows": len(alike)}


def _calibration(examples: Sequence[Example], answers: Answers, bins: int = 10) -> dict[str, float]:
    """Expected calibration error: mean gap between score and how often it is right."""
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for example, label, score in zip(examples, answers.labels, answers.scores, strict=True):
        groups[min(int(score * bins), bins - 1)].append((score, example.label == label))
    gap = sum(abs(sum(s for s, _ in group) - sum(r for _, r in group)) for group in groups.values())
    return {"expected_error": round(gap / max(len(examples), 1), 4)}
