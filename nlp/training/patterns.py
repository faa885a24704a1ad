"""Sentences with gaps, from which minimal pairs are drawn anew in every epoch.

Pairs that are written out are learnt by heart. Of a pattern no two epochs read the same sentence, so that the rule has
to be learnt: which of two numbers is better, who left whom, which clause decides.

``texts/patterns.jsonl``, one pattern a line: ``text`` with ``{gaps}``, ``gaps`` with the fillers of each, and under the
labels ``negative``, ``neutral`` and ``positive`` (two or three of them) what may stand for ``{X}``, or for ``{X1}`` and
``{X2}`` together. ``{brand}``, in the text or in a filler, is an invented name.

A pattern with a ``register`` is a form of sentence only: its fillers have places for clauses, ``{good}`` and ``{bad}``
of one side of a firm, ``{good2}`` and ``{bad2}`` of another, each with ``was_`` before it in the past. They come from
``texts/clauses.jsonl``, where each domain (a restaurant, a bank) has such sides of one firm.
"""

import functools
import random
import re
from collections import defaultdict
from typing import Any

from nlp.training import data
from nlp.training.data import LABELS, Example
from nlp.training.frames import brand_of

SOURCE = "patterns"
_CLAUSES = ("good", "bad", "was_good", "was_bad")
# A form of sentence is drawn so many times as often as a pattern: it goes with every clause.
_FORM_DRAWS = 4
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r"\s+([،؛,;.!؟?:…])")


@functools.lru_cache(maxsize=1)
def read_patterns() -> tuple[dict[str, Any], ...]:
    """All patterns, as they stand in the file."""
    return tuple(data.read_rows(data.OWN_TEXTS / "patterns.jsonl"))


def often(pattern: dict[str, Any]) -> int:
    """How many pairs are drawn from ``pattern`` where a plain one gives one."""
    return _FORM_DRAWS if "register" in pattern else 1


def labels_of(pattern: dict[str, Any]) -> list[str]:
    """The labels of the texts that are drawn from ``pattern`` together."""
    return [label for label in LABELS if label in pattern]


def draw(pattern: dict[str, Any], pair: str, chooser: random.Random) -> list[Example]:
    """A minimal pair (or three): one text for each label that ``pattern`` has, alike but for what decides."""
    fillers = {gap: chooser.choice(choices) for gap, choices in pattern["gaps"].items()}
    brand = brand_of(pattern["lang"], chooser)
    clauses = _clauses(pattern, chooser) if "register" in pattern else {}
    kinds = data.kinds_of_phenomenon(pattern["phenomenon"])
    members = []
    for label in labels_of(pattern):
        deciding = _deciding(chooser.choice(pattern[label]))
        text = pattern["text"].format_map({**fillers, **deciding, "brand": brand})
        members.append(
            Example(
                _tidy(text.format_map({**clauses, "brand": brand})),
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


def _clauses(pattern: dict[str, Any], chooser: random.Random) -> dict[str, str]:
    """Two sides of one firm."""
    domain = chooser.choice(_domains()[pattern["lang"], pattern["register"]])
    return {
        name + number: side[name]
        for number, side in zip(("", "2"), chooser.sample(domain, 2), strict=True)
        for name in _CLAUSES
    }


@functools.lru_cache(maxsize=1)
def _domains() -> dict[tuple[str, str], list[list[dict[str, str]]]]:
    """By language and register: the domains, each with its clauses."""
    found: dict[tuple[str, str], dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in data.read_rows(data.OWN_TEXTS / "clauses.jsonl"):
        found[row["lang"], row["register"]][row["domain"]].append(row)
    return {key: list(domains.values()) for key, domains in found.items()}


def _deciding(filler: str | list[str]) -> dict[str, str]:
    return {"X": filler} if isinstance(filler, str) else {"X1": filler[0], "X2": filler[1]}


def _tidy(text: str) -> str:
    """Without the doubled spaces and stray commas that an empty filler leaves."""
    return _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip(" ،,؛;")
