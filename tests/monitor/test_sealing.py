import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError, TokenError
from monitor.sealing import CHANNEL, HOOK, SUBSCRIBER, Seal

SEAL = Seal("k")
texts = st.text(max_size=200).filter(lambda text: text.isprintable())


@given(texts)
def test_what_was_closed_opens_again(text):
    assert SEAL.open(SEAL.close(text, SUBSCRIBER), SUBSCRIBER) == text


@given(texts)
def test_a_token_is_read_again_and_says_nothing_by_itself(text):
    token = SEAL.make_token(text, "leave")
    assert SEAL.read_token(token, "leave") == text
    assert SEAL.make_token(text, "leave") == token
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("purpose", [CHANNEL, HOOK])
def test_what_was_closed_for_one_purpose_opens_for_no_other(purpose):
    with pytest.raises(ConfigError):
        SEAL.open(SEAL.close("a@example.org", SUBSCRIBER), purpose)


def test_another_key_opens_nothing():
    with pytest.raises(ConfigError, match="a subscriber was kept under another key"):
        Seal("other").open(SEAL.close("a@example.org", SUBSCRIBER), SUBSCRIBER)
    with pytest.raises(TokenError):
        Seal("other").read_token(SEAL.make_token("x", "leave"), "leave")
    assert Seal("other").hash("x") != SEAL.hash("x")


@pytest.mark.parametrize("change", range(0, 40, 3))
def test_a_changed_token_is_refused(change):
    token = SEAL.make_token("1\x1fa@example.org", "leave")
    letter = "A" if token[change % len(token)] != "A" else "B"
    place = change % len(token)
    with pytest.raises(TokenError, match="not a link of ours"):
        SEAL.read_token(token[:place] + letter + token[place + 1 :], "leave")


@pytest.mark.parametrize("token", ["", "x", "ایران", "a" * 5000, "====", "a b"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(TokenError):
        SEAL.read_token(token, "leave")


def test_a_token_of_another_purpose_is_refused():
    with pytest.raises(TokenError):
        SEAL.read_token(SEAL.make_token("x", "calendar"), "leave")


def test_what_is_closed_can_be_opened_with_the_same_key_only():
    token = Seal("a").close("mailto://user:password@host")
    assert "password" not in token
    assert Seal("a").open(token) == "mailto://user:password@host"
    with pytest.raises(ConfigError, match="a channel was kept under another key"):
        Seal("b").open(token)


def test_a_hash_is_the_same_for_one_key_and_another_for_another():
    assert Seal("a").hash("x") == Seal("a").hash("x")
    assert Seal("a").hash("x") != Seal("b").hash("x")
