"""Learning from labels that people corrected, on an owner's machine, in seconds and without torch.

The network stays as it is; the linear half gets a correction, found by kernel logistic regression over the corrected
texts. It is kept only when something was learnt and the frozen sample that ships with the product is labelled no
worse than before.
"""

import itertools
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from monitor.errors import ModelError
from monitor.types import Kind, Label, Text
from nlp.finglish import readable
from nlp.grams import BUCKETS, features
from nlp.linear import FILE, Linear, load_linear, mood_columns
from nlp.model import BUNDLED, Model, forget_models, load_model
from nlp.normalize import normalize
from nlp.scores import softmax
from nlp.sentiment import LABELS

if TYPE_CHECKING:
    from nlp.model import FloatArray

SAMPLE = BUNDLED.parent / "quality.jsonl"
# The kernel is a matrix of texts by texts; the newest corrections are the ones that count.
MOST_CORRECTIONS = 3000
_STEPS, _DECAY = 300, 0.02
# A correction is learnt by the rare pieces of its text: common ones would carry it into texts that have nothing to do
# with it. The power is that of a piece's rarity, taken once for what is learnt and once for whom it reaches.
_RARE = 2
# Tried in this order: the whole correction, and weaker ones when it does harm elsewhere.
_STRENGTHS = (1.0, 0.5, 0.25, 0.1)
# In config.json of what is written: the directory that it was made of, empty for the bundled one.
_MADE_OF = "learnt_from"


@dataclass(frozen=True, slots=True)
class Correction:
    """A text and the label that a person gave it."""

    text: Text
    label: Label


@dataclass(frozen=True, slots=True)
class Outcome:
    """``accepted`` says whether a model was written; the others are accuracies before and after the last try."""

    accepted: bool
    sample_before: float
    sample_after: float
    learnt_before: float
    learnt_after: float


def learn(
    corrections: Sequence[Correction], out_dir: Path, path: Path | None = None, names: Sequence[str] = ()
) -> Outcome:
    """Write to ``out_dir`` the model in ``path`` with ``corrections`` learnt, if that does no harm; else touch nothing.

    All are learnt anew each time: where ``path`` was written here, the model that it was made of learns them. ``names``
    are those of the brands, which every correction names and which must not come to mean what was corrected.

    Raises ModelError when there is nothing to learn or the model has no linear half.
    """
    import numpy as np

    model = load_model(_unlearnt(load_model(path), out_dir))
    if not corrections:
        raise ModelError("there are no corrections to learn", str(model.path))
    if not model.own or load_linear(model.path) is None:
        raise ModelError("this model cannot learn corrections", str(model.path))
    chosen = list(corrections)[-MOST_CORRECTIONS:]
    sample = _read_sample()
    change = _solve(model, chosen, names)
    before = _accuracy(model, sample), _accuracy(model, chosen)
    after, accepted = before, False
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, since what is there may be in use until the new one is whole.
    with TemporaryDirectory(prefix=f"{out_dir.name}-", dir=out_dir.parent) as folder:
        written = Path(folder) / "new"
        for strength in _STRENGTHS:
            _write(model, written, change * np.float32(strength))
            changed = load_model(written)
            after = _accuracy(changed, sample), _accuracy(changed, chosen)
            accepted = after[0] >= before[0] and after[1] > before[1]
            if accepted:
                if out_dir.exists():
                    out_dir.rename(Path(folder) / "old")
                written.rename(out_dir)
                break
    forget_models()
    return Outcome(accepted, before[0], after[0], before[1], after[1])


def _unlearnt(model: Model, out_dir: Path) -> Path:
    """The directory of the model without anybody's corrections."""
    made_of = model.config.get(_MADE_OF, "" if model.path.resolve() == out_dir.resolve() else str(model.path))
    return Path(made_of) if made_of else BUNDLED


