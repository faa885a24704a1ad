"""Masked-language-model pretraining of the encoder on unlabelled text, with checkpoints, for a set number of tokens."""

import json
import logging
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from monitor.types import Kind, Language
from nlp.finglish import readable
from nlp.language import identify
from nlp.training import data
from nlp.training.embeddings import cooccurrence_vectors
from nlp.training.network import Encoder, NetworkConfig
from nlp.training.vocabulary import (
    END,
    KIND_TOKENS,
    MASK,
    SPECIAL_TOKENS,
    START,
    WORD_MARK,
    save_tokenizer,
    token_id,
    train_tokenizer,
)

log = logging.getLogger(__name__)

FILE = "encoder.pt"
CHUNK = 64
BATCH = 128
# Share of the words that are hidden, each with all its tokens.
MASKED = 0.22
PEAK_RATE = 2e-3
CHECKPOINT_EVERY = 300.0
# Shares of each raw file that are read; the rest of the news is politics and football.
RAW_SHARES = {"reviews": 1.0, "social": 1.0, "news": 0.5, "wiki": 0.5}
_RAW_KINDS = {"reviews": Kind.REVIEW, "social": Kind.SOCIAL, "news": Kind.ARTICLE}
_AUTHORED_REPEATS = 6


def corpus(data_dir: Path, seed: int = 0) -> list[tuple[str, Kind | None]]:
    """All texts that may be read without their labels, as a model reads them, in random order."""
    chooser = random.Random(seed)
    texts: list[tuple[str, Kind | None]] = []
    for name, share in RAW_SHARES.items():
        kind = _RAW_KINDS.get(name)
        read = (text[:1200] for text in data.read_raw(data_dir, name) if chooser.random() < share)
        # Some of the channels write in Arabic too.
        texts += [(text, kind) for text in read if identify(text) is Language.PERSIAN]
    own = data.read_authored(data_dir, "train") * _AUTHORED_REPEATS
    for example in own + data.read_labelled(data_dir, "train"):
        texts.append((example.text, chooser.choice(example.kinds)))
    chooser.shuffle(texts)
    return [(readable(text), kind) for text, kind in texts]


def token_stream(tokenizer: Any, texts: list[tuple[str, Kind | None]]) -> Any:
    """One int32 array: start or kind token, text, end token, and so on."""
    start, end = token_id(tokenizer, START), token_id(tokenizer, END)
    kinds = {kind: token_id(tokenizer, token) for kind, token in KIND_TOKENS.items()}
    parts: list[int] = []
    for first in range(0, len(texts), 4096):
        batch = texts[first : first + 4096]
        encoded = tokenizer.encode_batch_fast([text for text, _ in batch], add_special_tokens=False)
        for number, ((_, kind), encoding) in enumerate(zip(batch, encoded, strict=True)):
            parts.append(start if kind is None or number % 3 == 0 else kinds[kind])
            parts += encoding.ids
            parts.append(end)
    return np.array(parts, dtype=np.int32)


def prepare(data_dir: Path, work_dir: Path, config: NetworkConfig) -> None:
    """Write vocabulary, token stream and starting vectors under ``work_dir``; skipped when they are there."""
    if (work_dir / "vectors.npy").exists():
        return
    work_dir.mkdir(parents=True, exist_ok=True)
    texts = corpus(data_dir)
    tokenizer = train_tokenizer((text for text, _ in texts), config.vocabulary)
    save_tokenizer(tokenizer, work_dir, config.max_length)
    stream = token_stream(tokenizer, texts)
    np.save(work_dir / "stream.npy", stream)
    log.info("vocabulary of %d, %d tokens to read", tokenizer.get_vocab_size(), len(stream))
    vectors = cooccurrence_vectors(stream, config.vocabulary, config.hidden)
    np.save(work_dir / "vectors.npy", vectors)


