"""Where alerts go, and which conditions are told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.errors import RuleError
from monitor.models import AlertRule, Channel
from monitor.sealing import Seal


def add_channel(session: Session, seal: Seal, name: str, address: str, language: str, now: datetime) -> Channel:
    """Keep an Apprise address under a name, sealed. Raises RuleError."""
    if session.scalar(select(Channel.id).where(Channel.name == name)) is not None:
        raise RuleError("channel exists already", name)
    channel = Channel(name=name, address=seal.close(address), language=language, created_at=now)
    session.add(channel)
    session.flush()
    return channel


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


def find_rules(session: Session) -> Sequence[AlertRule]:
    return session.scalars(select(AlertRule).order_by(AlertRule.brand_id, AlertRule.id)).all()


def set_rule(session: Session, rule_id: int, enabled: bool) -> None:
    """Switch a rule on or off. Raises RuleError."""
    rule = session.get(AlertRule, rule_id)
    if rule is None:
        raise RuleError("no such rule", rule_id)
    rule.enabled = enabled
