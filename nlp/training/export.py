"""The trained network as an int8 ONNX graph in a Hugging Face directory, checked against the original."""

import json
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from monitor.errors import ModelError
from monitor.types import Text
from nlp.training.data import LABELS, REASONS, TOPICS
from nlp.training.finetune import Tokens, load_network, logits_of, network_facts
from nlp.training.network import Network
from nlp.training.vocabulary import KIND_TOKENS, save_tokenizer

OUTPUTS = ("logits", "topic_logits", "reason_logits")
_OPSET = 18
# Rounding weights and activations to 8 bits may change this share of labels and no more.
LEAST_PARITY = 0.97


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
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        write_graph(network, full)
        quantise(full, out_dir / "model.onnx")
    return out_dir


def write_graph(network: Network, path: Path) -> None:
    """The network in full precision, for any number of texts of any length up to its limit."""
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", min=3, max=network.config.max_length)
    example = torch.ones((2, 16), dtype=torch.long)
    with warnings.catch_warnings():
        # The exporter warns about torch's own code, which nobody here can mend.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network.eval(),
            (example, example.clone()),
            dynamo=True,
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
            opset_version=_OPSET,
            verbose=False,
        )
    if program is None:
        raise ModelError("the network could not be exported", str(path))
    program.save(str(path), external_data=False)


def quantise(full: Path, path: Path) -> None:
    """8-bit weights for matrices and tables; activations are rounded as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = full.with_name("prepared.onnx")
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(str(prepared), str(path), weight_type=QuantType.QInt8, per_channel=True)


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
