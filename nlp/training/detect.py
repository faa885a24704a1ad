"""Pretraining goes on: which words of a text were replaced by likely ones?

Hidden words teach what belongs near what; a replaced word teaches what one word changes, at every place of a text
instead of at the hidden ones (Clark et al. 2020, ELECTRA; here the generator is the pretrained encoder itself and stays
as it is).
"""

import logging
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.training.network import Encoder, NetworkConfig
from nlp.training.pretrain import FILE as ENCODER
from nlp.training.pretrain import (
    PEAK_RATE,
    batches,
    descend,
    hidden_words,
    optimisers_of,
    save_encoder,
    set_rate,
    word_starts,
)
from nlp.training.vocabulary import MASK, token_id

log = logging.getLogger(__name__)

FILE = "detector.pt"
_REPLACED = 0.15
_PEAK_RATE = PEAK_RATE / 2


class Detector(nn.Module):
    """Logits [B, T] that each token is not the one that was written."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.inner = nn.Linear(encoder.config.hidden, encoder.config.hidden)
        self.answer = nn.Linear(encoder.config.hidden, 1)

    def forward(self, ids: Tensor) -> Tensor:
        return self.answer(F.gelu(self.inner(self.encoder(ids)))).squeeze(-1)


def detect(work_dir: Path, config: NetworkConfig, tokens: int, seed: int = 0) -> Path:
    """Train a copy of ``encoder.pt`` for ``tokens`` tokens of the stream to find replaced words; ``detector.pt``."""
    from tokenizers import Tokenizer

    torch.manual_seed(seed)
    generator, encoder = _encoder(work_dir, config).eval(), _encoder(work_dir, config)
    detector = Detector(encoder)
    tokenizer = Tokenizer.from_file(str(work_dir / "tokenizer.json"))
    starts, mask_id = word_starts(tokenizer, config.vocabulary), token_id(tokenizer, MASK)
    optimisers = optimisers_of(detector, encoder)
    seen, running = 0, 0.0
    for step, batch in enumerate(batches(np.load(work_dir / "stream.npy"), seed + 1), 1):
        if seen >= tokens:
            break
        chosen = hidden_words(batch, starts, mask_id, _REPLACED)
        replaced = replace_words(generator, batch, chosen, mask_id)
        set_rate(optimisers, _PEAK_RATE, step, seen / tokens)
        loss = descend(_loss(detector, replaced, replaced != batch), detector, optimisers)
        seen += batch.numel()
        running = 0.98 * (running or loss) + 0.02 * loss
        if step % 100 == 0:
            log.info("step %d, %d tokens, loss %.4f", step, seen, running)
    return save_encoder(encoder, work_dir, seen, running, FILE)


def replace_words(generator: Encoder, batch: Tensor, chosen: Tensor, mask_id: int) -> Tensor:
    """``batch`` [B, T] with the ``chosen`` places filled by what the generator would guess there, at random."""
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = generator.masked_logits(generator(torch.where(chosen, mask_id, batch))[chosen])
    sums = logits.float().softmax(-1).cumsum(-1)
    drawn = torch.searchsorted(sums, torch.rand((len(sums), 1)) * sums[:, -1:]).squeeze(-1)
    out = batch.clone()
    out[chosen] = drawn.clamp(max=sums.shape[1] - 1)
    return out


def _encoder(work_dir: Path, config: NetworkConfig) -> Encoder:
    encoder = Encoder(config, dropout=0.0)
    encoder.load_state_dict(torch.load(work_dir / ENCODER, weights_only=True))
    return encoder


def _loss(detector: Detector, ids: Tensor, wrong: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = detector(ids)
    return F.binary_cross_entropy_with_logits(logits.float(), wrong.float())
