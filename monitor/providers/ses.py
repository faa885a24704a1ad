"""Amazon SES events through SNS: a JSON envelope with the event as JSON text inside, or the event alone."""

import base64
import binascii
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.payloads import (
    Call,
    Provider,
    Told,
    address,
    check_age,
    items,
    json_object,
    moment,
    part,
    read_each,
    text,
    word,
)
from monitor.types import Door, ReasonCode, UnsubscribeData

# SNS tries again for hours with the time of the first try; a message is known by its id.
_WINDOW = timedelta(hours=24)
_SNS = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


def check(call: Call, key: str, now: datetime) -> None:
    """RSA over the named fields of the envelope; ``key`` is the certificate at its SigningCertURL, as PEM."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256
    from cryptography.x509 import load_pem_x509_certificate

    try:
        envelope = json_object(call.body)
        signature = base64.b64decode(text(envelope.get("Signature")), validate=True)
        public = load_pem_x509_certificate(key.encode()).public_key()
    except (HookPayloadError, binascii.Error, ValueError) as e:
        raise HookRefusedError("unusable signature or certificate") from e
    names = [name for name in _SIGNED.get(text(envelope.get("Type")), ()) if name in envelope]
    if not names or not isinstance(public, RSAPublicKey):
        raise HookRefusedError("not signed")
    message = "".join(f"{name}\n{envelope[name]}\n" for name in names)
    method = SHA256() if envelope.get("SignatureVersion") == "2" else SHA1()
    try:
        public.verify(signature, message.encode("utf-8", "replace"), PKCS1v15(), method)
    except InvalidSignature as e:
        raise HookRefusedError("signature does not fit") from e
    check_age(envelope.get("Timestamp"), now, _WINDOW)


def notice(body: bytes) -> str:
    """The address that the owner must open once, so that Amazon begins to send."""
    envelope = json_object(body)
    link = text(envelope.get("SubscribeURL"))
    if envelope.get("Type") != "SubscriptionConfirmation":
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme == "https" and _SNS.fullmatch(parts.netloc) else ""


def read(body: bytes) -> list[Told]:
    envelope = json_object(body)
    if envelope.get("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return []
    if envelope.get("Type") != "Notification":
        return _read(envelope, text(part(envelope, "mail", "messageId")))
    if not isinstance(envelope.get("Message"), str):
        raise HookPayloadError("no message in the envelope")
    return _read(json_object(envelope["Message"].encode("utf-8", "replace")), text(envelope.get("MessageId")))


def _read(event: dict[str, Any], message_id: str) -> list[Told]:
    kind = word(event.get("eventType")) or word(event.get("notificationType"))
    if kind == "Subscription":
        return [_make(event, _addressee(event), message_id, None)] if _opts_out(event) else []
    if kind == "Complaint":
        people = items(part(event, "complaint", "complainedRecipients"))
        return read_each(people, lambda each: _make(event, each.get("emailAddress"), message_id, ReasonCode.SPAM))
    return []


def _addressee(event: dict[str, Any]) -> Any:
    """Who left is named nowhere but as the one that the mail went to; of several it is not said which."""
    people = items(part(event, "mail", "destination"))
    if len(people) != 1:
        raise HookPayloadError("the mail did not go to one person alone: who left is not said")
    return people[0]


def _opts_out(event: dict[str, Any]) -> bool:
    wishes = part(event, "subscription", "newTopicPreferences")
    return part(wishes, "unsubscribeAll") is True or bool(_left_topics(event))


def _left_topics(event: dict[str, Any]) -> list[str]:
    """The topics that are out now and were not before."""
    out: dict[str, set[str]] = {}
    for side in ("newTopicPreferences", "oldTopicPreferences"):
        topics = part(event, "subscription", side, "topicSubscriptionStatus")
        out[side] = {
            text(part(topic, "topicName")) for topic in items(topics) if part(topic, "subscriptionStatus") == "OptOut"
        }
    return sorted(out["newTopicPreferences"] - out["oldTopicPreferences"])


def _make(event: dict[str, Any], person: Any, message_id: str, reason: ReasonCode | None) -> UnsubscribeData:
    told = part(event, "complaint" if reason else "subscription")
    return UnsubscribeData(
        subscriber=address(person),
        left_at=moment(part(told, "timestamp")),
        list_name=text(part(told, "contactList")),
        campaign=text(part(event, "mail", "tags", "campaign")),
        segment=", ".join(_left_topics(event)),
        provider="ses",
        reason=reason,
        external_id=message_id,
        door=Door.HOOK,
    )


PROVIDER = Provider(read, check, key="the signing certificate of the region, as PEM", notice=notice)
