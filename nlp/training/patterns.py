"""Sentences with gaps, from which minimal pairs are drawn anew in every epoch.

Pairs that are written out are learnt by heart. Of a pattern no two epochs read the same sentence, so that the rule has
to be learnt: which of two numbers is better, who left whom, which clause decides.

``texts/patterns.jsonl``, one pattern a line: ``text`` with ``{gaps}``, ``gaps`` with the fillers of each, and under the
labels ``negative``, ``neutral`` and ``positive`` (two or three of them) what may stand for ``{X}``, or for ``{X1}`` and
``{X2}`` together. ``{brand}``, in the text or in a filler, is an invented name.
"""

import functools
import json
import random
import re
from pathlib import Path
from typing import Any

from nlp.training import data
from nlp.training.data import LABELS, Example
from nlp.training.frames import brand_of

SOURCE = "patterns"
_PATH = Path(__file__).parent / "texts" / "patterns.jsonl"
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r"\s+([،؛,;.!؟?:…])")


@functools.lru_cache(maxsize=1)
def read_patterns() -> tuple[dict[str, Any], ...]:
    """All patterns, as they stand in the file."""
    return tuple(json.loads(line) for line in _PATH.read_text(encoding="utf-8").splitlines())


def draw(pattern: dict[str, Any], pair: str, chooser: random.Random) -> list[Example]:
    """A minimal pair (or three): one text for each label that ``pattern`` has, alike but for what decides."""
    fillers = {gap: chooser.choice(choices) for gap, choices in pattern["gaps"].items()}
    brand = brand_of(pattern["lang"], chooser)
    kinds = data.kinds_of_phenomenon(pattern["phenomenon"])
    members = []
    for label in filter(pattern.__contains__, LABELS):
        deciding = _deciding(chooser.choice(pattern[label]))
        text = pattern["text"].format_map({**fillers, **deciding, "brand": brand})
        members.append(
            Example(
                _tidy(text.replace("{brand}", brand)),
                SOURCE,
                pattern["lang"],
                kinds,
                label=label,
                authored=True,
                phenomenon=pattern["phenomenon"],
                pair=pair,
            )
        )
    return members


def _deciding(filler: str | list[str]) -> dict[str, str]:
    return {"X": filler} if isinstance(filler, str) else {"X1": filler[0], "X2": filler[1]}


def _tidy(text: str) -> str:
    """Without the doubled spaces and stray commas that an empty filler leaves."""
    return _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip(" ،,؛;")
