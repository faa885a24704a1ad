"""Fine-tuning of all heads together on the labelled rows."""

import itertools
import json
import logging
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from monitor.types import Kind, Text
from nlp.finglish import readable
from nlp.training.detect import FILE as DETECTOR
from nlp.training.network import Network, NetworkConfig, grown
from nlp.training.pretrain import FILE as ENCODER
from nlp.training.pretrain import descend
from nlp.training.rows import Row, epoch_rows, read_examples
from nlp.training.stages import Round, Stage
from nlp.training.vocabulary import KIND_TOKENS, MASK, UNKNOWN, token_id

log = logging.getLogger(__name__)

_BATCH_TOKENS = 6144
_POOL = 8192
_ENCODER_RATE, _HEAD_RATE = 5e-4, 1.2e-3
_TOPIC_WEIGHT, _REASON_WEIGHT = 0.3, 1.0
# Members of a minimal pair shall differ by this much in the logits that tell their labels apart.
_PAIR_WEIGHT, _PAIR_MARGIN = 0.5, 4.0
_WARM_UP = 100
_BPE_DROPOUT = 0.1
_WORD_DROPOUT = 0.05
# A stage numbers its epochs from its seed on.
_SEEDS_APART = 1000


class Tokens:
    """Turns rows into padded tensors; ``dropout`` splits some words otherwise each time they are met."""

    def __init__(self, work_dir: Path, max_length: int) -> None:
        from tokenizers import Tokenizer

        path = str(work_dir / "tokenizer.json")
        self._plain, self._broken = Tokenizer.from_file(path), Tokenizer.from_file(path)
        self._broken.model.dropout = _BPE_DROPOUT
        self._max = max_length
        self.unknown = token_id(self._plain, UNKNOWN)
        self.first_word = token_id(self._plain, MASK) + len(KIND_TOKENS) + 1
        self._kinds = {kind: token_id(self._plain, token) for kind, token in KIND_TOKENS.items()}

    def ids(self, texts: Sequence[str], kinds: Sequence[Kind | None], dropout: bool) -> list[list[int]]:
        tokenizer = self._broken if dropout else self._plain
        out = []
        for encoding, kind in zip(tokenizer.encode_batch_fast(list(texts)), kinds, strict=True):
            ids = encoding.ids
            if len(ids) > self._max:
                ids = [*ids[: self._max - 1], ids[-1]]
            out.append(ids if kind is None else [self._kinds[kind], *ids[1:]])
        return out


