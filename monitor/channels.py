"""Where alerts go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.config import Settings
from monitor.errors import RuleError
from monitor.models import Channel, Delivery
from monitor.quiet import read_quiet_hours
from monitor.sealing import Seal
from monitor.senders import check_address
from monitor.types import DeliveryState, Period


def add_channel(
    session: Session,
    seal: Seal,
    name: str,
    address: str,
    language: str,
    now: datetime,
    *,
    quiet_hours: str = "",
    time_zone: str = "",
    pace: float = 1.0,
) -> Channel:
    """Keep an address under a name, sealed. Raises RuleError, DeliveryError for an address that can never work."""
    if session.scalar(select(Channel.id).where(Channel.name == name)) is not None:
        raise RuleError("channel exists already", name)
    check_address(address)
    channel = Channel(name=name, address=seal.close(address), language=language, created_at=now)
    session.add(channel)
    session.flush()
    edit_channel(session, channel, now, quiet_hours=quiet_hours, time_zone=time_zone, pace=pace)
    return channel


def edit_channel(
    session: Session,
    channel: Channel,
    now: datetime,
    *,
    enabled: bool | None = None,
    language: str | None = None,
    quiet_hours: str | None = None,
    time_zone: str | None = None,
    pace: float | None = None,
    digest: Period | Literal[""] | None = None,
) -> None:
    """Change what is given; what waits goes out when the channel is on and its hours allow. Raises RuleError."""
    if quiet_hours is not None:
        hours = read_quiet_hours(quiet_hours)
        channel.quiet_hours = str(hours) if hours is not None else ""
    if time_zone is not None:
        channel.time_zone = _checked_zone(time_zone)
    if quiet_hours is not None or time_zone is not None:
        _ask_again(session, channel, now)
    if pace is not None:
        if not 0 <= pace <= 3600:
            raise RuleError("pace lies between 0 and 3600 seconds, not", pace)
        channel.pace = pace
    if digest is not None:
        channel.digest = digest
    if enabled is not None:
        channel.enabled = enabled
    if language is not None:
        channel.language = language


def _ask_again(session: Session, channel: Channel, now: datetime) -> None:
    """What waits for the end of quiet hours goes by those of now."""
    held = (Delivery.channel_id == channel.id, Delivery.state == DeliveryState.WAITING, Delivery.held)
    session.execute(update(Delivery).where(*held, Delivery.next_at > now).values(next_at=now))


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise RuleError("no such time zone", name) from e


def quiet_until(channel: Channel, settings: Settings, now: datetime) -> datetime | None:
    """When the quiet that lies over the channel ends; None when it may be told."""
    hours = read_quiet_hours(channel.quiet_hours)
    zone = ZoneInfo(channel.time_zone) if channel.time_zone else settings.zone
    return hours.until(now, zone) if hours is not None else None


def find_channels(session: Session) -> Sequence[Channel]:
    return session.scalars(select(Channel).order_by(Channel.id)).all()


def get_channel(session: Session, name: str) -> Channel:
    """Raises RuleError."""
    channel = session.scalar(select(Channel).where(Channel.name == name))
    if channel is None:
        raise RuleError("no such channel", name)
    return channel


def remove_channel(session: Session, name: str) -> None:
    """Raises RuleError."""
    session.delete(get_channel(session, name))
