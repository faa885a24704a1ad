"""One file for each newsletter service that is told what our page did; a new one is copied from its neighbour."""

import base64
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from monitor.errors import MailerError


class Action(StrEnum):
    """What our page did: took somebody off, put them back, or put them back for fewer mails."""

    REMOVE = "remove"
    UNDONE = "undone"
    FEWER = "fewer"


class Undo(StrEnum):
    """What becomes of an undo: the service puts the person back, or first asks them to confirm by a mail."""

    DOES = "does"
    ASKS = "asks"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is, which of its lists is meant, and what it lets us in with."""

    url: str
    remote_list: str
    key: str


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be told; ``id`` is the same when the same is told again."""

    id: str
    action: Action
    address: str
    list_name: str
    campaign: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request. No address of a person stands in ``url``: addresses of pages end up in logs."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """What one newsletter service needs of us.

    ``ask`` words a task. ``settle`` makes a place of what an owner typed; raises MailerError. ``is_settled`` says
    that an answer, though no success, leaves nothing to be done. ``tells_all``: it wants to know of what was taken
    back before it heard of it.
    """

    ask: Callable[[Place, Task, datetime], Ask]
    settle: Callable[[Place], Place]
    undo: Undo
    is_settled: Callable[[Task, int, bytes], bool] = lambda task, status, body: False
    tells_all: bool = False


@cache
def service_names() -> tuple[str, ...]:
    """Every file of this package."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def get_service(name: str) -> Service:
    """Raises MailerError."""
    if name not in service_names():
        raise MailerError(f"no such service (there are: {', '.join(service_names())})", name)
    service: Service = import_module(f"{__name__}.{name}").SERVICE
    return service


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def basic(user: str, password: str) -> dict[str, str]:
    """The headers of a JSON request with a name and a password."""
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {login}", "Content-Type": "application/json"}


def said(body: bytes) -> str:
    """What a service says in its answer, folded; empty for anything but an object with a message."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(value.get("message") or value.get("title") or "").casefold() if isinstance(value, dict) else ""