def pretrain(work_dir: Path, config: NetworkConfig, tokens: int, seed: int = 0) -> Path:
    """Train on the stream until ``tokens`` have been read; the checkpoint ``encoder.pt`` is renewed as it goes.

    A run that was stopped goes on from its checkpoint, at the learning rate where it was.
    """
    from tokenizers import Tokenizer

    torch.manual_seed(seed)
    # One or two passes over the text cannot be learnt by heart, so dropout would only cost time.
    encoder = Encoder(config, dropout=0.0)
    seen, running = _start(encoder, work_dir)
    tokenizer = Tokenizer.from_file(str(work_dir / "tokenizer.json"))
    starts, mask_id = word_starts(tokenizer, config.vocabulary), token_id(tokenizer, MASK)
    optimisers = optimisers_of(encoder, encoder)
    saved = time.monotonic()
    for step, batch in enumerate(batches(np.load(work_dir / "stream.npy"), seed + seen), 1):
        if seen >= tokens:
            break
        chosen = hidden_words(batch, starts, mask_id)
        set_rate(optimisers, PEAK_RATE, step, seen / tokens)
        loss = descend(_loss(encoder, batch, chosen, mask_id), encoder, optimisers)
        seen += batch.numel()
        running = 0.98 * (running or loss) + 0.02 * loss
        if step % 100 == 0:
            log.info("step %d, %d tokens, loss %.3f", step, seen, running)
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            save_encoder(encoder, work_dir, seen, running)
            saved = time.monotonic()
    return save_encoder(encoder, work_dir, seen, running)


def word_starts(tokenizer: Any, vocabulary: int) -> torch.Tensor:
    """Bool [vocabulary]: whether a token begins a word; special tokens do."""
    starts = torch.zeros(vocabulary, dtype=torch.bool)
    for token, number in tokenizer.get_vocab().items():
        starts[number] = token in SPECIAL_TOKENS or token.startswith(WORD_MARK)
    return starts


def hidden_words(batch: torch.Tensor, starts: torch.Tensor, mask_id: int, share: float = MASKED) -> torch.Tensor:
    """Bool of the shape of ``batch`` [B, T]: the tokens of the words that are to be guessed, chosen at random."""
    words = starts[batch].long().cumsum(1)
    chosen = torch.rand((batch.shape[0], batch.shape[1] + 1)) < share
    return chosen.gather(1, words) & (batch > mask_id + len(KIND_TOKENS))


def save_encoder(encoder: Encoder, work_dir: Path, seen: int, loss: float, name: str = FILE) -> Path:
    """Replace the checkpoint in one move, so that a reader never meets half a file."""
    path = work_dir / name
    torch.save(encoder.state_dict(), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    facts = {"tokens": seen, "loss": round(loss, 4), **encoder.config.as_dict()}
    path.with_suffix(".json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return path


def _start(encoder: Encoder, work_dir: Path) -> tuple[int, float]:
    """Load the checkpoint or the co-occurrence vectors; tokens seen and the loss so far."""
    if (work_dir / FILE).exists():
        encoder.load_state_dict(torch.load(work_dir / FILE, weights_only=True))
        facts = json.loads((work_dir / "encoder.json").read_text(encoding="utf-8"))
        return facts["tokens"], facts["loss"]
    with torch.no_grad():
        encoder.embedding.weight.copy_(torch.from_numpy(np.load(work_dir / "vectors.npy")))
        encoder.embedding.weight[0] = 0
    return 0, 0.0


def optimisers_of(model: torch.nn.Module, encoder: Encoder) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the ``encoder``'s layers (it needs fewer tokens), AdamW for the rest of ``model``."""
    matrices = [p for p in encoder.blocks.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=PEAK_RATE, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01),
    ]


def set_rate(optimisers: Sequence[torch.optim.Optimizer], peak: float, step: int, done: float) -> None:
    """Warm up for 100 steps, then fall along a cosine to the last token."""
    rate = peak * min(1.0, step / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate


def batches(stream: Any, seed: int) -> Iterator[torch.Tensor]:
    """Endless random batches [BATCH, CHUNK]; every pass cuts the stream at another place."""
    generator = np.random.default_rng(seed)
    while True:
        shift = int(generator.integers(CHUNK))
        count = (len(stream) - shift) // CHUNK
        chunks = stream[shift : shift + count * CHUNK].reshape(count, CHUNK)
        order = generator.permutation(count)
        for first in range(0, count - BATCH + 1, BATCH):
            yield torch.from_numpy(chunks[order[first : first + BATCH]].astype(np.int64))


def descend(loss: torch.Tensor, model: torch.nn.Module, optimisers: Sequence[torch.optim.Optimizer]) -> float:
    """One step of all ``optimisers`` down the ``loss``, at no more than unit gradient; returns the loss."""
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimiser in optimisers:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return float(loss.detach())


def _loss(encoder: Encoder, batch: torch.Tensor, chosen: torch.Tensor, mask_id: int) -> torch.Tensor:
    replaced = torch.where(chosen & (torch.rand(batch.shape) < 0.9), mask_id, batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = encoder(replaced)
        logits = encoder.masked_logits(states[chosen])
    return F.cross_entropy(logits.float(), batch[chosen])
