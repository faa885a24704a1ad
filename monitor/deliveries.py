"""DELIVER: claim a waiting delivery, send it, record the outcome.

A delivery is claimed before it is sent and marked after: if we die between the channel's acceptance and our mark,
it is sent again when its lease has run out. Everywhere else it is sent once.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from monitor.db import Database
from monitor.errors import ConfigError, DeliveryError
from monitor.messages import render
from monitor.models import Delivery
from monitor.sealing import Seal
from monitor.types import DeliveryState, MessageSender, RuleKind

LEASE = timedelta(minutes=2)
ATTEMPTS = 12
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of :func:`deliver_waiting` did; ``errors`` are one line each, without addresses."""

    sent: int
    errors: tuple[str, ...]


def deliver_waiting(database: Database, sender: MessageSender, seal: Seal, now: datetime) -> Outcome:
    """Send every delivery whose time has come; a channel that fails does not stop the others."""
    with database.read() as session:
        waiting = list(
            session.scalars(
                select(Delivery.id)
                .where(Delivery.state == DeliveryState.WAITING, Delivery.next_at <= now)
                .order_by(Delivery.alert_id, Delivery.id)
            )
        )
    sent = 0
    errors: list[str] = []
    for delivery_id in waiting:
        if not _claim(database, delivery_id, now):
            continue
        try:
            _send(database, delivery_id, sender, seal)
        except (DeliveryError, ConfigError) as e:
            errors.append(_record_failure(database, delivery_id, e, now))
        else:
            _record_sent(database, delivery_id, now)
            sent += 1
    return Outcome(sent, tuple(errors))


def _claim(database: Database, delivery_id: int, now: datetime) -> bool:
    """Take the delivery unless somebody else holds it or has sent it."""
    with database.write() as session:
        claimed = session.scalar(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING)
            .where(Delivery.leased_until.is_(None) | (Delivery.leased_until <= now))
            .values(leased_until=now + LEASE, attempts=Delivery.attempts + 1)
            .returning(Delivery.id)
        )
    return claimed is not None


def _send(database: Database, delivery_id: int, sender: MessageSender, seal: Seal) -> None:
    with database.read() as session:
        delivery = session.get_one(Delivery, delivery_id)
        alert, channel = delivery.alert, delivery.channel
        message = render(RuleKind(alert.kind), alert.brand.name, alert.facts, channel.language)
        address = seal.open(channel.address)
    # Outside the session: a slow channel must not hold the database.
    sender.send(address, message.subject, message.text, message.html)


def _record_sent(database: Database, delivery_id: int, now: datetime) -> None:
    with database.write() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.state, delivery.sent_at = DeliveryState.SENT, now
        delivery.leased_until, delivery.error = None, ""


def _record_failure(database: Database, delivery_id: int, error: DeliveryError | ConfigError, now: datetime) -> str:
    permanent = not isinstance(error, DeliveryError) or error.permanent
    with database.write() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.leased_until, delivery.error = None, str(error)
        if permanent or delivery.attempts >= ATTEMPTS:
            delivery.state = DeliveryState.FAILED
        delivery.next_at = now + _pause(delivery.attempts)
        return f"{delivery.channel.name}: {error}"


def _pause(attempts: int) -> timedelta:
    """Doubled with every attempt, with a fifth of jitter."""
    pause = min(_FIRST_PAUSE * float(2 ** (attempts - 1)), _LONGEST_PAUSE)
    return pause * random.uniform(0.9, 1.1)


class AppriseSender:
    """Sends through Apprise, which knows e-mail, Telegram, Slack, SMS gateways and many more."""

    def send(self, address: str, subject: str, text: str, html: str) -> None:
        import apprise
        from apprise.plugins.email import NotifyEmail

        channel = apprise.Apprise.instantiate(address)
        if not isinstance(channel, apprise.NotifyBase):
            raise DeliveryError("apprise does not know this kind of address", permanent=True)
        # Chat services call their own small tag set HTML; only mail takes a whole document.
        is_mail = isinstance(channel, NotifyEmail)
        with apprise.LogCapture(level=apprise.logging.WARNING) as log:
            accepted = channel.notify(
                title=subject,
                body=html if is_mail else text,
                body_format=apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.TEXT,
                notify_type=apprise.NotifyType.WARNING,
            )
            complaint = log.getvalue().strip().splitlines() if log is not None else []
        if not accepted:
            raise DeliveryError(_last_words(complaint, address))


def _last_words(complaint: list[str], address: str) -> str:
    """Apprise's last line, unless it repeats part of the address, which is a secret."""
    line = complaint[-1].rpartition(" - ")[2] if complaint else ""
    secrets = [part for part in address.replace("@", "/").replace("?", "/").split("/") if len(part) > 5]
    if not line or any(secret in line for secret in secrets):
        return "the channel did not accept the message"
    return f"the channel did not accept the message ({line})"
