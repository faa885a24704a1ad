"""Our own two channels against a real server; Apprise's are tested by Apprise, and its mail in test_deliveries."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from monitor import senders
from monitor.errors import DeliveryError, TokenError
from monitor.senders import BaleSender, ChannelSender, read_retry_after
from monitor.types import Message
from monitor.webhooks import request_of, sign, verify
from tests.receiver import Receiver

MESSAGE = Message("خبر", "متن پیام", "<p>", {"kind": "new_negative", "brand": "دیدبان"}, "key-1")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def refusal(address, sender=None):
    with pytest.raises(DeliveryError) as raised:
        (sender or ChannelSender()).send(address, MESSAGE)
    return str(raised.value), raised.value.permanent, raised.value.retry_after


def test_a_webhook_gets_json_with_a_signature_that_fits():
    with Receiver() as receiver:
        ChannelSender().send(f"webhook+http://:s%2Fecret@{receiver.host}/in?x=1", MESSAGE)
    ((path, headers, body),) = receiver.calls
    assert path == "/in?x=1"
    assert headers["Didban-Delivery"] == "key-1"
    assert "Authorization" not in headers
    verify("s/ecret", headers["Didban-Signature"], body, datetime.now(UTC))
    assert receiver.json() == {
        "version": 1,
        "id": "key-1",
        "kind": "new_negative",
        "brand": "دیدبان",
        "text": "متن پیام",
    }


BODY = b'{"a":1}'


@pytest.mark.parametrize(
    ("header", "body", "now", "complaint"),
    [
        (sign("s", BODY, NOW), BODY, NOW + timedelta(minutes=4), None),
        (sign("s", BODY, NOW), BODY + b" ", NOW, "does not fit"),
        (sign("t", BODY, NOW), BODY, NOW, "does not fit"),
        (sign("s", BODY, NOW).replace("t=1", "t=2"), BODY, NOW, "does not fit"),
        (sign("s", BODY, NOW), BODY, NOW + timedelta(minutes=6), "another time"),
        (sign("s", BODY, NOW), BODY, NOW - timedelta(minutes=6), "another time"),
        ("v1=00", BODY, NOW, "without its moment"),
        ("t=x,v1=00", BODY, NOW, "without its moment"),
        ("", BODY, NOW, "without its moment"),
    ],
)
def test_a_signature_holds_for_its_body_and_its_time(header, body, now, complaint):
    if complaint is None:
        verify("s", header, body, now)
    else:
        with pytest.raises(TokenError, match=complaint):
            verify("s", header, body, now)


def test_what_a_program_is_told_has_times_as_text():
    message = Message("s", "t", "h", {"at": NOW}, "k")
    body, _ = request_of(senders.webhooks.read_address("webhook+https://:s@h.example"), message, NOW)
    assert json.loads(body)["at"] == "2026-11-20 09:00:00+00:00"


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        ((500, {}, ""), False, None),
        ((429, {"Retry-After": "120"}, ""), False, 120.0),
        ((503, {"Retry-After": "7"}, ""), False, 7.0),
        ((401, {}, ""), True, None),
        ((410, {}, ""), True, None),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), False, None),
    ],
)
def test_what_a_webhook_answers_says_whether_to_come_again_and_when(answer, permanent, retry_after):
    with Receiver(answer) as receiver:
        told = refusal(f"webhook+http://:secret@{receiver.host}/")
    assert told == (f"the channel did not accept the message (status {answer[0]})", permanent, retry_after)


@pytest.mark.parametrize(
    "address",
    [
        "webhook+https://h.example/",
        "webhook+https://:s@/",
        "webhook+https://:s@[bad/",
        "webhook+http://:s@a..b/x",
        "webhook+http://:s@h.example:99999/",
        "bale://token",
        "bale:///chat",
        "bale://token/a/b",
        "bale://[x",
        "mailto://[x",
        "x://y",
    ],
)
def test_an_address_that_can_never_work_is_permanent_and_refused_before_it_is_kept(address):
    assert refusal(address)[1]
    with pytest.raises(DeliveryError):
        senders.check_address(address)


@pytest.mark.parametrize(
    "address", ["webhook+https://:s@دیدبان.example:8443/x", "bale://1%3Aa/-55", "json://h.example"]
)
def test_an_address_that_may_work_is_let_through(address):
    senders.check_address(address)


@pytest.mark.parametrize(
    ("address", "several"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/1", "/2"),
        ("ntfy://h.example/x", "/y"),
        ("ntfy://h.example/x?retry=2", "&to=y"),
        ("mailto://u:p@h.example?from=d@example.org&to=a@example.org", ",b@example.org"),
        ("kavenegar://apikey/09121234567", "/09121234568"),
    ],
)
def test_a_channel_has_one_recipient(address, several):
    senders.check_address(address)
    with pytest.raises(DeliveryError, match="one recipient a channel: add the others as channels of their own"):
        senders.check_address(address + several)


def test_bale_gets_what_its_bots_expect():
    with Receiver((200, {}, '{"ok": true}')) as receiver:
        BaleSender(f"http://{receiver.host}").send("bale://123%3Aabc/-55", MESSAGE)
    assert receiver.calls[0][0] == "/bot123:abc/sendMessage"
    assert receiver.json() == {"chat_id": "-55", "text": "متن پیام"}


def test_bale_takes_a_long_message_cut_to_its_length():
    with Receiver((200, {}, '{"ok": true}')) as receiver:
        BaleSender(f"http://{receiver.host}").send("bale://t/1", Message("s", "واژه " * 2000, "h"))
    assert 4000 < len(receiver.json()["text"]) <= 4096


@pytest.mark.parametrize(
    ("answer", "status", "permanent", "retry_after"),
    [
        ((429, {}, '{"ok": false, "error_code": 429, "parameters": {"retry_after": 35}}'), 429, False, 35.0),
        ((200, {}, '{"ok": false, "error_code": 403}'), 403, True, None),
        ((502, {}, "<html>"), 502, False, None),
        ((200, {}, "[]"), 200, False, None),
    ],
)
def test_what_bale_answers_says_whether_to_come_again_and_when(answer, status, permanent, retry_after):
    with Receiver(answer) as receiver:
        told = refusal("bale://token/1", BaleSender(f"http://{receiver.host}"))
    assert told == (f"the channel did not accept the message (status {status})", permanent, retry_after)


def test_a_channel_that_is_not_there_is_one_line_without_its_secret(unused_port):
    text, permanent, _ = refusal(f"webhook+http://:topsecret@127.0.0.1:{unused_port}/")
    assert (text, permanent) == ("the channel cannot be reached", False)
    assert refusal("bale://topsecret/1", BaleSender(f"http://127.0.0.1:{unused_port}"))[0] == text


def test_a_channel_that_never_answers_is_given_up_in_time(monkeypatch):
    import threading

    monkeypatch.setattr(senders, "_TIMEOUT", (0.2, 0.2))
    let_go = threading.Event()
    with Receiver(delay=let_go.wait) as receiver:
        assert refusal(f"webhook+http://:s@{receiver.host}/")[0] == "the channel did not answer in time"
        let_go.set()


@pytest.mark.parametrize(
    ("lines", "permanent", "retry_after"),
    [
        (["Failed to send Telegram notification: Too Many Requests: retry after 35, error=429."], False, 35.0),
        (["Failed to send Slack notification: error=429."], False, 60.0),
        (["Failed to send Telegram notification: Unauthorized, error=401."], True, None),
        (["Failed to send: error=500."], False, None),
        ([], False, None),
    ],
)
def test_what_apprise_logs_says_whether_to_come_again_and_when(lines, permanent, retry_after):
    error = senders._apprise_error(lines, "tgram://secret-token/1")
    assert (error.permanent, error.retry_after) == (permanent, retry_after)


@pytest.mark.parametrize(
    ("address", "sent", "whole"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/1", "apprise.plugins.telegram.NotifyTelegram.send", True),
        ("kavenegar://apikey/09121234567", "apprise.plugins.kavenegar.NotifyKavenegar.send", False),
    ],
)
def test_a_long_message_goes_to_a_chat_in_parts_and_to_a_phone_as_its_beginning(monkeypatch, address, sent, whole):
    bodies = []
    monkeypatch.setattr(sent, lambda self, body, **_: bodies.append(body) or len(body) <= self.body_maxlen)
    ChannelSender().send(address, Message("خبر", " ".join(str(number) for number in range(3000)), "<p>"))
    words = {word for body in bodies for word in body.split()}
    assert {str(number) for number in range(3000)} <= words if whole else len(bodies) == 1


def test_a_mistake_in_a_plugin_is_a_try_that_failed(monkeypatch):
    def broken(self, **arguments):
        raise AttributeError("no such thing as secret-token")

    monkeypatch.setattr("apprise.plugins.ntfy.NotifyNtfy.send", broken)
    assert refusal("ntfy://secret-token")[:2] == ("apprise failed (AttributeError)", False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0.0),
        ("soon", None),
        ("", None),
        ("۱۲", None),
    ],
)
def test_retry_after_is_read_as_http_writes_it(value, seconds):
    assert read_retry_after(value, NOW) == seconds
