"""Mailchimp: the member's status. Who has unsubscribed comes back only by confirming a mail from Mailchimp itself."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from monitor.errors import MailerError
from monitor.services import Action, Ask, Place, Service, Task, Undo, as_json, basic

_NOT_THERE = 404


def address_of(key: str) -> str:
    """Where the account of ``key`` is served. Raises MailerError: no more of a key may get into an address."""
    centre = key.rpartition("-")[2]
    if not re.fullmatch(r"[a-z]+\d+", centre):
        raise MailerError("Mailchimp's key ends in its data centre, like -us6")
    return f"https://{centre}.api.mailchimp.com"


def settle(place: Place) -> Place:
    address = address_of(place.key)
    if not re.fullmatch(r"\w+", place.remote_list):
        raise MailerError("Mailchimp needs the id of the audience", place.remote_list)
    return replace(place, url=place.url.rstrip("/") or address)


def ask(place: Place, task: Task, now: datetime) -> Ask:
    # Mailchimp's own name of a member; no secret, and no address that can be read.
    member = hashlib.md5(task.address.strip().lower().encode(), usedforsecurity=False).hexdigest()
    status = "unsubscribed" if task.action is Action.REMOVE else "pending"
    url = f"{place.url}/3.0/lists/{place.remote_list}/members/{member}"
    return Ask("PATCH", url, as_json({"status": status}), basic("didban", place.key))


def is_settled(task: Task, status: int, body: bytes) -> bool:
    # Who is no member gets no mails.
    return status == _NOT_THERE and task.action is Action.REMOVE


SERVICE = Service(ask, settle, Undo.ASKS, is_settled)
