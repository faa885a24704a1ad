"""How many mails were sent, where that is known: what the rate of those who leave is counted over."""

from collections.abc import Iterable
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.folding import digest
from monitor.models import Sending
from monitor.types import SendingBasis, SendingData


def record_sendings(session: Session, brand_id: int, items: Iterable[SendingData]) -> tuple[int, int]:
    """Keep each campaign's count once, the newest telling; how many were new and how many known.

    What a person has typed stands against what is read elsewhere.
    """
    told = {sending_key(data): data for data in items}
    rows = session.scalars(select(Sending).where(Sending.brand_id == brand_id, Sending.key.in_(list(told))))
    known = {row.key: row for row in rows}
    for key, data in told.items():
        row = known.get(key)
        if row is None:
            row = Sending(brand_id=brand_id, key=key, basis=data.basis)
            session.add(row)
        elif row.basis == SendingBasis.PERSON and data.basis != SendingBasis.PERSON:
            continue
        row.provider, row.list_name, row.campaign = data.provider, data.list_name, data.campaign
        row.sent_at, row.count, row.basis = data.sent_at, data.count, data.basis
    session.flush()
    return len(told) - len(known), len(known)


def sending_key(data: SendingData) -> str:
    """What makes two tellings those of one campaign."""
    if data.external_id:
        return digest(data.provider, data.external_id)
    return digest(data.list_name, data.campaign, data.sent_at.astimezone(UTC).date().isoformat())