def pad(batch: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask, int64 [B, T]."""
    longest = max(map(len, batch))
    ids = torch.zeros((len(batch), max(longest, 3)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask


def finetune(
    data_dir: Path,
    work_dir: Path,
    network: Network,
    made: dict[str, Any],
    rounds: Sequence[Round],
    seed: int = 0,
) -> Path:
    """Train ``network`` through all ``rounds``; returns ``network.pt``. ``made`` says how it came to be until here."""
    torch.manual_seed(seed)
    for one in rounds:
        network = grown(network, one.layers or network.config.layers)
        seed = _round(network, data_dir, work_dir, one.stages, seed)
        made = made | {f"{stage.name}: steps": stage.steps for stage in one.stages}
    return save_network(network, work_dir, made)


def pretrained(work_dir: Path, config: NetworkConfig) -> tuple[Network, dict[str, Any]]:
    """A network with the encoder that pretraining left in ``work_dir``, and what was done to it."""
    network = Network(config)
    network.encoder.load_state_dict(torch.load(work_dir / DETECTOR, weights_only=True))
    made: dict[str, Any] = {}
    for name, path in (("pretraining", ENCODER), ("replaced words", DETECTOR)):
        facts = json.loads((work_dir / path).with_suffix(".json").read_text(encoding="utf-8"))
        made |= {f"{name}: {key}": facts[key] for key in ("tokens", "loss")}
    return network, made


def _round(network: Network, data_dir: Path, work_dir: Path, stages: Sequence[Stage], seed: int) -> int:
    """Train through ``stages``, then take the mean of their weights: it knows of each what the others forgot.

    Returns the next seed.
    """
    mean = _scaled(network, 1.0 - sum(stage.share for stage in stages))
    for stage in stages:
        _train(network, data_dir, work_dir, stage, seed)
        mean = {name: weights + mean[name] for name, weights in _scaled(network, stage.share).items()}
        seed += _SEEDS_APART
    network.load_state_dict(mean)
    return seed


def _scaled(network: Network, share: float) -> dict[str, Tensor]:
    return {name: share * weights for name, weights in network.state_dict().items()}


def _train(network: Network, data_dir: Path, work_dir: Path, stage: Stage, seed: int) -> None:
    network.train()
    tokens = Tokens(work_dir, network.config.max_length)
    examples = read_examples(data_dir)
    optimisers = _optimisers(network)
    peaks = [[stage.rate * group["lr"] for group in optimiser.param_groups] for optimiser in optimisers]
    running = 0.0
    epochs = (epoch_rows(examples, number, stage.public, stage.patterns) for number in itertools.count(seed))
    batches = (batch for number, rows in enumerate(epochs, seed) for batch in _batches(rows, tokens, number))
    for step, batch in enumerate(itertools.islice(batches, stage.steps)):
        _set_rates(optimisers, peaks, min(1.0, (step + 1) / _WARM_UP) * max(0.02, 1.0 - step / stage.steps))
        loss = descend(_batch_loss(network, *batch), network, optimisers)
        running = 0.98 * (running or loss) + 0.02 * loss
        if step % 100 == 0:
            log.info("%s: step %d of %d, loss %.3f", stage.name, step, stage.steps, running)


def _set_rates(optimisers: Sequence[torch.optim.Optimizer], peaks: Sequence[Sequence[float]], factor: float) -> None:
    for optimiser, rates in zip(optimisers, peaks, strict=True):
        for group, peak in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = peak * factor


def logits_of(network: Network, tokens: Tokens, texts: Sequence[Text]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of all three heads for ``texts``, in order; long texts are cut."""
    network.eval()
    ids = tokens.ids([readable(t.text) for t in texts], [t.kind for t in texts], dropout=False)
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    outputs: list[tuple[Tensor, ...]] = []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for first in range(0, len(order), 64):
            outputs.append(network(*pad([ids[place] for place in order[first : first + 64]])))
    back = torch.argsort(torch.tensor(order))
    sentiment, topic, reason = (torch.cat(parts).float()[back] for parts in zip(*outputs, strict=True))
    return sentiment, topic, reason


def save_network(network: Network, work_dir: Path, made: dict[str, Any]) -> Path:
    """Write ``network.pt`` and ``network.json``, its shape and how it was ``made``."""
    path = work_dir / "network.pt"
    torch.save(network.state_dict(), path)
    facts = {"config": network.config.as_dict(), "made": made}
    (work_dir / "network.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return path


def network_facts(work_dir: Path) -> dict[str, dict[str, Any]]:
    """``config`` and ``made`` of the network that :func:`save_network` wrote."""
    facts: dict[str, dict[str, Any]] = json.loads((work_dir / "network.json").read_text(encoding="utf-8"))
    return facts


def load_network(work_dir: Path) -> Network:
    """The network that :func:`save_network` wrote."""
    network = Network(NetworkConfig(**network_facts(work_dir)["config"]))
    network.load_state_dict(torch.load(work_dir / "network.pt", weights_only=True))
    return network.eval()


def _optimisers(network: Network) -> list[torch.optim.Optimizer]:
    """Muon for the encoder's matrices, as in pretraining; AdamW with a rate of its own for each other part."""
    matrices = [p for p in network.encoder.blocks.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    encoder = [p for p in network.encoder.parameters() if id(p) not in chosen]
    heads = [network.pool, network.sentiment, network.topic, network.reason]
    groups = [
        {"params": encoder, "lr": _ENCODER_RATE},
        {"params": [p for head in heads for p in head.parameters()], "lr": _HEAD_RATE},
    ]
    return [
        torch.optim.Muon(matrices, lr=_ENCODER_RATE, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01),
    ]


def _batches(rows: Sequence[Row], tokens: Tokens, seed: int) -> Iterator[tuple[Tensor, Tensor, list[Row]]]:
    """Ids, mask and rows of batches of about ``_BATCH_TOKENS`` tokens, of like length, in random order."""
    chooser = random.Random(seed)
    for first in range(0, len(rows), _POOL):
        pool = rows[first : first + _POOL]
        half = len(pool) // 2
        ids = tokens.ids([r.text for r in pool[:half]], [r.kind for r in pool[:half]], dropout=True)
        ids += tokens.ids([r.text for r in pool[half:]], [r.kind for r in pool[half:]], dropout=False)
        groups: list[list[int]] = [[]]
        for unit in _by_length(pool, ids, chooser):
            longest = max(len(ids[place]) for place in unit)
            if (len(groups[-1]) + len(unit)) * longest > _BATCH_TOKENS:
                groups.append([])
            groups[-1] += unit
        chooser.shuffle(groups)
        for group in filter(None, groups):
            padded, mask = pad([ids[place] for place in group])
            batch = [pool[place] for place in group]
            yield _forget_words(padded, batch, tokens), mask, batch


def _by_length(pool: Sequence[Row], ids: Sequence[Sequence[int]], chooser: random.Random) -> list[list[int]]:
    """Places of ``pool`` from short to long; the members of a pair, which are neighbours there, stay together."""
    units = [
        list(places)
        for _, places in itertools.groupby(range(len(pool)), key=lambda place: pool[place].pair or str(place))
    ]
    return sorted(units, key=lambda unit: max(len(ids[place]) for place in unit) + chooser.random())


def _forget_words(ids: Tensor, rows: Sequence[Row], tokens: Tokens) -> Tensor:
    """Some words become unknown; none in a minimal pair, where each may be the one that decides."""
    alone = torch.tensor([not row.pair for row in rows])
    forgotten = (torch.rand(ids.shape) < _WORD_DROPOUT) & (ids >= tokens.first_word) & alone[:, None]
    return torch.where(forgotten, tokens.unknown, ids)


def _batch_loss(network: Network, ids: Tensor, mask: Tensor, rows: Sequence[Row]) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        sentiment, topic, reason = network(ids, mask)
    return _loss(sentiment.float(), topic.float(), reason.float(), rows)


def _loss(sentiment: Tensor, topic: Tensor, reason: Tensor, rows: Sequence[Row]) -> Tensor:
    """Cross-entropy of each head over the rows that have its answer, summed over rows, per row of the batch."""
    loss = sentiment.sum() * 0.0
    labelled = [place for place, row in enumerate(rows) if row.target]
    if labelled:
        targets = torch.tensor([row.target for row in rows if row.target])
        loss = loss + F.cross_entropy(sentiment[labelled], targets, reduction="sum")
        loss = loss + _PAIR_WEIGHT * _pair_loss(sentiment, rows)
    topics = torch.tensor([row.topic for row in rows])
    reasons = torch.tensor([row.reason for row in rows])
    if bool((topics >= 0).any()):
        loss = loss + _TOPIC_WEIGHT * F.cross_entropy(topic, topics, ignore_index=-1, reduction="sum")
    if bool((reasons >= 0).any()):
        loss = loss + _REASON_WEIGHT * F.cross_entropy(reason, reasons, ignore_index=-1, reduction="sum")
    return loss / len(rows)


def _pair_loss(sentiment: Tensor, rows: Sequence[Row]) -> Tensor:
    """What is lacking to the margin between neighbours of one minimal pair whose labels differ, summed."""
    first, second, own, other = [], [], [], []
    for place, (left, right) in enumerate(itertools.pairwise(rows)):
        if left.pair and left.pair == right.pair and left.target and right.target and left.target != right.target:
            first.append(place)
            second.append(place + 1)
            own.append(left.target.index(max(left.target)))
            other.append(right.target.index(max(right.target)))
    leans = sentiment[first] - sentiment[second]
    pairs = torch.arange(len(first))
    return F.softplus(_PAIR_MARGIN - (leans[pairs, own] - leans[pairs, other])).sum()
