"""Newsletter services learn what our own page did: over real servers that answer as the services document."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.brands import add_brand
from monitor.channels import add_channel
from monitor.errors import DeliveryError, MailerError
from monitor.leaving import Link, find_leaving, leave, stay
from monitor.mailer_post import MailerPost, check_host, tell_waiting
from monitor.mailers import (
    add_mailer,
    count_calls,
    edit_mailer,
    find_mailers,
    last_errors,
    must_confirm,
    remove_mailer,
    retry_failed,
)
from monitor.models import Alert, Mailer, MailerCall
from monitor.sealing import Seal
from monitor.services import Place, get_service, service_names
from monitor.types import Door, Stayed
from monitor.webhooks import verify
from tests.receiver import Receiver

ADDRESS = "Ann.O'Hara+news@example.org"
KEYS = {"listmonk": "didban:t0ken", "mailchimp": "0123456789abcdef-us6", "brevo": "xkeysib-1", "webhook": "s" * 20}
LISTS = {"listmonk": "3", "mailchimp": "8a25ff1d98", "brevo": "12", "webhook": ""}


@pytest.fixture
def seal(settings):
    return Seal(settings.key())


class House:
    """A brand whose page people leave through, and the services that are told."""

    def __init__(self, settings, database, brand_id, seal, now):
        self.settings, self.database, self.seal, self.now = settings, database, seal, now
        self.link = Link(brand_id, ADDRESS, "News", "Autumn")

    def add(self, kind, receiver, remote_list=None, **values):
        place = Place(f"http://{receiver.host}", LISTS[kind] if remote_list is None else remote_list, KEYS[kind])
        with self.database.write() as session:
            return add_mailer(session, self.seal, self.link.brand_id, kind, place, self.now, **values).id

    def leave(self, link=None):
        with self.database.write() as session:
            leave(session, self.seal, link or self.link, Door.PAGE, self.now)

    def stay(self, how):
        with self.database.write() as session:
            event = find_leaving(session, self.seal, self.link)
            stay(session, self.seal, self.link, event, how, self.now)

    def tell(self, at=None):
        return tell_waiting(self.database, self.settings, lambda: at or self.now)

    def calls(self):
        with self.database.read() as session:
            return session.scalars(select(MailerCall).order_by(MailerCall.id)).all()

    def states(self):
        return [(call.action, call.state) for call in self.calls()]


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def house(settings, database, brand_id, seal, now, receiver):
    from dataclasses import replace

    return House(replace(settings, allowed_hosts=("127.0.0.1",)), database, brand_id, seal, now)


def asked(receiver):
    return [(method, path, json.loads(body)) for method, path, body in receiver.asked]


MEMBER = hashlib.md5(ADDRESS.lower().encode()).hexdigest()
LISTMONK = {"query": "LOWER(subscribers.email) = 'ann.o''hara+news@example.org'", "target_list_ids": [3]}
WORDED = {
    "listmonk": [
        ("PUT", "/api/subscribers/query/lists", LISTMONK | {"action": "unsubscribe"}),
        ("PUT", "/api/subscribers/query/lists", LISTMONK | {"action": "add", "status": "confirmed"}),
    ],
    "mailchimp": [
        ("PATCH", f"/3.0/lists/8a25ff1d98/members/{MEMBER}", {"status": "unsubscribed"}),
        ("PATCH", f"/3.0/lists/8a25ff1d98/members/{MEMBER}", {"status": "pending"}),
    ],
    "brevo": [
        ("POST", "/v3/contacts/lists/12/contacts/remove", {"emails": [ADDRESS]}),
        ("POST", "/v3/contacts/lists/12/contacts/add", {"emails": [ADDRESS]}),
    ],
}


@pytest.mark.parametrize("kind", WORDED)
def test_a_service_is_told_of_a_removal_and_of_its_undoing(house, receiver, kind):
    house.add(kind, receiver)
    house.leave()
    assert house.tell().sent == 1
    house.stay(Stayed.UNDONE)
    assert house.tell().sent == 1
    assert asked(receiver) == WORDED[kind]
    # What is told is told: another look tells nothing, and nobody's address stays with it.
    assert house.tell().sent == 0 and len(receiver.asked) == 2
    assert [call.address for call in house.calls()] == ["", ""]
    assert not any("example.org" in path.lower() for _, path, _ in receiver.asked)
    login = receiver.calls[0][1]
    assert login.get("api-key") == "xkeysib-1" if kind == "brevo" else login["Authorization"].startswith("Basic ")


def test_brevo_without_a_list_takes_off_all_mails(house, receiver):
    house.add("brevo", receiver, remote_list="")
    house.leave()
    house.tell()
    contact = {"email": ADDRESS, "emailBlacklisted": True, "updateEnabled": True}
    assert asked(receiver) == [("POST", "/v3/contacts", contact)]


def test_any_other_sender_gets_a_signed_call_that_is_the_same_when_it_comes_twice(house, receiver, now):
    house.add("webhook", receiver)
    receiver.answers = [(503, {}, ""), (200, {}, "")]
    house.leave()
    assert house.tell().sent == 0
    assert house.tell(now + timedelta(minutes=1)).sent == 1
    (_, first, body), (_, second, again) = receiver.calls
    verify(KEYS["webhook"], first["Didban-Signature"], body, now)
    verify(KEYS["webhook"], second["Didban-Signature"], again, now + timedelta(minutes=1))
    assert first["Didban-Delivery"] == second["Didban-Delivery"] and body == again
    told = receiver.json()
    assert (told["action"], told["email"], told["list"], told["campaign"]) == ("remove", ADDRESS, "News", "Autumn")
    house.stay(Stayed.FEWER)
    house.tell(now + timedelta(minutes=2))
    assert receiver.json(2)["action"] == "fewer"


def test_who_comes_back_before_anybody_was_told_was_never_gone(house, receiver):
    house.add("mailchimp", receiver)
    house.add("webhook", receiver, list_name="News")
    house.add("listmonk", receiver, list_name="News")
    house.leave()
    house.stay(Stayed.UNDONE)
    # Those of the list itself stand before those of every list.
    assert house.states() == [("remove", "withdrawn"), ("remove", "withdrawn"), ("undone", "waiting")]
    house.leave()
    assert house.states()[2:] == [("undone", "withdrawn"), ("remove", "waiting"), ("remove", "waiting")]
    house.leave()
    assert len(house.calls()) == 5


def test_an_undo_that_has_to_be_confirmed_is_said(house, receiver, database, seal):
    house.add("mailchimp", receiver)
    house.leave()
    with database.read() as session:
        event_id = find_leaving(session, seal, house.link).id
        assert not must_confirm(session, event_id)
    house.tell()
    house.stay(Stayed.UNDONE)
    with database.read() as session:
        assert must_confirm(session, event_id)


ALREADY = '{"code": "invalid_parameter", "message": "Contact already removed from list and/or does not exist"}'


@pytest.mark.parametrize(
    ("kind", "status", "body", "state"),
    [
        ("mailchimp", 404, '{"title": "Resource Not Found", "status": 404}', "sent"),
        ("mailchimp", 400, '{"title": "Member In Compliance State", "status": 400}', "failed"),
        ("mailchimp", 401, '{"title": "API Key Invalid", "status": 401}', "failed"),
        ("brevo", 400, ALREADY, "sent"),
        ("brevo", 400, '{"code": "invalid_parameter", "message": "List ID is not valid"}', "failed"),
        ("brevo", 404, '{"code": "document_not_found", "message": "List ID does not exist"}', "sent"),
        ("brevo", 400, "no JSON", "failed"),
        ("listmonk", 403, '{"message": "permission denied"}', "failed"),
        ("listmonk", 500, '{"message": "pq: out of memory"}', "waiting"),
        ("webhook", 301, "", "waiting"),
        ("webhook", 429, "", "waiting"),
    ],
)
def test_what_each_answer_means(house, receiver, kind, status, body, state):
    house.add(kind, receiver)
    receiver.answers = [(status, {"Location": "http://elsewhere.example/"}, body)]
    house.leave()
    outcome = house.tell()
    assert [found for _, found in house.states()] == [state]
    assert outcome.sent == (state == "sent") and len(outcome.errors) == (state != "sent")
    assert not any(ADDRESS in line or KEYS[kind] in line for line in outcome.errors)


def test_order_is_kept_and_a_pause_that_is_asked_for_is_remembered(house, receiver, now):
    mailer_id = house.add("listmonk", receiver)
    receiver.answers = [(429, {"Retry-After": "600"}, "")]
    for name in ("one", "two"):
        house.leave(Link(house.link.brand_id, f"{name}@example.org", "News"))
    house.tell()
    assert len(receiver.asked) == 1
    house.tell(now + timedelta(minutes=9))
    assert len(receiver.asked) == 1
    with house.database.read() as session:
        assert session.get(Mailer, mailer_id).not_before == now + timedelta(minutes=10)
    assert house.tell(now + timedelta(minutes=11)).sent == 2
    assert ["one" in each["query"] for _, _, each in asked(receiver)] == [True, True, False]


def test_a_service_that_is_down_holds_up_no_other(house, receiver, unused_port):
    class Nobody:
        host = f"127.0.0.1:{unused_port}"

    house.add("listmonk", Nobody)
    house.add("mailchimp", receiver)
    house.leave()
    outcome = house.tell()
    assert (outcome.sent, outcome.errors) == (1, ("listmonk 127.0.0.1: the service cannot be reached",))


def test_the_owner_is_told_once_a_day_and_may_let_it_wait_again(house, receiver, database, seal, now):
    mailer_id = house.add("mailchimp", receiver)
    with database.write() as session:
        add_channel(session, seal, "mail", "json://x.example", "en", now)
    receiver.answers = [(401, {}, ""), (401, {}, "")]
    for name in ("one", "two"):
        house.leave(Link(house.link.brand_id, f"{name}@example.org", "News"))
    house.tell()
    with database.read() as session:
        (notice,) = session.scalars(select(Alert)).all()
        assert notice.facts["error"] == "the service did not accept it (status 401)"
        assert [delivery.channel.name for delivery in notice.deliveries] == ["mail"]
        assert "example.org" not in json.dumps(notice.facts)
        assert last_errors(session) == {mailer_id: notice.facts["error"]}
    with database.write() as session:
        edit_mailer(session, seal, mailer_id, key="other-us6")
        assert retry_failed(session, seal, mailer_id, now) == 2
    assert house.tell().sent == 2
    with database.read() as session:
        assert count_calls(session, house.link.brand_id) == {(mailer_id, "sent"): 2}


def come_back(house):
    house.stay(Stayed.UNDONE)


def leave_much_later(house):
    house.now += timedelta(days=90)
    house.leave()


@pytest.mark.parametrize(
    ("acts", "refused"),
    [
        ((House.leave, come_back), 0),
        ((House.leave, come_back, House.leave), 1),
        ((House.leave, come_back, leave_much_later), 1),
    ],
)
def test_what_the_service_has_learned_otherwise_since_is_not_told_again(house, receiver, acts, refused):
    mailer_id = house.add("brevo", receiver)
    receiver.answers = [(401 if each == refused else 200, {}, "") for each in range(len(acts))]
    for act in acts:
        act(house)
        house.tell()
    assert sorted(state for _, state in house.states()) == ["failed"] + ["sent"] * (len(acts) - 1)
    with house.database.write() as session:
        assert retry_failed(session, house.seal, mailer_id, house.now) == 0
        assert last_errors(session) == {}
    assert house.tell().sent == 0 and house.states()[refused][1] == "withdrawn"


def test_an_undo_that_was_given_up_is_not_told_once_the_person_has_left_after_all(house, receiver, database):
    mailer_id = house.add("brevo", receiver)
    receiver.answers = [(200, {}, ""), (401, {}, "")]
    house.leave()
    house.tell()
    house.stay(Stayed.UNDONE)
    house.tell()
    with database.write() as session:
        find_leaving(session, house.seal, house.link).stayed = ""
        assert retry_failed(session, house.seal, mailer_id, house.now) == 0
    assert house.states() == [("remove", "sent"), ("undone", "withdrawn")]


def test_what_was_held_by_somebody_who_died_is_told_again(house, receiver, now):
    house.add("listmonk", receiver)
    house.leave()
    assert MailerPost(house.database, house.settings, lambda: now)._claim(1) is not None
    assert house.tell().sent == 0
    assert house.tell(now + timedelta(minutes=3)).sent == 1


def test_one_that_is_off_or_gone_is_not_told(house, receiver, database, seal):
    first, second = house.add("listmonk", receiver), house.add("mailchimp", receiver)
    house.leave()
    with database.write() as session:
        edit_mailer(session, seal, first, enabled=False)
        remove_mailer(session, second)
    house.tell()
    assert receiver.asked == [] and house.states() == [("remove", "waiting")]
    with database.write() as session:
        edit_mailer(session, seal, first, enabled=True)
    assert house.tell().sent == 1


def test_who_leaves_while_a_service_is_off_is_told_to_it_and_to_no_other_instead(house, receiver, database, seal):
    own, every = house.add("brevo", receiver, list_name="News"), house.add("listmonk", receiver)
    with database.write() as session:
        edit_mailer(session, seal, own, enabled=False)
    house.leave()
    assert house.tell().sent == 0 and count_of(house) == {(own, "waiting"): 1}
    with database.write() as session:
        edit_mailer(session, seal, every, enabled=False)
        edit_mailer(session, seal, own, enabled=True)
    house.leave(Link(house.link.brand_id, ADDRESS, "Offers"))
    assert house.tell().sent == 1 and count_of(house) == {(own, "sent"): 1, (every, "waiting"): 1}


def count_of(house):
    with house.database.read() as session:
        return count_calls(session)


def test_another_brands_services_hear_nothing(house, receiver, database, seal, now):
    with database.write() as session:
        other = add_brand(session, "Other", now).id
        add_mailer(session, seal, other, "brevo", Place("", "", "k"), now)
        assert [mailer.url for mailer in find_mailers(session)] == ["https://api.brevo.com"]
        assert find_mailers(session, house.link.brand_id) == []
    house.leave()
    assert house.calls() == []


def test_a_host_of_the_owners_network_has_to_be_allowed(house, receiver, settings):
    house.add("listmonk", receiver)
    house.leave()
    outcome = tell_waiting(house.database, settings, lambda: house.now)
    assert "list the host in allowed_hosts" in outcome.errors[0] and receiver.asked == []
    with pytest.raises(DeliveryError, match="not found"):
        check_host("http://nowhere.invalid/", ())


@pytest.mark.parametrize(
    ("kind", "url", "remote_list", "key"),
    [
        ("listmonk", "", "3", "u:t"),
        ("listmonk", "https://x.example", "News", "u:t"),
        ("listmonk", "https://x.example", "3", "token"),
        ("mailchimp", "", "8a25", "nokey"),
        ("mailchimp", "", "a b", "k-us6"),
        ("brevo", "", "News", "k"),
        ("brevo", "", "", ""),
        ("webhook", "ftp://x.example", "", "s" * 20),
        ("webhook", "https://x.example", "", "short"),
        ("nobody", "", "", ""),
    ],
)
def test_what_cannot_be_told_is_one_line(house, kind, url, remote_list, key):
    with pytest.raises(MailerError) as raised, house.database.write() as session:
        add_mailer(session, house.seal, house.link.brand_id, kind, Place(url, remote_list, key), house.now)
    assert "\n" not in str(raised.value) and (not key or key not in str(raised.value).split())


def test_a_service_is_told_by_one_connection_only(house, receiver):
    house.add("brevo", receiver)
    with pytest.raises(MailerError, match="told already"):
        house.add("brevo", receiver)


def test_every_service_says_what_an_undo_becomes():
    assert {name: get_service(name).undo for name in service_names()} == {
        "brevo": "does",
        "listmonk": "does",
        "mailchimp": "asks",
        "webhook": "does",
    }
