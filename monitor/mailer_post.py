"""DELIVER, the other half: newsletter services learn whom our own page took off, each in its order.

See :mod:`monitor.outbox` for what becomes of a call when a service refuses or we die: it is told at least once, and all
that is told may be told twice.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from monitor.addresses import Allowed, is_public
from monitor.config import Settings
from monitor.db import Database
from monitor.errors import ConfigError, DeliveryError
from monitor.folding import digest
from monitor.mailers import KEY
from monitor.models import Alert, Channel, Delivery, Mailer, MailerCall
from monitor.outbox import LEASE, Outbox, Outcome, mark_sent, pause_asked, put_off
from monitor.sealing import SUBSCRIBER, Seal
from monitor.senders import read_retry_after
from monitor.services import Action, Ask, Place, Service, Task, get_service
from monitor.types import DeliveryState, NoticeKind

if TYPE_CHECKING:
    import requests

# Seconds to connect and between two pieces of an answer; well inside a lease.
_TIMEOUT = (5.0, 15.0)
# The key, the list or the address is wrong; the same call will be refused again.
_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One call, claimed; what is sealed in it is opened as it is sent."""

    call_id: int
    service: Service
    url: str
    remote_list: str
    sealed_key: str
    sealed_address: str
    task: Task


class MailerPost(Outbox[_Parcel]):
    """Tells newsletter services, a lane a service."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        super().__init__(database, clock)
        self._seal = Seal(settings.key())
        self._allowed = settings.allowed_hosts

    def _ready(self) -> Sequence[int]:
        with self._database.read() as session:
            return session.scalars(
                select(MailerCall.mailer_id)
                .where(MailerCall.state == DeliveryState.WAITING, MailerCall.next_at <= self._clock())
                .distinct()
                .order_by(MailerCall.mailer_id)
            ).all()

    def _claim(self, lane: int) -> _Parcel | None:
        now = self._clock()
        with self._database.write() as session:
            mailer = session.get(Mailer, lane)
            if mailer is None or not mailer.enabled or (mailer.not_before is not None and mailer.not_before > now):
                return None
            call = session.scalar(_waiting(lane).limit(1))
            if call is None or call.next_at > now or (call.leased_until is not None and call.leased_until > now):
                return None
            call.leased_until, call.attempts = now + LEASE, call.attempts + 1
            event = call.event
            task = Task(
                id=digest("mailer call", str(call.id)),
                action=Action(call.action),
                address="",
                list_name=event.list_name,
                campaign=event.campaign,
                at=call.created_at,
            )
            return _Parcel(
                call.id, get_service(mailer.kind), mailer.url, mailer.remote_list, mailer.key, call.address, task
            )

    def _send(self, parcel: _Parcel) -> None:
        place = Place(parcel.url, parcel.remote_list, self._seal.open(parcel.sealed_key, KEY))
        told = parcel.task
        address = self._seal.open(parcel.sealed_address, SUBSCRIBER)
        task = Task(told.id, told.action, address, told.list_name, told.campaign, told.at)
        ask = parcel.service.ask(place, task, self._clock())
        check_host(ask.url, self._allowed)
        answer = _call(ask)
        if 200 <= answer.status_code < 300 or parcel.service.is_settled(task, answer.status_code, answer.content):
            return
        after = read_retry_after(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        permanent = answer.status_code in _PERMANENT and after is None
        raise DeliveryError(
            f"the service did not accept it (status {answer.status_code})", permanent=permanent, retry_after=after
        )

    def _record_sent(self, session: Session, parcel: _Parcel, now: datetime) -> int:
        call = session.get(MailerCall, parcel.call_id)
        if call is not None:
            mark_sent(call, now)
            call.address = ""
        return 1

    def _record_failure(
        self, session: Session, parcel: _Parcel, error: DeliveryError | ConfigError, now: datetime
    ) -> tuple[str, bool]:
        call = session.get(MailerCall, parcel.call_id)
        if call is None:
            return str(error), False
        given_up = put_off([call], error, now)
        if (asked := pause_asked(error)) is not None:
            call.mailer.not_before = now + timedelta(seconds=asked)
        if given_up:
            call.address = ""
            _tell_owner(session, call.mailer, str(error), now)
        return f"{call.mailer.kind} {urlsplit(call.mailer.url).hostname}: {error}", given_up


def tell_waiting(database: Database, settings: Settings, clock: Callable[[], datetime]) -> Outcome:
    """Tell every service what it has to learn by now, and wait for all of them."""
    post = MailerPost(database, settings, clock)
    post.start_round()
    return post.finish()


def _waiting(mailer_id: int) -> Select[MailerCall]:
    """A mailer's waiting calls in their order; locked, where the database can, until they are claimed."""
    return (
        select(MailerCall)
        .where(MailerCall.mailer_id == mailer_id, MailerCall.state == DeliveryState.WAITING)
        .order_by(MailerCall.id)
        .options(joinedload(MailerCall.event))
        .with_for_update(of=MailerCall)
    )


def check_host(url: str, allowed: Sequence[str]) -> None:
    """Raises DeliveryError for an address inside the owner's network that ``allowed_hosts`` does not list.

    The name is looked up once more as it is called: this guards against a mistake, not against the owner.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if Allowed(allowed)(host, port):
        return
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise DeliveryError("the service's host was not found") from None
    if not all(is_public(address) for address in found):
        raise DeliveryError("address not allowed; list the host in allowed_hosts", f"{host}:{port}", permanent=True)


def _call(ask: Ask) -> "requests.Response":
    """Raises DeliveryError without its cause, which could name a person or a key."""
    import requests

    headers = {"User-Agent": "didban", **ask.headers}
    try:
        # A redirect would carry the key where the owner never sent it.
        return requests.request(
            ask.method, ask.url, data=ask.body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.Timeout:
        raise DeliveryError("the service did not answer in time") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise DeliveryError("the service's address cannot be used", permanent=True) from None
    except requests.RequestException:
        raise DeliveryError("the service cannot be reached") from None


def _tell_owner(session: Session, mailer: Mailer, error: str, now: datetime) -> None:
    """Say on every channel that this service does not learn of removals, once a day; in the same transaction."""
    key = digest("mailer failed", str(mailer.id), now.date().isoformat())
    if session.scalar(select(Alert.id).where(Alert.kind == NoticeKind.MAILER_FAILED, Alert.key == key)) is not None:
        return
    channels = session.scalars(select(Channel.id).where(Channel.enabled).order_by(Channel.id)).all()
    notice = Alert(
        brand_id=mailer.brand_id,
        kind=NoticeKind.MAILER_FAILED,
        key=key,
        facts={
            "mailer": f"{mailer.kind} ({urlsplit(mailer.url).hostname})",
            "list": mailer.list_name,
            "error": error,
            "mentions": [],
            "count": 1,
        },
        created_at=now,
    )
    notice.deliveries = [Delivery(channel_id=each, state=DeliveryState.WAITING, next_at=now) for each in channels]
    session.add(notice)
