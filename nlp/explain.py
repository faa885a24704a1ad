"""The words that decided: how the odds of the label fall when each is left out."""

import math
import re
from pathlib import Path

from monitor.types import Label, Text
from nlp.normalize import MOST_LETTERS
from nlp.sentiment import LABELS, load_classifier

_WORD = re.compile(r"\S+")
_EDGES = "".join(chr(c) for c in range(33, 48)) + ":;<=>?[]^_{|}~«»؟،؛…"
# More pieces than this are read in groups of neighbouring words, which keeps a page's worth under its time.
_MOST_PIECES = 40
_LEAST_WEIGHT = 0.02


def explain(
    text: str | Text, path: Path | None = None, limit: int = 8, label: Label | None = None
) -> list[tuple[str, float]]:
    """The deciding words of ``text``, strongest first, at most ``limit``; none where it is not read as ``label``.

    A weight is by how much the log-odds of the text's label fall without the word (about 0.7 halves the odds): above
    zero the word speaks for the label, below zero against it. In a long text neighbouring words share a weight.
    """
    plain = (text.text if isinstance(text, Text) else text)[:MOST_LETTERS]
    kind = text.kind if isinstance(text, Text) else None
    spans = _spans(plain)
    if not spans:
        return []
    without = [f"{plain[:first]} {plain[last:]}" for first, last in spans]
    classifier = load_classifier(path)
    scores = classifier.probabilities([Text(piece, kind) for piece in (plain, *without)])
    place = int(scores[0].argmax())
    if label and LABELS[place] is not label:
        return []
    # One with no word left is neutral by decree, which says nothing about the word: all labels are as likely then.
    scores[(scores == (0.0, 1.0, 0.0)).all(axis=1)] = 1 / len(LABELS)
    odds = _log_odds(scores[:, place].tolist())
    weights = [
        (plain[first:last].strip(_EDGES), odds[0] - less) for (first, last), less in zip(spans, odds[1:], strict=True)
    ]
    strong = [(words, weight) for words, weight in weights if words and abs(weight) >= _LEAST_WEIGHT]
    return sorted(strong, key=lambda pair: -abs(pair[1]))[:limit]


def _log_odds(probabilities: list[float]) -> list[float]:
    sure = 1e-6
    return [math.log(max(p, sure) / max(1.0 - p, sure)) for p in probabilities]


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each word, or each group of neighbours in a long text, begins and ends."""
    words = [match.span() for match in _WORD.finditer(text)]
    size = -(-len(words) // _MOST_PIECES) or 1
    return [(words[first][0], words[min(first + size, len(words)) - 1][1]) for first in range(0, len(words), size)]
