"""A channel added in the browser: tried before it is kept, sealed, and never shown again."""

import lxml.html
import pytest

from monitor.channels import find_channels, get_channel
from monitor.senders import AppriseSender
from tests.web import sample

SECRET = "tgram://123456789:abcdefg_hijklmnopqrstuvwxyz012345/4321"
GIVEN = {"name": "On call", "address": SECRET, "language": "fa", "quiet_hours": "۲۲:۰۰-۰۷:۳۰"}


def test_a_channel_is_added_sealed_and_tested(reader, database, monkeypatch):
    told = []
    monkeypatch.setattr(AppriseSender, "send", lambda self, address, message: told.append(address))
    assert 'href="/alerts/channels/new"' in reader.read("/alerts")
    answer = reader.press("/alerts/channels/new", GIVEN, page="/alerts/channels/new")
    page = reader.read(answer.location)
    assert "The channel is there. Send it a test message" in page and "quiet 22:00-07:30" in page
    with database.read() as session:
        kept = get_channel(session, "On call")
    assert (kept.language, kept.quiet_hours) == ("fa", "22:00-07:30") and "abcdefg" not in kept.address
    reader.press("/alerts/channels/test", {"channel": "On call"}, page="/alerts")
    assert told == [SECRET]
    for path in ("/alerts", "/alerts/channels/new", "/settings/audit"):
        assert "abcdefg" not in reader.read(path)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Write a name by which you know it."),
        ({"name": "Telegram on-call"}, "A channel has this name already."),
        ({"address": ""}, "Write where the messages go."),
        ({"address": "nowhere://x"}, "Nothing can be sent to this address."),
        ({"quiet_hours": "at night"}, "Write quiet hours like 22:00-07:30."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_secret_is_not_repeated(reader, database, wrong, sentence):
    page = reader.press("/alerts/channels/new", {**GIVEN, **wrong}, page="/alerts/channels/new", status=422).text
    (said,) = lxml.html.fromstring(page).cssselect(".has-error")
    assert sentence in said.text_content() and "abcdefg" not in page
    with database.read() as session:
        assert len(find_channels(session)) == 2


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("nowhere://x", "این نوع نشانی را نمی‌شناسیم."), ("bale://x", "شکل را دارد: <bdi>bale://TOKEN/CHAT</bdi>")],
)
def test_an_address_that_cannot_be_is_said_in_persian(reader, address, sentence):
    reader.speak("fa")
    page = reader.press("/alerts/channels/new", {**GIVEN, "address": address}, "/alerts/channels/new", 422).text
    assert sentence in page and 'class="evidence"' not in page
    assert all(f"<dt>{name}</dt>" in page for name in ("تلگرام", "بله", "اسلک"))


def test_only_an_admin_is_offered_it(reader_of):
    reader = reader_of(sample.fill, role="analyst")
    assert "/alerts/channels/new" not in reader.read("/alerts")
    reader.get("/alerts/channels/new", 403)
