"""One epoch's training rows: which sets, how often, in which spelling, shown as which kind."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from monitor.types import Kind
from nlp.finglish import readable
from nlp.training import data
from nlp.training.augment import noisy
from nlp.training.data import LABELS, REASONS, TOPICS, Example
from nlp.training.frames import framed
from nlp.training.patterns import draw, labels_of, often, read_patterns

# How often an epoch reads each set; a fraction is a random share of its rows (see docs/model.md).
REPEATS: dict[str, float] = {
    "headlines_fa": 3.0,
    "headlines2": 3.0,
    "headlines3": 3.0,
    "posts_fa": 3.0,
    "posts2": 3.0,
    "posts3": 3.0,
    "posts4": 3.0,
    "long_fa": 2.0,
    "latin": 4.0,
    "hard": 4.0,
    "pairs2": 5.0,
    "own_pairs": 4.0,
    "reasons": 3.0,
    "raw_news": 1.0,
    "raw_reviews": 1.5,
    "raw_social": 1.0,
    "snappfood": 1.0,
    "snappfood_rated": 0.7,
    "deepsentipers": 1.0,
    "sentipers_extra": 1.0,
    "digikala_recommend": 1.0,
    "digikala_mixed": 0.5,
    "digikala_zh": 0.3,
    "taaghche": 0.15,
    "tweeteval_en": 0.6,
    "tweeteval_emotion_en": 0.3,
    "alexa_en": 0.5,
}
_OWN_DEFAULT = 2.0
_FRAMED_SOURCE = "own_pairs"
_UNTOLD_SHARE = 0.3
_NOISY_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Row:
    """What one training step reads; ``target`` holds the three probabilities, -1 marks an absent answer.

    Rows of like ``pair`` are the members of one minimal pair, told and framed alike; they stand together.
    """

    text: str
    kind: Kind | None
    target: tuple[float, float, float] | None
    topic: int = -1
    reason: int = -1
    pair: str = ""


def epoch_rows(examples: Sequence[Example], seed: int, public: float = 1.0, patterns: float = 0.3) -> list[Row]:
    """The rows of one pass, in random order and freshly respelled.

    ``public`` scales the public sets' repeats; ``patterns`` is the part of the rows that is drawn anew from patterns.
    """
    chooser = random.Random(seed)
    units: list[list[Row]] = []
    for unit in _units(examples):
        repeats = REPEATS.get(unit[0].source, _OWN_DEFAULT) * (1.0 if unit[0].authored else public)
        units += [_rows(unit, number, chooser) for number in range(_whole(repeats, chooser))]
    draws = _draws(sum(map(len, units)), patterns)
    for place, pattern in enumerate(read_patterns()):
        for number in range(_whole(draws * often(pattern), chooser)):
            units.append(_rows(draw(pattern, str(place), chooser), number, chooser))
    chooser.shuffle(units)
    return [row for unit in units for row in unit]


def _draws(rows: int, share: float) -> float:
    """How many pairs of a plain pattern make all patterns a ``share`` of what is read, beside so many ``rows``."""
    return rows * share / (1.0 - share) / sum(often(pattern) * len(labels_of(pattern)) for pattern in read_patterns())


def _whole(times: float, chooser: random.Random) -> int:
    """``times`` as a whole number, up or down by chance, so that it comes out right in the mean."""
    return int(times) + (chooser.random() < times % 1)


def _units(examples: Sequence[Example]) -> list[list[Example]]:
    """What is repeated and shuffled as one: a minimal pair, or a text alone."""
    keyed = sorted(
        ((f"{e.source} {e.pair}" if e.pair else f"{e.source} {n:07d}", e) for n, e in enumerate(examples)),
        key=lambda pair: pair[0],
    )
    return [[example for _, example in group] for _, group in groupby(keyed, key=lambda pair: pair[0])]


def read_examples(data_dir: Path) -> list[Example]:
    """All labelled training examples, without the ratings that people use for both moods."""
    public = [e for e in data.read_labelled(data_dir, "train") if not _doubtful(e)]
    return data.read_authored(data_dir, "train") + data.read_annotated(data_dir, "train") + public


def _doubtful(example: Example) -> bool:
    return example.source in {"snappfood_rated", "digikala_mixed"} and example.label == "neutral"


def _rows(unit: Sequence[Example], number: int, chooser: random.Random) -> list[Row]:
    untold = chooser.random() < _UNTOLD_SHARE and not unit[0].reason
    kind = None if untold else chooser.choice(unit[0].kinds)
    pair = f"{unit[0].source} {unit[0].pair} {number}" if len(unit) > 1 else ""
    frame = chooser.random()
    rows = []
    for example in unit:
        if example.source == _FRAMED_SOURCE:
            # The same frame around every member: only the change that turns the mood is to differ.
            text = framed(example.text, example.language, random.Random(frame))
            example = replace(example, text=text)
        rows.append(_row(example, kind, pair, chooser))
    return rows


def _row(example: Example, kind: Kind | None, pair: str, chooser: random.Random) -> Row:
    return Row(
        readable(noisy(example.text, chooser) if chooser.random() < _NOISY_SHARE else example.text),
        kind,
        _target(example.label),
        TOPICS.index(example.topic) if example.topic else -1,
        REASONS.index(example.reason) if example.reason else -1,
        pair,
    )


def _target(label: str | None) -> tuple[float, float, float] | None:
    if label is None:
        return None
    place = LABELS.index(label)
    # A little doubt: single annotators and customers' own buttons are not always right.
    low, high = 0.02, 0.96
    return (high if place == 0 else low, high if place == 1 else low, high if place == 2 else low)
