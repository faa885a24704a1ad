"""Trains the linear half: support vector machines over hashed n-grams, one for each head."""

import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from monitor.types import Kind
from nlp.finglish import readable
from nlp.grams import BUCKETS, features
from nlp.linear import FILE
from nlp.training.data import LABELS, REASONS, TOPICS, Example

log = logging.getLogger(__name__)

# How much a row counts: one of our own, one of the raw texts with a label of ours, one of the public sets.
_OWN_WEIGHT, _ANNOTATED_WEIGHT, _PUBLIC_WEIGHT = 1.0, 0.3, 0.1
# Rows whose words are rare on purpose; at full weight they cost other languages more than they gave English.
_WIDE, _WIDE_WEIGHT = frozenset({"own_english4"}), 0.3
_STRICTNESS = {"label": 0.5, "topic": 0.5, "reason": 3.0}
# Reviews are written alike wherever they stand, so they have a mood of their own, in which the public sets count for
# more; most of all those of food, where a customer pressed one of two buttons or gave stars.
_REVIEW_PUBLIC_WEIGHT, _FOOD_WEIGHT, _REVIEW_STRICTNESS = 0.5, 2.0, 0.2
# What the mood of all texts counts in that of reviews: it knows neutral ones better.
_GENERAL_SHARE = 0.25
_FOOD = frozenset({"snappfood", "snappfood_rated"})
# English tweets are many and far from our texts; book reviews are noisy.
_LEFT_OUT = frozenset({"taaghche", "digikala_zh", "tweeteval_emotion_en"})
_TWEETS_SHARE = 0.3


def train_linear(examples: Sequence[Example], out_dir: Path, seed: int = 0) -> Path:
    """Fit all heads, and the mood of reviews by itself, on ``examples`` and write ``linear.npz``."""
    chooser = random.Random(seed)
    rows = [e for e in examples if _wanted(e, chooser)]
    trust = np.array([_trust(e) for e in rows])
    review_trust = np.array([_review_trust(e) for e in rows])
    counts = gram_matrix([e.text for e in rows])
    rarity = _rarity(counts)
    matrix = weigh(counts, rarity)
    parts = [
        _fit(matrix, trust, [e.label for e in rows], LABELS, _STRICTNESS["label"]),
        _fit(matrix, trust, [e.topic for e in rows], TOPICS, _STRICTNESS["topic"]),
        _fit(matrix, trust, [e.reason for e in rows], REASONS, _STRICTNESS["reason"]),
    ]
    mood, reviews = parts[0], _fit(matrix, review_trust, [_review_mood(e) for e in rows], LABELS, _REVIEW_STRICTNESS)
    parts.append([_with_general(own, general) for own, general in zip(reviews, mood, strict=True)])
    weights = np.concatenate([weights for weights, _ in parts]).T
    bias = np.concatenate([bias for _, bias in parts]).astype(np.float32)
    # A class of which there is no row has no weights.
    scales = np.maximum(np.abs(weights).max(axis=0) / 127, 1e-9).astype(np.float32)
    small = np.round(weights / scales).astype(np.int8)
    path = out_dir / FILE
    kinds = np.array([Kind.REVIEW.value])
    np.savez_compressed(path, rarity=rarity.astype(np.float16), weights=small, scales=scales, bias=bias, kinds=kinds)
    log.info("linear part: %d rows, %d bytes", len(rows), path.stat().st_size)
    return path


def _with_general(own: Any, general: Any) -> Any:
    return (1.0 - _GENERAL_SHARE) * own + _GENERAL_SHARE * general


def gram_matrix(texts: Sequence[str]) -> Any:
    """Sparse counts [len(texts), BUCKETS]."""
    from scipy import sparse

    found = [features(readable(text)) for text in texts]
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in found)])
    return sparse.csr_matrix(
        (np.concatenate([c for _, c in found]), np.concatenate([b for b, _ in found]), ends),
        shape=(len(texts), BUCKETS),
    )


def weigh(counts: Any, rarity: Any) -> Any:
    """Counts times rarity, each row of length one, as :meth:`nlp.linear.Linear.logits` does it."""
    from sklearn.preprocessing import normalize

    return normalize(counts.multiply(rarity[None, :]).tocsr())


def _rarity(counts: Any) -> Any:
    documents = np.bincount(counts.indices, minlength=BUCKETS)
    return np.log((1 + counts.shape[0]) / (1 + documents)) + 1


def _fit(matrix: Any, trust: Any, answers: Sequence[str | None], names: list[str], strictness: float) -> Any:
    """Weights [len(names), BUCKETS] and bias [len(names)] in the order of ``names``."""
    from sklearn.svm import LinearSVC

    rows = np.array([place for place, answer in enumerate(answers) if answer is not None])
    targets = np.array([names.index(str(answers[place])) for place in rows])
    machine = LinearSVC(C=strictness).fit(matrix[rows], targets, sample_weight=trust[rows])
    weights, bias = np.zeros((len(names), matrix.shape[1])), np.full(len(names), -1.0)
    weights[machine.classes_], bias[machine.classes_] = machine.coef_, machine.intercept_
    return weights, bias


def _trust(example: Example) -> float:
    if example.source in _WIDE:
        return _WIDE_WEIGHT
    if example.authored:
        return _OWN_WEIGHT
    return _ANNOTATED_WEIGHT if example.annotated else _PUBLIC_WEIGHT


def _review_trust(example: Example) -> float:
    if example.authored or example.annotated:
        return _OWN_WEIGHT
    return _FOOD_WEIGHT if example.source in _FOOD else _REVIEW_PUBLIC_WEIGHT


def _review_mood(example: Example) -> str | None:
    return example.label if Kind.REVIEW in example.kinds else None


def _wanted(example: Example, chooser: random.Random) -> bool:
    if example.source == "tweeteval_en":
        return chooser.random() < _TWEETS_SHARE
    return example.source not in _LEFT_OUT
