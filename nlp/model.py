"""A sequence-classification model in a directory: Hugging Face tokenizer and configuration, ONNX graph.

The bundled model is one such directory; any other may stand in its place.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.errors import ModelError
from monitor.types import Kind, Text
from nlp.finglish import readable
from nlp.linear import FILE as LINEAR_FILE
from nlp.linear import Linear, load_linear

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent / "models" / "didban-small"
_GRAPHS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model")
# The heads of our own models, in the order of the linear half's columns, and where each keeps its class names.
HEADS = {"logits": "id2label", "topic_logits": "topic_labels", "reason_logits": "reason_labels"}
_LONGEST = 512
# What a thread reads at once; more would not fit into its core's cache beside the layers.
_BATCH_TOKENS = 512
_MAX_THREADS = 4


@dataclass(frozen=True, slots=True)
class _Window:
    """One piece of a text; ``owner`` is the text's place in the batch."""

    owner: int
    ids: list[int]


class Model:
    """Runs texts through the graph; made by :func:`load_model`."""

    def __init__(
        self, path: Path, config: Mapping[str, Any], tokenizer: Any, session: Any, linear: Linear | None = None
    ) -> None:
        self.path = path
        self.config = config
        self._linear = linear
        self._tokenizer = tokenizer
        self._session = session
        self._inputs = {node.name for node in session.get_inputs()}
        self.outputs: list[str] = [node.name for node in session.get_outputs()]
        self._kinds: dict[str, int] = {
            kind: tokenizer.convert_tokens_to_ids(token) for kind, token in config.get("kind_tokens", {}).items()
        }
        self._window = min(int(config.get("window", _LONGEST)), _model_length(config, tokenizer))

    @property
    def own(self) -> bool:
        """Whether this is a model of this project, with heads for topic and reason."""
        return set(HEADS) <= set(self.outputs)

    @functools.cached_property
    def name(self) -> str:
        """Directory name and a short digest of all that decides a label, kept beside every label."""
        digest = hashlib.sha256()
        for part in (_graph_path(self.path), self.path / "config.json", self.path / LINEAR_FILE):
            if part.exists():
                digest.update(part.read_bytes())
        return f"{self.path.resolve().name}@{digest.hexdigest()[:8]}"

    def run(self, texts: Sequence[str | Text], outputs: Sequence[str]) -> "list[FloatArray]":
        """Logits [len(texts), classes] for each of ``outputs``; a text without a single token gets zeros.

        Long texts are read in windows, whose logits are averaged by their number of tokens.
        """
        plain = _plain(texts)
        with self._threads() as pool:
            linear = pool.submit(self._linear.logits, plain) if self._linear else None
            network, read = self._network(plain, outputs, pool)
            if linear is None or not len(read):
                return network
        return [
            self._mixed(name, logits, linear.result(), plain) * read[:, None]
            for name, logits in zip(outputs, network, strict=True)
        ]

    def network(self, texts: Sequence[str | Text], outputs: Sequence[str]) -> "tuple[list[FloatArray], FloatArray]":
        """What the graph alone says: the logits, and for each text 1.0 where it had a token to read."""
        with self._threads() as pool:
            return self._network(_plain(texts), outputs, pool)

    def linear(self, texts: Sequence[str | Text]) -> "FloatArray":
        """What the linear half alone says [len(texts), classes of the three heads]; there must be one."""
        assert self._linear is not None
        return self._linear.logits(_plain(texts))

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(min(_MAX_THREADS, len(os.sched_getaffinity(0))), "model")

    def _network(
        self, texts: Sequence[Text], outputs: Sequence[str], pool: ThreadPoolExecutor
    ) -> "tuple[list[FloatArray], FloatArray]":
        import numpy as np

        batches = list(self._batches(list(self._windows(texts))))
        sums: list[FloatArray] = []
        weights = np.zeros((len(texts), 1), dtype=np.float32)
        answers = pool.map(lambda batch: self._session.run(list(outputs), self._feed(batch)), batches)
        for batch, results in zip(batches, answers, strict=True):
            owners = [window.owner for window in batch]
            sizes = np.array([[len(window.ids)] for window in batch], dtype=np.float32)
            sums = sums or [np.zeros((len(texts), result.shape[1]), dtype=np.float32) for result in results]
            for total, result in zip(sums, results, strict=True):
                np.add.at(total, owners, result * sizes)
            np.add.at(weights, owners, sizes)
        if not sums:
            return [np.zeros((len(texts), 0), dtype=np.float32) for _ in outputs], np.zeros(0, dtype=np.float32)
        means = [(total / np.maximum(weights, 1.0)).astype(np.float32) for total in sums]
        return means, (weights[:, 0] > 0).astype(np.float32)

    def mix(self, output: str, kind: Kind | None) -> Mapping[str, float]:
        """The weights ``network`` and ``linear`` of the two halves' logits for a text of this kind.

        Raises ModelError when nobody has said how the halves are mixed: what is being trained has no weights yet.
        """
        mix: Mapping[str, Any] = (self.config.get("mix") or {}).get(output, {})
        if not mix:
            raise ModelError("the model's configuration does not say how its halves are mixed", str(self.path))
        weights: Mapping[str, float] = mix.get("kinds", {}).get(kind, mix)
        return weights

    def _mixed(self, output: str, logits: "FloatArray", linear: "FloatArray", texts: Sequence[Text]) -> "FloatArray":
        """Both halves' logits for one head, weighed and cooled as dev said, for each kind of text by itself."""
        import numpy as np

        place = 0
        for name, classes in HEADS.items():
            if name == output:
                break
            place += len(self.config[classes])
        chosen = [self.mix(output, text.kind) for text in texts]
        weights = np.array([(part["network"], part["linear"]) for part in chosen], dtype=np.float32)
        columns = linear[:, place : place + logits.shape[1]]
        mixed: FloatArray = weights[:, :1] * logits + weights[:, 1:] * columns
        return mixed

    def _windows(self, texts: Sequence[Text]) -> Iterator[_Window]:
        if not texts:
            return
        plain = [text.text for text in texts]
        encoded = self._tokenizer(plain, add_special_tokens=True, truncation=False, verbose=False)["input_ids"]
        extra = self._tokenizer.num_special_tokens_to_add()
        for owner, (ids, text) in enumerate(zip(encoded, texts, strict=True)):
            if len(ids) <= extra:
                continue
            for piece in self._pieces(ids, extra):
                yield _Window(owner, self._with_kind(piece, text.kind))

    def _pieces(self, ids: list[int], extra: int) -> Iterator[list[int]]:
        """Cut ``ids`` into windows that keep the special tokens at both ends, all nearly of one length."""
        if len(ids) <= self._window:
            yield ids
            return
        before, after = (1, extra - 1) if extra else (0, 0)
        body = ids[before : len(ids) - after]
        room = self._window - extra
        count = -(-len(body) // room)
        size = -(-len(body) // count)
        for first in range(0, len(body), size):
            yield ids[:before] + body[first : first + size] + ids[len(ids) - after :]

    def _with_kind(self, ids: list[int], kind: Kind | None) -> list[int]:
        """The first token tells our own model what kind of text it reads."""
        token = self._kinds.get(kind) if kind else None
        return ids if token is None else [token, *ids[1:]]

    def _batches(self, windows: list[_Window]) -> Iterator[list[_Window]]:
        """Windows of like length together, so that little is padding."""
        batch: list[_Window] = []
        for window in sorted(windows, key=lambda window: len(window.ids)):
            if batch and (len(batch) + 1) * len(window.ids) > _BATCH_TOKENS:
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    def _feed(self, batch: list[_Window]) -> "dict[str, npt.NDArray[np.int64]]":
        import numpy as np

        longest = max(len(window.ids) for window in batch)
        ids = np.full((len(batch), longest), self._tokenizer.pad_token_id or 0, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: value for name, value in feed.items() if name in self._inputs}


def _plain(texts: Sequence[str | Text]) -> list[Text]:
    """``texts`` as both halves read them."""
    given = (text if isinstance(text, Text) else Text(text) for text in texts)
    return [Text(readable(text.text), text.kind) for text in given]


def load_model(path: Path | None = None) -> Model:
    """The model in directory ``path`` (the bundled one by default), kept for the life of the process.

    Raises ModelError when the directory lacks a part or a part cannot be read.
    """
    return _loaded(path or BUNDLED)


def forget_models() -> None:
    """Read models anew when they are next asked for; for those who have just written one."""
    _loaded.cache_clear()


@functools.lru_cache(maxsize=4)
def _loaded(folder: Path) -> Model:
    if not folder.is_dir():
        raise ModelError("no such model directory", str(folder))
    config = read_config(folder)
    graph = _graph_path(folder)
    if not any((folder / name).exists() for name in _TOKENIZER_FILES):
        raise ModelError("the model directory has no tokenizer", str(folder))
    model = Model(folder, config, _load_tokenizer(folder), _load_session(graph), load_linear(folder))
    unknown = model._inputs - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise ModelError(f"the graph wants inputs that texts do not have: {', '.join(sorted(unknown))}", str(folder))
    if model.own:
        _check_halves(model)
    return model


def _check_halves(model: Model) -> None:
    """Raises ModelError when the parts of a model of this project do not fit together."""
    classes = [model.config.get(names) for names in HEADS.values()]
    if not all(classes):
        raise ModelError("the model's configuration lacks the classes of a head", str(model.path))
    if model._linear is None:
        return
    if model._linear.classes != sum(len(names) for names in classes if names):
        raise ModelError("the model's linear part has other classes than its configuration", str(model.path))


def read_config(folder: Path) -> dict[str, Any]:
    """The directory's ``config.json``. Raises ModelError for one that is no configuration."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError("the model directory has no config.json", str(folder)) from None
    except ValueError as error:
        raise ModelError("the model's configuration is not JSON", str(path)) from error
    if not isinstance(config, dict) or not isinstance(config.get("id2label", {}), dict):
        raise ModelError("the model's configuration, or its id2label, is no object", str(path))
    return config


def _graph_path(folder: Path) -> Path:
    for name in _GRAPHS:
        if (folder / name).exists():
            return folder / name
    raise ModelError("the model directory has no model.onnx", str(folder))


def _load_tokenizer(folder: Path) -> Any:
    # Without this, transformers tells every user at every start that torch is not installed. It need not be.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    import transformers

    fast = (folder / "tokenizer.json").exists()
    loader: Any = transformers.PreTrainedTokenizerFast if fast else transformers.AutoTokenizer
    try:
        return loader.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError("the model's tokenizer cannot be read", str(folder)) from error


def runtime() -> Any:
    """The onnxruntime module; nothing else imports it."""
    # Its wheels report the machine and its use to their maker unless they are told before they start. Not a default
    # to be overruled: nothing leaves the machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def _load_session(graph: Path) -> Any:
    onnxruntime = runtime()
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    options = onnxruntime.SessionOptions()
    # Batches run side by side, each on a thread of its own: threads that share one wait for each other at every node.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    broken = (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.NotImplemented,
    )
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except broken as error:
        raise ModelError("the model's graph cannot be read", str(graph)) from error


def _model_length(config: Mapping[str, Any], tokenizer: Any) -> int:
    """The longest input: what the configuration or the tokenizer allow (transformers says 10**30 for 'unknown')."""
    limits = [config.get("max_position_embeddings"), tokenizer.model_max_length, _LONGEST]
    longest = min(int(limit) for limit in limits if limit)
    # RoBERTa counts positions from its padding id on.
    return longest - 2 if config.get("model_type") in {"roberta", "xlm-roberta", "camembert"} else longest
