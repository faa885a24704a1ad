"""Negative, neutral or positive, with calibrated probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ModelError
from monitor.types import Label, Sentiment, Text
from nlp.labels import map_labels
from nlp.model import Model, load_model

if TYPE_CHECKING:
    from nlp.model import FloatArray

LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)


class Classifier:
    """Labels texts with one model; made by :func:`load_classifier`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.name = model.name
        names = {int(index): str(name) for index, name in model.config.get("id2label", {}).items()}
        self._classes = map_labels(names, str(model.path))
        self._output = "logits" if "logits" in model.outputs else model.outputs[0]

    def classify(self, texts: Sequence[str | Text]) -> list[Sentiment]:
        """One answer for each text, in order. A text with nothing to read is neutral."""
        return self.answers(self.probabilities(texts))

    def probabilities(self, texts: Sequence[str | Text]) -> "FloatArray":
        """Probabilities [len(texts), 3] in the order of ``LABELS``."""
        (logits,) = self.model.run(texts, [self._output])
        return self.fold(logits)

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
