"""Whatever arrives, a provider's reader gives leavings or says that it cannot read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import HookError, HookPayloadError
from monitor.payloads import form_of, moment, part, text
from monitor.providers import get_provider, provider_names

# Names that the readers look for, so that hostile values reach every corner.
NAMES = st.sampled_from(
    (
        "event email timestamp type Type Message data topic payload attributes included profile contact fields core "
        "value event-data recipient mail destination subscription newTopicPreferences unsubscribeAll "
        "topicSubscriptionStatus "
        "complaint complainedRecipients RecordType SuppressSending Origin Recipient ChangedAt eventType events left_at "
        "mautic.lead_channel_subscription_changed mautic.form_on_submit submission results unsubscribe_reason"
    ).split()
)
VALUES = st.sampled_from(
    (
        "unsubscribe unsubscribed Subscription Complaint Notification SubscriptionChange a@example.org 2026-11-19 "
        "email event:klaviyo.unsubscribed_from_email_marketing"
    ).split()
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | VALUES
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)


@pytest.mark.parametrize("name", provider_names())
@given(value=ANYTHING)
def test_hostile_json_is_read_or_refused(name, value):
    try:
        found = get_provider(name).read(json.dumps(value).encode())
    except HookPayloadError:
        return
    assert all(isinstance(data, HookPayloadError) or "@" in data.subscriber for data in found)


@pytest.mark.parametrize("name", provider_names())
@given(body=st.binary(max_size=60))
def test_hostile_bytes_are_read_or_refused(name, body):
    try:
        get_provider(name).read(body)
    except HookPayloadError:
        return


def test_a_provider_is_its_file():
    assert "mailchimp" in provider_names() and "generic" in provider_names()
    with pytest.raises(HookError, match="no such provider"):
        get_provider("os")


NO_MOMENTS = [None, True, "", "x", float("nan"), 1e300, "1e400", [], {}, "2026-13-01"]
NOT_OF_OUR_TIME = ["0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-03:30", "1989-12-31", 0, "1795082400000"]


@pytest.mark.parametrize("value", NO_MOMENTS + NOT_OF_OUR_TIME)
def test_what_is_no_moment_is_refused(value):
    with pytest.raises(HookPayloadError):
        moment(value)


@pytest.mark.parametrize("spoil", [moment, lambda value: form_of(value.encode())])
def test_what_cannot_be_read_is_not_repeated(spoil):
    with pytest.raises(HookPayloadError) as caught:
        spoil("sara@example.org")
    assert "sara" not in str(caught.value)


def test_a_moment_without_a_zone_is_utc():
    assert moment("2026-11-19 10:00:00") == moment("2026-11-19T13:30:00+03:30")
    assert moment("1795082400.5").microsecond == 500000


def test_parts_and_texts():
    assert part({"a": [{"b": 1}]}, "a", "b") == 1
    assert part({"a": []}, "a", "b") is None
    assert text([1, None, "x", {"y": 2}]) == "1, x"
    assert text(True) == ""


@pytest.mark.parametrize("name", provider_names())
@pytest.mark.parametrize("inner", ["[%s]", '{"a": %s}'])
def test_what_is_nested_without_end_is_a_broken_call(name, inner):
    deep = "1"
    for _ in range(101):
        deep = inner % deep
    events = {"event": "unsubscribe", "eventType": "Complaint", "email": "a@example.org", "topic": "x"}
    with pytest.raises(HookPayloadError):
        get_provider(name).read(json.dumps(events).replace('"x"', deep).encode())


def test_as_deep_as_providers_go_is_read():
    deep = f'{"[" * 98}"dear"{"]" * 98}'
    body = f'[{{"email": "a@example.org", "left_at": "2026-11-19", "comment": {deep}}}]'
    (data,) = get_provider("generic").read(body.encode())
    assert data.comment == "dear"
