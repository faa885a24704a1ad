"""Those who left, one by one: the rows behind each figure of the unsubscribe page."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from monitor.exits import left_between
from monitor.listings import Listing
from monitor.models import UnsubscribeEvent
from monitor.shared_topics import topic_told


@dataclass(frozen=True, slots=True)
class LeaverFilter:
    """What they are narrowed to: None does not narrow, an empty text asks for those without one."""

    reason: str | None = None
    list_name: str | None = None
    campaign: str | None = None
    segment: str | None = None
    provider: str | None = None
    topic: str | None = None


def list_leavers(brand_id: int, wanted: LeaverFilter, since: datetime, until: datetime) -> Listing[UnsubscribeEvent]:
    """Who left in [since, until) and did not take it back, counted as the figures count."""
    query = select(UnsubscribeEvent).where(*left_between(brand_id, since, until))
    for field in fields(wanted):
        if (value := getattr(wanted, field.name)) is not None:
            column = topic_told() if field.name == "topic" else getattr(UnsubscribeEvent, field.name)
            query = query.where(column == value)
    if wanted.reason == "":
        # Whose words the model has still to read is nobody who said nothing.
        query = query.where(UnsubscribeEvent.labelled_at.is_not(None))
    return Listing(query, UnsubscribeEvent.left_at, UnsubscribeEvent.id)
