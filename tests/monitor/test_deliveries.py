import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from time import monotonic, sleep

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from monitor.brands import add_brand
from monitor.channels import add_channel, edit_channel, find_channels, get_channel, remove_channel
from monitor.deliveries import Post, deliver_waiting
from monitor.errors import DeliveryError, RuleError
from monitor.mentions import relabel
from monitor.models import Alert, Delivery, Mention
from monitor.outbox import ATTEMPTS, LEASE
from monitor.rules import find_rules, set_rule
from monitor.sealing import Seal
from monitor.senders import ChannelSender
from monitor.types import Label, Message
from tests.fakes import Outbox

SEAL = Seal("a key for tests")
FACTS = {
    "count": 1,
    "mentions": [
        {
            "id": 1,
            "title": "Bad & news",
            "text": "words",
            "url": "https://e.example/?a=1&b=2",
            "score": 0.9,
            "sure": True,
        }
    ],
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


def deliver(database, settings, outbox, now):
    return deliver_waiting(database, settings, outbox, lambda: now)


def test_each_channel_gets_an_alert_once(database, settings, alert_id, now):
    outbox = Outbox()
    assert deliver(database, settings, outbox, now).sent == 2
    assert deliver(database, settings, outbox, now).sent == 0
    assert sorted(host for host, _ in outbox.sent) == ["a", "b"]
    assert outbox.sent[0][1].subject == "\u2068Lookout\u2069: a new negative text"


def test_a_channel_that_fails_waits_longer_and_does_not_stop_the_other(database, settings, alert_id, now):
    outbox = Outbox(a=["busy", "busy"])
    outcome = deliver(database, settings, outbox, now)
    assert (outcome.sent, outcome.errors) == (1, ("a: busy",))
    assert deliver(database, settings, outbox, now + timedelta(seconds=20)).sent == 0
    assert deliver(database, settings, outbox, now + timedelta(seconds=40)).errors == ("a: busy",)
    assert deliver(database, settings, outbox, now + timedelta(seconds=80)).sent == 0
    assert deliver(database, settings, outbox, now + timedelta(seconds=120)).sent == 1
    assert states(database)[0] == ("sent", 3, "")


def test_what_can_never_work_is_given_up_at_once(database, settings, alert_id, now):
    deliver(database, settings, Outbox(a=["never here"]), now)
    assert states(database)[:2] == [("failed", 1, "never here"), ("sent", 1, "")]


def test_what_was_given_up_is_told_on_the_other_channels_once_a_day(database, settings, alert_id, now):
    add_alert(database, now, "k2")
    outbox = Outbox(a=["never here", "never here"])
    for seconds in range(0, 60, 10):
        deliver(database, settings, outbox, now + timedelta(seconds=seconds))
    assert [host for host, _ in outbox.sent] == ["b", "b", "b"]
    notice = outbox.sent[2][1]
    assert notice.subject == "\u2068Lookout\u2069: the channel \u2068a\u2069 did not take an alert"
    assert "never here" in notice.text
    assert "a new negative text" in notice.text


def test_a_channel_kept_under_another_key_is_given_up_with_its_reason(database, settings, alert_id, now):
    outcome = deliver(database, replace(settings, secret_key="another key"), Outbox(), now)
    assert outcome.sent == 0
    assert "kept under another key" in outcome.errors[0]
    assert states(database)[0][0] == "failed"


def test_after_many_tries_it_is_given_up(database, settings, alert_id, now):
    outbox = Outbox(a=["busy"] * ATTEMPTS)
    for _ in range(ATTEMPTS):
        now += timedelta(hours=1)
        deliver(database, settings, outbox, now)
    assert states(database)[0] == ("failed", ATTEMPTS, "busy")


def test_a_delivery_somebody_holds_is_left_to_them_until_the_lease_ends(database, settings, alert_id, now):
    with database.write() as session:
        for delivery in session.query(Delivery):
            delivery.leased_until = now + LEASE
    assert deliver(database, settings, Outbox(), now).sent == 0
    assert deliver(database, settings, Outbox(), now + LEASE).sent == 2


def test_a_channel_that_names_its_pause_gets_it(database, settings, alert_id, now):
    outbox = Outbox(a=[("busy", 300.0)])
    deliver(database, settings, outbox, now)
    assert deliver(database, settings, outbox, now + timedelta(seconds=299)).sent == 0
    assert deliver(database, settings, outbox, now + timedelta(seconds=301)).sent == 1


@pytest.mark.parametrize("seconds", [1e15, -5.0])
def test_a_pause_beyond_reason_is_a_day_at_most(database, settings, alert_id, now, seconds):
    outbox = Outbox(a=[("busy", seconds)])
    deliver(database, settings, outbox, now)
    assert deliver(database, settings, outbox, now + timedelta(days=1, seconds=1)).sent == 1


def test_each_channel_keeps_the_order_in_which_alerts_were_written(database, settings, alert_id, now):
    later = [add_alert(database, now, f"k{number}") for number in range(3)]
    set_pace(database, 0)
    outbox = Outbox(a=["busy"])
    deliver(database, settings, outbox, now)
    assert [host for host, _ in outbox.sent] == ["b"] * 4
    deliver(database, settings, outbox, now + timedelta(minutes=1))
    keys = [message.data["facts"]["count"] for host, message in outbox.sent if host == "a"]
    assert keys == [1, *(100 + number for number in later)]


def test_a_channel_that_is_down_for_an_hour_loses_nothing_and_holds_up_nobody(database, settings, alert_id, now):
    """A clock that ticks each half minute; an alert every five minutes; channel a refuses for an hour."""

    class Down(Outbox):
        def send(self, address, message):
            if "//a." in address and tick < 120:
                raise DeliveryError("down")
            super().send(address, message)

    set_pace(database, 0)
    outbox = Down()
    late = []
    for tick in range(240):
        at = now + tick * timedelta(seconds=30)
        if tick % 10 == 0 and tick < 120:
            add_alert(database, at, f"k{tick}")
        deliver(database, settings, outbox, at)
        with database.read() as session:
            waiting = session.query(Delivery).join(Delivery.channel).filter(Delivery.state == "waiting")
            late.append(waiting.filter_by(name="b").count())
    assert set(late) == {0}
    told = {host: [message.data["facts"]["count"] for to, message in outbox.sent if to == host] for host in "ab"}
    assert told["a"] == told["b"] == [1, *range(102, 114)]


def test_messages_keep_the_channel_s_pace(database, settings, alert_id, now):
    add_alert(database, now, "k2")
    set_pace(database, 5)
    outbox = Outbox()
    for seconds, sent in ((0, 2), (4, 0), (5, 2)):
        assert deliver(database, settings, outbox, now + timedelta(seconds=seconds)).sent == sent


def test_what_quiet_hours_kept_back_is_one_message_afterwards(database, settings, alert_id, now):
    set_pace(database, 0)
    with database.write() as session:
        edit_channel(session, get_channel(session, "a"), now, quiet_hours="12:00-13:00", time_zone="Asia/Tehran")
    outbox = Outbox()
    deliver(database, settings, outbox, now)  # 12:30 in Tehran
    add_alert(database, now + timedelta(minutes=5), "k2")
    deliver(database, settings, outbox, now + timedelta(minutes=10))
    assert [host for host, _ in outbox.sent] == ["b", "b"]
    outcome = deliver(database, settings, outbox, now + timedelta(minutes=30))
    assert outcome.sent == 2
    host, message = outbox.sent[-1]
    assert (host, message.subject) == ("a", "2 alerts came in quiet hours")
    assert message.text.count("a new negative text") == 1
    assert len(outbox.sent) == 3
    assert deliver(database, settings, outbox, now + timedelta(hours=1)).sent == 0


def test_a_summary_that_is_tried_again_is_the_same(database, settings, alert_id, now):
    for number in range(8):
        add_alert(database, now, f"k{number}")
    quiet(database, now, "12:00-13:00")
    outbox = Keys(a=["busy"])
    deliver(database, settings, outbox, now)
    after = now + timedelta(minutes=30)
    deliver(database, settings, outbox, after)
    add_alert(database, after, "later")
    deliver(database, settings, outbox, after + timedelta(seconds=34))
    (first, key), (second, same) = [tried for tried in outbox.tried if tried[0].startswith("9 alerts")]
    assert (first, key) == (second, same)


class Keys(Outbox):
    """Remembers what was tried too."""

    def __init__(self, **refusals):
        super().__init__(**refusals)
        self.tried = []

    def send(self, address, message):
        self.tried.append((message.subject, message.key))
        super().send(address, message)


@pytest.mark.parametrize("hours", ["", "1:00-2:00"])
def test_other_quiet_hours_hold_for_what_waits_already(database, settings, alert_id, now, hours):
    quiet(database, now, "12:00-13:00")
    outbox = Outbox()
    assert deliver(database, settings, outbox, now).sent == 1
    quiet(database, now + timedelta(seconds=1), hours)
    assert deliver(database, settings, outbox, now + timedelta(seconds=1)).sent == 1


def quiet(database, now, hours):
    with database.write() as session:
        edit_channel(session, get_channel(session, "a"), now, quiet_hours=hours, time_zone="Asia/Tehran")


def test_one_alert_after_quiet_hours_is_itself(database, settings, alert_id, now):
    with database.write() as session:
        edit_channel(session, get_channel(session, "a"), now, quiet_hours="12:00-13:00")
    outbox = Outbox()
    deliver(database, settings, outbox, now)
    deliver(database, settings, outbox, now + timedelta(minutes=30))
    assert [message.subject for _, message in outbox.sent] == ["\u2068Lookout\u2069: a new negative text"] * 2


def test_a_channel_switched_off_keeps_what_waits(database, settings, alert_id, now):
    with database.write() as session:
        edit_channel(session, get_channel(session, "a"), now, enabled=False)
    assert deliver(database, settings, Outbox(), now).sent == 1
    with database.write() as session:
        edit_channel(session, get_channel(session, "a"), now, enabled=True)
    assert deliver(database, settings, Outbox(), now).sent == 1


def test_a_slow_channel_holds_up_no_other(database, settings, alert_id, now):
    class Slow(Outbox):
        def __init__(self):
            super().__init__()
            self.let_go = threading.Event()

        def send(self, address, message):
            if "//a." in address:
                assert self.let_go.wait(10)
            super().send(address, message)

    set_pace(database, 0)
    outbox = Slow()
    post = Post(database, settings, outbox, lambda: now)
    post.start_round()
    add_alert(database, now, "k2")
    wait_until(lambda: states(database)[1][0] == "sent")
    post.start_round()
    wait_until(lambda: [host for host, _ in outbox.sent] == ["b", "b"])
    outbox.let_go.set()
    assert post.finish(10).sent == 4


def test_a_bug_in_one_channel_is_logged_and_stops_no_other(database, settings, alert_id, now, caplog):
    class Broken(Outbox):
        def send(self, address, message):
            if "//a." in address:
                raise ZeroDivisionError
            super().send(address, message)

    outcome = deliver(database, settings, Broken(), now)
    assert (outcome.sent, outcome.errors) == (1, ("a: a bug stopped it (ZeroDivisionError)",))
    assert [state for state, _, _ in states(database)] == ["waiting", "sent"]
    assert "ZeroDivisionError" in caplog.text


def test_a_bug_of_the_outbox_itself_is_not_swallowed(database, settings, alert_id, now):
    def broken():
        raise ZeroDivisionError

    post = Post(database, settings, Outbox(), lambda: now)
    post._record_sent = lambda *_: broken()
    with pytest.raises(ZeroDivisionError):
        post.start_round()
        post.finish()


def test_what_is_corrected_while_the_round_is_under_way_is_not_sent(database, settings, alert_id, now):
    class Corrected(Outbox):
        def send(self, address, message):
            super().send(address, message)
            correct(database, now)

    set_pace(database, 0)
    tell_of_one(database, now)
    outbox = Corrected()
    assert deliver(database, settings, outbox, now).sent == 4
    assert sorted(message.data["facts"]["count"] for _, message in outbox.sent) == [1, 1, 103, 103]
    assert [state for state, _, _ in states(database)] == ["sent", "sent", "withdrawn", "withdrawn", "sent", "sent"]


def test_a_summary_is_without_what_was_corrected_as_it_was_claimed(database, settings, alert_id, now):
    tell_of_one(database, now)
    quiet(database, now, "12:00-13:00")
    deliver(database, settings, Outbox(), now)
    correct(database, now)
    parcel = Post(database, settings, Outbox(), lambda: now + timedelta(minutes=30))._claim(1)
    assert [alert["facts"]["count"] for alert in parcel.message.data["alerts"]] == [1, 103]
    assert len(parcel.delivery_ids) == 2


def tell_of_one(database, now):
    """Two further alerts; the first tells of the one text that there is."""
    add_alert(database, now, "k2")
    add_alert(database, now, "k3")
    with database.write() as session:
        alert = session.query(Alert).filter_by(key="k2").one()
        mention = Mention(brand_id=alert.brand_id, key="k", kind="review", url="https://e.example/", text="words")
        mention.story, mention.seen_at, mention.alert_id, mention.told_at = "s", now, alert.id, now
        mention.label, mention.score, mention.labelled_by, mention.labelled_at = "negative", 0.9, "words", now
        session.add(mention)


def correct(database, now):
    with database.write() as session:
        relabel(session, 1, Label.NEUTRAL, now)


def test_the_links_of_a_message_do_their_act_once(database, settings, now, alert_id):
    outbox = Outbox()
    deliver(database, replace(settings, public_url="https://didban.example/"), outbox, now)
    assert outbox.sent[0][1].text.count("https://didban.example/act/") == 3
    assert outbox.sent[0][1].text == outbox.sent[1][1].text


def add_alert(database, now, key):
    """Another alert on both channels."""
    with database.write() as session:
        rule = find_rules(session)[0]
        number = session.query(Alert).count() + 1
        alert = Alert(
            rule_id=rule.id,
            brand_id=rule.brand_id,
            kind="new_negative",
            key=key,
            facts={**FACTS, "count": 100 + number},
            created_at=now,
        )
        alert.deliveries = [
            Delivery(channel_id=channel.id, state="waiting", next_at=now) for channel in find_channels(session)
        ]
        session.add(alert)
    return number


def set_pace(database, seconds):
    with database.write() as session:
        for channel in find_channels(session):
            edit_channel(session, channel, channel.created_at, pace=seconds)


def wait_until(holds):
    deadline = monotonic() + 10
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)


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
def test_a_real_mail_arrives_in_two_parts(database, settings, now, smtp, alert_id, language):
    with database.write() as session:
        remove_channel(session, "b")
        channel = get_channel(session, "a")
        channel.address, channel.language = SEAL.close(smtp.address), language
    assert deliver(database, settings, ChannelSender(), now).sent == 1
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
        ChannelSender().send(
            f"mailto://u:secretpass@127.0.0.1:{unused_port}?from=d@example.org&to=a@example.org&mode=insecure",
            Message("s", "t", "h"),
        )
    assert not raised.value.permanent
    assert "secretpass" not in str(raised.value)


