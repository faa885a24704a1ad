"""DELIVER: each channel takes its waiting messages in the order in which they were written.

See :mod:`monitor.outbox` for what becomes of them when a channel refuses or we die.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from monitor.channels import quiet_until
from monitor.config import Settings
from monitor.db import Database
from monitor.digest_pages import render_digest
from monitor.errors import ConfigError, DeliveryError
from monitor.folding import digest
from monitor.links import make_link
from monitor.messages import LinkMaker, render, render_summary
from monitor.models import Alert, Channel, Delivery
from monitor.outbox import LEASE, Outbox, Outcome, mark_sent, pause_asked, put_off
from monitor.preferences import current
from monitor.sealing import Seal
from monitor.types import Act, DeliveryState, Message, MessageSender, NoticeKind, RuleKind
from monitor.withdrawing import still_told, withdraw_corrected

# What one summary can hold.
_BUNDLE = 100
# A delivery, and what is still so of its alert.
_Told = tuple[Delivery, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """Deliveries of one channel, claimed, and the one message they go out as."""

    channel_id: int
    delivery_ids: tuple[int, ...]
    sealed_address: str
    message: Message


class Post(Outbox[_Parcel]):
    """Delivers alerts, a lane a channel."""

    def __init__(
        self, database: Database, settings: Settings, sender: MessageSender, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(database, clock)
        self._settings = settings
        self._sender = sender
        self._seal = Seal(settings.key())

    def start_round(self) -> None:
        if self._ready():
            with self._database.write() as session:
                withdraw_corrected(session, self._clock())
        super().start_round()

    def _ready(self) -> Sequence[int]:
        with self._database.read() as session:
            return session.scalars(
                select(Delivery.channel_id)
                .where(Delivery.state == DeliveryState.WAITING, Delivery.next_at <= self._clock())
                .distinct()
                .order_by(Delivery.channel_id)
            ).all()

    def _send(self, parcel: _Parcel) -> None:
        self._sender.send(self._seal.open(parcel.sealed_address), parcel.message)

    def _claim(self, lane: int) -> _Parcel | None:
        now, channel_id = self._clock(), lane
        with self._database.write() as session:
            channel = session.get(Channel, channel_id)
            if channel is None or not channel.enabled or (channel.not_before is not None and channel.not_before > now):
                return None
            told: list[_Told] = []
            while not told:
                head = session.scalar(_waiting(channel_id).limit(1))
                if head is None or head.next_at > now or (head.leased_until is not None and head.leased_until > now):
                    return None
                if (until := quiet_until(channel, current(self._settings, session), now)) is not None:
                    _hold(session, channel_id, until)
                    return None
                told = _without_corrected(session, _going_with(session, head, now))
            for delivery, _ in told:
                delivery.leased_until, delivery.attempts = now + LEASE, delivery.attempts + 1
            message = _message_of(told, channel, self._link_maker)
            return _Parcel(channel_id, tuple(delivery.id for delivery, _ in told), channel.address, message)

    def _record_sent(self, session: Session, parcel: _Parcel, now: datetime) -> int:
        for delivery in _deliveries(session, parcel):
            mark_sent(delivery, now)
        channel = session.get(Channel, parcel.channel_id)
        if channel is not None and channel.pace > 0:
            channel.not_before = now + timedelta(seconds=channel.pace)
        return len(parcel.delivery_ids)

    def _record_failure(
        self, session: Session, parcel: _Parcel, error: DeliveryError | ConfigError, now: datetime
    ) -> tuple[str, bool]:
        deliveries = _deliveries(session, parcel)
        given_up = put_off(deliveries, error, now)
        channel = session.get(Channel, parcel.channel_id)
        if channel is None:
            return str(error), False
        if (asked := pause_asked(error)) is not None:
            channel.not_before = now + timedelta(seconds=asked)
        if given_up and deliveries:
            _tell_owner(session, channel, deliveries[0].alert, parcel.message.subject, str(error), now)
        return f"{channel.name}: {error}", given_up

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


def _going_with(session: Session, head: Delivery, now: datetime) -> Sequence[Delivery]:
    """The delivery itself, or all that go out as one summary with it."""
    if not head.held:
        return [head]
    # What was tried together stays together, under the same key.
    alike = (Delivery.next_at <= now, Delivery.attempts == head.attempts)
    return session.scalars(_waiting(head.channel_id).where(*alike).limit(_BUNDLE)).all()


def _without_corrected(session: Session, parcel: Sequence[Delivery]) -> list[_Told]:
    """What goes out; what was corrected since the round began, so that nothing of it is so, is withdrawn.

    On this channel alone: on the others it may be in somebody's hands.
    """
    told: list[_Told] = []
    for delivery in parcel:
        facts = still_told(session, delivery.alert)
        if facts != delivery.alert.facts and not facts["count"]:
            delivery.state, delivery.leased_until = DeliveryState.WITHDRAWN, None
        else:
            told.append((delivery, facts))
    return told


def _message_of(told: Sequence[_Told], channel: Channel, link_maker: Callable[[Alert], LinkMaker | None]) -> Message:
    """One alert as itself, several as a summary; the key is the same whenever the same is sent again."""
    messages = [
        _render(delivery.alert, facts, channel.language, link_maker(delivery.alert)) for delivery, facts in told
    ]
    message = messages[0] if len(messages) == 1 else render_summary(messages, channel.language)
    key = digest("delivery", *(f"{delivery.id}" for delivery, _ in told))
    return Message(message.subject, message.text, message.html, message.data, key)


def _render(alert: Alert, facts: Mapping[str, Any], language: str, link: LinkMaker | None) -> Message:
    if alert.kind == NoticeKind.DIGEST:
        return render_digest(alert.brand.name, facts, language)
    kind = NoticeKind(alert.kind) if alert.kind in tuple(NoticeKind) else RuleKind(alert.kind)
    return render(kind, alert.brand.name, facts, language, link)


def _deliveries(session: Session, parcel: _Parcel) -> list[Delivery]:
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(parcel.delivery_ids)).order_by(Delivery.id)))


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
