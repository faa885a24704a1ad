"""Twilio SendGrid event webhooks: a JSON array of events, signed with ECDSA when the owner asks for it."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.payloads import Call, Provider, Told, address, check_age, json_of, moment, read_each, text, word
from monitor.types import Door, ReasonCode, UnsubscribeData

# A call is tried again for a day and may carry its first time; its events are known by their ids.
_WINDOW = timedelta(hours=24)
_EVENTS = {"unsubscribe": None, "group_unsubscribe": None, "spamreport": ReasonCode.SPAM}


def check(call: Call, key: str, now: datetime) -> None:
    """ECDSA over SHA-256 of the timestamp and the body; ``key`` is the public key as SendGrid shows it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    stamp = call.headers.get("x-twilio-email-event-webhook-timestamp", "")
    try:
        signature = base64.b64decode(call.headers.get("x-twilio-email-event-webhook-signature", ""), validate=True)
        public = load_der_public_key(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError) as e:
        raise HookRefusedError("unusable signature or key") from e
    if not isinstance(public, EllipticCurvePublicKey):
        raise HookRefusedError("the key is not an ECDSA key")
    try:
        public.verify(signature, stamp.encode() + call.body, ECDSA(SHA256()))
    except InvalidSignature as e:
        raise HookRefusedError("signature does not fit") from e
    check_age(stamp, now, _WINDOW)


def read(body: bytes) -> list[Told]:
    events = json_of(body)
    if not isinstance(events, list):
        raise HookPayloadError("not a JSON array of events")
    return read_each(events, _read)


def _read(event: dict[str, Any]) -> UnsubscribeData | None:
    if word(event.get("event")) not in _EVENTS:
        return None
    return UnsubscribeData(
        subscriber=address(event.get("email")),
        left_at=moment(event.get("timestamp")),
        list_name=text(event.get("asm_group_id")),
        campaign=text(event.get("marketing_campaign_name")) or text(event.get("singlesend_name")),
        segment=text(event.get("category")),
        provider="sendgrid",
        reason=_EVENTS[word(event.get("event"))],
        external_id=text(event.get("sg_event_id")),
        door=Door.HOOK,
    )


PROVIDER = Provider(read, check, key="the public key of the signed event webhook")
