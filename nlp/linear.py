"""The linear half of the bundled model: hashed n-grams, one table, three heads.

It reads spelling where the network reads order; their logits are added. File ``linear.npz``: ``rarity`` float16
[buckets] (inverse document frequency), ``weights`` int8 [buckets, columns], ``scales`` and ``bias`` float32 [columns],
``kinds`` the kinds of text that have columns of their own for the mood. Columns: the three heads one after the other,
the mood first, then the moods of ``kinds``.
"""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ModelError
from monitor.types import Text
from nlp.grams import BUCKETS, features

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from nlp.grams import IntArray
    from nlp.model import FloatArray

FILE = "linear.npz"
MOODS = 3


class Linear:
    """Made by :func:`load_linear`."""

    def __init__(
        self,
        rarity: "npt.NDArray[np.float16]",
        weights: "npt.NDArray[np.int8]",
        scales: "FloatArray",
        bias: "FloatArray",
        kinds: Sequence[str],
    ) -> None:
        self.rarity = rarity
        self._weights = weights
        self._scales = scales
        self._bias = bias
        self._moods = mood_columns(len(bias), kinds)
        # Without the moods of the kinds that have some of their own.
        self.classes = len(bias) - MOODS * len(kinds)

    def logits(self, texts: Sequence[Text]) -> "FloatArray":
        """[len(texts), classes of the three heads], of readable ``texts``; one without a single feature gets zeros."""
        import numpy as np

        out = np.zeros((len(texts), self.classes), dtype=np.float32)
        for row, text in enumerate(texts):
            buckets, values = self.values(text.text)
            if len(buckets):
                found = (values @ self._weights[buckets].astype(np.float32)) * self._scales + self._bias
                out[row] = found[: self.classes]
                out[row, :MOODS] = found[self._moods.get(text.kind, self._moods[None])]
        return out

    def values(self, text: str) -> "tuple[IntArray, FloatArray]":
        """The buckets of a readable ``text`` and their weighed counts, of length one together; both [n]."""
        import numpy as np

        buckets, counts = features(text)
        values = counts * self.rarity[buckets].astype(np.float32)
        return buckets, values / np.float32(max(float(np.linalg.norm(values)), 1e-9))


def mood_columns(columns: int, kinds: Sequence[str]) -> dict[str | None, slice]:
    """Where the mood of each of ``kinds`` stands in a table of so many ``columns``; under None, that of all others."""
    first = columns - MOODS * len(kinds)
    places: dict[str | None, slice] = {None: slice(0, MOODS)}
    for number, kind in enumerate(kinds):
        places[str(kind)] = slice(first + MOODS * number, first + MOODS * (number + 1))
    return places


def load_linear(folder: Path) -> Linear | None:
    """The linear half in a model directory, None where there is none. Raises ModelError for one that cannot be used."""
    import numpy as np

    path = folder / FILE
    if not path.exists():
        return None
    try:
        with np.load(path) as parts:
            names = ("rarity", "weights", "scales", "bias", "kinds")
            rarity, weights, scales, bias, kinds = (parts[name] for name in names)
    # An empty file is the end of one, which click would take for somebody who leaves.
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError("the model's linear part cannot be read", str(path)) from error
    columns = bias.size
    shapes = [part.shape for part in (rarity, weights, scales, bias)]
    if shapes != [(BUCKETS,), (BUCKETS, columns), (columns,), (columns,)]:
        raise ModelError("the model's linear part has other sizes than ours", str(path))
    return Linear(rarity, weights, scales, bias, kinds.tolist())
