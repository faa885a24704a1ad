"""Mailgun webhooks: a JSON object with its signature inside."""

from datetime import datetime, timedelta

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.payloads import (
    Call,
    Provider,
    address,
    check_age,
    check_equal,
    json_object,
    moment,
    part,
    sign,
    text,
    word,
)
from monitor.types import Door, ReasonCode, UnsubscribeData

# A call is tried again for eight hours and may carry its first time; its events are known by their ids.
_WINDOW = timedelta(hours=12)
_EVENTS = {"unsubscribed": None, "complained": ReasonCode.SPAM}


def check(call: Call, key: str, now: datetime) -> None:
    """``signature.signature`` is the hex of HMAC(key, timestamp + token)."""
    try:
        signed = part(json_object(call.body), "signature")
    except HookPayloadError as e:
        raise HookRefusedError("not signed") from e
    stamp, token = text(part(signed, "timestamp")), text(part(signed, "token"))
    if not stamp or not token:
        raise HookRefusedError("not signed")
    check_equal(sign(key.encode(), f"{stamp}{token}".encode()).hex(), text(part(signed, "signature")))
    check_age(stamp, now, _WINDOW)


def once(body: bytes) -> str:
    """The token. The body is not signed, so that a signature seen elsewhere would let any other body in."""
    return text(part(json_object(body), "signature", "token"))


def read(body: bytes) -> list[UnsubscribeData]:
    event = json_object(body).get("event-data")
    if not isinstance(event, dict):
        raise HookPayloadError("no event-data")
    kind = word(event.get("event"))
    if kind not in _EVENTS:
        return []
    data = UnsubscribeData(
        subscriber=address(event.get("recipient")),
        left_at=moment(event.get("timestamp")),
        list_name=text(part(event, "mailing-list", "address")),
        campaign=text(event.get("campaigns")) or text(part(event, "message", "headers", "subject")),
        segment=text(event.get("tags")),
        provider="mailgun",
        reason=_EVENTS[kind],
        external_id=text(event.get("id")),
        door=Door.HOOK,
    )
    return [data]


PROVIDER = Provider(read, check, once, key="the HTTP webhook signing key", needs_key=True)
