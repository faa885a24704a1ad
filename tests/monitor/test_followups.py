from collections import Counter
from datetime import date, timedelta

import pytest

from monitor.calendars import CalendarDay, write_calendar
from monitor.errors import FollowUpError
from monitor.followups import (
    GreetingCounts,
    assign,
    close,
    count_greetings,
    count_work,
    draft_of,
    find_greetings,
    find_work,
    record_contact,
)
from monitor.models import Subscriber, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.subscribers import erase_old_addresses
from monitor.types import FollowUpOutcome, ReasonCode, Stayed, UnsubscribeData
from monitor.unsubscribes import record_events

SEAL = Seal("k")


@pytest.fixture
def left(database, brand_id, now):
    """Five who left: blank, grave, harmless, waiting for the model, a former customer 100 days ago."""
    day = timedelta(days=1)
    told = [
        UnsubscribeData("blank@example.org", now - day),
        UnsubscribeData("grave@example.org", now - day, reason=ReasonCode.BAD_EXPERIENCE),
        UnsubscribeData("harmless@example.org", now - day, reason=ReasonCode.ADDRESS_CHANGE),
        UnsubscribeData("waits@example.org", now - day, comment="hm"),
        UnsubscribeData("former@example.org", now - 100 * day, reason=ReasonCode.NO_LONGER_CUSTOMER),
    ]
    with database.write() as session:
        record_events(session, brand_id, told, SEAL, now)


@pytest.fixture
def work(database, brand_id, now):
    def find():
        with database.read() as session:
            lists = [find_work(session, brand_id, why, now) for why in ("grave", "fewer", "blank")]
            counts = count_work(session, brand_id, now)
        found = [(item.event.id, item.why, item.owner) for each in lists for item in each]
        assert counts == Counter(why for _, why, _ in found)
        return found

    return find


def test_the_silent_and_the_grave_are_on_the_list_and_the_grave_first(left, work):
    assert work() == [(2, "grave", ""), (1, "blank", "")]


def test_who_asked_for_fewer_mails_is_moved_by_somebody(left, work, database):
    with database.write() as session:
        session.get(UnsubscribeEvent, 3).stayed = Stayed.FEWER
        session.get(UnsubscribeEvent, 1).stayed = Stayed.UNDONE
    assert work() == [(2, "grave", ""), (3, "fewer", "")]


def test_an_owner_and_a_day(left, work, database, now):
    with database.write() as session:
        assign(session, 1, " support ", now + timedelta(days=2), now)
        assign(session, 1, "sales", now + timedelta(days=3), now)
        with pytest.raises(FollowUpError, match="no such leaving"):
            assign(session, 99, "support", now, now)
    assert work() == [(2, "grave", ""), (1, "blank", "sales")]


def test_what_is_assigned_waits_until_it_is_closed_however_long_that_takes(left, database, brand_id, now):
    later = now + timedelta(days=60)
    with database.write() as session:
        assign(session, 1, "sales", now, now)
        record_events(session, brand_id, [UnsubscribeData("new@example.org", later)], SEAL, later)
        assert [item.owner for item in find_work(session, brand_id, "blank", later)] == ["sales", ""]
        assert [item.owner for item in find_work(session, brand_id, "blank", later, most=1)] == ["sales"]
        close(session, 1, FollowUpOutcome.NO_ANSWER, "", later)
        assert [item.owner for item in find_work(session, brand_id, "blank", later)] == [""]


def test_one_contact_only(left, work, database, brand_id, now):
    with database.write() as session:
        record_contact(session, 2, now)
        with pytest.raises(FollowUpError, match="contacted already"):
            record_contact(session, 2, now)
        again = UnsubscribeData("grave@example.org", now, reason=ReasonCode.PRIVACY, list_name="other")
        record_events(session, brand_id, [again], SEAL, now)
    assert work() == [(1, "blank", "")]


def test_do_not_contact_is_for_ever(left, work, database, brand_id, now):
    with database.write() as session:
        close(session, 2, FollowUpOutcome.DO_NOT_CONTACT, " asked us to stop ", now)
        erase_old_addresses(session, 0, now + timedelta(days=1))
        again = UnsubscribeData("Grave@example.org", now, list_name="other")
        record_events(session, brand_id, [again], SEAL, now)
        with pytest.raises(FollowUpError, match="must not be contacted"):
            record_contact(session, 6, now)
        assert session.get(Subscriber, SEAL.hash("grave@example.org")).do_not_contact_at == now
    assert work() == [(1, "blank", "")]