def _solve(model: Model, corrections: Sequence[Correction], names: Sequence[str]) -> "FloatArray":
    """What to add to the sentiment logits' share of each bucket [buckets, 3]; nothing to those of ``names``."""
    import numpy as np

    linear = load_linear(model.path)
    assert linear is not None
    reach = (linear.rarity.astype(np.float32) / np.float32(linear.rarity.max())) ** _RARE
    for spelling in itertools.chain(map(readable, names), map(normalize, names)):
        reach[features(spelling)[0]] = 0.0
    (base,) = model.run([correction.text for correction in corrections], ["logits"])
    found = [_features(model, linear, reach, correction.text) for correction in corrections]
    kernel = _kernel(found)
    truth = np.array([LABELS.index(correction.label) for correction in corrections])
    wanted = np.eye(len(LABELS), dtype=np.float32)[truth]
    shares = np.zeros_like(wanted)
    # No larger step is safe: the curvature is at most half of the kernel's largest row.
    rate = np.float32(1.0 / (0.5 * np.abs(kernel).sum(axis=1).max() + _DECAY))
    for _ in range(_STEPS):
        error = softmax(base + kernel @ shares) - wanted
        shares -= rate * (error + _DECAY * shares)
    change = np.zeros((BUCKETS, len(LABELS)), dtype=np.float32)
    for (buckets, values), share in zip(found, shares, strict=True):
        change[buckets] += values[:, None] * share[None, :]
    return change * reach[:, None]


def _features(model: Model, linear: Linear, reach: "FloatArray", text: Text) -> tuple[Any, Any]:
    """Buckets and values of ``text``, scaled by their reach and by how much the linear half counts for its kind."""
    buckets, values = linear.values(readable(text.text))
    weight = model.mix("logits", text.kind)["linear"] / model.mix("logits", None)["linear"]
    return buckets, values * reach[buckets] * weight


def _kernel(found: Sequence[tuple[Any, Any]]) -> "FloatArray":
    """How alike each two texts are, by the features they share [n, n]."""
    import numpy as np

    kernel = np.zeros((len(found), len(found)), dtype=np.float32)
    spread = np.zeros(BUCKETS, dtype=np.float32)
    for row, (buckets, values) in enumerate(found):
        spread[buckets] = values
        kernel[row] = [float(spread[other] @ weights) for other, weights in found]
        spread[buckets] = 0.0
    return kernel


def _write(model: Model, out_dir: Path, change: "FloatArray") -> None:
    """The model's directory with ``change`` added to all columns of its linear half that tell a mood."""
    import numpy as np

    shutil.copytree(model.path, out_dir, dirs_exist_ok=True)
    with np.load(model.path / FILE) as stored:
        parts = {name: stored[name] for name in stored.files}
    for columns in mood_columns(len(parts["bias"]), parts["kinds"].tolist()).values():
        weights = parts["weights"][:, columns].astype(np.float32) * parts["scales"][columns]
        weights += change / np.float32(model.mix("logits", None)["linear"])
        scales = np.maximum(np.abs(weights).max(axis=0) / 127, 1e-9).astype(np.float32)
        parts["weights"][:, columns] = np.round(weights / scales).astype(np.int8)
        parts["scales"][columns] = scales
    np.savez_compressed(out_dir / FILE, **parts)
    made_of = "" if model.path == BUNDLED else str(model.path.resolve())
    config = json.dumps({**model.config, _MADE_OF: made_of}, ensure_ascii=False, indent=2)
    (out_dir / "config.json").write_text(config, encoding="utf-8")
    forget_models()


def _accuracy(model: Model, rows: Sequence[Correction]) -> float:
    (logits,) = model.run([row.text for row in rows], ["logits"])
    right = [LABELS[place] is row.label for place, row in zip(logits.argmax(axis=1).tolist(), rows, strict=True)]
    return sum(right) / len(right)


def _read_sample() -> list[Correction]:
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    return [Correction(Text(row["text"], Kind(row["kind"])), Label(row["label"])) for row in rows if "label" in row]
