"""What a newsletter service was asked for: leavings and sendings kept for the brand of their source."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.models import Source
from monitor.sealing import Seal
from monitor.sendings import record_sendings
from monitor.types import SendingData, UnsubscribeData
from monitor.unsubscribes import record_events


def save_leavings(session: Session, items: Sequence[UnsubscribeData], seal: Seal, now: datetime) -> int:
    """Keep each leaving once; how many were new. Those of a source that is gone by now are passed over."""
    return sum(
        record_events(session, brand_id, [data for data in items if data.source_id == source_id], seal, now)[0]
        for source_id, brand_id in _brands(session, (data.source_id for data in items)).items()
    )


def save_sendings(session: Session, items: Sequence[SendingData]) -> None:
    for source_id, brand_id in _brands(session, (data.source_id for data in items)).items():
        record_sendings(session, brand_id, [data for data in items if data.source_id == source_id])


def _brands(session: Session, source_ids: Iterable[int | None]) -> dict[int, int]:
    """Whose each source is. They are read once a harvest: the session has them at hand."""
    sources = (session.get(Source, source_id) for source_id in dict.fromkeys(source_ids) if source_id is not None)
    return {source.id: source.brand_id for source in sources if source is not None and source.brand_id is not None}
