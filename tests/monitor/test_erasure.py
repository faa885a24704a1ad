import json
from datetime import timedelta

import pytest

from monitor.erasure import erase_subscriber, export_subscriber
from monitor.errors import SubscriberNotFoundError
from monitor.models import FollowUp, Hook, HookEvent, Mailer, MailerCall, Subscriber, UnsubscribeEvent
from monitor.sealing import HOOK, SUBSCRIBER, Seal
from monitor.subscribers import hash_of
from monitor.types import FollowUpState, UnsubscribeData
from monitor.unsubscribes import record_events

SEAL = Seal("k")
ADDRESS = "ask@example.org"


@pytest.fixture
def known(database, brand_id, now):
    """One person with a comment, a follow-up and a raw call, and one other."""
    told = [
        UnsubscribeData(ADDRESS, now - timedelta(days=2), comment="you ring at night", list_name="news"),
        UnsubscribeData("other@example.org", now - timedelta(days=2), comment="fine"),
    ]
    with database.write() as session:
        record_events(session, brand_id, told, SEAL, now)
        session.add(FollowUp(event_id=1, due_at=now, state=FollowUpState.OPEN, created_at=now, note="call her"))
        session.add(Hook(id=1, brand_id=brand_id, provider="brevo", created_at=now))
        session.flush()
        for key, body in (("a", "email=ASK%40example.org"), ("b", '{"email":"other@example.org"}')):
            call = HookEvent(hook_id=1, key=key, content_type="x", body=SEAL.close(body, HOOK), received_at=now)
            session.add(call)


def test_one_person_is_told_everything(database, known):
    with database.read() as session:
        found = export_subscriber(session, SEAL, ADDRESS.upper())
    assert found["address"] == ADDRESS
    assert found["calls_kept"] == 1
    (leaving,) = found["leavings"]
    assert leaving["words"] == "you ring at night"
    assert leaving["follow_up"]["note"] == "call her"
    assert "other@example.org" not in json.dumps(found)


def test_one_person_is_told_what_is_to_be_told_of_them(database, known, brand_id, now):
    with database.write() as session:
        session.get(UnsubscribeEvent, 1).topic = "staff"
        session.add(Mailer(id=1, brand_id=brand_id, kind="webhook", url="https://m.example/", key="", created_at=now))
        session.flush()
        told = {"mailer_id": 1, "action": "remove", "created_at": now, "next_at": now}
        waits = MailerCall(event_id=1, state="waiting", address=SEAL.close(ADDRESS, SUBSCRIBER), **told)
        sent = MailerCall(event_id=1, state="sent", address="", sent_at=now, **told)
        session.add_all([waits, sent, MailerCall(event_id=2, state="sent", address="", **told)])
    with database.write() as session:
        erase_subscriber(session, SEAL, ADDRESS, now)
        (leaving,) = export_subscriber(session, SEAL, ADDRESS)["leavings"]
    assert leaving["topic"] == "staff"
    first, second = leaving["told"]
    assert first == {
        "service": "webhook",
        "action": "remove",
        "state": "waiting",
        "address": ADDRESS,
        "error": "",
        "created_at": now.isoformat(),
        "sent_at": None,
    }
    assert (second["state"], second["address"], second["sent_at"]) == ("sent", "", now.isoformat())


def test_one_person_is_forgotten_and_still_counted(database, known, now):
    with database.write() as session:
        assert erase_subscriber(session, SEAL, ADDRESS, now) == 1
    with database.read() as session:
        event = session.get(UnsubscribeEvent, 1)
        assert (event.comment, event.reason, event.labelled_at) == ("", "", now)
        assert session.query(FollowUp).count() == 0
        assert [call.key for call in session.query(HookEvent)] == ["b"]
        person = session.get(Subscriber, hash_of(SEAL, ADDRESS))
        assert (person.address, person.do_not_contact_at) == ("", now)
        assert session.get(UnsubscribeEvent, 2).comment == "fine"


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("mailchimp", "type=unsubscribe&data%5Bemail%5D=Me%2Bnews%40example.org"),
        ("brevo", '{"event": "unsubscribe", "email": "Me\\u002bnews@example.org", "ts": 1795082400}'),
        ("brevo", '{"event": "unsubscribe", "email": "me+news@example.org"}'),
    ],
)
def test_a_call_is_found_however_it_writes_the_address(database, brand_id, now, provider, body):
    address = "me+news@example.org"
    with database.write() as session:
        session.add(Hook(id=1, brand_id=brand_id, provider=provider, created_at=now))
        record_events(session, brand_id, [UnsubscribeData(address, now)], SEAL, now)
        for key, text in (("a", body), ("b", "{}")):
            session.add(HookEvent(hook_id=1, key=key, content_type="x", body=SEAL.close(text, HOOK), received_at=now))
    with database.write() as session:
        assert export_subscriber(session, SEAL, address)["calls_kept"] == 1
        erase_subscriber(session, SEAL, address, now)
        assert [call.key for call in session.query(HookEvent)] == ["b"]


def test_an_old_file_does_not_bring_a_forgotten_person_back(database, known, brand_id, now):
    with database.write() as session:
        erase_subscriber(session, SEAL, ADDRESS, now)
        again = [
            UnsubscribeData(ADDRESS, now - timedelta(days=2), comment="you ring at night", list_name="news"),
            UnsubscribeData(ADDRESS, now - timedelta(days=9), comment="and in the morning", list_name="offers"),
        ]
        assert record_events(session, brand_id, again, SEAL, now) == (1, 1)
        assert export_subscriber(session, SEAL, ADDRESS)["address"] == ""
        assert [event.comment for event in session.query(UnsubscribeEvent).order_by("id")] == ["", "fine", ""]


def test_nobody_is_made_up(database, now):
    with database.write() as session:
        for ask in (export_subscriber, lambda *given: erase_subscriber(*given, now)):
            with pytest.raises(SubscriberNotFoundError) as caught:
                ask(session, SEAL, ADDRESS)
            assert ADDRESS not in str(caught.value)
