"""The linear half of the bundled model: hashed n-grams, one table, three heads.

It reads spelling where the network reads order; their logits are added. File ``linear.npz``: ``rarity`` float16
[buckets] (inverse document frequency), ``weights`` int8 [buckets, columns], ``scales`` and ``bias`` float32 [columns].
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ModelError
from nlp.grams import features

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from nlp.grams import IntArray
    from nlp.model import FloatArray

FILE = "linear.npz"


class Linear:
    """Made by :func:`load_linear`; its columns are those of the three heads, one after the other."""

    def __init__(
        self,
        rarity: "npt.NDArray[np.float16]",
        weights: "npt.NDArray[np.int8]",
        scales: "FloatArray",
        bias: "FloatArray",
    ) -> None:
        self._rarity = rarity
        self._weights = weights
        self._scales = scales
        self._bias = bias

    def logits(self, texts: Sequence[str]) -> "FloatArray":
        """[len(texts), columns]; a text without a single feature gets zeros."""
        import numpy as np

        out = np.zeros((len(texts), len(self._bias)), dtype=np.float32)
        for row, text in enumerate(texts):
            buckets, values = self.values(text)
            if len(buckets):
                out[row] = (values @ self._weights[buckets].astype(np.float32)) * self._scales + self._bias
        return out

    def values(self, text: str) -> "tuple[IntArray, FloatArray]":
        """The buckets of ``text`` and their weighed counts, of length one together; both [n]."""
        import numpy as np

        buckets, counts = features(text)
        values = counts * self._rarity[buckets].astype(np.float32)
        return buckets, values / np.float32(max(float(np.linalg.norm(values)), 1e-9))


def load_linear(folder: Path) -> Linear | None:
    """The linear half in a model directory, None where there is none."""
    import numpy as np

    path = folder / FILE
    if not path.exists():
        return None
    try:
        with np.load(path) as parts:
            return Linear(parts["rarity"], parts["weights"], parts["scales"], parts["bias"])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError("the model's linear part cannot be read", str(path)) from error
