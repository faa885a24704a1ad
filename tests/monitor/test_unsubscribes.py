from datetime import timedelta

import pytest

from monitor.folding import digest
from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import Door, ReasonCode, Stayed, UnsubscribeData
from monitor.unsubscribes import correct_reason, count_reasons, record_events

SEAL = Seal("k")


@pytest.fixture
def record(database, brand_id, now):
    def run(*items):
        with database.write() as session:
            return record_events(session, brand_id, items, SEAL, now)

    return run


@pytest.fixture
def told(now):
    def make(**values):
        found = {"subscriber": "a@example.org", "left_at": now - timedelta(days=1), **values}
        return UnsubscribeData(**found)

    return make


def events(database):
    with database.read() as session:
        return list(session.query(UnsubscribeEvent).order_by(UnsubscribeEvent.id))


def test_the_same_leaving_twice_is_one(database, record, told):
    assert record(told(), told()) == (1, 1)
    assert record(told()) == (0, 1)
    assert len(events(database)) == 1


def test_two_lists_of_one_provider_are_two_leavings(database, record, told):
    assert record(told(list_name="news"), told(list_name="offers")) == (2, 0)


@pytest.mark.parametrize("is_old", [False, True])
def test_an_audience_that_was_renamed_brings_its_leavings_once(database, record, told, is_old):
    pulled = {"provider": "mailchimp", "door": Door.PULL, "external_id": "c1 e1"}
    record(told(list_name="News", **pulled))
    if is_old:
        with database.write() as session:
            event = session.get(UnsubscribeEvent, 1)
            event.key = digest("mailchimp", "News", event.subscriber_hash, "c1 e1")
    for name in ("Newsletter", "News"):
        assert record(told(list_name=name, **pulled)) == (0, 1)
    assert record(told(list_name="Newsletter", **{**pulled, "external_id": "c2 e1"}), told(**pulled)) == (1, 1)


def test_leaving_again_later_is_another_leaving(record, told, now):
    assert record(told(), told(left_at=now)) == (2, 0)


def test_another_door_fills_in_what_was_blank(database, record, told, now):
    record(told(provider="mailchimp", door=Door.HOOK, external_id="1"))
    later = now - timedelta(hours=23)
    reason = told(
        provider="mailchimp", door=Door.PULL, left_at=later, campaign="May", comment="too dear", reason=ReasonCode.PRICE
    )
    assert record(reason) == (0, 1)
    assert record(reason) == (0, 1)
    (event,) = events(database)
    assert (event.door, event.campaign, event.comment, event.reason) == ("hook", "May", "too dear", "price")
    assert event.labelled_by == "provider"


def test_who_left_two_lists_in_one_day_has_two_reasons(database, record, told, now):
    def leavings(door, names):
        for hours, name, reason in zip((9, 2), names, (ReasonCode.PRICE, ReasonCode.SPAM), strict=True):
            left_at = now - timedelta(hours=hours)
            said = {"reason": reason} if door is Door.PULL else {}
            yield told(provider="mailchimp", door=door, left_at=left_at, list_name=name, external_id=name, **said)

    record(*leavings(Door.HOOK, ("8a25ff", "77b0c2")))
    for _ in range(2):
        assert record(*leavings(Door.PULL, ("News", "Offers"))) == (0, 2)
    assert [(event.list_name, event.reason) for event in events(database)] == [("News", "price"), ("Offers", "spam")]


def test_words_that_come_later_wait_for_the_model(database, record, told):
    record(told(provider="brevo", door=Door.HOOK))
    record(told(provider="mailchimp", door=Door.FILE, comment="too dear"))
    (event,) = events(database)
    assert event.labelled_at is None
    assert event.provider == "brevo"


def test_nothing_that_was_said_is_overwritten(database, record, told):
    record(told(provider="page", door=Door.PAGE, comment="mine", reason=ReasonCode.SPAM, list_name="news"))
    record(told(provider="brevo", door=Door.HOOK, comment="theirs", reason=ReasonCode.PRICE, list_name="3"))
    (event,) = events(database)
    assert (event.comment, event.reason, event.list_name) == ("mine", "spam", "news")


def test_a_correction_by_a_person_stays(database, record, told, now):
    record(told(comment="hm"))
    with database.write() as session:
        assert correct_reason(session, 1, ReasonCode.PRIVACY, now)
        assert not correct_reason(session, 99, ReasonCode.PRIVACY, now)
    record(told(reason=ReasonCode.SPAM, door=Door.PULL))
    (event,) = events(database)
    assert (event.reason, event.labelled_by, event.labelled_at) == ("privacy", "person", now)


def test_who_came_back_is_not_counted_as_gone(database, record, told, brand_id, now):
    record(told(door=Door.PAGE), told(subscriber="b@example.org", door=Door.ONE_CLICK, reason=ReasonCode.TOO_MANY))
    with database.write() as session:
        session.get(UnsubscribeEvent, 2).stayed = Stayed.FEWER
    period = (now - timedelta(days=2), now)
    with database.read() as session:
        assert count_reasons(session, brand_id, *period) == {"": 1}
