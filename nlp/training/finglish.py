"""Builds the tables by which Finglish is turned into Persian letters (:mod:`nlp.finglish`)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlp.finglish import (
    ENDINGS,
    LATIN_WORD,
    PERSIAN,
    SHORTEST_STEM,
    SPELLINGS,
    TABLES,
    WORDS,
    consonants_of_latin,
    consonants_of_persian,
    place_of,
)
from nlp.normalize import normalize
from nlp.training import data

_MOST_WORDS = 60_000
# Talk is what is written in Latin letters; news lends words that talk is too small to know.
_SETS = {"social": 3, "reviews": 3, "news": 1}
_OWN_COUNT = 8
_EM_ROUNDS = 6
_LONGEST_PIECE = 4
_LEAST_SPELLING = 0.002
_LEAST_ENDINGS = 5
_PERSIAN_WORD = re.compile(r"[آ-ی]+")
_HALF_SPACE = "\u200c"

Spelling = tuple[str, str, str]


def build_tables(data_dir: Path, folder: Path = TABLES) -> dict[str, int]:
    """Write the four tables; returns their numbers of rows."""
    known = known_words(data_dir)
    counts = _count(_persian_texts(data_dir))
    for (_, persian), count in known.items():
        counts[persian] += count
    total = sum(counts.values())
    usual = sorted(filter(None, counts), key=lambda word: (-counts[word], word))[:_MOST_WORDS]
    words = _likeliest(known, counts)
    spellings = learn_spellings({pair: count for pair, count in known.items() if _PERSIAN_WORD.fullmatch(pair[1])})
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        WORDS: [f"{latin}\t{persian}" for latin, persian in sorted(words.items())],
        PERSIAN: [f"{word}\t{math.log(total / counts[word]):.1f}" for word in usual],
        SPELLINGS: [
            f"{letter}\t{place}\t{latin}\t{-math.log(share):.2f}"
            for (letter, place, latin), share in sorted(spellings.items())
            if share >= _LEAST_SPELLING
        ],
        ENDINGS: [f"{latin}\t{persian}" for latin, persian in sorted(learn_endings(words).items())],
    }
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {name: len(lines) for name, lines in tables.items()}


def known_words(data_dir: Path) -> Counter[tuple[str, str]]:
    """(Latin word, Persian word) as people turned the one into the other; an ezafe that stands alone into nothing."""
    known: Counter[tuple[str, str]] = Counter()
    for latin, persian in data.read_finglish_rows():
        for spelled, word in zip(latin.split(), persian.split(), strict=True):
            found = LATIN_WORD.findall(normalize(spelled).lower())
            meant = LATIN_WORD.findall(normalize(word).lower()) or _PERSIAN_WORD.findall(normalize(word))
            if len(found) == 1 and (word.strip("-") == "" or len(meant) == 1):
                known[found[0], meant[0] if meant else ""] += 1
    for latin, persian, count in data.read_finglish_lexicon(data_dir):
        # A single auto-aligned sighting is wrong too often.
        if count >= 2 and LATIN_WORD.fullmatch(latin.lower()) and _PERSIAN_WORD.fullmatch(normalize(persian)):
            known[latin.lower(), normalize(persian)] += 1
    return known


def learn_endings(words: dict[str, str]) -> dict[str, str]:
    """What turns known words into other known ones when it is put behind them, Latin and Persian."""
    seen: Counter[tuple[str, str]] = Counter()
    for latin, persian in words.items():
        for cut in range(SHORTEST_STEM, len(latin)):
            stem = words.get(latin[:cut])
            if stem and persian.startswith(stem) and persian != stem:
                seen[latin[cut:], persian[len(stem) :]] += 1
    rising = sorted((pair for pair in seen if seen[pair] >= _LEAST_ENDINGS), key=lambda pair: (seen[pair], pair))
    return dict(rising)


def learn_spellings(pairs: dict[tuple[str, str], int]) -> dict[Spelling, float]:
    """Shares of the Latin pieces that spell a Persian letter, by its place in the word; expectation maximisation."""
    shares: dict[Spelling, float] = {}
    for _ in range(_EM_ROUNDS):
        seen: dict[Spelling, float] = defaultdict(float)
        for (latin, persian), count in pairs.items():
            for spelling, expected in _expected(latin, persian, shares):
                # A word that is written often tells little more than one that is written once.
                seen[spelling] += expected * math.log1p(count)
        totals: dict[tuple[str, str], float] = defaultdict(float)
        for (letter, place, _), weight in seen.items():
            totals[letter, place] += weight
        shares = {spelling: weight / totals[spelling[:2]] for spelling, weight in seen.items()}
    return shares


def _expected(latin: str, persian: str, shares: dict[Spelling, float]) -> Iterator[tuple[Spelling, float]]:
    """The pieces that ``persian``'s letters may have in ``latin``, each with its probability given both words."""
    length, ends = len(persian), len(latin)
    pieces = [
        {
            (start, end): _share((letter, place_of(place, length), latin[start:end]), shares)
            for start in range(ends + 1)
            for end in range(start, min(start + _LONGEST_PIECE, ends) + 1)
        }
        for place, letter in enumerate(persian)
    ]
    forward = [{0: 1.0}]
    for row in pieces:
        here: dict[int, float] = defaultdict(float)
        for (start, end), share in row.items():
            here[end] += forward[-1].get(start, 0.0) * share
        forward.append(here)
    if not forward[-1].get(ends):
        return
    backward = {ends: 1.0}
    for place in reversed(range(length)):
        before: dict[int, float] = defaultdict(float)
        for (start, end), share in pieces[place].items():
            weight = share * backward.get(end, 0.0)
            before[start] += weight
            if expected := forward[place].get(start, 0.0) * weight / forward[-1][ends]:
                yield (persian[place], place_of(place, length), latin[start:end]), expected
        backward = before


def _share(spelling: Spelling, shares: dict[Spelling, float]) -> float:
    if shares:
        return shares.get(spelling, 0.0)
    # Before anything is learnt: a letter is a piece of the same consonant, rather a short one.
    letter, _, latin = spelling
    alike = consonants_of_persian(letter) == consonants_of_latin(latin)
    return (1.0 if alike else 0.01) * 0.2 ** len(latin)


def _persian_texts(data_dir: Path) -> Iterator[tuple[str, int]]:
    """Texts, and how often each counts."""
    for name, times in _SETS.items():
        for text in data.read_raw(data_dir, name):
            yield text, times
    for example in data.read_authored(data_dir, "train"):
        if example.language == "fa":
            yield example.text, _OWN_COUNT
    for _, persian in data.read_finglish_rows():
        yield persian, _OWN_COUNT


def _count(texts: Iterable[tuple[str, int]]) -> Counter[str]:
    """Words of each text with its half-spaces closed and, where that differs, open."""
    counts: Counter[str] = Counter()
    for text, times in texts:
        for words in {tuple(_PERSIAN_WORD.findall(form)) for form in (normalize(text), text.replace(_HALF_SPACE, " "))}:
            for word in words:
                counts[word] += times
    return counts


def _likeliest(known: Counter[tuple[str, str]], counts: Counter[str]) -> dict[str, str]:
    """What each Latin word most often is; of two that are seen as often the more usual word."""
    rising = sorted(known, key=lambda pair: (known[pair], counts[pair[1]], pair))
    return dict(rising)
