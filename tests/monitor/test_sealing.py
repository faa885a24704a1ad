import pytest

from monitor.errors import ConfigError
from monitor.sealing import Seal


def test_what_is_closed_can_be_opened_with_the_same_key_only():
    token = Seal("a").close("mailto://user:password@host")
    assert "password" not in token
    assert Seal("a").open(token) == "mailto://user:password@host"
    with pytest.raises(ConfigError, match="kept under another key"):
        Seal("b").open(token)


def test_a_hash_is_the_same_for_one_key_and_another_for_another():
    assert Seal("a").hash("x") == Seal("a").hash("x")
    assert Seal("a").hash("x") != Seal("b").hash("x")
