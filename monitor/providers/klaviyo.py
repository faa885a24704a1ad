"""Klaviyo system webhooks: a JSON object with a list of events, signed. A reason comes only from one's own page."""

from datetime import datetime, timedelta
from typing import Any

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.payloads import (
    Call,
    Provider,
    Told,
    address,
    check_age,
    check_equal,
    items,
    json_object,
    moment,
    part,
    read_each,
    sign,
    text,
)
from monitor.reasons import settle_reason
from monitor.types import Door, UnsubscribeData

# A call may be tried again with its first time; its events are known by their ids.
_WINDOW = timedelta(hours=24)
_TOPIC = "event:klaviyo.unsubscribed_from_email_marketing"


def check(call: Call, key: str, now: datetime) -> None:
    """``Klaviyo-Signature`` is the hex of HMAC(key, body + Klaviyo-Timestamp)."""
    stamp, given = call.headers.get("klaviyo-timestamp", ""), call.headers.get("klaviyo-signature", "")
    if not stamp or not given:
        raise HookRefusedError("not signed")
    check_equal(sign(key.encode(), call.body + stamp.encode()).hex(), given)
    check_age(stamp, now, _WINDOW)


def read(body: bytes) -> list[Told]:
    events = json_object(body).get("data")
    if not isinstance(events, list):
        raise HookPayloadError("no list of events")
    return read_each(events, _read)


def _read(event: dict[str, Any]) -> UnsubscribeData | None:
    if event.get("topic") != _TOPIC:
        return None
    attributes = part(event, "payload", "data", "attributes")
    told = part(attributes, "event_properties")
    reason, comment = settle_reason(
        text(part(told, "unsubscribe_reason") or part(told, "reason")), text(part(told, "comment"))
    )
    return UnsubscribeData(
        subscriber=address(_address(event, attributes, told)),
        left_at=moment(part(attributes, "datetime") or part(attributes, "timestamp")),
        list_name=text(part(told, "List") or part(told, "list_id") or part(told, "$list")),
        campaign=text(part(told, "Campaign Name") or part(told, "campaign_name")),
        provider="klaviyo",
        reason=reason,
        comment=comment,
        external_id=text(part(event, "external_id")),
        door=Door.HOOK,
    )


def _address(event: Any, attributes: Any, told: Any) -> Any:
    """The profile's address: beside the event where Klaviyo includes the profile, else among its properties."""
    for other in items(part(event, "payload", "included")):
        if part(other, "type") == "profile":
            return part(other, "attributes", "email")
    return part(attributes, "profile", "email") or part(told, "email") or part(told, "$email")


PROVIDER = Provider(read, check, key="the webhook's secret key")
