"""Makes ``foreign/``: the smallest two-class model of somebody else, as it would come from a model hub.

Run by hand with the ``train`` extra installed; its output is committed because tests run without ``onnx``.
"""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "خوب", "عالی", "بد", "افتضاح"]
MOOD = [0, 0, 0, 0, 2, 4, -2, -4]
FOLDER = Path(__file__).parent / "foreign"


def main():
    FOLDER.mkdir(exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(FOLDER / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    write("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 16, **names})
    write("config.json", {"model_type": "bert", "id2label": {"0": "HAPPY", "1": "SAD"}})
    (FOLDER / "onnx").mkdir(exist_ok=True)
    save(graph(), str(FOLDER / "onnx" / "model.onnx"))


def graph():
    """Logits [batch, 2]: the summed mood of the words and its opposite; token types are read and add nothing."""
    table = np.array([[mood / 2, -mood / 2] for mood in MOOD], dtype=np.float32)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    nodes = [
        helper.make_node("Add", ["input_ids", "token_type_ids"], ["ids"]),
        helper.make_node("Gather", ["table", "ids"], ["moods"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["moods", "wide_mask"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "words"], ["logits"], keepdims=0),
    ]
    stored = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([-1], dtype=np.int64), "last"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "words"),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])]
    made = helper.make_graph(nodes, "foreign", inputs, outputs, stored)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
