"""Finglish in Persian letters, as its writer would have typed it on a Persian keyboard.

Words that people turned into Persian by hand are looked up (``words.tsv``). Another word may be any Persian word of the
same consonants (``persian.tsv``), a noisy channel says which: how usual the word is, and how likely each of its letters
is spelled so (``spellings.tsv``). Where none fits, the word may be one of them with an ending (``endings.tsv``).
:mod:`nlp.training.finglish` makes the four tables.
"""

import functools
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.types import Language
from nlp.homographs import WORDS as HOMOGRAPHS
from nlp.homographs import meaning
from nlp.language import identify
from nlp.normalize import MOST_LETTERS, normalize

TABLES = Path(__file__).parent / "models" / "finglish"
WORDS, PERSIAN, SPELLINGS, ENDINGS = "words.tsv", "persian.tsv", "spellings.tsv", "endings.tsv"

_LATIN = re.compile(r"[A-Za-z]")
LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
# A mark such as <url> is no word.
_WORD_OR_MARK = re.compile(rf"<[a-z]+>|{LATIN_WORD.pattern}")
# The prefix of the present, apart from its verb.
_PREFIX = re.compile(r"(?<![\w'])(n?e?mi) (?=[a-z]{2})")
_LATIN_SOUND = re.compile(r"kh|ch|sh|zh|gh|ph|ck|[bcdfgjklmnpqrstxz]")
# Consonants that are spelled alike are one class; g, gh and q are mixed up by those who type.
_LATIN_CLASS = {"kh": "x", "sh": "S", "ch": "C", "zh": "j", "gh": "g", "q": "g", "ph": "f", "ck": "k", "c": "k"}
_PERSIAN_CLASS = dict(
    zip("بپتطثسصجژچخدذزضظرشغقفکگلمن", "b p t t s s s j j C x d z z z z r S g g f k g l m n".split(), strict=True)
)
# How much it counts how usual a word is, beside how it is spelled.
_FREQUENCY_WEIGHT = 0.6
# A word whose likeliest reading is spelled so strangely, per letter, is a name or English and stays.
_STRANGEST = 2.2
SHORTEST_STEM = 3
# Laughter, keys and other endless rows of letters are no word that somebody could read.
_LONGEST_WORD = 40


def readable(text: str) -> str:
    """``text`` as models read it: its first MOST_LETTERS in one spelling, Finglish in Persian letters."""
    plain = normalize(text[:MOST_LETTERS])
    return to_persian(plain) if _LATIN.search(plain) and identify(plain) is Language.FINGLISH else plain


def to_persian(text: str) -> str:
    """Normalised ``text`` with its Latin words in Persian letters; one that nothing fits stays as it is."""
    plain = _PREFIX.sub(r"\1", text.lower())
    return normalize(_WORD_OR_MARK.sub(_read_match, plain))


def _read_match(match: re.Match[str]) -> str:
    word = match[0]
    if word in HOMOGRAPHS and (meant := meaning(word, match.string, match.start())):
        return meant
    return word if word[0] == "<" or len(word) > _LONGEST_WORD else _read(word)


def place_of(place: int, length: int) -> str:
    """Where in a word of ``length`` letters one stands, as far as it matters for its spelling."""
    return "first" if place == 0 else "last" if place == length - 1 else "middle"


def consonants_of_latin(word: str) -> str:
    """The consonants of a Latin word as classes, doubled ones once."""
    return _once(_LATIN_CLASS.get(sound, sound) for sound in _LATIN_SOUND.findall(word))


def consonants_of_persian(word: str) -> str:
    """The same of a Persian word; h, v and y count as vowels."""
    return _once(_PERSIAN_CLASS[letter] for letter in word if letter in _PERSIAN_CLASS)


def _once(names: Iterable[str]) -> str:
    return "".join(name for name, _ in itertools.groupby(names))


@functools.lru_cache(maxsize=50_000)
def _read(latin: str) -> str:
    """The Persian word that ``latin`` most likely is, or ``latin`` itself."""
    if whole := _word(latin):
        return whole[1]
    endings = _tables().endings
    cuts = [cut for cut in range(SHORTEST_STEM, len(latin)) if latin[cut:] in endings]
    parts = [(*stem, endings[latin[cut:]]) for cut in cuts if (stem := _word(latin[:cut]))]
    return "".join(min(parts)[1:]) if parts else latin


def _word(latin: str) -> tuple[float, str] | None:
    """The Persian word that ``latin`` is known as, or likeliest spells, and the cost of it; None where nothing fits."""
    tables = _tables()
    if latin in tables.words:
        return 0.0, tables.words[latin]
    alike = (line.split("\t") for line in tables.persian.get(consonants_of_latin(latin), "").splitlines())
    costs = ((_cost(word, latin), float(rarity), word) for word, rarity in alike)
    fits = [(cost + _FREQUENCY_WEIGHT * rarity, word) for cost, rarity, word in costs if cost < _STRANGEST * len(latin)]
    return min(fits, default=None)


def _cost(persian: str, latin: str) -> float:
    """Minus the log-probability that ``persian`` is spelled ``latin``, cut into a piece for each letter."""
    spellings = _tables().spellings
    reached = {0: 0.0}
    for place, letter in enumerate(persian):
        further: dict[int, float] = {}
        for piece, cost in spellings.get((letter, place_of(place, len(persian))), ()):
            for start, before in reached.items():
                end = start + len(piece)
                if latin.startswith(piece, start) and before + cost < further.get(end, math.inf):
                    further[end] = before + cost
        reached = further
    return reached.get(len(latin), math.inf)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Known words; Persian words by consonants; pieces and their costs by letter and place; endings.

    Of ``persian`` the lines stay together as they were read: so many words by themselves would take twice the room.
    """

    words: dict[str, str]
    persian: dict[str, str]
    spellings: dict[tuple[str, str], list[tuple[str, float]]]
    endings: dict[str, str]


@functools.lru_cache(maxsize=1)
def _tables() -> _Tables:
    alike: dict[str, list[str]] = defaultdict(list)
    for line in _lines(PERSIAN):
        alike[consonants_of_persian(line.partition("\t")[0])].append(line)
    spellings: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for letter, place, piece, cost in _rows(SPELLINGS):
        spellings[letter, place].append((piece, float(cost)))
    persian = {consonants: "\n".join(lines) for consonants, lines in alike.items()}
    return _Tables(dict(_rows(WORDS)), persian, dict(spellings), dict(_rows(ENDINGS)))


def _rows(name: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in _lines(name))


def _lines(name: str) -> list[str]:
    return (TABLES / name).read_text(encoding="utf-8").splitlines()
