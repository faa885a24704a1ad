"""Whom to call: the lists, who does it, and how it ended. Nobody is named, nobody is mailed."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from monitor.models import FollowUp, Subscriber, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import ReasonCode, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web import sample

PAGE = "/followups"


def newest_grave(database):
    query = select(UnsubscribeEvent.id).where(UnsubscribeEvent.reason == ReasonCode.BAD_EXPERIENCE)
    with database.read() as session:
        return session.scalar(query.order_by(UnsubscribeEvent.left_at.desc()))


def test_the_grave_ones_open_first_and_the_late_are_said(reader):
    page = reader.read(PAGE)
    assert page.count('id="left-') == 15 and page.count("late: due") == 14 and "سارا" in page
    assert "You wrote that نیلگون has let you down" in page
    assert "/unsubscribes/person/" in page


@pytest.mark.parametrize(("view", "count"), [("grave", 15), ("blank", 6), ("fewer", 0), ("greet", 1)])
def test_each_list_holds_its_own(reader, view, count):
    assert reader.read(f"{PAGE}?view={view}").count('id="left-') == count


def test_a_long_list_hides_no_other(reader_of):
    """Every list is counted, and shown, whatever waits in the others."""

    def fill(session):
        brand = sample.fill(session)
        base = {"brand_id": brand.id, "provider": "file", "recorded_at": sample.NOW, "labelled_at": sample.NOW}
        rows = [
            {**base, "key": f"g{number}", "subscriber_hash": f"g{number}", "left_at": sample.NOW - sample.days(0.01),
             "reason": ReasonCode.SPAM if number < 600 else ""}
            for number in range(900)
        ]  # fmt: skip
        session.execute(insert(UnsubscribeEvent), rows)

    reader = reader_of(fill)
    for view, behind in (("grave", 590), ("blank", 281)):
        page = reader.read(f"{PAGE}?view={view}")
        assert '>Grave reasons <span class="muted">615<' in page and '>No reason <span class="muted">306<' in page
        assert page.count('id="left-') == 25 and f"{behind} more people wait behind these." in page


def test_an_unknown_list_is_missing(reader):
    reader.get(f"{PAGE}?view=x", 404)


def test_former_customers_wait_for_their_day(reader):
    page = reader.read(f"{PAGE}?view=greet")
    assert "For 1 person it is too early" in page and "/calendar/" in page
    assert "It has been a while since you were with نیلگون" in page and "Owner and day" not in page


def test_a_draft_speaks_the_readers_language(reader_of):
    assert "نوشته بودید که از نیلگون ناراضی هستید" in reader_of(sample.fill, language="fa").read(PAGE)


def test_no_address_is_shown(reader_of, settings):
    def fill(session):
        brand = sample.fill(session)
        told = [UnsubscribeData("parvin@example.org", sample.NOW, reason=ReasonCode.PRIVACY)]
        record_events(session, brand.id, told, Seal(settings.key()), sample.NOW)

    page = reader_of(fill).read(PAGE)
    assert page.count('id="left-') == 16 and "parvin" not in page and "@" not in page


def test_somebody_takes_it_until_a_day(reader, database):
    event_id, due = newest_grave(database), sample.NOW + timedelta(days=3)
    form = {"owner": "رضا", "due_at": due.isoformat(), "next": f"{PAGE}#left-{event_id}"}
    answer = reader.press(f"{PAGE}/{event_id}/owner", form, page=PAGE)
    assert answer.headers["Location"] == f"{PAGE}#left-{event_id}"
    with database.read() as session:
        found = session.scalar(select(FollowUp).where(FollowUp.event_id == event_id))
    assert (found.owner, found.due_at) == ("رضا", due)
    assert "رضا" in reader.read(PAGE)


@pytest.mark.parametrize(
    "due", ["", "soon", "2026-11-22T08:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
)
def test_a_day_that_is_none_is_refused(reader, due):
    reader.press(f"{PAGE}/1/owner", {"owner": "x", "due_at": due}, status=400)


@pytest.mark.parametrize("outcome", ["answered", "no_answer", "came_back"])
def test_the_one_contact_is_kept_with_its_outcome(reader, database, outcome):
    event_id = newest_grave(database)
    reader.press(f"{PAGE}/{event_id}/outcome", {"outcome": outcome, "note": "by phone", "next": PAGE}, page=PAGE)
    page = reader.read(PAGE)
    assert "Noted: " in page and f'id="left-{event_id}"' not in page
    with database.read() as session:
        found = session.scalar(select(FollowUp).where(FollowUp.event_id == event_id))
        person = session.get(Subscriber, session.get(UnsubscribeEvent, event_id).subscriber_hash)
    assert (found.outcome, found.note, person.contacted_at) == (outcome, "by phone", sample.NOW)
    reader.press(f"{PAGE}/{event_id}/outcome", {"outcome": "answered", "next": PAGE}, page=PAGE)
    page = reader.read(PAGE)
    assert "This person may not be contacted again." in page and "this person was contacted already" in page


@pytest.mark.parametrize(("outcome", "forever"), [("not_needed", False), ("do_not_contact", True)])
def test_it_ends_without_contact(reader, database, outcome, forever):
    event_id = newest_grave(database)
    reader.press(f"{PAGE}/{event_id}/outcome", {"outcome": outcome, "next": PAGE}, page=PAGE)
    assert f'id="left-{event_id}"' not in reader.read(PAGE)
    with database.read() as session:
        person = session.get(Subscriber, session.get(UnsubscribeEvent, event_id).subscriber_hash)
    assert (person is not None and person.do_not_contact_at is not None) is forever


@pytest.mark.parametrize("outcome", ["no_answer", "not_needed"])
def test_what_was_noted_can_be_taken_back(reader, database, outcome):
    event_id = newest_grave(database)
    reader.press(f"{PAGE}/{event_id}/outcome", {"outcome": outcome, "next": PAGE}, page=PAGE)
    assert f'action="/followups/{event_id}/take-back"' in reader.read(PAGE)
    reader.press(f"{PAGE}/{event_id}/take-back", {"next": PAGE}, page=PAGE)
    assert f'id="left-{event_id}"' in reader.read(PAGE)
    with database.read() as session:
        person = session.get(Subscriber, session.get(UnsubscribeEvent, event_id).subscriber_hash)
    assert person is None or person.contacted_at is None
    reader.press(f"{PAGE}/{event_id}/take-back", {"next": PAGE}, page=PAGE)
    assert "this follow-up has not ended" in reader.read(PAGE)


def test_never_contact_is_for_ever(reader, database):
    event_id = newest_grave(database)
    reader.press(f"{PAGE}/{event_id}/outcome", {"outcome": "do_not_contact", "next": PAGE}, page=PAGE)
    assert "take-back" not in reader.read(PAGE)
    reader.press(f"{PAGE}/{event_id}/take-back", {"next": PAGE}, page=PAGE)
    assert "do not contact holds for ever" in reader.read(PAGE)


def test_an_unknown_outcome_or_a_missing_token_is_refused(reader):
    reader.press(f"{PAGE}/1/outcome", {"outcome": "eaten"}, status=400)
    assert reader.client.post(f"{PAGE}/1/outcome", data={"outcome": "answered"}).status_code == 400
