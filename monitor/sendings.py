"""How many mails were sent, where that is known: what the rate of those who leave is counted over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from monitor.folding import digest
from monitor.models import Sending, UnsubscribeEvent
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


def find_sendings(session: Session, brand_id: int, most: int = 12) -> Sequence[Sending]:
    """The newest first."""
    query = select(Sending).where(Sending.brand_id == brand_id).order_by(Sending.sent_at.desc(), Sending.id.desc())
    return session.scalars(query.limit(most)).all()


def remove_sending(session: Session, brand_id: int, sending_id: int) -> None:
    """Forget what was typed or read; what is asked of a service comes back with the next look."""
    session.execute(delete(Sending).where(Sending.brand_id == brand_id, Sending.id == sending_id))


def sending_key(data: SendingData) -> str:
    """What makes two tellings those of one campaign."""
    if data.external_id:
        return digest(data.provider, data.external_id)
    return digest(data.list_name, data.campaign, data.sent_at.astimezone(UTC).date().isoformat())


@dataclass(frozen=True, slots=True)
class Rate:
    """Who left over how many mails: ``left`` of ``sent``; ``bases`` are who counted the mails."""

    left: int
    sent: int
    bases: frozenset[SendingBasis]

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.left / self.sent


def list_rates(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, Rate]:
    """For each list of which it is known how many mails went to it in [since, until): who left it then.

    The name ``""`` is all of those lists together. A list of which nothing is known has no rate, and is in none.
    """
    sent: dict[str, tuple[int, set[SendingBasis]]] = {}
    rows = session.scalars(
        select(Sending).where(Sending.brand_id == brand_id, Sending.sent_at >= since, Sending.sent_at < until)
    )
    for row in rows:
        count, bases = sent.get(row.list_name, (0, set()))
        sent[row.list_name] = (count + row.count, bases | {SendingBasis(row.basis)})
    event = UnsubscribeEvent
    left = dict(
        session.execute(
            select(event.list_name, func.count())
            .where(event.brand_id == brand_id, event.stayed == "", event.list_name.in_(list(sent)))
            .where(event.left_at >= since, event.left_at < until)
            .group_by(event.list_name)
        ).all()
    )
    rates = {name: Rate(left.get(name, 0), count, frozenset(bases)) for name, (count, bases) in sent.items() if name}
    if not rates:
        return {}
    return {**rates, "": _together(rates.values())}


def campaign_rates(session: Session, brand_id: int, names: Iterable[str]) -> dict[str, Rate]:
    """For each campaign of which it is known how many mails it was: who has left after it, whenever."""
    event, wanted = UnsubscribeEvent, [name for name in names if name]
    rows = session.scalars(select(Sending).where(Sending.brand_id == brand_id, Sending.campaign.in_(wanted)))
    sent: dict[str, tuple[int, set[SendingBasis]]] = {}
    for row in rows:
        count, bases = sent.get(row.campaign, (0, set()))
        sent[row.campaign] = (count + row.count, bases | {SendingBasis(row.basis)})
    left = dict(
        session.execute(
            select(event.campaign, func.count())
            .where(event.brand_id == brand_id, event.stayed == "", event.campaign.in_(list(sent)))
            .group_by(event.campaign)
        ).all()
    )
    return {name: Rate(left.get(name, 0), count, frozenset(bases)) for name, (count, bases) in sent.items()}


def _together(rates: Iterable[Rate]) -> Rate:
    found = list(rates)
    return Rate(
        sum(rate.left for rate in found),
        sum(rate.sent for rate in found),
        frozenset().union(*(rate.bases for rate in found)),
    )
