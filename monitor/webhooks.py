"""Signed JSON webhooks: the body, the moment and a secret make a signature that cannot be forged or sent again later.

``Didban-Signature: t=1790000000,v1=<hex>`` is HMAC-SHA256 of ``"<t>.<body>"``, ``t`` in Unix seconds. A receiver
computes it from the bytes as they came, compares in constant time, refuses what is older than five minutes, and drops
a ``Didban-Delivery`` that it has seen: a message that was accepted, and not confirmed before we died, comes twice
under the same one.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit, urlunsplit

from monitor.errors import DeliveryError, TokenError
from monitor.types import Message

SCHEMES = ("webhook+https", "webhook+http")
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to, and the secret both sides know."""

    url: str
    secret: str


def read_address(address: str) -> Webhook:
    """``webhook+https://:SECRET@host/path`` as a value. Raises DeliveryError."""
    try:
        parts = urlsplit(address)
        # A port beyond all ports and a name that no server can have show only when they are asked for.
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:
        raise _unusable() from None
    if parts.scheme not in SCHEMES or not host or not parts.password:
        raise _unusable()
    host_and_port = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme.removeprefix("webhook+"), host_and_port, parts.path or "/", parts.query, ""))
    return Webhook(url, unquote(parts.password))


def _unusable() -> DeliveryError:
    return DeliveryError("a webhook's address is webhook+https://:SECRET@host/path", permanent=True)


def sign(secret: str, body: bytes, now: datetime) -> str:
    """The signature header of a body."""
    moment = int(now.timestamp())
    return f"t={moment},v1={_digest(secret, moment, body)}"


def verify(secret: str, header: str, body: bytes, now: datetime) -> None:
    """What a receiver does. Raises TokenError for a signature that is wrong, unreadable or too old."""
    fields = dict(part.partition("=")[::2] for part in header.split(","))
    moment, given = fields.get("t", ""), fields.get("v1", "")
    if not (moment.isascii() and moment.isdigit()):
        raise TokenError("a signature without its moment")
    if not hmac.compare_digest(_digest(secret, int(moment), body), given):
        raise TokenError("a signature that does not fit the body")
    if abs(now.timestamp() - int(moment)) > TOLERANCE.total_seconds():
        raise TokenError("a signature from another time")


def _digest(secret: str, moment: int, body: bytes) -> str:
    return hmac.digest(secret.encode(), b"%d." % moment + body, hashlib.sha256).hex()


def request_of(webhook: Webhook, message: Message, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of one call."""
    payload = {"version": 1, "id": message.key, **message.data, "text": message.text}
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return body, signed_headers(webhook.secret, message.key, body, now)


def signed_headers(secret: str, key: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a call with this body; ``key`` is the same when it is made again."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "didban",
        "Didban-Delivery": key,
        "Didban-Signature": sign(secret, body, now),
    }
