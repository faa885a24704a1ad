"""The network: a small pretrained transformer under three heads, one graph.

Shapes: B texts, T tokens, D hidden size. Inputs ``input_ids`` and ``attention_mask`` are int64 [B, T]; outputs are
``logits`` [B, 3], ``topic_logits`` [B, 9] and ``reason_logits`` [B, 11].
"""

from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes of the network."""

    vocabulary: int = 16_000
    hidden: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 768
    max_length: int = 128
    labels: int = 3
    topics: int = 9
    reasons: int = 11

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Block(nn.Module):
    """One pre-norm transformer layer with rotary positions."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.norm1 = nn.LayerNorm(config.hidden)
        self.qkv = nn.Linear(config.hidden, 3 * config.hidden, bias=False)
        self.out = nn.Linear(config.hidden, config.hidden, bias=False)
        self.norm2 = nn.LayerNorm(config.hidden)
        self.up = nn.Linear(config.hidden, config.inner)
        self.down = nn.Linear(config.inner, config.hidden)

    def forward(self, x: Tensor, bias: Tensor | None, cos: Tensor, sin: Tensor, dropout: float) -> Tensor:
        batch, length, hidden = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, hidden // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        attended = attend(q, k, v, bias).transpose(1, 2).reshape(batch, length, hidden)
        x = x + F.dropout(self.out(attended), dropout, self.training)
        inner = F.gelu(self.up(self.norm2(x)))
        return x + F.dropout(self.down(inner), dropout, self.training)


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
    """Attention [B, H, T, D/H] of ``q`` over ``k`` and ``v`` of that shape, ``bias`` [B, 1, 1, T] added to its scores.

    PyTorch's own takes three times as long for short texts on a processor.
    """
    scores = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(-1, -2))
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    return torch.matmul(scores.softmax(-1).to(v.dtype), v)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair of channels of ``x`` [B, H, T, D/H] by its position's angle."""
    first, second = x.chunk(2, dim=-1)
    return x * cos.to(x.dtype) + torch.cat((-second, first), dim=-1) * sin.to(x.dtype)


class Encoder(nn.Module):
    """Token states [B, T, D] from ids; also predicts masked tokens with its own input table."""

    cos: Tensor
    sin: Tensor

    def __init__(self, config: NetworkConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.embedding = nn.Embedding(config.vocabulary, config.hidden, padding_idx=0)
        self.embedding_norm = nn.LayerNorm(config.hidden)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.hidden)
        self.guess = nn.Linear(config.hidden, config.hidden)
        self.guess_bias = nn.Parameter(torch.zeros(config.vocabulary))
        cos, sin = rotary_tables(config.max_length, config.hidden // config.heads)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.apply(_initialise)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        length = ids.shape[1]
        bias = None
        if mask is not None:
            bias = (1.0 - mask[:, None, None, :].to(torch.float32)) * -1e4
        x = F.dropout(self.embedding_norm(self.embedding(ids)), self.dropout, self.training)
        cos, sin = self.cos[:length], self.sin[:length]
        for block in self.blocks:
            x = block(x, bias, cos, sin, self.dropout)
        return self.norm(x)

    def masked_logits(self, states: Tensor) -> Tensor:
        """[N, D] states of masked places to [N, vocabulary]."""
        return F.linear(F.gelu(self.guess(states)), self.embedding.weight, self.guess_bias)


def rotary_tables(length: int, width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines [length, width] of the rotary position code."""
    rates = 1.0 / (1000.0 ** (torch.arange(0, width, 2).float() / width))
    angles = torch.arange(length).float()[:, None] * rates[None, :]
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)


class Network(nn.Module):
    """The encoder under three heads."""

    def __init__(self, config: NetworkConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.encoder = Encoder(config, dropout)
        self.pool = nn.Linear(2 * config.hidden, config.hidden)
        self.sentiment = nn.Linear(config.hidden, config.labels)
        self.topic = nn.Linear(config.hidden, config.topics)
        self.reason = nn.Linear(config.hidden, config.reasons)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states = self.encoder(input_ids, attention_mask)
        weights = attention_mask.to(states.dtype)[:, :, None]
        mean = (states * weights).sum(1) / weights.sum(1)
        pooled = torch.tanh(self.pool(torch.cat((states[:, 0], mean), dim=-1)))
        features = F.dropout(pooled, 2 * self.dropout, self.training)
        return self.sentiment(features), self.topic(features), self.reason(features)


def grown(network: Network, layers: int) -> Network:
    """``network`` with as many ``layers``, answering as before: each new one is a copy that adds nothing yet.

    The copies, at most one of each layer, stand behind their originals, evenly among them. A network that has so many
    layers is given back itself.
    """
    config, added = network.config, layers - network.config.layers
    if added == 0:
        return network
    copied = {(number + 1) * config.layers // added - 1 for number in range(added)}
    deeper = Network(replace(config, layers=layers), network.dropout)
    weights = {name: value for name, value in network.state_dict().items() if not name.startswith("encoder.blocks.")}
    deeper.load_state_dict(weights, strict=False)
    blocks = iter(deeper.encoder.blocks)
    for place, block in enumerate(network.encoder.blocks):
        next(blocks).load_state_dict(block.state_dict())
        if place in copied:
            _begin_as_nothing(next(blocks), block)
    return deeper


def _begin_as_nothing(copy: nn.Module, block: nn.Module) -> None:
    """The weights of ``block``, but for those through which it adds to what passes: they are to grow from nought."""
    silent = ("out.weight", "down.weight", "down.bias")
    weights = block.state_dict()
    copy.load_state_dict({name: torch.zeros_like(w) if name in silent else w for name, w in weights.items()})
