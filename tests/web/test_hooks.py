"""Every call in tests/data/hooks/ beside its answer and what must be kept of it; each is made twice."""

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor import hooks
from monitor.brands import add_brand
from monitor.config import Settings
from monitor.db import open_database
from monitor.hooks import add_hook, address_of_hook, find_hook, find_hooks, read_calls, remove_hook
from monitor.models import Hook, HookEvent, Subscriber, UnsubscribeEvent
from monitor.payloads import Provider
from monitor.providers import get_provider, provider_names
from monitor.sealing import HOOK, Seal
from monitor.types import UnsubscribeData
from tests.conftest import NOW
from tests.web.signing import key_of, signed
from web import create_app

CALLS = Path(__file__).parents[1] / "data" / "hooks"
SEAL = Seal("a key for tests")
# Before all time once it is brought to UTC.
NEVER = datetime.fromisoformat("0001-01-01T00:00:00+03:30")
CASES = [
    pytest.param(path.stem, each.get("content_type", file["content_type"]), each, id=f"{path.stem}: {each['name']}")
    for path in sorted(CALLS.glob("*.json"))
    for file in [json.loads(path.read_text(encoding="utf-8"))]
    for each in file["cases"]
]


class Desk:
    """An application and its database; every hook is for a brand of its own."""

    def __init__(self, folder):
        settings = Settings(data_dir=folder, secret_key="a key for tests")
        self.folder = folder
        self.database = open_database(settings)
        self.client = create_app(settings, self.database, clock=lambda: NOW).test_client()
        self.brands = 0

    def add_hook(self, provider, key=""):
        self.brands += 1
        with self.database.write() as session:
            brand = add_brand(session, f"Brand {self.brands}", NOW)
            hook = add_hook(session, SEAL, brand.id, provider, key, NOW)
            return brand.id, hook.id, address_of_hook(hook, SEAL, "")

    def calls(self, hook_id):
        with self.database.read() as session:
            return session.query(HookEvent).filter_by(hook_id=hook_id).all()

    def events(self, brand_id):
        with self.database.read() as session:
            return session.query(UnsubscribeEvent).filter_by(brand_id=brand_id).order_by("id").all()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("hooks"))
    yield desk
    desk.database.close()


