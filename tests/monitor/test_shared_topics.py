"""What those who left complain of beside what is said in public."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from monitor.brands import get_brand
from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.shared_topics import SharedTopic, shared_topics
from monitor.types import Label, ReasonCode, Stayed, Topic, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web.sample import make_mention


class House:
    def __init__(self, database, brand_id, now):
        self.database, self.brand_id, self.now = database, brand_id, now
        self.people = iter(range(10_000))

    def leave(self, number, days_ago, topic="", reason=None, stayed=""):
        left_at = self.now - timedelta(days=days_ago)
        told = [
            UnsubscribeData(f"p{next(self.people)}@example.org", left_at, reason=reason, external_id=f"{days_ago}")
            for _ in range(number)
        ]
        with self.database.write() as session:
            record_events(session, self.brand_id, told, Seal("k"), self.now)
            session.execute(
                update(UnsubscribeEvent)
                .where(UnsubscribeEvent.subscriber_hash.in_([Seal("k").hash(data.subscriber) for data in told]))
                .values(topic=topic, stayed=stayed)
            )

    def say(self, number, days_ago, topic, **values):
        with self.database.write() as session:
            brand = get_brand(session, "Lookout")
            for _ in range(number):
                at = self.now - timedelta(days=days_ago)
                make_mention(session, brand, "words", topic=topic, seen_at=at, **{"label": Label.NEGATIVE, **values})

    def find(self):
        with self.database.read() as session:
            return {each.topic: each for each in shared_topics(session, self.brand_id, 0.6, self.now)}


@pytest.fixture
def house(database, brand_id, now):
    return House(database, brand_id, now)


def test_support_rising_in_exits_and_in_reviews_is_one_finding(house):
    house.leave(12, 5, "support")
    house.leave(2, 40, "support")
    house.say(9, 5, "support")
    house.say(1, 40, "support")
    house.say(1, 70, "app")
    # Delivery rises among the reviews only, price among those who left only.
    house.leave(3, 5, "delivery")
    house.leave(3, 40, "delivery")
    house.say(20, 5, "delivery")
    house.leave(20, 5, reason=ReasonCode.PRICE)
    found = house.find()
    assert found["support"] == SharedTopic(Topic.SUPPORT, 12, 2, 9, 1, is_finding=True)
    assert (found["delivery"].is_finding, found["price"].left, found["price"].is_finding) == (False, 20, False)
    assert next(iter(found)) == "support"


def test_a_weak_rise_on_either_side_is_none(house):
    house.leave(6, 5, "support")
    house.leave(4, 40, "support")
    house.say(30, 5, "support")
    house.say(1, 70, "support")
    assert not house.find()["support"].is_finding


def test_where_nobody_watched_before_nothing_is_compared(house):
    house.leave(12, 5, "support")
    house.leave(1, 40, "support")
    house.say(9, 5, "support")
    assert house.find()["support"] == SharedTopic(Topic.SUPPORT, 12, 1, 9, None, is_finding=False)


def test_what_was_taken_back_what_is_unsure_and_copies_do_not_count(house):
    house.leave(4, 5, "support", stayed=Stayed.UNDONE)
    house.leave(2, 5, "other")
    house.say(3, 5, "refund", score=0.4)
    house.say(3, 5, "app", label=Label.POSITIVE)
    house.say(3, 5, "trust", story="one story")
    assert {topic: (each.left, each.said) for topic, each in house.find().items()} == {"trust": (0, 1)}
