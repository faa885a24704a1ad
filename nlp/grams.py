"""Letter and word n-grams of a text as hashed features: what a linear model reads.

Features are pieces of two to five letters within a word (its edges marked by spaces), words, and neighbouring words.
The arithmetic is in NumPy over the whole text at once, because this runs for every text that is labelled.
"""

import re
import zlib
from typing import TYPE_CHECKING

from nlp.normalize import EMAIL_MARK, URL_MARK, USER_MARK

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]
    FloatArray = npt.NDArray[np.float32]

BUCKETS = 1 << 18
_SHORTEST, _LONGEST = 2, 5
_MARKS = re.compile("|".join((URL_MARK, USER_MARK, EMAIL_MARK)))
_PIECE = re.compile(r"[^\W_]+|[^\w\s]")
_FOLDED = str.maketrans({"آ": "ا", "ئ": "ی", "ؤ": "و"})
_PRIME = 1_000_003
_MIX = 0x9E3779B97F4A7C15
_PAIR = 0x85EBCA6B


def features(text: str) -> "tuple[IntArray, FloatArray]":
    """Buckets, each once and in rising order, with their sublinear counts ``1 + log(n)``; both [n].

    ``text`` is as :func:`nlp.finglish.readable` gives it.
    """
    import numpy as np

    words = _PIECE.findall(_MARKS.sub(" ", text).lower().translate(_FOLDED))
    if not words:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    hashed = np.concatenate([*_letter_hashes(" " + " ".join(words) + " "), *_word_hashes(words)])
    buckets, counts = np.unique(_bucket(hashed), return_counts=True)
    return buckets, (1.0 + np.log(counts)).astype(np.float32)


def _letter_hashes(line: str) -> "list[npt.NDArray[np.uint64]]":
    """Hashes of all pieces of ``line`` that have a space at their ends only."""
    import numpy as np

    codes = np.frombuffer(line.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    spaces = codes == ord(" ")
    out = []
    hashes, inner = codes.copy(), np.zeros(len(codes), dtype=bool)
    for size in range(2, _LONGEST + 1):
        if len(hashes) < 2:
            break
        # Space inside: one that was last in the shorter piece (unless it is also first) is inside the longer one.
        inner = inner[:-1] | (spaces[size - 2 : len(codes) - 1] if size > 2 else np.zeros(len(hashes) - 1, dtype=bool))
        hashes = hashes[:-1] * np.uint64(_PRIME) + codes[size - 1 :]
        if size >= _SHORTEST:
            out.append(hashes[~inner] + np.uint64(size))
    return out


def _word_hashes(words: list[str]) -> "list[npt.NDArray[np.uint64]]":
    import numpy as np

    single = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    return [single + np.uint64(1 << 40), single[:-1] * np.uint64(_PAIR) + single[1:] + np.uint64(1 << 41)]


def _bucket(hashes: "npt.NDArray[np.uint64]") -> "IntArray":
    import numpy as np

    shift = np.uint64(64 - (BUCKETS.bit_length() - 1))
    return ((hashes * np.uint64(_MIX)) >> shift).astype(np.int64)