@pytest.fixture
def statements(desk):
    """What the database is asked."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(" ".join(statement.split()))

    event.listen(desk.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(desk.database.engine, "before_cursor_execute", note)


def body_of(case):
    if "json" in case:
        return json.dumps(case["json"], ensure_ascii=False).encode()
    if "repeat" in case:
        text, count = case["repeat"]
        return text.encode() * count
    return case["latin"].encode("latin-1") if "latin" in case else case["body"].encode()


def as_row(event):
    row = [event.left_at.isoformat(), event.reason, event.comment, event.list_name, event.campaign]
    return [event.subscriber_hash, *row]


def expected_row(row):
    address, *rest = row
    return [SEAL.hash(address), *rest]


@pytest.mark.parametrize(("provider", "content_type", "case"), CASES)
def test_a_call_is_answered_and_kept_as_it_must(desk, provider, content_type, case):
    how = case.get("sign")
    known = get_provider(provider)
    brand_id, hook_id, path = desk.add_hook(provider, key_of(provider) if how or known.needs_key else "")
    body, headers = body_of(case), {}
    if how:
        moment = NOW - timedelta(seconds=case.get("age", 0))
        body, headers = signed(provider, body, "good" if how == "old" else how, moment)
    for _ in range(2):
        answer = desk.client.post(path, data=body, content_type=content_type, headers=headers)
        assert answer.status_code == case["status"], answer.text
        assert "Set-Cookie" not in answer.headers
        remembered = known.once is not None and case["status"] == 200
        assert len(desk.calls(hook_id)) == bool(case["events"] or remembered)
        read_calls(desk.database, SEAL, NOW)
        assert [as_row(event) for event in desk.events(brand_id)] == [expected_row(row) for row in case["events"]]
    assert all(event.door in ("hook", "page") and event.provider == provider for event in desk.events(brand_id))
    if "refusal" in case:
        with desk.database.read() as session:
            assert find_hooks(session)[-1].refusal == case["refusal"]
    if "notice" in case:
        with desk.database.read() as session:
            assert find_hooks(session)[-1].notice == case["notice"]


def test_there_are_enough_of_them_and_every_provider_has_some():
    assert len(CASES) >= 60
    assert {case.values[0] for case in CASES} == set(provider_names())
    forged = [case.values[2] for case in CASES if case.values[2]["status"] == 403]
    assert len(forged) >= 20
    assert not any(case["events"] for case in forged)


def test_no_address_lies_open_and_none_is_logged(desk, caplog):
    caplog.set_level(logging.DEBUG)
    _, hook_id, path = desk.add_hook("generic")
    event = {"email": "kimia.nobody@example.org", "left_at": "2026-11-19T10:00:00Z"}
    desk.client.post(path, json=event)
    desk.client.post(path, json={**event, "left_at": "never"})
    read_calls(desk.database, SEAL, NOW)
    kept = b"".join(file.read_bytes() for file in desk.folder.iterdir())
    assert b"kimia.nobody" not in kept
    assert "kimia.nobody" not in caplog.text
    assert path.rpartition("-")[2] not in caplog.text
    assert "kimia.nobody@example.org" in SEAL.open(desk.calls(hook_id)[0].body, HOOK)
    with desk.database.read() as session:
        assert session.get(Subscriber, SEAL.hash("kimia.nobody@example.org")).address


@pytest.mark.parametrize("first", ["unsubscribed", "opened"])
def test_a_signature_of_the_token_alone_brings_one_body_only(desk, first):
    brand_id, hook_id, path = desk.add_hook("mailgun", key_of("mailgun"))
    told = {"event": first, "id": "1", "timestamp": NOW.timestamp(), "recipient": "left@example.org"}
    body, _ = signed("mailgun", json.dumps({"event-data": told}).encode(), "good", NOW)
    forged = body.replace(b"left@", b"victim@").replace(b"opened", b"unsubscribed").replace(b'"1"', b'"2"')
    for each in (body, forged, body):
        assert desk.client.post(path, data=each).status_code == 200
        read_calls(desk.database, SEAL, NOW)
    assert [event.subscriber_hash for event in desk.events(brand_id)] == [SEAL.hash("left@example.org")] * (
        first == "unsubscribed"
    )
    (call,) = desk.calls(hook_id)
    assert ("left@" in SEAL.open(call.body, HOOK)) == (first == "unsubscribed")


def test_a_call_that_cannot_be_kept_holds_up_no_other(desk, monkeypatch):
    def read(body):
        address = json.loads(body)["email"]
        return [UnsubscribeData(address, NEVER if address.startswith("bad") else NOW, door="hook")]

    brand_id, hook_id, path = desk.add_hook("generic")
    for address in ("a@example.org", "bad@example.org", "b@example.org"):
        assert desk.client.post(path, json={"email": address, "left_at": NOW.isoformat()}).status_code == 200
    # What a reader of another version let through.
    monkeypatch.setattr(hooks, "get_provider", lambda _name: Provider(read))
    assert read_calls(desk.database, SEAL, NOW) == 2
    assert len(desk.events(brand_id)) == 2
    assert sorted(call.error for call in desk.calls(hook_id)) == ["", "", "cannot be kept"]
    assert all(call.read_at == NOW for call in desk.calls(hook_id))


@pytest.mark.parametrize("change", ["wrong secret", "no secret", "other provider", "no such provider", "letters"])
def test_an_address_that_is_not_ours_is_not_there(desk, change):
    _, hook_id, path = desk.add_hook("brevo")
    base, _, secret = path.rpartition("/")
    path = {
        "wrong secret": f"{base}/{secret[:-1]}{'0' if secret[-1] != '0' else '1'}",
        "no secret": f"{base}/{hook_id}",
        "other provider": path.replace("brevo", "postmark"),
        "no such provider": path.replace("brevo", "nobody"),
        "letters": f"{base}/ی-{secret}",
    }[change]
    assert desk.client.post(path, json={"event": "unsubscribe", "email": "a@example.org"}).status_code == 404
    assert desk.client.get(path).status_code == 404
    assert desk.calls(hook_id) == []


def test_a_provider_may_look_whether_the_address_is_there(desk):
    assert desk.client.get(desk.add_hook("mailchimp")[2]).status_code == 200


def test_a_removed_hook_is_dead(tmp_path):
    desk = Desk(tmp_path)
    _, hook_id, path = desk.add_hook("brevo")
    with desk.database.write() as session:
        remove_hook(session, SEAL, hook_id, NOW)
    call = {"event": "unsubscribe", "email": "a@example.org", "ts": 1795082400}
    assert desk.client.post(path, json=call).status_code == 404
    desk.database.close()


def test_a_removed_hooks_address_stays_dead_when_its_number_comes_again(tmp_path):
    desk = Desk(tmp_path)
    _, first, leaked = desk.add_hook("brevo")
    with desk.database.write() as session:
        remove_hook(session, SEAL, first, NOW)
    _, second, path = desk.add_hook("brevo")
    assert second == first and path != leaked
    assert [desk.client.get(each).status_code for each in (leaked, path)] == [404, 200]
    desk.database.close()


def test_a_hook_from_before_the_salt_keeps_its_address(desk):
    _, hook_id, _ = desk.add_hook("brevo")
    with desk.database.write() as session:
        session.get(Hook, hook_id).salt = ""
    path = f"/hooks/brevo/{hook_id}-{SEAL.hash(str(hook_id), 'hook address')[:40]}"
    with desk.database.read() as session:
        assert address_of_hook(session.get(Hook, hook_id), SEAL, "") == path
    assert desk.client.get(path).status_code == 200


@pytest.mark.parametrize("fits", ["nothing", "the number", "all but the end"])
def test_a_wrong_secret_costs_the_same_wherever_it_is_wrong(desk, statements, fits):
    _, hook_id, path = desk.add_hook("brevo")
    secret = {"nothing": "0-x", "the number": f"{hook_id}-x", "all but the end": path.rpartition("/")[2][:-1]}[fits]
    statements.clear()
    with desk.database.read() as session:
        assert find_hook(session, SEAL, "brevo", secret) is None
    assert [each for each in statements if each.startswith("SELECT")] == [
        "SELECT hooks.salt FROM hooks WHERE hooks.id = ?"
    ]


def test_a_hook_removed_a_moment_ago_is_not_answered_as_if_it_were_there(tmp_path):
    desk = Desk(tmp_path)
    _, hook_id, path = desk.add_hook("brevo")
    call = {"event": "unsubscribe", "email": "a@example.org", "ts": 1795082400}
    assert desk.client.post(path, json=call).status_code == 200
    with desk.database.write() as session:
        remove_hook(session, SEAL, hook_id, NOW)
    assert desk.client.post(path, json={**call, "ts": 1795082401}).status_code == 503
    desk.database.close()


def test_what_was_answered_is_read_before_its_hook_is_removed(desk, monkeypatch):
    monkeypatch.setattr(hooks, "_BATCH", 2)
    brand_id, hook_id, path = desk.add_hook("generic")
    other_brand, _, other = desk.add_hook("generic")
    for number in range(5):
        event = {"email": f"p{number}@example.org", "left_at": NOW.isoformat()}
        assert desk.client.post(path, json=event).status_code == 200
    assert desk.client.post(other, json=event).status_code == 200
    with desk.database.write() as session:
        remove_hook(session, SEAL, hook_id, NOW)
    assert len(desk.events(brand_id)) == 5 and desk.calls(hook_id) == []
    # What other hooks brought waits for its turn.
    assert desk.events(other_brand) == []


def test_what_is_nested_without_end_is_a_broken_call(desk):
    _, hook_id, path = desk.add_hook("generic")
    body = f'{{"email": "a@example.org", "left_at": "2026-11-19", "reason": {"[" * 400}{"]" * 400}}}'
    assert desk.client.post(path, data=body, content_type="application/json").status_code == 400
    assert desk.calls(hook_id) == []
