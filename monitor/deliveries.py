"""DELIVER: each channel takes its waiting messages in the order in which they were written.

A delivery is claimed before it is sent and marked after: if we die between the channel's acceptance and our mark, it
is sent again when its lease has run out. Everywhere else it is sent once. The first delivery of a channel that waits
holds the others back, so that order is kept; channels do not wait for each other.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from monitor.channels import quiet_until
from monitor.config import Settings
from monitor.db import Database
from monitor.digest_pages import render_digest
from monitor.errors import ConfigError, DeliveryError, StorageError
from monitor.folding import digest
from monitor.links import make_link
from monitor.messages import LinkMaker, render, render_summary
from monitor.models import Alert, Channel, Delivery
from monitor.sealing import Seal
from monitor.types import Act, DeliveryState, Message, MessageSender, NoticeKind, RuleKind
from monitor.withdrawing import withdraw_corrected

# Longer than any send may take, so that nobody takes over what is still being sent.
LEASE = timedelta(minutes=2)
ATTEMPTS = 48
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=30)
# Seconds: a channel that asks for more is asked again in a day.
_LONGEST_ASKED = 86400.0
# What one summary can hold.
_BUNDLE = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round did; ``errors`` are one line each, without addresses."""

    sent: int
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """Deliveries of one channel, claimed, and the one message they go out as."""

    channel_id: int
    delivery_ids: tuple[int, ...]
    sealed_address: str
    message: Message


class Post:
    """Delivers what waits, every channel in a thread of its own; one that is slow or down holds up no other."""

    def __init__(
        self, database: Database, settings: Settings, sender: MessageSender, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._sender = sender
        self._clock = clock
        self._seal = Seal(settings.key())
        self._busy: dict[int, threading.Thread] = {}
        self._lock = threading.Lock()
        self._sent = 0
        self._errors: list[str] = []
        self._bug: BaseException | None = None

    def start_round(self) -> None:
        """Set every channel going that has something to do and is not at it already. Raises what a bug raised."""
        if self._bug is not None:
            raise self._bug
        if not self._ready():
            return
        with self._database.write() as session:
            withdraw_corrected(session, self._clock())
        for channel_id in self._ready():
            with self._lock:
                if channel_id in self._busy:
                    continue
                thread = threading.Thread(
                    target=self._serve, args=(channel_id,), name=f"channel {channel_id}", daemon=True
                )
                self._busy[channel_id] = thread
            thread.start()

    def _ready(self) -> Sequence[int]:
        """The channels for which something is due."""
        with self._database.read() as session:
            return session.scalars(
                select(Delivery.channel_id)
                .where(Delivery.state == DeliveryState.WAITING, Delivery.next_at <= self._clock())
                .distinct()
                .order_by(Delivery.channel_id)
            ).all()

    def finish(self, timeout: float | None = None) -> Outcome:
        """Wait for the channels that are at it, ``timeout`` seconds in all; what was done since the last time."""
        deadline = None if timeout is None else monotonic() + timeout
        for thread in list(self._busy.values()):
            thread.join(None if deadline is None else max(0.0, deadline - monotonic()))
        if self._bug is not None:
            raise self._bug
        with self._lock:
            outcome = Outcome(self._sent, tuple(self._errors))
            self._sent, self._errors = 0, []
        return outcome

    def _serve(self, channel_id: int) -> None:
        try:
            while (parcel := self._claim(channel_id)) is not None:
                if not self._hand_over(parcel):
                    break
        except StorageError as e:
            # A full disk or a locked database passes; the rows still wait.
            _log.error("deliver: %s", e)
        except BaseException as e:
            # A thread has nobody above it to see a bug: the next round shows it.
            self._bug = e
        finally:
            with self._lock:
                del self._busy[channel_id]

    def _hand_over(self, parcel: _Parcel) -> bool:
        """Send and mark; false when the channel is to be left alone for now."""
        try:
            self._sender.send(self._seal.open(parcel.sealed_address), parcel.message)
        except (DeliveryError, ConfigError) as e:
            with self._database.write() as session:
                line, goes_on = _record_failure(session, parcel, e, self._clock())
            with self._lock:
                self._errors.append(line)
            return goes_on
        with self._database.write() as session:
            _record_sent(session, parcel, self._clock())
        with self._lock:
            self._sent += len(parcel.delivery_ids)
        return True

    def _claim(self, channel_id: int) -> _Parcel | None:
        """Take what the channel is to get next, unless it must wait or somebody else is at it."""
        now = self._clock()
        with self._database.write() as session:
            channel = session.get(Channel, channel_id)
            if channel is None or not channel.enabled or (channel.not_before is not None and channel.not_before > now):
                return None
            head = session.scalar(_waiting(channel_id).limit(1))
            if head is None or head.next_at > now or (head.leased_until is not None and head.leased_until > now):
                return None
            if (until := quiet_until(channel, self._settings, now)) is not None:
                _hold(session, channel_id, until)
                return None
            parcel = [head]
            if head.held:
                due = _waiting(channel_id).where(Delivery.next_at <= now).limit(_BUNDLE)
                parcel = list(session.scalars(due))
            for delivery in parcel:
                delivery.leased_until, delivery.attempts = now + LEASE, delivery.attempts + 1
            message = _message_of(parcel, channel, self._link_maker)
            return _Parcel(channel_id, tuple(delivery.id for delivery in parcel), channel.address, message)

    def _link_maker(self, alert: Alert) -> LinkMaker | None:
        if not self._settings.public_url:
            return None

        def link(act: Act, mention_id: int) -> str:
            return make_link(self._seal, self._settings.public_url, act, mention_id, alert.id, alert.created_at)

        return link


def deliver_waiting(
    database: Database, settings: Settings, sender: MessageSender, clock: Callable[[], datetime]
) -> Outcome:
    """Send every delivery whose time has come, and wait for all of them."""
    post = Post(database, settings, sender, clock)
    post.start_round()
    return post.finish()


def _waiting(channel_id: int) -> Select[Delivery]:
    """A channel's waiting deliveries in their order; locked, where the database can, until they are claimed."""
    return (
        select(Delivery)
        .where(Delivery.channel_id == channel_id, Delivery.state == DeliveryState.WAITING)
        .order_by(Delivery.alert_id, Delivery.id)
        .options(joinedload(Delivery.alert).joinedload(Alert.brand))
        .with_for_update(of=Delivery)
    )


def _hold(session: Session, channel_id: int, until: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.channel_id == channel_id, Delivery.state == DeliveryState.WAITING, Delivery.next_at < until)
        .values(held=True, next_at=until)
        .execution_options(synchronize_session=False)
    )


