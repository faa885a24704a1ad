"""The tokenizer: a byte-pair vocabulary that is the same for Persian and English."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from monitor.errors import ModelError
from nlp.normalize import EMAIL_MARK, URL_MARK, USER_MARK

PAD, UNKNOWN, START, END, MASK = "<pad>", "<unk>", "<s>", "</s>", "<mask>"
KIND_TOKENS = {
    "search_result": "<search_result>",
    "article": "<article>",
    "review": "<review>",
    "social": "<social>",
    "comment": "<comment>",
    "unsubscribe": "<unsubscribe>",
}
SPECIAL_TOKENS = [PAD, UNKNOWN, START, END, MASK, *KIND_TOKENS.values()]
# What the tokenizer puts before the first token of a word.
WORD_MARK = "\u2581"
VOCABULARY_SIZE = 16_000
_ALPHABET_SIZE = 700


def train_tokenizer(texts: Iterable[str], size: int = VOCABULARY_SIZE) -> Any:
    """Learn a ``tokenizers.Tokenizer`` from normalised texts.

    Links, handles and addresses are dropped here, so that adding one to a text cannot change its label; signs, emoji
    and digits are tokens of their own, so that it does not matter whether they touch a word.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(mark, " ") for mark in (URL_MARK, USER_MARK, EMAIL_MARK)]
        + [normalizers.Replace(a, b) for a, b in (("آ", "ا"), ("ئ", "ی"), ("ؤ", "و"))]
        + [normalizers.Replace(Regex(r"[0-9]{4,}"), "00"), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Split(Regex(r"[\p{S}\p{P}\p{Nd}]"), "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=3,
        special_tokens=SPECIAL_TOKENS,
        limit_alphabet=_ALPHABET_SIZE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(START, tokenizer.token_to_id(START)), (END, tokenizer.token_to_id(END))],
    )
    return tokenizer


def token_id(tokenizer: Any, token: str) -> int:
    """The id of a special token."""
    number = tokenizer.token_to_id(token)
    if number is None:
        raise ModelError("the vocabulary lacks a special token", token)
    return int(number)


def save_tokenizer(tokenizer: Any, folder: Path, max_length: int) -> None:
    """Write ``tokenizer.json`` and the ``tokenizer_config.json`` that transformers reads."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_length,
        "pad_token": PAD,
        "unk_token": UNKNOWN,
        "bos_token": START,
        "cls_token": START,
        "eos_token": END,
        "sep_token": END,
        "mask_token": MASK,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
