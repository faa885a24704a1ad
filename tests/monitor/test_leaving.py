"""Leaving by our own page, coming back, and leaving again."""

from datetime import timedelta

import pytest

from monitor.leaving import Link, find_leaving, leave, stay
from monitor.mailers import add_mailer, edit_mailer, give_up_old_calls, has_old_calls
from monitor.models import MailerCall, UnsubscribeEvent
from monitor.outbox import mark_sent
from monitor.sealing import Seal
from monitor.services import Place
from monitor.types import Door, Stayed, UnsubscribeData
from monitor.unsubscribes import count_reasons, record_events

SEAL = Seal("k")
ADDRESS = "reader@example.org"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Page:
    """One person's link to one list; a service is told of what it does. ``at`` is how long after the first visit."""

    def __init__(self, database, brand_id, now):
        self.database, self.now = database, now
        self.link = Link(brand_id, ADDRESS, "News", "Autumn")
        with database.write() as session:
            place = Place("https://shop.example.org/left", "", "s" * 20)
            add_mailer(session, SEAL, brand_id, "webhook", place, now)

    def leave(self, at=timedelta(), door=Door.PAGE, link=None):
        with self.database.write() as session:
            leave(session, SEAL, link or self.link, door, self.now + at)

    def stay(self, at, how=Stayed.UNDONE):
        with self.database.write() as session:
            stay(session, SEAL, self.link, find_leaving(session, SEAL, self.link), how, self.now + at)

    def told(self, at, provider="mailchimp", **values):
        data = UnsubscribeData(ADDRESS, self.now + at, provider=provider, door=Door.HOOK, **values)
        with self.database.write() as session:
            return record_events(session, self.link.brand_id, [data], SEAL, self.now + at)

    def fail(self):
        """The service is down: nobody knows whether it has the call."""
        with self.database.write() as session:
            for call in session.query(MailerCall).filter_by(state="waiting"):
                call.attempts = 1

    def tell(self, at):
        """It is there again and takes the first call that waits."""
        with self.database.write() as session:
            mark_sent(session.query(MailerCall).filter_by(state="waiting").order_by("id").first(), self.now + at)

    def left(self):
        with self.database.read() as session:
            begin, end = self.now - DAY, self.now + 900 * DAY
            return sum(count_reasons(session, self.link.brand_id, begin, end).values())

    def events(self):
        with self.database.read() as session:
            return session.query(UnsubscribeEvent).order_by(UnsubscribeEvent.left_at).all()

    def actions(self):
        with self.database.read() as session:
            return [call.action for call in session.query(MailerCall).order_by(MailerCall.id)]


@pytest.fixture
def page(database, brand_id, now):
    return Page(database, brand_id, now)


@pytest.mark.parametrize("again", [Door.PAGE, Door.ONE_CLICK])
def test_twice_at_about_the_same_time_is_one_leaving(page, again):
    page.leave()
    page.leave(23 * HOUR, again)
    assert (page.left(), page.actions()) == (1, ["remove"])


def test_who_came_back_and_uses_the_same_link_leaves_again_and_the_sender_is_told_again(page):
    page.leave()
    page.leave(90 * DAY, Door.ONE_CLICK)
    page.leave(90 * DAY + HOUR)
    first, second = page.events()
    assert (first.door, first.left_at) == ("page", page.now)
    assert (second.door, second.left_at) == ("one_click", page.now + 90 * DAY)
    assert (page.left(), page.actions()) == (2, ["remove", "remove"])


def test_who_took_it_back_and_leaves_much_later_keeps_the_history(page):
    page.leave()
    page.stay(HOUR)
    page.leave(90 * DAY)
    assert [(event.stayed, event.left_at - page.now) for event in page.events()] == [
        ("undone", timedelta()),
        ("", 90 * DAY),
    ]
    assert (page.left(), page.actions()) == (1, ["remove", "undone", "remove"])


def test_the_provider_telling_of_the_second_leaving_first_is_no_third(page):
    page.leave()
    page.told(90 * DAY, external_id="2")
    page.leave(90 * DAY + HOUR)
    assert page.left() == 2
    assert [event.provider for event in page.events()] == ["page", "page"]


def test_what_the_provider_told_is_adopted_and_not_the_leaving_of_another_list(page):
    page.told(timedelta(), list_name="a6b5")
    page.leave(HOUR, link=Link(page.link.brand_id, ADDRESS, "Offers"))
    page.leave(2 * HOUR)
    assert sorted(event.list_name for event in page.events()) == ["News", "Offers"]


@pytest.mark.parametrize("how", list(Stayed))
def test_who_takes_it_back_and_then_leaves_by_the_providers_link_has_left(page, how):
    page.leave()
    page.stay(HOUR, how)
    for _ in range(2):
        assert page.told(5 * HOUR) == (0, 1)
    (event,) = page.events()
    assert (event.stayed, event.stayed_at, event.left_at) == ("", None, page.now + 5 * HOUR)
    assert page.left() == 1


def test_the_providers_echo_of_a_leaving_that_was_taken_back_changes_nothing(page):
    page.leave()
    page.stay(HOUR)
    page.told(timedelta(minutes=1))
    assert [event.stayed for event in page.events()] == ["undone"]
    assert page.left() == 0


def test_our_own_removal_that_a_service_got_late_is_no_leaving_after_all(page):
    page.leave()
    page.fail()
    page.stay(MINUTE)
    page.tell(10 * MINUTE)
    assert page.told(10 * MINUTE) == (0, 1)
    assert page.left() == 0
    page.tell(12 * MINUTE)
    assert page.told(10 * MINUTE) == page.told(12 * MINUTE) == (0, 1)
    assert page.left() == 0
    assert page.told(13 * MINUTE) == (0, 1)
    assert page.left() == 1


@pytest.mark.parametrize("stays", [False, True])
def test_what_a_service_learned_days_later_it_tells_back_as_the_same_leaving(page, stays):
    page.leave()
    page.fail()
    if stays:
        page.stay(HOUR)
    page.tell(3 * DAY)
    assert page.told(3 * DAY + MINUTE, external_id="1") == (0, 1)
    assert (len(page.events()), page.left()) == (1, 0 if stays else 1)
    assert page.told(4 * DAY + HOUR) == (1, 0)


def test_what_a_service_was_never_told_is_given_up_with_the_address(page, database):
    page.leave()
    with database.write() as session:
        edit_mailer(session, SEAL, 1, enabled=False)
        assert not has_old_calls(session, 90, page.now + 90 * DAY)
        later = page.now + 91 * DAY
        assert has_old_calls(session, 90, later)
        give_up_old_calls(session, 90, later)
        assert not has_old_calls(session, 90, later)
        call = session.query(MailerCall).one()
        assert (call.state, call.address) == ("failed", "")
