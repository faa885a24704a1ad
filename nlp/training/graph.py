"""The network as an ONNX graph with 8-bit weights, written in the operators that ONNX Runtime computes in one piece.

PyTorch's exporter takes attention, rotary positions and gelu apart into small steps, whose copies take more time than
the products. What goes into a product is rounded to 8 bits by a range that is found once, on training rows: by that
of the batch at hand a text's scores would depend on the texts beside it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nlp.training.network import Network

OUTPUTS = {"logits": "sentiment", "topic_logits": "topic", "reason_logits": "reason"}
# Behind the name of a weight of whole numbers: what they are multiples of.
SCALE = "_scale"
EMBEDDING = "encoder.embedding.weight"
_OPSET, _IR_VERSION = 20, 10
# Operators of ONNX Runtime's own.
_OWN = "com.microsoft"
_MASKED = -1e4
_NORM_EPSILON = 1e-5
_MOST = 127
_LAST_AXIS = np.array([-1])

# The least and the greatest number that goes into each linear layer, by its name.
Ranges = dict[str, tuple[float, float]]


def build(network: Network, ranges: Ranges) -> onnx.ModelProto:
    """The graph for any number of texts of any length up to the network's limit.

    A weight has the network's name for it; the matrices of layers are transposed.
    """
    graph = _Graph({name: values.numpy() for name, values in network.state_dict().items()}, ranges)
    heads = network.config.heads
    _rotary_tables(graph, network)
    mask = graph.add("Cast", "attention_mask", to=TensorProto.INT32)
    x = graph.norm(graph.looked_up("input_ids", EMBEDDING), "encoder.embedding_norm")
    for layer in range(network.config.layers):
        x = _block(graph, x, mask, f"encoder.blocks.{layer}", heads)
    pooled = _pooled(graph, graph.norm(x, "encoder.norm"))
    for output, head in OUTPUTS.items():
        graph.linear(pooled, head, out=output)
    return _model(graph)


class _Graph:
    """Nodes and weights as they are added; a value is known by its name."""

    def __init__(self, weights: dict[str, Any], ranges: Ranges) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.stored: dict[str, onnx.TensorProto] = {}
        self._weights = weights
        self._ranges = ranges

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """A node with one output, whose name is returned."""
        return self.add_many(operator, *inputs, outs=[out or f"{operator}_{len(self.nodes)}"], **attributes)[0]

    def add_many(self, operator: str, *inputs: str, outs: list[str], **attributes: Any) -> list[str]:
        self.nodes.append(helper.make_node(operator, inputs, outs, outs[0], **attributes))
        return outs

    def constant(self, name: str, values: Any) -> str:
        self.stored[name] = numpy_helper.from_array(np.array(values, order="C"), name)
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def norm(self, x: str, name: str) -> str:
        parts = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, *parts, epsilon=_NORM_EPSILON)

    def linear(self, x: str, name: str, out: str = "") -> str:
        """``x`` times a layer's matrix, plus its bias if it has one."""
        small, scale, zero = self._small(x, name)
        matrix, columns = self._rounded(f"{name}.weight", self._weights[f"{name}.weight"].T, axis=0)
        bias = [self.weight(f"{name}.bias")] if f"{name}.bias" in self._weights else []
        inputs = (small, matrix, scale, columns, zero, "", *bias)
        return self.add("MatMulIntegerToFloat", *inputs, domain=_OWN, out=out)

    def looked_up(self, ids: str, name: str) -> str:
        """The rows of a table, each of which has its own scale."""
        table, scale = self._rounded(name, self._weights[name], axis=1)
        rows = self.add("Cast", self.add("Gather", table, ids), to=TensorProto.FLOAT)
        scales = self.add("Unsqueeze", self.add("Gather", scale, ids), self.constant("last_axis", _LAST_AXIS))
        return self.add("Mul", rows, scales)

    def _rounded(self, name: str, values: Any, axis: int) -> tuple[str, str]:
        """A weight as 8-bit numbers, and their scales along the other axis than ``axis``."""
        scale = np.maximum(np.abs(values).max(axis=axis, keepdims=True) / _MOST, 1e-9).astype(np.float32)
        small = np.round(values / scale).astype(np.int8)
        return self.constant(name, small), self.constant(name + SCALE, scale.ravel())

    def _small(self, x: str, layer: str) -> tuple[str, str, str]:
        """``x`` as 8-bit numbers by the range of what goes into ``layer``; their scale and their zero."""
        low, high = min(self._ranges[layer][0], 0.0), max(self._ranges[layer][1], 0.0)
        step = (high - low) / 255
        scale = self.constant(f"{layer}.in{SCALE}", np.float32(step))
        zero = self.constant(f"{layer}.in_zero", np.uint8(round(-low / step)))
        return self.add("QuantizeLinear", x, scale, zero), scale, zero


def _rotary_tables(graph: _Graph, network: Network) -> None:
    """The operator wants the first half of the columns; the second is the same."""
    half = network.config.hidden // network.config.heads // 2
    graph.constant("cos", network.encoder.cos[:, :half].numpy())
    graph.constant("sin", network.encoder.sin[:, :half].numpy())
    graph.constant("first_position", np.zeros(1, dtype=np.int64))


def _block(graph: _Graph, x: str, mask: str, name: str, heads: int) -> str:
    qkv = graph.linear(graph.norm(x, f"{name}.norm1"), f"{name}.qkv")
    q, k, v = graph.add_many("Split", qkv, outs=[f"{name}.{part}" for part in "qkv"], axis=-1, num_outputs=3)
    q, k = (_rotated(graph, part, heads) for part in (q, k))
    attended = graph.add(
        "MultiHeadAttention", q, k, v, "", mask, domain=_OWN, num_heads=heads, mask_filter_value=_MASKED
    )
    x = graph.add("Add", x, graph.linear(attended, f"{name}.out"))
    inner = graph.add("Gelu", graph.linear(graph.norm(x, f"{name}.norm2"), f"{name}.up"))
    return graph.add("Add", x, graph.linear(inner, f"{name}.down"))


def _rotated(graph: _Graph, x: str, heads: int) -> str:
    return graph.add("RotaryEmbedding", x, "first_position", "cos", "sin", domain=_OWN, num_heads=heads)


def _pooled(graph: _Graph, states: str) -> str:
    """The first token and the mean of all, through one layer [B, D]."""
    middle = graph.constant("middle_axis", np.array([1]))
    kept = graph.add("Unsqueeze", graph.add("Cast", "attention_mask", to=TensorProto.FLOAT), middle)
    count = graph.add("ReduceSum", kept, graph.constant("last_axis", _LAST_AXIS))
    mean = graph.add("Squeeze", graph.add("Div", graph.add("MatMul", kept, states), count), middle)
    first = graph.add("Gather", states, graph.constant("first", np.array(0)), axis=1)
    return graph.add("Tanh", graph.linear(graph.add("Concat", first, mean, axis=-1), "pool"))


def _model(graph: _Graph) -> onnx.ModelProto:
    inputs = [_value(name, TensorProto.INT64, ["batch", "length"]) for name in ("input_ids", "attention_mask")]
    classes = {output: graph.stored[f"{head}.bias"].dims[0] for output, head in OUTPUTS.items()}
    outputs = [_value(output, TensorProto.FLOAT, ["batch", count]) for output, count in classes.items()]
    whole = helper.make_graph(graph.nodes, "didban", inputs, outputs, list(graph.stored.values()))
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OWN, 1)]
    return helper.make_model(whole, opset_imports=opsets, ir_version=_IR_VERSION)


def _value(name: str, kind: int, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
