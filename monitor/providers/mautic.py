"""Mautic webhooks: a JSON object of event lists. The reason comes with the form shown after leaving.

A form counts when it has a field with the alias ``unsubscribe_reason``; ``email`` and ``comment`` stand beside it.
"""

import base64
from datetime import datetime
from typing import Any

from monitor.errors import HookRefusedError
from monitor.payloads import (
    Call,
    Provider,
    Told,
    address,
    check_equal,
    json_object,
    moment,
    part,
    read_each,
    sign,
    text,
)
from monitor.reasons import settle_reason
from monitor.types import Door, UnsubscribeData

_CHANGED = "mautic.lead_channel_subscription_changed"
_FORM = "mautic.form_on_submit"


def check(call: Call, key: str, now: datetime) -> None:
    """``Webhook-Signature`` is the Base64 of HMAC(key, body); no time is signed, so events are known by theirs."""
    given = call.headers.get("webhook-signature", "")
    if not given:
        raise HookRefusedError("not signed")
    check_equal(base64.b64encode(sign(key.encode(), call.body)).decode(), given)


def read(body: bytes) -> list[Told]:
    payload = json_object(body)
    return [
        *read_each(_events(payload, _CHANGED), _read_change),
        *read_each(_events(payload, _FORM), _read_form),
    ]


def _events(payload: dict[str, Any], name: str) -> list[Any]:
    # One event may stand without a list around it.
    events = payload.get(name, [])
    return events if isinstance(events, list) else [events]


def _left(event: Any) -> bool:
    # "manual" is the sender's own doing, "bounced" nobody's wish.
    return (part(event, "channel"), part(event, "new_status")) == ("email", "unsubscribed")


def _read_change(event: dict[str, Any]) -> UnsubscribeData | None:
    if not _left(event):
        return None
    contact = part(event, "contact")
    told = part(contact, "doNotContact")
    return UnsubscribeData(
        subscriber=address(part(contact, "fields", "core", "email", "value") or part(contact, "email")),
        left_at=moment(part(event, "timestamp") or part(told, "dateAdded")),
        campaign=text(part(told, "channelId")),
        provider="mautic",
        external_id=text(part(told, "id")),
        door=Door.HOOK,
    )


def _answers(event: Any) -> dict[str, Any]:
    found = part(event, "submission", "results")
    return found if isinstance(found, dict) else {}


def _read_form(event: dict[str, Any]) -> UnsubscribeData | None:
    answers = _answers(event)
    if not answers.get("unsubscribe_reason"):
        return None
    reason, comment = settle_reason(text(answers.get("unsubscribe_reason")), text(answers.get("comment")))
    return UnsubscribeData(
        subscriber=address(answers.get("email")),
        left_at=moment(part(event, "submission", "dateSubmitted") or part(event, "timestamp")),
        provider="mautic",
        reason=reason,
        comment=comment,
        external_id=f"form {text(part(event, 'submission', 'id'))}",
        # The form belongs to the leaving that the other event tells.
        door=Door.PAGE,
    )


PROVIDER = Provider(read, check, key="the webhook's secret")
