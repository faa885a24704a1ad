"""The trained network read back from a model directory, so that training can go on from what ships."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from monitor.errors import ModelError
from nlp.model import read_config
from nlp.training.graph import EMBEDDING, SCALE
from nlp.training.network import Network, NetworkConfig

# Where pretraining guesses a hidden word.
_GUESS = "encoder.guess"


def read_network(model_dir: Path) -> Network:
    """The network that :func:`nlp.training.export.export` wrote to ``model_dir``, to within its 8 bits.

    What only pretraining needs is not in a graph and is as new. Raises ModelError.
    """
    import onnx

    network = Network(NetworkConfig(**read_config(model_dir)["network"]))
    graph = onnx.load(model_dir / "model.onnx").graph
    found = {part.name: torch.from_numpy(onnx.numpy_helper.to_array(part).copy()) for part in graph.initializer}
    for name, values in network.state_dict().items():
        if name in found:
            values.copy_(_read(name, found))
        elif not name.startswith(_GUESS):
            raise ModelError(f"the graph lacks {name}", str(model_dir))
    return network


def made_by(model_dir: Path) -> dict[str, Any]:
    """What was done to make the network in ``model_dir``: tokens of pretraining, steps of each stage."""
    made: dict[str, Any] = read_config(model_dir)["made"]
    return made


def _read(name: str, found: dict[str, Tensor]) -> Tensor:
    """One weight as the network has it; the table of tokens has a scale for each row, a matrix for each column."""
    if name + SCALE not in found:
        return found[name]
    scale = found[name + SCALE]
    return found[name] * scale[:, None] if name == EMBEDDING else (found[name] * scale).T
