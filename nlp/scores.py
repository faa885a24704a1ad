"""Logits to probabilities."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlp.model import FloatArray


def softmax(logits: "FloatArray") -> "FloatArray":
    """Probabilities along the last axis of ``logits`` [n, classes]."""
    import numpy as np

    shifted: FloatArray = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: FloatArray = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
