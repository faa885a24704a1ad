"""What a text is about: one of nine topics."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.types import Text, Topic
from nlp.model import Model, load_model

if TYPE_CHECKING:
    from nlp.model import FloatArray


def classify_topics(texts: Sequence[str | Text], path: Path | None = None) -> list[tuple[Topic, float]]:
    """The topic of each text with its probability, from the model in ``path`` if it knows topics, else the bundled."""
    model = load_model(path)
    if not model.own:
        model = load_model()
    (logits,) = model.run(texts, ["topic_logits"])
    return topics_of(model, logits)


def topics_of(model: Model, logits: "FloatArray") -> list[tuple[Topic, float]]:
    """Rows of ``logits`` [n, 9] as topics; a row that is all zero had nothing to read and is ``other``."""
    from nlp.scores import softmax

    names = [Topic(name) for name in model.config["topic_labels"]]
    if logits.shape[1] == 0:
        return [(Topic.OTHER, 1.0)] * len(logits)
    scores = softmax(logits)
    best = scores.argmax(axis=1)
    return [
        (names[place], float(scores[row, place])) if logits[row].any() else (Topic.OTHER, 1.0)
        for row, place in enumerate(best.tolist())
    ]
