"""Negative, neutral or positive, with calibrated probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ModelError
from monitor.types import Kind, Label, Sentiment, Text
from nlp.labels import map_labels
from nlp.model import Model, load_model

if TYPE_CHECKING:
    from nlp.model import FloatArray

LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
# Pages: their headline is the first line of their text.
_PAGES = frozenset({Kind.ARTICLE, Kind.SEARCH_RESULT})
# How likely a headline's own label must be to stand for its page; chosen on dev (docs/model.md).
_SURE = 0.55


class Classifier:
    """Labels texts with one model; made by :func:`load_classifier`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.name = model.name
        try:
            names = {int(index): str(name) for index, name in model.config.get("id2label", {}).items()}
        except ValueError as error:
            raise ModelError("id2label numbers no classes", str(model.path)) from error
        self._classes = map_labels(names, str(model.path))
        self._output = "logits" if "logits" in model.outputs else model.outputs[0]

    def classify(self, texts: Sequence[str | Text]) -> list[Sentiment]:
        """One answer for each text, in order. A text with nothing to read is neutral."""
        return self.answers(self.probabilities(texts))

    def probabilities(self, texts: Sequence[str | Text]) -> "FloatArray":
        """Probabilities [len(texts), 3] in the order of ``LABELS``."""
        (logits,) = self.model.run(texts, [self._output])
        return self.heed_headlines(texts, self.fold(logits))

    def heed_headlines(self, texts: Sequence[str | Text], probabilities: "FloatArray") -> "FloatArray":
        """``probabilities`` [len(texts), 3], with those of the headline for a page that is neutral only as a whole.

        The ordinary words around what a page has to say (who was founded when, what else there is to read) drown it.
        """
        neutral = LABELS.index(Label.NEUTRAL)
        rows, headlines = [], []
        for row, text in enumerate(texts):
            if isinstance(text, Text) and text.kind in _PAGES and probabilities[row].argmax() == neutral:
                headline, line_break, _ = text.text.partition("\n")
                if line_break:
                    rows.append(row)
                    headlines.append(Text(headline, text.kind))
        if not rows:
            return probabilities
        (logits,) = self.model.run(headlines, [self._output])
        for row, own in zip(rows, self.fold(logits), strict=True):
            if own.argmax() != neutral and own.max() >= _SURE:
                probabilities[row] = own
        return probabilities

    def fold(self, logits: "FloatArray") -> "FloatArray":
        """Turn the model's own classes [n, classes] into the three labels [n, 3]; empty rows become neutral."""
        import numpy as np

        from nlp.scores import softmax

        folded = np.zeros((len(logits), len(LABELS)), dtype=np.float32)
        if logits.shape[1] == 0:
            folded[:, 1] = 1.0
            return folded
        if logits.shape[1] != len(self._classes):
            raise ModelError(
                f"the graph has {logits.shape[1]} classes, config.json names {len(self._classes)}",
                str(self.model.path),
            )
        scores = softmax(logits)
        for column, label in enumerate(self._classes):
            folded[:, LABELS.index(label)] += scores[:, column]
        folded[~logits.any(axis=1)] = (0.0, 1.0, 0.0)
        return folded

    def answers(self, probabilities: "FloatArray") -> list[Sentiment]:
        """Rows of ``probabilities`` as values."""
        out = []
        for row in probabilities.tolist():
            scores = dict(zip(LABELS, row, strict=True))
            label = max(LABELS, key=scores.__getitem__)
            out.append(Sentiment(label, scores[label], scores))
        return out


def load_classifier(path: Path | None = None) -> Classifier:
    """The classifier in directory ``path``, or the bundled one. Raises ModelError when it cannot be used."""
    return Classifier(load_model(path))
