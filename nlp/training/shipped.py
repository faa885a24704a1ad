"""The trained network read back from a model directory, so that training can go on from what ships."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from monitor.errors import ModelError
from nlp.model import read_config
from nlp.training.network import Network, NetworkConfig

# The exporter keeps the name of a block's bias and not of its matrices; these stand in this order.
_MATRICES = ("qkv", "out", "up", "down")
_ROUNDED = "_quantized"


def read_network(model_dir: Path) -> Network:
    """The network that :func:`nlp.training.export.export` wrote to ``model_dir``, to within its 8 bits.

    What only pretraining needs, the guess of a hidden word, is not in a graph and is as new. Raises ModelError.
    """
    import onnx

    network = Network(NetworkConfig(**read_config(model_dir)["network"]))
    graph = onnx.load(model_dir / "model.onnx").graph
    found = {part.name: torch.from_numpy(onnx.numpy_helper.to_array(part).copy()) for part in graph.initializer}
    stored = {name.removesuffix(_ROUNDED): _unrounded(name, found) for name in found if name.endswith(_ROUNDED)}
    weights = {**found, **_named(stored)}
    state = network.state_dict()
    for name, values in state.items():
        if name in weights:
            values.copy_(weights[name])
        elif ".guess" not in name:
            raise ModelError(f"the graph lacks {name}", str(model_dir))
    return network


def made_by(model_dir: Path) -> dict[str, Any]:
    """What was done to make the network in ``model_dir``: tokens of pretraining, steps of each stage."""
    made: dict[str, Any] = read_config(model_dir)["made"]
    return made


def _unrounded(name: str, found: dict[str, Tensor]) -> Tensor:
    stem = name.removesuffix(_ROUNDED)
    return (found[name].float() - found[f"{stem}_zero_point"].float()) * found[f"{stem}_scale"]


def _named(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices by the network's own names; the graph multiplies from the right, so they stand transposed there."""
    numbered = sorted((name for name in stored if name.startswith("val_")), key=lambda name: int(name.split("_")[1]))
    named = {
        f"encoder.blocks.{place // len(_MATRICES)}.{_MATRICES[place % len(_MATRICES)]}.weight": stored[name].T
        for place, name in enumerate(numbered)
    }
    heads = {name.removesuffix("_Transposed"): values.T for name, values in stored.items() if "_Transposed" in name}
    return {**stored, **named, **heads}
