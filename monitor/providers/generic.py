"""Any other sender: our own JSON shape, documented in docs/unsubscribes.md, signed as Standard Webhooks are."""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from typing import Any

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.payloads import Call, Provider, Told, address, check_age, json_of, moment, read_each, sign, text
from monitor.reasons import settle_reason
from monitor.types import Door, UnsubscribeData

_WINDOW = timedelta(minutes=5)


def check(call: Call, key: str, now: datetime) -> None:
    """One of the ``webhook-signature`` values is ``v1,`` with the Base64 of HMAC(key, "<id>.<timestamp>.<body>")."""
    event, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    given = call.headers.get("webhook-signature", "")
    if not event or not stamp or not given:
        raise HookRefusedError("not signed")
    expected = sign(_secret(key), f"{event}.{stamp}.".encode() + call.body)
    if not any(_fits(expected, each) for each in given.split()):
        raise HookRefusedError("signature does not fit")
    check_age(stamp, now, _WINDOW)


def _secret(key: str) -> bytes:
    try:
        return base64.b64decode(key.removeprefix("whsec_"), validate=True) if key.startswith("whsec_") else key.encode()
    except binascii.Error as e:
        raise HookRefusedError("unusable key") from e


def _fits(expected: bytes, given: str) -> bool:
    version, _, value = given.partition(",")
    return version == "v1" and hmac.compare_digest(base64.b64encode(expected), value.encode())


def read(body: bytes) -> list[Told]:
    value = json_of(body)
    events = value.get("events", [value]) if isinstance(value, dict) else value
    if not isinstance(events, list):
        raise HookPayloadError("not an event or a list of events")
    return read_each(events, _read)


def _read(event: dict[str, Any]) -> UnsubscribeData | None:
    if event.get("event", "unsubscribe") != "unsubscribe":
        return None
    reason, comment = settle_reason(text(event.get("reason")), text(event.get("comment")))
    return UnsubscribeData(
        subscriber=address(event.get("email")),
        left_at=moment(event.get("left_at")),
        list_name=text(event.get("list")),
        campaign=text(event.get("campaign")),
        segment=text(event.get("segment")),
        provider=text(event.get("provider"))[:40] or "generic",
        reason=reason,
        comment=comment,
        external_id=text(event.get("id")),
        door=Door.HOOK,
    )


PROVIDER = Provider(read, check, key="a secret of your choice, whsec_… for Standard Webhooks")
