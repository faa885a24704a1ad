"""The linear half by itself, on tables small enough to reckon by hand."""

import numpy as np
import pytest

from monitor.errors import ModelError
from monitor.types import Kind, Text
from nlp.grams import BUCKETS
from nlp.linear import FILE, load_linear, mood_columns

HEADS = 23


@pytest.fixture
def folder(tmp_path):
    """Every column says its own number, whatever is read."""
    columns = HEADS + 3
    np.savez_compressed(
        tmp_path / FILE,
        rarity=np.ones(BUCKETS, dtype=np.float16),
        weights=np.zeros((BUCKETS, columns), dtype=np.int8),
        scales=np.ones(columns, dtype=np.float32),
        bias=np.arange(columns, dtype=np.float32),
        kinds=np.array(["review"]),
    )
    return tmp_path


def test_a_kind_with_columns_of_its_own_gets_its_mood_from_them(folder):
    linear = load_linear(folder)
    found = linear.logits([Text("غذا"), Text("غذا", Kind.ARTICLE), Text("غذا", Kind.REVIEW)])
    assert found.shape == (3, HEADS)
    assert found[:2, :3].tolist() == [[0, 1, 2], [0, 1, 2]]
    assert found[2, :3].tolist() == [HEADS, HEADS + 1, HEADS + 2]
    assert (found[:, 3:] == np.arange(3, HEADS)).all()


def test_a_text_with_nothing_to_read_gets_zeros(folder):
    assert not load_linear(folder).logits([Text("", Kind.REVIEW), Text(" ")]).any()


def test_moods_of_kinds_stand_behind_the_heads():
    assert mood_columns(29, ["review", "social"]) == {
        None: slice(0, 3),
        "review": slice(23, 26),
        "social": slice(26, 29),
    }


def test_a_file_without_a_part_is_one_clear_line(folder):
    np.savez_compressed(folder / FILE, bias=np.zeros(3))
    with pytest.raises(ModelError, match="linear part cannot be read"):
        load_linear(folder)
    assert load_linear(folder / "nowhere") is None
