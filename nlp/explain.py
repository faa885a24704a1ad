"""The words that decided: how the label's probability falls when each is left out."""

import re
from pathlib import Path

from monitor.types import Text
from nlp.sentiment import load_classifier

_WORD = re.compile(r"\S+")
_EDGES = "".join(chr(c) for c in range(33, 48)) + ":;<=>?[]^_{|}~«»؟،؛…"
# More pieces than this are read in groups of neighbouring words, which keeps a page's worth under its time.
_MOST_PIECES = 40
_LEAST_WEIGHT = 0.005


def explain(text: str | Text, path: Path | None = None, limit: int = 8) -> list[tuple[str, float]]:
    """The deciding words of ``text``, strongest first, at most ``limit``.

    A weight is by how much the probability of the text's label falls without the word: above zero the word speaks for
    the label, below zero against it. In a long text neighbouring words share a weight.
    """
    plain = text.text if isinstance(text, Text) else text
    kind = text.kind if isinstance(text, Text) else None
    spans = _spans(plain)
    if not spans:
        return []
    without = [f"{plain[:first]} {plain[last:]}" for first, last in spans]
    classifier = load_classifier(path)
    scores = classifier.probabilities([Text(piece, kind) for piece in (plain, *without)])
    best = int(scores[0].argmax())
    weights = [(plain[first:last].strip(_EDGES), float(scores[0, best] - row[best]))
               for (first, last), row in zip(spans, scores[1:], strict=True)]  # fmt: skip
    strong = [(words, weight) for words, weight in weights if words and abs(weight) >= _LEAST_WEIGHT]
    return sorted(strong, key=lambda pair: -abs(pair[1]))[:limit]


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each word, or each group of neighbours in a long text, begins and ends."""
    words = [match.span() for match in _WORD.finditer(text)]
    size = -(-len(words) // _MOST_PIECES) or 1
    return [(words[first][0], words[min(first + size, len(words)) - 1][1]) for first in range(0, len(words), size)]
