"""Persian words in Latin letters, spelled as people spell them: differently each time."""

import random
import re
from collections import defaultdict
from pathlib import Path

from nlp.normalize import normalize
from nlp.training import data

# Ways to write each letter; the short vowels between them are guessed.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "ا": ("a", "a", "aa"), "آ": ("a", "a", "aa"), "ب": ("b",), "پ": ("p",), "ت": ("t",), "ث": ("s",), "ج": ("j",),
    "چ": ("ch",), "ح": ("h",), "خ": ("kh", "kh", "x"), "د": ("d",), "ذ": ("z",), "ر": ("r",), "ز": ("z",),
    "ژ": ("zh", "j"), "س": ("s",), "ش": ("sh",), "ص": ("s",), "ض": ("z",), "ط": ("t",), "ظ": ("z",), "ع": ("a", ""),
    "غ": ("gh", "q"), "ف": ("f",), "ق": ("gh", "q", "g"), "ک": ("k",), "گ": ("g",), "ل": ("l",), "م": ("m",),
    "ن": ("n",), "و": ("o", "oo", "u", "v"), "ه": ("h", "e", "eh"), "ی": ("i", "i", "y", "ee"), "ئ": ("e", "y"),
    "ؤ": ("o",),
}  # fmt: skip
_VOWELS = frozenset("اآوی")
_WORD = re.compile(r"[آ-ی]+")
_OPENING = ("a", "e", "o", "")


class Transliterator:
    """Callable: a Persian text in Finglish, with known spellings where the lexicon has them."""

    def __init__(self, spellings: dict[str, list[tuple[str, int]]], seed: int = 0) -> None:
        self._spellings = spellings
        self._random = random.Random(seed)

    @classmethod
    def from_data(cls, data_dir: Path, seed: int = 0) -> "Transliterator":
        spellings: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for latin, persian, count in data.read_finglish_lexicon(data_dir):
            # A single auto-aligned sighting is wrong too often.
            if count >= 2:
                spellings[normalize(persian)].append((latin, count))
        return cls(dict(spellings), seed)

    def __call__(self, text: str) -> str:
        return _WORD.sub(lambda match: self._word(match[0]), normalize(text))

    def _word(self, word: str) -> str:
        known = self._spellings.get(word)
        if known and self._random.random() < 0.85:
            latin, counts = zip(*known, strict=True)
            return str(self._random.choices(latin, counts)[0])
        return self._spell(word)

    def _spell(self, word: str) -> str:
        out: list[str] = []
        for place, letter in enumerate(word):
            choices = _SPELLINGS.get(letter, (letter,))
            last = place == len(word) - 1
            if letter == "ه" and last and place:
                choices = ("e", "e", "eh", "h")
            elif letter == "و" and place == 0:
                choices = ("v",)
            elif letter == "ی" and place == 0:
                choices = ("y",)
            out.append(self._random.choice(choices))
            following = "" if last else word[place + 1]
            if letter not in _VOWELS and following and following not in _VOWELS and following != "ه":
                # Two consonants: most often a short vowel stands between them, unless the word ends on them.
                if place < len(word) - 2 or len(word) == 2:
                    out.append(self._random.choice(_OPENING))
        return "".join(out)