def _message_of(
    parcel: Sequence[Delivery], channel: Channel, link_maker: Callable[[Alert], LinkMaker | None]
) -> Message:
    """One alert as itself, several as a summary; the key is the same whenever the same is sent again."""
    messages = [_render(delivery.alert, channel.language, link_maker(delivery.alert)) for delivery in parcel]
    message = messages[0] if len(messages) == 1 else render_summary(messages, channel.language)
    key = digest("delivery", *(f"{delivery.id}" for delivery in parcel))
    return Message(message.subject, message.text, message.html, message.data, key)


def _render(alert: Alert, language: str, link: LinkMaker | None) -> Message:
    if alert.kind == NoticeKind.DIGEST:
        return render_digest(alert.brand.name, alert.facts, language)
    kind = NoticeKind(alert.kind) if alert.kind in tuple(NoticeKind) else RuleKind(alert.kind)
    return render(kind, alert.brand.name, alert.facts, language, link)


def _deliveries(session: Session, parcel: _Parcel) -> list[Delivery]:
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(parcel.delivery_ids)).order_by(Delivery.id)))


def _record_sent(session: Session, parcel: _Parcel, now: datetime) -> None:
    for delivery in _deliveries(session, parcel):
        delivery.state, delivery.sent_at = DeliveryState.SENT, now
        delivery.leased_until, delivery.error = None, ""
    channel = session.get(Channel, parcel.channel_id)
    if channel is not None and channel.pace > 0:
        channel.not_before = now + timedelta(seconds=channel.pace)


def _record_failure(
    session: Session, parcel: _Parcel, error: DeliveryError | ConfigError, now: datetime
) -> tuple[str, bool]:
    """Write down what went wrong: a line for the owner, and whether the channel's next message may be tried."""
    permanent = not isinstance(error, DeliveryError) or error.permanent
    asked = error.retry_after if isinstance(error, DeliveryError) else None
    asked = min(max(asked, 0.0), _LONGEST_ASKED) if asked is not None else None
    deliveries = _deliveries(session, parcel)
    given_up = False
    for delivery in deliveries:
        delivery.leased_until, delivery.error = None, str(error)
        delivery.next_at = now + max(_pause(delivery.attempts), timedelta(seconds=asked or 0))
        if permanent or delivery.attempts >= ATTEMPTS:
            delivery.state, given_up = DeliveryState.FAILED, True
    channel = session.get(Channel, parcel.channel_id)
    if channel is None:
        return str(error), False
    if asked is not None:
        channel.not_before = now + timedelta(seconds=asked)
    if given_up and deliveries:
        _tell_owner(session, channel, deliveries[0].alert, parcel.message.subject, str(error), now)
    return f"{channel.name}: {error}", given_up


def _pause(attempts: int) -> timedelta:
    """Doubled with every attempt, with a fifth of jitter."""
    pause = min(_FIRST_PAUSE * float(2 ** min(attempts - 1, 20)), _LONGEST_PAUSE)
    return pause * random.uniform(0.9, 1.1)


def _tell_owner(session: Session, channel: Channel, alert: Alert, subject: str, error: str, now: datetime) -> None:
    """Say on the other channels that this one takes nothing, once a day; in the same transaction."""
    key = digest("channel failed", str(channel.id), now.date().isoformat())
    if session.scalar(select(Alert.id).where(Alert.kind == NoticeKind.CHANNEL_FAILED, Alert.key == key)) is not None:
        return
    others = session.scalars(
        select(Channel.id).where(Channel.enabled, Channel.id != channel.id).order_by(Channel.id)
    ).all()
    notice = Alert(
        brand_id=alert.brand_id,
        kind=NoticeKind.CHANNEL_FAILED,
        key=key,
        facts={"channel": channel.name, "subject": subject, "error": error, "mentions": [], "count": 1},
        created_at=now,
    )
    notice.deliveries = [Delivery(channel_id=other, state=DeliveryState.WAITING, next_at=now) for other in others]
    session.add(notice)