class Refusing(Sink):
    """Takes nothing: ``answer`` is what it says to each recipient."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.answer


@pytest.mark.parametrize(("answer", "permanent"), [("550 5.1.1 no such user", True), ("452 4.2.2 full for now", False)])
def test_what_a_mail_server_answers_says_whether_to_come_again(smtp, answer, permanent, caplog):
    smtp.__class__, smtp.answer = Refusing, answer
    caplog.set_level("DEBUG", "root")
    with pytest.raises(DeliveryError) as raised:
        ChannelSender().send(smtp.address, Message("s", "t", "h"))
    assert (str(raised.value), raised.value.permanent) == (
        f"the channel did not accept the message (status {answer[:3]})",
        permanent,
    )
    assert {record.levelname for record in caplog.records if record.name == "apprise"} == {"WARNING"}


def test_a_wrong_password_of_a_mail_server_is_permanent(unused_port):
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=unused_port,
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )
    controller.start()
    with pytest.raises(DeliveryError) as raised:
        ChannelSender().send(
            f"mailto://u:wrongpass@127.0.0.1:{unused_port}?from=d@example.org&to=a@example.org&mode=insecure",
            Message("s", "t", "h"),
        )
    controller.stop()
    asyncio.set_event_loop(None)
    assert raised.value.permanent
    assert "535" in str(raised.value)


def test_an_address_nobody_knows_is_permanent():
    with pytest.raises(DeliveryError) as raised:
        ChannelSender().send("nonsense://x", Message("s", "t", "h"))
    assert raised.value.permanent


def test_channels_are_sealed_named_once_and_removed(database, now):
    with database.write() as session:
        add_channel(session, SEAL, "mail", "mailto://user:password@host.example", "fa", now)
    with database.read() as session:
        (channel,) = find_channels(session)
        assert "password" not in channel.address
        assert SEAL.open(channel.address) == "mailto://user:password@host.example"
    with database.write() as session:
        with pytest.raises(RuleError, match="channel exists already: 'mail'"):
            add_channel(session, SEAL, "mail", "x", "fa", now)
        with pytest.raises(DeliveryError, match=r"a webhook's address is"):
            add_channel(session, SEAL, "hook", "webhook+https://:s@[bad/", "fa", now)
        remove_channel(session, "mail")
        session.flush()
        with pytest.raises(RuleError, match="no such channel: 'mail'"):
            get_channel(session, "mail")
        with pytest.raises(RuleError, match="no such rule: 9"):
            set_rule(session, 9, True)
