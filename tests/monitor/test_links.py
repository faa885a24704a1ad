from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.cases import case_of, open_cases
from monitor.errors import TokenError
from monitor.facts import Negative
from monitor.links import is_used, make_link, read_link, use_link
from monitor.models import Mention
from monitor.sealing import Seal
from monitor.types import Act

SEAL = Seal("k")


@pytest.fixture
def mention_id(database, now):
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        mention = Mention(
            brand_id=brand.id, key="k", kind="review", url="u", text="t", seen_at=now, story="s", label="negative"
        )
        session.add(mention)
        session.flush()
        open_cases(session, brand.id, [Negative(mention.id, "s", "t", "x", "u", 0.9)], now)
        return mention.id


def token(act, mention_id, now):
    address = make_link(SEAL, "https://didban.example/", act, mention_id, 1, now)
    assert address.startswith("https://didban.example/act/")
    return address.rpartition("/")[2]


@pytest.mark.parametrize(
    ("act", "state", "label"),
    [
        (Act.OPEN, "acknowledged", "negative"),
        (Act.HANDLED, "resolved", "negative"),
        (Act.NOT_NEGATIVE, "new", "neutral"),
    ],
)
def test_a_link_does_its_act_once(database, mention_id, now, act, state, label):
    sealed = token(act, mention_id, now)
    assert read_link(SEAL, sealed, now).act == act
    with database.write() as session:
        assert not is_used(session, SEAL, sealed)
        mention = use_link(session, SEAL, sealed, now)
        session.refresh(mention)
        assert (case_of(session, mention).state, mention.label) == (state, label)
        assert is_used(session, SEAL, sealed) is (act != Act.OPEN)
        if act != Act.OPEN:
            with pytest.raises(TokenError, match="used already"):
                use_link(session, SEAL, sealed, now)


def test_what_has_no_case_gets_one_when_it_is_handled(database, now):
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        old = Mention(
            brand_id=brand.id, key="o", kind="review", url="u", text="t", seen_at=now, story="o", history=True
        )
        session.add(old)
        session.flush()
        use_link(session, SEAL, token(Act.HANDLED, old.id, now), now)
        assert case_of(session, old).state == "resolved"


def test_looking_at_a_link_changes_nothing(database, mention_id, now):
    sealed = token(Act.HANDLED, mention_id, now)
    for _ in range(3):
        read_link(SEAL, sealed, now)
    with database.read() as session:
        assert case_of(session, session.get(Mention, mention_id)).state == "new"


def test_a_link_is_refused_when_it_is_old_or_not_ours(mention_id, now):
    sealed = token(Act.HANDLED, mention_id, now)
    read_link(SEAL, sealed, now + timedelta(days=14))
    with pytest.raises(TokenError, match="too old"):
        read_link(SEAL, sealed, now + timedelta(days=16))
    for forged in (sealed[:-2] + "xx", "x", Seal("other").make_token("handled 1 1 99999", "alert link")):
        with pytest.raises(TokenError):
            read_link(SEAL, forged, now)
