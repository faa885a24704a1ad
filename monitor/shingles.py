"""How alike two texts are, for hundreds of thousands of them: MinHash signatures and their bands. Pure."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.folding import fold

Signatures = NDArray[np.uint32]

# Runs of so many letters, without spaces: half-spaces, joined words and punctuation do not tell copies apart.
_SHINGLE = 7
BANDS, ROWS = 32, 3
HASHES = BANDS * ROWS
# Shares of equal shingles: of all that two texts have, or of those of the shorter, from which on they are copies.
_ALIKE, _WITHIN = 0.5, 0.85
# A text as short as this says too little to be known by.
SHORTEST = 30
# In one band a text is compared with so many of those it falls together with.
_COMPARED = 8
_PAIRS_AT_ONCE = 20_000

_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
_chance = np.random.default_rng(8370)
_FACTORS = _chance.integers(0, 2**32, HASHES, dtype=np.uint32) | np.uint32(1)
_OFFSETS = _chance.integers(0, 2**32, (HASHES, 1), dtype=np.uint32)
_BAND_FACTORS = _chance.integers(0, 2**63, ROWS, dtype=np.uint64) | np.uint64(1)
_POWERS = np.power(np.uint64(0x100000001B3), np.arange(_SHINGLE, dtype=np.uint64))
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def signature(text: str) -> Signatures | None:
    """HASHES minima and, last, the number of shingles; None for a text that is too short."""
    letters = _NOT_WORD.sub("", fold(text))
    if len(letters) < SHORTEST:
        return None
    codes = np.frombuffer(letters.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    shingles = codes[:count].copy()
    for place in range(1, _SHINGLE):
        shingles += codes[place : place + count] * _POWERS[place]
    mixed = ((shingles ^ (shingles >> np.uint64(29))) * _SPREAD >> np.uint64(32)).astype(np.uint32)
    hashes = np.multiply.outer(_FACTORS, mixed)
    hashes += _OFFSETS
    ordered = np.sort(mixed)
    different = 1 + np.count_nonzero(ordered[1:] != ordered[:-1])
    return np.append(hashes.min(axis=1), np.uint32(different))


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text: what tells the same notice of two days apart."""
    return frozenset(_NUMBER.findall(fold(text)))


def contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether each text has a number that the other lacks; an excerpt only has fewer."""
    return bool(one - other and other - one)


def _alike(signatures: Signatures, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the pairs of rows are copies."""
    share = np.mean(signatures[one, :HASHES] == signatures[other, :HASHES], axis=1)
    counts = signatures[one, -1].astype(np.int64), signatures[other, -1].astype(np.int64)
    within = share * (counts[0] + counts[1]) / (1 + share) >= _WITHIN * np.minimum(*counts)
    alike: NDArray[np.bool_] = (share >= _ALIKE) | within
    return alike


def candidates(signatures: Signatures, since: int = 0) -> Iterator[tuple[int, int]]:
    """Pairs of rows, the earlier first and the later from ``since`` on, that agree in a whole band; some come twice."""
    if len(signatures) < 2:
        return
    for band in range(BANDS):
        rows = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        keys = (rows * _BAND_FACTORS).sum(axis=1, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        ends = np.append(np.flatnonzero(sorted_keys[1:] != sorted_keys[:-1]) + 1, len(order))
        starts = np.append(0, ends[:-1])
        # Rows stand in their order within a bucket: its last tells whether any is new.
        shared = (ends - starts > 1) & (order[ends - 1] >= since)
        for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
            yield from _pairs(order[start:end].tolist(), since)


def _pairs(bucket: list[int], since: int) -> Iterator[tuple[int, int]]:
    for place in range(max(1, bisect_left(bucket, since)), len(bucket)):
        row = bucket[place]
        for earlier in bucket[max(0, place - _COMPARED) : place]:
            yield earlier, row
        if place > _COMPARED:
            yield bucket[0], row


def group(signatures: Signatures, text_of: Callable[[int], str], since: int = 0) -> list[int]:
    """For each row the first one that tells the same; its own when none does.

    ``text_of`` is asked for a few rows only, whose numbers must not contradict each other. Rows before ``since`` are
    not compared with each other.
    """
    first = list(range(len(signatures)))
    seen: dict[int, frozenset[str]] = {}

    def root(row: int) -> int:
        while first[row] != row:
            first[row] = first[first[row]]
            row = first[row]
        return row

    def numbers_of(row: int) -> frozenset[str]:
        if row not in seen:
            seen[row] = numbers(text_of(row))
        return seen[row]

    for one, other in _copies(signatures, since):
        left, right = sorted((root(one), root(other)))
        if left == right:
            continue
        if not contradict(numbers_of(one), numbers_of(other)) and not contradict(numbers_of(left), numbers_of(right)):
            first[right] = left
    return [root(row) for row in range(len(signatures))]


def _copies(signatures: Signatures, since: int) -> Iterator[tuple[int, int]]:
    """The candidates that are copies, each once, in the order of their rows."""
    pairs = np.fromiter((one << 32 | other for one, other in candidates(signatures, since)), np.int64)
    pairs = np.unique(pairs)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[start : start + _PAIRS_AT_ONCE]
        one, other = some >> 32, some & 0xFFFFFFFF
        alike = _alike(signatures, one, other)
        yield from zip(one[alike].tolist(), other[alike].tolist(), strict=True)


def pack(signature: Signatures) -> bytes:
    return signature.astype("<u4").tobytes()


def unpack(packed: Sequence[bytes]) -> Any:
    """Signatures as rows of one array, len(packed) × (HASHES + 1)."""
    return np.frombuffer(b"".join(packed), "<u4").reshape(len(packed), HASHES + 1)
