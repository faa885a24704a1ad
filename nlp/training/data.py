"""The training data as read from a directory; its layout is described in docs/training-data.md.

Parts of the directory: ``authored/*.jsonl``, ``labelled/*.{train,dev}.jsonl.gz``, ``raw/*_fa.txt.xz``,
``finglish/{pairs,word_lexicon}.tsv.gz``, ``evaluation_only/*.dev.jsonl.gz`` (never read for training).
"""

import csv
import gzip
import hashlib
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import ModelError
from monitor.types import Kind, Label, ReasonCode, Topic

OWN_TEXTS = Path(__file__).parent / "texts"
_RAW_LABELS = OWN_TEXTS / "raw_labels.tsv"
_FINGLISH_ROWS = OWN_TEXTS / "finglish_rows.tsv"

LABELS = [label.value for label in (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)]
TOPICS = [topic.value for topic in Topic]
REASONS = [code.value for code in ReasonCode]

_NEWS_KINDS = (Kind.SEARCH_RESULT, Kind.ARTICLE)
_POST_KINDS = (Kind.SOCIAL, Kind.COMMENT, Kind.REVIEW)
_PUBLIC_KINDS = (Kind.REVIEW,)
_KINDS_OF_FILE: dict[str, tuple[Kind, ...]] = {
    "headlines_fa": _NEWS_KINDS,
    "headlines2": _NEWS_KINDS,
    "headlines3": _NEWS_KINDS,
    "reasons": (Kind.UNSUBSCRIBE,),
    "own_reasons": (Kind.UNSUBSCRIBE,),
    "own_reasons2": (Kind.UNSUBSCRIBE,),
    "own_reasons3": (Kind.UNSUBSCRIBE,),
    "raw_news": _NEWS_KINDS,
    "raw_reviews": _PUBLIC_KINDS,
    "raw_social": (Kind.SOCIAL, Kind.COMMENT),
    "tweeteval_en": (Kind.SOCIAL,),
    "tweeteval_emotion_en": (Kind.SOCIAL,),
}
_KINDS_OF_LONG = {"news": _NEWS_KINDS, "review": (Kind.REVIEW,), "post": (Kind.SOCIAL, Kind.COMMENT)}
_NEWS_PHENOMENA = frozenset({"news", "neutral_news", "neutral_listing", "neutral_announcement"})


@dataclass(frozen=True, slots=True)
class Example:
    """One row; ``kinds`` are those that the text may be presented as. Absent answers are None.

    Of ``authored`` rows the text is the project's own, of ``annotated`` ones the label.
    """

    text: str
    source: str
    language: str
    kinds: tuple[Kind, ...]
    label: str | None = None
    topic: str | None = None
    reason: str | None = None
    phenomenon: str = ""
    pair: str = ""

    authored: bool = False
    annotated: bool = False


def read_authored(data_dir: Path, split: str) -> list[Example]:
    """The project's own rows, those beside this module included; ``split`` is train or dev."""
    return _own_rows(_existing(data_dir / "authored"), "*.jsonl", split) + read_own(split)


def read_own(split: str = "train") -> list[Example]:
    """The rows beside this module."""
    return _own_rows(OWN_TEXTS, "own_*.jsonl", split)


def _own_rows(folder: Path, names: str, split: str) -> list[Example]:
    return [
        _authored_example(path.stem, row)
        for path in sorted(folder.glob(names))
        for row in read_rows(path)
        if row["split"] == split and row["text"].strip()
    ]


def read_labelled(data_dir: Path, split: str, folder: str = "labelled") -> list[Example]:
    """The public research sets; with ``folder="evaluation_only"`` those that must never be trained on."""
    if folder == "evaluation_only" and split == "train":
        raise ModelError("this data is for evaluation only", str(data_dir / folder))
    examples = []
    for path in sorted(_existing(data_dir / folder).glob(f"*.{split}.jsonl.gz")):
        source = path.name.split(".")[0]
        kinds = _KINDS_OF_FILE.get(source, _PUBLIC_KINDS)
        for row in read_rows(path):
            if row["text"].strip():
                examples.append(Example(row["text"], source, row["lang"], kinds, label=row["label"]))
    return examples


def read_annotated(data_dir: Path, split: str) -> list[Example]:
    """Documents of the raw text that were labelled for this project; their texts are not ours to publish.

    What begins with 0 or 1 in its digest is dev.
    """
    with _RAW_LABELS.open(encoding="utf-8") as lines:
        labels = {(row["set"], row["digest"]): row["label"] for row in csv.DictReader(lines, delimiter="\t")}
    examples = []
    for name in sorted({name for name, _ in labels}):
        source = f"raw_{name}"
        for text in read_raw(data_dir, name):
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            if (digest[0] in "01") == (split == "dev") and (label := labels.pop((name, digest), None)):
                examples.append(Example(text, source, "fa", _KINDS_OF_FILE[source], label=label, annotated=True))
    return examples


def read_raw(data_dir: Path, name: str) -> Iterator[str]:
    """The documents of ``raw/<name>_fa.txt.xz``, one at a time."""
    with lzma.open(_existing(data_dir / "raw" / f"{name}_fa.txt.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield line.strip()


def read_finglish_pairs(data_dir: Path) -> list[tuple[str, str]]:
    """Aligned (Finglish, Persian) sentences; rows whose word counts differ by more than one are misaligned."""
    pairs = []
    for row in _table(data_dir / "finglish" / "pairs.tsv.gz"):
        if abs(len(row[0].split()) - len(row[1].split())) <= 1:
            pairs.append((row[0], row[1]))
    return pairs


def read_finglish_rows() -> list[tuple[str, str]]:
    """The project's own Finglish rows of the training part and what they are in Persian letters, word by word.

    Both have as many blanks; a word of the Finglish that Persian does not write, a lone ezafe, is ``-`` in the other.
    """
    with _FINGLISH_ROWS.open(encoding="utf-8") as lines:
        return [(row[0], row[1]) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


def read_finglish_lexicon(data_dir: Path) -> list[tuple[str, str, int]]:
    """(Finglish word, Persian word, count)."""
    return [(row[0], row[1], int(row[2])) for row in _table(data_dir / "finglish" / "word_lexicon.tsv.gz")]


def _authored_example(source: str, row: dict[str, Any]) -> Example:
    phenomenon = row.get("phenomenon", "")
    kinds = _KINDS_OF_FILE.get(source) or kinds_of_phenomenon(phenomenon)
    if "kind" in row:
        kinds = _KINDS_OF_LONG[row["kind"]]
    return Example(
        row["text"],
        source,
        row["lang"],
        kinds,
        label=row.get("label"),
        topic=row.get("topic"),
        reason=row.get("code"),
        authored=True,
        phenomenon=phenomenon,
        pair=row.get("pair", ""),
    )


def kinds_of_phenomenon(phenomenon: str) -> tuple[Kind, ...]:
    """What a text written for a ``phenomenon`` may be presented as: the news among them as news, all others as talk."""
    return _NEWS_KINDS if phenomenon in _NEWS_PHENOMENA else _POST_KINDS


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ModelError("training data is missing", str(path))
    return path


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines, gzipped or not; a broken line is a ModelError that names it."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise ModelError("not a JSON line", f"{path}:{number}") from error


def _table(path: Path) -> list[list[str]]:
    with gzip.open(_existing(path), "rt", encoding="utf-8") as lines:
        next(lines)
        return [line.rstrip("\n").split("\t") for line in lines]