def test_what_is_closed_is_off_the_list(left, work, database, now):
    with database.write() as session:
        close(session, 1, FollowUpOutcome.ANSWERED, "", now)
    assert work() == [(2, "grave", "")]


def test_former_customers_are_greeted_after_three_months_unless_they_were_contacted(left, database, brand_id, now):
    with database.write() as session:
        (greeting,) = find_greetings(session, brand_id, now)
        assert greeting.begins_at == now - timedelta(days=10)
        assert count_greetings(session, brand_id, now) == GreetingCounts(due=1, later=0, next_at=None)
        early = now - timedelta(days=11)
        assert count_greetings(session, brand_id, early) == GreetingCounts(0, 1, greeting.begins_at)
        assert find_greetings(session, brand_id, now + timedelta(days=81)) == []
        record_contact(session, 5, now)
        assert find_greetings(session, brand_id, now) == []


def test_the_address_of_a_former_customer_is_kept_for_the_greeting_and_no_longer(left, database, brand_id, now):
    def kept(at, days=90):
        with database.write() as session:
            erase_old_addresses(session, days, at)
            found = session.get(Subscriber, SEAL.hash("former@example.org"))
            assert bool(find_greetings(session, brand_id, at)) == bool(found.address)
            return bool(found.address), session.query(Subscriber).filter(Subscriber.address != "").count()

    assert kept(now) == (True, 5)
    assert kept(now + timedelta(days=79)) == (True, 5)
    assert kept(now + timedelta(days=81)) == (False, 4)
    assert kept(now + timedelta(days=100)) == (False, 0)


def test_an_owner_who_keeps_addresses_for_less_keeps_them_for_no_greeting(left, database, brand_id, now):
    with database.write() as session:
        assert erase_old_addresses(session, 89, now) == 1
        assert find_greetings(session, brand_id, now) == []


@pytest.mark.parametrize("how", ["contacted", "closed", "asked not to be"])
def test_once_there_is_nothing_to_greet_for_the_address_is_erased(left, database, now, how):
    with database.write() as session:
        if how == "contacted":
            record_contact(session, 5, now)
        else:
            asked = how == "asked not to be"
            outcome = FollowUpOutcome.DO_NOT_CONTACT if asked else FollowUpOutcome.NOT_NEEDED
            close(session, 5, outcome, "", now)
        assert erase_old_addresses(session, 90, now) == 1


def test_a_greeting_that_is_closed_is_over(left, database, brand_id, now):
    with database.write() as session:
        close(session, 5, FollowUpOutcome.NOT_NEEDED, "", now)
        assert find_greetings(session, brand_id, now) == []


def test_of_too_many_the_most_urgent_are_kept_whoever_has_taken_them(left, database, brand_id, now):
    with database.write() as session:
        told = [
            UnsubscribeData(f"{days}@example.org", now - timedelta(days=days), reason=ReasonCode.SPAM)
            for days in range(2, 6)
        ]
        record_events(session, brand_id, told, SEAL, now)
        numbers = {event.left_at: event.id for event in session.query(UnsubscribeEvent) if event.id > 5}
        assign(session, numbers[now - timedelta(days=4)], "soon", now - timedelta(days=30), now)
        assign(session, numbers[now - timedelta(days=5)], "late", now + timedelta(days=30), now)
        found = find_work(session, brand_id, "grave", now, most=3)
        assert [(item.owner, (now - item.event.left_at).days) for item in found] == [("soon", 4), ("", 3), ("", 2)]
        assert count_work(session, brand_id, now) == {"grave": 5, "blank": 1}


def test_drafts_in_both_languages_name_the_brand():
    for why in ("grave", "blank", "greet"):
        for language in ("fa", "en"):
            assert "نیلگون" in draft_of(why, language, "نیلگون")
            assert "!" not in draft_of(why, language, "x")
    assert draft_of("fewer", "fa", "x") == ""


def test_a_calendar_in_the_format_of_rfc_5545(now):
    text = write_calendar("Lookout", [CalendarDay("1@x", date(2026, 12, 31), "a, b; c\\", "first\nsecond")], now)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n" in text
    assert "SUMMARY:a\\, b\\; c\\\\\r\n" in text
    assert "DESCRIPTION:first\\nsecond\r\n" in text
    assert "DTSTAMP:20261120T090000Z" in text


def test_long_lines_are_folded_between_letters(now):
    text = write_calendar("ن" * 200, [], now)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "X-WR-CALNAME:" + "ن" * 200 in text.replace("\r\n ", "")
