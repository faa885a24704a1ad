"""Builds the small table by which Finglish and English are told apart."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nlp.language import TABLE_PATH, pieces
from nlp.normalize import normalize
from nlp.training import data

_MIN_COUNT = 3
_LARGEST = 3000
_SMOOTHING = 0.5
_WORD = re.compile(r"[a-z']+")


def build_table(data_dir: Path, path: Path = TABLE_PATH) -> int:
    """Write log-odds (tenths of a nat, positive for Finglish) of words and letter triples; returns how many.

    Reads only the project's own rows and the MIT and CC0 Finglish lexicon.
    """
    own = data.read_authored(data_dir, "train")
    english = _count(example.text for example in own if example.language == "en")
    finglish_texts = [example.text for example in own if example.language == "fa-latn"]
    finglish_texts += [latin for latin, _ in data.read_finglish_pairs(data_dir)]
    finglish = _count(finglish_texts)
    scores = {}
    totals = sum(english.values()), sum(finglish.values())
    for piece in english.keys() | finglish.keys():
        if english[piece] + finglish[piece] >= _MIN_COUNT:
            odds = math.log((finglish[piece] + _SMOOTHING) / totals[1]) - math.log(
                (english[piece] + _SMOOTHING) / totals[0]
            )
            scores[piece] = odds
    weight = {piece: abs(odds) * math.sqrt(english[piece] + finglish[piece]) for piece, odds in scores.items()}
    kept = sorted(sorted(weight, key=lambda piece: (-weight[piece], piece))[:_LARGEST])
    lines = [f"{piece}\t{round(10 * scores[piece])}" for piece in kept]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def _count(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(normalize(text).lower()):
            counts.update(pieces(word))
    return counts
