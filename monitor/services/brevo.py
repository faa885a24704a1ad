"""Brevo: the contact is taken off one list, or, where none is named, off all e-mails."""

from dataclasses import replace
from datetime import datetime

from monitor.errors import MailerError
from monitor.services import Action, Ask, Place, Service, Task, Undo, as_json, said

_URL = "https://api.brevo.com"
_BAD_REQUEST, _NOT_THERE = 400, 404


def settle(place: Place) -> Place:
    if place.remote_list and not place.remote_list.isdecimal():
        raise MailerError("Brevo's lists have numbers", place.remote_list)
    if not place.key:
        raise MailerError("Brevo needs an API key")
    return replace(place, url=place.url.rstrip("/") or _URL)


def ask(place: Place, task: Task, now: datetime) -> Ask:
    headers = {"api-key": place.key, "Content-Type": "application/json"}
    is_removal = task.action is Action.REMOVE
    if place.remote_list:
        url = f"{place.url}/v3/contacts/lists/{place.remote_list}/contacts/{'remove' if is_removal else 'add'}"
        return Ask("POST", url, as_json({"emails": [task.address]}), headers)
    # With updateEnabled this changes the contact that is there.
    contact = {"email": task.address, "emailBlacklisted": is_removal, "updateEnabled": True}
    return Ask("POST", f"{place.url}/v3/contacts", as_json(contact), headers)


def is_settled(task: Task, status: int, body: bytes) -> bool:
    """Brevo calls it an error when the contact is off the list, or on it, already."""
    if status == _NOT_THERE:
        return task.action is Action.REMOVE
    return status == _BAD_REQUEST and "already" in said(body)


SERVICE = Service(ask, settle, Undo.DOES, is_settled)
