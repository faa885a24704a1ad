"""What hosts' robots.txt said, remembered for as long as RFC 9309 allows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from monitor.models import RobotsText
from monitor.types import RobotsData

# A day for obeying it; longer only for a host whose robots.txt cannot be reached any more.
FRESH = timedelta(days=1)
_KEPT = timedelta(days=30)


def find_robots(session: Session, origins: Collection[str]) -> dict[str, RobotsData]:
    """What is known of ``origins``, however old."""
    rows = session.scalars(select(RobotsText).where(RobotsText.origin.in_(origins)))
    return {row.origin: RobotsData(row.origin, row.text, row.checked_at) for row in rows}


def save_robots(session: Session, items: Sequence[RobotsData], now: datetime) -> None:
    """Remember what was read, in place of what was known; what was not read for a month goes."""
    latest = {item.origin: item for item in items}
    outdated = RobotsText.origin.in_(latest) | (RobotsText.checked_at < now - _KEPT)
    session.execute(delete(RobotsText).where(outdated))
    rows = [{"origin": item.origin, "text": item.text, "checked_at": item.checked_at} for item in latest.values()]
    session.execute(insert(RobotsText), rows)
