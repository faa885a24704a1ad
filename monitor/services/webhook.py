"""Any other sender: our own JSON, signed as our alerts are; see :mod:`monitor.webhooks`."""

from datetime import datetime

from monitor.errors import MailerError
from monitor.services import Ask, Place, Service, Task, Undo, as_json
from monitor.webhooks import signed_headers

_SHORTEST_KEY = 16


def settle(place: Place) -> Place:
    if not place.url.startswith(("http://", "https://")):
        raise MailerError("a hook needs the address to call", place.url)
    if len(place.key) < _SHORTEST_KEY:
        raise MailerError(f"the secret that signs has {_SHORTEST_KEY} letters or more")
    return place


def ask(place: Place, task: Task, now: datetime) -> Ask:
    body = as_json(
        {
            "version": 1,
            "id": task.id,
            "kind": "subscriber",
            "action": task.action,
            "email": task.address,
            "list": place.remote_list or task.list_name,
            "campaign": task.campaign,
            "at": task.at.isoformat(),
        }
    )
    return Ask("POST", place.url, body, signed_headers(place.key, task.id, body, now))


SERVICE = Service(ask, settle, Undo.DOES, tells_all=True)
