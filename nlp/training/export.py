"""The trained network as an int8 ONNX graph in a Hugging Face directory, checked against the original."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from torch import Tensor, nn

from monitor.types import Text
from nlp.training import data
from nlp.training.data import LABELS, REASONS, TOPICS
from nlp.training.evaluate import told
from nlp.training.finetune import Tokens, load_network, logits_of, network_facts
from nlp.training.graph import Ranges, build
from nlp.training.network import Network
from nlp.training.vocabulary import KIND_TOKENS, save_tokenizer

# Rounding weights and activations to 8 bits may change this share of labels and no more.
LEAST_PARITY = 0.97
_RANGE_ROWS = 1024


def export(checkpoint: Path, out_dir: Path) -> Path:
    """Write the model that :func:`nlp.training.finetune.save_network` left in ``checkpoint`` to ``out_dir``.

    The directory gets ``model.onnx``, ``config.json``, ``tokenizer.json`` and ``tokenizer_config.json``.
    """
    from tokenizers import Tokenizer

    network = load_network(checkpoint)
    out_dir.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    save_tokenizer(tokenizer, out_dir, network.config.max_length)
    config = json.dumps(_config(network) | {"made": network_facts(checkpoint)["made"]}, indent=2, ensure_ascii=False)
    (out_dir / "config.json").write_text(config + "\n", encoding="utf-8")
    onnx.save(build(network, ranges(network, Tokens(checkpoint, network.config.max_length))), out_dir / "model.onnx")
    return out_dir


def ranges(network: Network, tokens: Tokens) -> Ranges:
    """What goes into each linear layer, between which numbers, on some of the project's own rows."""
    found: Ranges = {}

    def look(name: str, x: Tensor) -> None:
        low, high = found.get(name, (0.0, 0.0))
        found[name] = min(low, float(x.min())), max(high, float(x.max()))

    layers = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Linear)]
    hooks = [
        layer.register_forward_pre_hook(lambda _, inputs, name=name: look(name, inputs[0])) for name, layer in layers
    ]
    rows = data.read_own("train")
    logits_of(network, tokens, [told(row) for row in random.Random(0).sample(rows, min(_RANGE_ROWS, len(rows)))])
    for hook in hooks:
        hook.remove()
    return found


def parity(checkpoint: Path, model_dir: Path, texts: Sequence[Text]) -> float:
    """Share of ``texts`` on which the exported graph gives the trained network's label."""
    from nlp.model import load_model

    network = load_network(checkpoint)
    short = [text for text in texts if len(text.text) < 200]
    trained, _, _ = logits_of(network, Tokens(checkpoint, network.config.max_length), short)
    (exported,), _ = load_model(model_dir).network(short, ["logits"])
    return float(np.mean(trained.argmax(-1).numpy() == exported.argmax(-1)))


def _config(network: Network) -> dict[str, Any]:
    return {
        "architectures": ["DidbanForSequenceClassification"],
        "model_type": "didban",
        "id2label": {str(place): label for place, label in enumerate(LABELS)},
        "label2id": {label: place for place, label in enumerate(LABELS)},
        "topic_labels": TOPICS,
        "reason_labels": REASONS,
        "kind_tokens": KIND_TOKENS,
        "window": network.config.max_length,
        "network": network.config.as_dict(),
    }
