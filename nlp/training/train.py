"""What ``didban model`` does: train from the data, measure, export, describe."""

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.errors import ModelError
from monitor.types import Kind, Text
from nlp.model import BUNDLED, load_model, read_config
from nlp.training.stages import ROUNDS, Round

if TYPE_CHECKING:
    from nlp.training.network import NetworkConfig

log = logging.getLogger(__name__)

DEFAULT_DATA = Path("training/data")


def train(
    data_dir: Path = DEFAULT_DATA,
    work_dir: Path = Path("training/work"),
    out_dir: Path = BUNDLED,
    *,
    pretrain_tokens: int = 33_000_000,
    detect_tokens: int = 16_000_000,
    rounds: Sequence[Round] = ROUNDS,
    seed: int = 0,
    config: "NetworkConfig | None" = None,
    begin: Path | None = None,
) -> dict[str, Any]:
    """Vocabulary, pretraining, fine-tuning, linear half, calibration, export, figures and card, from the data alone.

    Vocabulary and masked pretraining go on from what an earlier run left in ``work_dir``. With the model directory
    ``begin`` its network takes the place of all but the last of ``rounds``. Returns the dev figures.
    """
    _need_training_extra()
    from nlp.training import data
    from nlp.training.detect import detect
    from nlp.training.evaluate import told
    from nlp.training.export import LEAST_PARITY, parity
    from nlp.training.finetune import finetune, pretrained
    from nlp.training.linear import train_linear
    from nlp.training.mix import fit_mix
    from nlp.training.network import NetworkConfig
    from nlp.training.pretrain import prepare, pretrain
    from nlp.training.rows import read_examples
    from nlp.training.shipped import made_by, read_network

    if begin is None:
        config = config or NetworkConfig()
        prepare(data_dir, work_dir, config)
        pretrain(work_dir, config, pretrain_tokens, seed)
        detect(work_dir, config, detect_tokens, seed)
        network, made = pretrained(work_dir, config)
    else:
        work_dir.mkdir(parents=True, exist_ok=True)
        shutil.copy(begin / "tokenizer.json", work_dir)
        network, made, rounds = read_network(begin), made_by(begin), rounds[-1:]
    finetune(data_dir, work_dir, network, made, rounds, seed)
    export(work_dir, out_dir)
    train_linear(read_examples(data_dir), out_dir, seed)
    fit_mix(out_dir, data_dir)
    rows = [told(example) for example in data.read_authored(data_dir, "dev") if example.label]
    share = parity(work_dir, out_dir, rows)
    if share < LEAST_PARITY:
        raise ModelError(f"the exported graph agrees with the trained network on {share:.3f} of dev only", str(out_dir))
    figures = evaluate(out_dir, data_dir)
    write_card_for(out_dir, figures, share)
    return figures


def evaluate(model_dir: Path | None = None, data_dir: Path = DEFAULT_DATA) -> dict[str, Any]:
    """The figures of the model in ``model_dir`` (default: the bundled) on dev of ``data_dir``; needs no torch."""
    from nlp.training.evaluate import measure

    return measure(_predictor(model_dir), data_dir)


def export(checkpoint: Path, out_dir: Path) -> Path:
    """The trained network in ``checkpoint`` as a model directory."""
    _need_training_extra()
    from nlp.training.export import export as write

    return write(checkpoint, out_dir)


def info(model_dir: Path | None = None) -> dict[str, Any]:
    """What the model in ``model_dir`` is: name, labels, heads, size in bytes, dev figures where it has them."""
    model_dir = model_dir or BUNDLED
    model = load_model(model_dir)
    config = read_config(model_dir)
    figures = model_dir / "figures.json"
    return {
        "name": model.name,
        "path": str(model_dir),
        "labels": [config["id2label"][key] for key in sorted(config["id2label"], key=int)],
        "outputs": model.outputs,
        "bytes": sum(path.stat().st_size for path in model_dir.rglob("*") if path.is_file()),
        "figures": json.loads(figures.read_text(encoding="utf-8")) if figures.exists() else None,
    }


def write_card_for(out_dir: Path, figures: dict[str, Any], parity_share: float) -> Path:
    """The card of the model in ``out_dir``, with how it was made."""
    from nlp.training.card import write_card

    config = read_config(out_dir)
    facts = {
        "parity with the trained network": round(parity_share, 4),
        "graph, bytes": (out_dir / "model.onnx").stat().st_size,
        **{f"mix: {head}": str(mix) for head, mix in config["mix"].items()},
        **{f"network: {key}": value for key, value in config["network"].items()},
        **config["made"],
    }
    return write_card(out_dir, figures, facts)


def _predictor(model_dir: Path | None) -> Any:
    from nlp.labeller import load_labeller
    from nlp.training.evaluate import Answers

    labeller = load_labeller(model_dir)

    def predict(texts: Sequence[Text]) -> Answers:
        found = labeller.label(texts)
        exits = bool(texts) and all(text.kind is Kind.UNSUBSCRIBE for text in texts)
        return Answers(
            [labels.sentiment.label.value for labels in found],
            [labels.sentiment.score for labels in found],
            [labels.topic.value for labels in found],
            [labels.reason.code.value for labels in labeller.comments([text.text for text in texts])] if exits else [],
        )

    return predict


def _need_training_extra() -> None:
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModelError("training needs more packages, install them with: pip install 'didban[train]'") from error
