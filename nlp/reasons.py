"""Why somebody left a list, from their own words: one of eleven codes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.types import Kind, Reason, ReasonCode, Text
from nlp.model import Model, load_model

if TYPE_CHECKING:
    from nlp.model import FloatArray


def classify_reasons(texts: Sequence[str | Text], path: Path | None = None) -> list[Reason]:
    """The reason each comment gives, with its probability; a comment with nothing to read is ``other``.

    The model in ``path`` answers if it knows reasons, else the bundled one.
    """
    model = load_model(path)
    if not model.own:
        model = load_model()
    comments = [Text(text.text if isinstance(text, Text) else text, Kind.UNSUBSCRIBE) for text in texts]
    (logits,) = model.run(comments, ["reason_logits"])
    return reasons_of(model, logits)


def reasons_of(model: Model, logits: "FloatArray") -> list[Reason]:
    """Rows of ``logits`` [n, 11] as reasons; a row that is all zero had nothing to read and is ``other``."""
    from nlp.scores import softmax

    if logits.shape[1] == 0:
        return [Reason(ReasonCode.OTHER, 1.0)] * len(logits)
    names = [ReasonCode(name) for name in model.config["reason_labels"]]
    scores = softmax(logits)
    best = scores.argmax(axis=1)
    return [
        Reason(names[place], float(scores[row, place])) if logits[row].any() else Reason(ReasonCode.OTHER, 1.0)
        for row, place in enumerate(best.tolist())
    ]
