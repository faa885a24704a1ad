import asyncio
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from monitor.brands import add_brand
from monitor.channels import add_channel, find_channels, find_rules, get_channel, remove_channel, set_rule
from monitor.deliveries import ATTEMPTS, LEASE, AppriseSender, deliver_waiting
from monitor.errors import DeliveryError, RuleError
from monitor.models import Alert, Delivery
from monitor.sealing import Seal
from tests.fakes import Outbox

SEAL = Seal("k")
FACTS = {
    "count": 1,
    "mentions": [{"id": 1, "title": "Bad & news", "text": "words", "url": "https://e.example/?a=1&b=2"}],
}


@pytest.fixture
def alert_id(database, now):
    """An alert that waits on two channels."""
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        channels = [add_channel(session, SEAL, name, f"json://{name}.example/token", "en", now) for name in ("a", "b")]
        alert = Alert(
            rule_id=find_rules(session)[0].id,
            brand_id=brand.id,
            kind="new_negative",
            key="k",
            facts=FACTS,
            created_at=now,
        )
        alert.deliveries = [Delivery(channel_id=channel.id, state="waiting", next_at=now) for channel in channels]
        session.add(alert)
        session.flush()
        return alert.id


def states(database):
    with database.read() as session:
        return [(row.state, row.attempts, row.error) for row in session.query(Delivery).order_by(Delivery.id)]


def test_each_channel_gets_an_alert_once(database, alert_id, now):
    outbox = Outbox()
    assert deliver_waiting(database, outbox, SEAL, now).sent == 2
    assert deliver_waiting(database, outbox, SEAL, now).sent == 0
    assert [address for address, *_ in outbox.sent] == ["json://a.example/token", "json://b.example/token"]
    assert outbox.sent[0][1] == "Lookout: a new negative text"


def test_a_channel_that_fails_waits_longer_and_does_not_stop_the_other(database, alert_id, now):
    outbox = Outbox("busy", None, "busy")
    outcome = deliver_waiting(database, outbox, SEAL, now)
    assert (outcome.sent, outcome.errors) == (1, ("a: busy",))
    assert deliver_waiting(database, outbox, SEAL, now + timedelta(seconds=20)).sent == 0
    assert deliver_waiting(database, outbox, SEAL, now + timedelta(seconds=40)).errors == ("a: busy",)
    assert deliver_waiting(database, outbox, SEAL, now + timedelta(seconds=80)).sent == 0
    assert deliver_waiting(database, outbox, SEAL, now + timedelta(seconds=120)).sent == 1
    assert states(database)[0] == ("sent", 3, "")


def test_what_can_never_work_is_given_up_at_once(database, alert_id, now):
    deliver_waiting(database, Outbox("never here"), SEAL, now)
    assert states(database) == [("failed", 1, "never here"), ("sent", 1, "")]


def test_a_channel_kept_under_another_key_is_given_up_with_its_reason(database, alert_id, now):
    outcome = deliver_waiting(database, Outbox(), Seal("another key"), now)
    assert outcome.sent == 0
    assert "kept under another key" in outcome.errors[0]
    assert states(database)[0][0] == "failed"


def test_after_many_tries_it_is_given_up(database, alert_id, now):
    for _ in range(ATTEMPTS):
        now += timedelta(hours=8)
        deliver_waiting(database, Outbox("busy", None), SEAL, now)
    assert states(database)[0] == ("failed", ATTEMPTS, "busy")


def test_a_delivery_somebody_holds_is_left_to_them_until_the_lease_ends(database, alert_id, now):
    with database.write() as session:
        for delivery in session.query(Delivery):
            delivery.leased_until = now + LEASE
    assert deliver_waiting(database, Outbox(), SEAL, now).sent == 0
    assert deliver_waiting(database, Outbox(), SEAL, now + LEASE).sent == 2


class Sink:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def smtp(unused_port):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=unused_port)
    controller.start()
    sink.address = f"mailto://127.0.0.1:{unused_port}?from=didban@example.org&to=team@example.org&mode=insecure"
    yield sink
    controller.stop()
    asyncio.set_event_loop(None)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_real_mail_arrives_in_two_parts(database, now, smtp, alert_id, language):
    with database.write() as session:
        remove_channel(session, "b")
        channel = get_channel(session, "a")
        channel.address, channel.language = SEAL.close(smtp.address), language
    assert deliver_waiting(database, AppriseSender(), SEAL, now).sent == 1
    (mail,) = smtp.mails
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "Lookout" in mail["Subject"]
    assert "Bad & news" in text
    assert "https://e.example/?a=1&b=2" in text
    assert 'href="https://e.example/?a=1&amp;b=2"' in html
    assert ('dir="rtl" align="right"' in html) is (language == "fa")


def test_a_server_that_is_not_there_is_one_line_without_the_address(unused_port):
    with pytest.raises(DeliveryError) as raised:
        AppriseSender().send(
            f"mailto://u:secretpass@127.0.0.1:{unused_port}?from=d@example.org&to=a@example.org&mode=insecure",
            "s",
            "t",
            "h",
        )
    assert not raised.value.permanent
    assert "secretpass" not in str(raised.value)


def test_an_address_nobody_knows_is_permanent():
    with pytest.raises(DeliveryError) as raised:
        AppriseSender().send("nonsense://x", "s", "t", "h")
    assert raised.value.permanent


def test_channels_are_sealed_named_once_and_removed(database, now):
    with database.write() as session:
        add_channel(session, SEAL, "mail", "mailto://user:password@host", "fa", now)
    with database.read() as session:
        (channel,) = find_channels(session)
        assert "password" not in channel.address
        assert SEAL.open(channel.address) == "mailto://user:password@host"
    with database.write() as session:
        with pytest.raises(RuleError, match="channel exists already: 'mail'"):
            add_channel(session, SEAL, "mail", "x", "fa", now)
        remove_channel(session, "mail")
        session.flush()
        with pytest.raises(RuleError, match="no such channel: 'mail'"):
            get_channel(session, "mail")
        with pytest.raises(RuleError, match="no such rule: 9"):
            set_rule(session, 9, True)
