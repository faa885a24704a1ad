"""listmonk: the person's subscription to one list is marked unsubscribed, or confirmed again.

One call finds the person and changes the subscription, so that nothing can happen in between.
"""

from dataclasses import replace
from datetime import datetime

from monitor.errors import MailerError
from monitor.services import Action, Ask, Place, Service, Task, Undo, as_json, basic


def settle(place: Place) -> Place:
    if not place.url.startswith(("http://", "https://")):
        raise MailerError("listmonk needs the address of your server", place.url)
    if not place.remote_list.isdecimal():
        raise MailerError("listmonk needs the number of the list there", place.remote_list)
    if ":" not in place.key:
        raise MailerError("listmonk's key is the API user and its token, as USER:TOKEN")
    return replace(place, url=place.url.rstrip("/"))


def ask(place: Place, task: Task, now: datetime) -> Ask:
    user, _, token = place.key.partition(":")
    # Its query language is SQL: a quotation mark is doubled there.
    address = task.address.casefold().replace("'", "''")
    change: dict[str, object] = {
        "query": f"LOWER(subscribers.email) = '{address}'",
        "target_list_ids": [int(place.remote_list)],
        "action": "unsubscribe",
    }
    if task.action is not Action.REMOVE:
        change |= {"action": "add", "status": "confirmed"}
    return Ask("PUT", f"{place.url}/api/subscribers/query/lists", as_json(change), basic(user, token))


SERVICE = Service(ask, settle, Undo.DOES)
