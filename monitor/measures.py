"""How much there is of everything, for whoever watches over the program itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.models import Alert, Brand, Delivery, HookEvent, Mention, Source, UnsubscribeEvent
from monitor.types import DeliveryState


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts by (brand, label), (brand, kind of alert), brand, or name; ``waiting`` are the rows each step has to do.

    ``collected_at`` is when a source was visited last. A label is empty while a mention waits for one; a paused source
    counts as ``paused``.
    """

    mentions: Mapping[tuple[str, str], int]
    alerts: Mapping[tuple[str, str], int]
    unsubscribes: Mapping[str, int]
    sources: Mapping[str, int]
    waiting: Mapping[str, int]
    collected_at: datetime | None


def find_measures(session: Session) -> Measures:
    """Read from the indexes alone; with a million mentions it takes about a second, so ask once a minute."""
    names = {brand.id: brand.name for brand in session.scalars(select(Brand))}
    leavings = session.execute(
        select(UnsubscribeEvent.brand_id, func.count())
        .where(UnsubscribeEvent.stayed == "")
        .group_by(UnsubscribeEvent.brand_id)
    )
    states = session.execute(select(Source.state, Source.paused, func.count()).group_by(Source.state, Source.paused))
    sources: dict[str, int] = {}
    for state, paused, count in states:
        name = "paused" if paused else state
        sources[name] = sources.get(name, 0) + count
    return Measures(
        mentions=_by_brand(session, names, Mention.brand_id, Mention.label),
        alerts=_by_brand(session, names, Alert.brand_id, Alert.kind),
        unsubscribes={names[brand_id]: count for brand_id, count in leavings if brand_id in names},
        sources=sources,
        waiting={
            "page": _count(session, Mention.body_at.is_(None)),
            "label": _count(session, Mention.labelled_at.is_(None), Mention.body_at.is_not(None)),
            "comment": _count(session, UnsubscribeEvent.labelled_at.is_(None)),
            "decide": _count(session, Mention.decided_at.is_(None), Mention.labelled_at.is_not(None)),
            "deliver": _count(session, Delivery.state == DeliveryState.WAITING),
            "call": _count(session, HookEvent.read_at.is_(None)),
        },
        collected_at=session.scalar(select(func.max(Source.checked_at))),
    )


def _by_brand(
    session: Session, names: Mapping[int, str], brand: InstrumentedAttribute[int], what: InstrumentedAttribute[str]
) -> dict[tuple[str, str], int]:
    rows = session.execute(select(brand, what, func.count()).group_by(brand, what))
    return {(names[brand_id], value): count for brand_id, value, count in rows if brand_id in names}


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0
