"""How far the work is behind: the age of the oldest thing that waits for each step, read from the rows themselves.

A clock that has stopped cannot say so; its waiting rows can.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.models import Channel, Delivery, Mention, Source
from monitor.types import DeliveryState

# A collect that visits slow sites one after another may take this long; the other steps come round every second.
LIMITS = {"collect": timedelta(minutes=15), "label": timedelta(minutes=5), "decide": timedelta(minutes=5),
          "deliver": timedelta(minutes=5)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lateness:
    """For each step how long its oldest work has waited; zero where nothing waits."""

    collect: timedelta
    label: timedelta
    decide: timedelta
    deliver: timedelta

    def late_steps(self) -> list[str]:
        """The steps that are further behind than can be explained while somebody works."""
        return [item.name for item in fields(self) if getattr(self, item.name) > LIMITS[item.name]]


def find_lateness(session: Session, now: datetime) -> Lateness:
    """What a source asked for, a channel's own pause and what somebody is at right now are no delay."""
    free = Source.leased_until.is_(None) | (Source.leased_until <= now)
    source = session.scalar(select(func.min(Source.next_at)).where(~Source.paused, free))
    unlabelled = session.scalar(
        select(func.min(Mention.body_at)).where(Mention.labelled_at.is_(None), Mention.body_at.is_not(None))
    )
    undecided = session.scalar(
        select(func.min(Mention.labelled_at)).where(Mention.decided_at.is_(None), Mention.labelled_at.is_not(None))
    )
    return Lateness(*(_age(at, now) for at in (source, unlabelled, undecided, _oldest_head(session, now))))


def _oldest_head(session: Session, now: datetime) -> datetime | None:
    """When the first waiting delivery of the channel that is furthest behind was due."""
    first = (
        select(func.min(Delivery.id))
        .join(Delivery.channel)
        .where(Delivery.state == DeliveryState.WAITING, Channel.enabled)
        .where(Channel.not_before.is_(None) | (Channel.not_before <= now))
        .group_by(Delivery.channel_id)
    )
    free = Delivery.leased_until.is_(None) | (Delivery.leased_until <= now)
    return session.scalar(select(func.min(Delivery.next_at)).where(Delivery.id.in_(first), free))


def _age(at: datetime | None, now: datetime) -> timedelta:
    return max(now - at, timedelta()) if at is not None else timedelta()
