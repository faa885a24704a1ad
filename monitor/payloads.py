"""What newsletter providers send, taken apart without trust; what every provider's file builds on."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from monitor.db import storable
from monitor.errors import HookPayloadError, HookRefusedError
from monitor.moments import in_our_time, read_moment
from monitor.types import UnsubscribeData

# What one event told, or why it cannot be read.
Told = UnsubscribeData | HookPayloadError

LARGEST_CALL = 2_000_000
_LONGEST_TEXT = 5000
_MOST_FIELDS = 2000
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call; the names of ``headers`` are in lower case."""

    body: bytes
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Provider:
    """What one newsletter provider needs of us.

    ``read`` gives the leavings of a call, none when it tells of something else, and among them why one of its events
    cannot be read; raises HookPayloadError when the call cannot. ``check`` raises HookRefusedError for a call that was
    not signed with the key, or not now; None where the provider does not sign, so that the secret in the address
    stands alone. ``once`` is what is signed in place of the body: it brings one body only. ``key`` says which key is
    meant; ``needs_key`` that there is always one. ``notice`` is what a call asks of the owner.
    """

    read: Callable[[bytes], Sequence[Told]]
    check: Callable[[Call, str, datetime], None] | None = None
    once: Callable[[bytes], str] | None = None
    key: str = ""
    needs_key: bool = False
    notice: Callable[[bytes], str] | None = None


def json_of(body: bytes) -> Any:
    """Raises HookPayloadError, also for what lies so deep that whoever goes into it would not come back."""
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as e:
        raise HookPayloadError("not JSON") from e
    if _is_too_deep(value):
        raise HookPayloadError("nested too deeply")
    return value


def _is_too_deep(value: Any) -> bool:
    # Level by level: to go into it is what it is asked for.
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else items(value)


def json_object(body: bytes) -> dict[str, Any]:
    """Raises HookPayloadError when the body is anything but a JSON object."""
    value = json_of(body)
    if not isinstance(value, dict):
        raise HookPayloadError("not a JSON object")
    return value


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a posted form. Raises HookPayloadError."""
    try:
        fields = parse_qsl(body.decode("utf-8"), strict_parsing=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        # Without its cause, which repeats the field: it may name a person.
        raise HookPayloadError("not a form") from None
    if not fields:
        raise HookPayloadError("empty")
    return dict(fields)


def read_each(events: Iterable[Any], read: Callable[[dict[str, Any]], UnsubscribeData | None]) -> list[Told]:
    """What each event tells, if anything; in the place of one that cannot be read stands why, and the others count."""
    told: list[Told] = []
    for event in events:
        try:
            if not isinstance(event, dict):
                raise HookPayloadError("not an event")
            if (data := read(event)) is not None:
                told.append(data)
        except HookPayloadError as e:
            told.append(e)
    return told


def part(value: Any, *path: str) -> Any:
    """What lies at ``path`` in nested objects, or None; a list on the way is entered at its first item."""
    for name in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any) -> str:
    """A string or number as text, a list of those joined by commas, anything else empty."""
    if isinstance(value, list):
        return ", ".join(filter(None, (text(item) for item in value)))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return storable(str(value)).strip()[:_LONGEST_TEXT]


def word(value: Any) -> str:
    """A string as it is, anything else as an empty one; for names of events, which must fit exactly."""
    return value if isinstance(value, str) else ""


def items(value: Any) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def address(value: Any) -> str:
    """An e-mail address. Raises HookPayloadError when it is none."""
    found = text(value)
    if "@" not in found.strip("@") or any(char.isspace() for char in found) or len(found) > 320:
        raise HookPayloadError("no e-mail address")
    return found


def moment(value: Any) -> datetime:
    """Unix seconds or an ISO date; without a zone it is UTC. Raises HookPayloadError."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return in_our_time(datetime.fromtimestamp(value, UTC))
        if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
            return in_our_time(datetime.fromtimestamp(float(value), UTC))
        return read_moment(text(value))
    except (ValueError, OverflowError, OSError):
        # Without its cause, which repeats what stood there: it may name a person.
        raise HookPayloadError("no date") from None


def sign(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, message, hashlib.sha256)


def check_equal(expected: str, given: str) -> None:
    """Compare two signatures in constant time. Raises HookRefusedError."""
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise HookRefusedError("signature does not fit")


def check_age(value: Any, now: datetime, window: timedelta) -> None:
    """A signed moment must lie within ``window`` of now, on either side. Raises HookRefusedError."""
    try:
        signed_at = moment(value)
    except HookPayloadError as e:
        raise HookRefusedError("no time was signed") from e
    if abs(now - signed_at) > window:
        raise HookRefusedError("signed too long ago")
