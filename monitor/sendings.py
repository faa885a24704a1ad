"""How many mails were sent, where that is known: what the rate of those who leave is counted over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from monitor.folding import digest
from monitor.models import Sending, UnsubscribeEvent
from monitor.types import SendingBasis, SendingData

# As many as their column holds.
MOST_MAILS = 2**31 - 1
# A list, a campaign and a day.
_Names = tuple[str, str, date]


def record_sendings(session: Session, brand_id: int, items: Iterable[SendingData]) -> tuple[int, int]:
    """Keep each campaign's count once, the newest telling; how many were new and how many known.

    Whatever doors tell of one list, campaign and day tell of one sending, unless one provider tells of several by
    their ids. What a person has typed stands against what is read elsewhere. No mails at all are no sending.
    """
    told = [(sending_key(data), data) for data in items if 0 < data.count <= MOST_MAILS]
    if not told:
        return 0, 0
    known, new = _Known(_rows_near(session, brand_id, told)), 0
    for key, data in told:
        row = known.find(key, data)
        if row is None:
            row = Sending(brand_id=brand_id, key=key, provider=data.provider, basis=data.basis)
            session.add(row)
            new += 1
        elif data.external_id and not _has_id(row):
            row.key, row.provider = key, data.provider
        if row.basis != SendingBasis.PERSON or data.basis == SendingBasis.PERSON:
            row.list_name, row.campaign, row.sent_at = data.list_name, data.campaign, data.sent_at
            row.count, row.basis = data.count, data.basis
        known.put(key, data, row)
    session.flush()
    return new, len(told) - new


def _rows_near(session: Session, brand_id: int, told: Sequence[tuple[str, SendingData]]) -> Sequence[Sending]:
    """What is kept under these keys, and of these days, whatever its key."""
    days = [_names(data)[2] for _, data in told]
    first, last = datetime.combine(min(days), time.min, UTC), datetime.combine(max(days), time.max, UTC)
    wanted = or_(Sending.key.in_([key for key, _ in told]), Sending.sent_at.between(first, last))
    return session.scalars(select(Sending).where(Sending.brand_id == brand_id, wanted).order_by(Sending.id)).all()


class _Known:
    """The sendings kept so far, and which providers have told of each by an id of theirs."""

    def __init__(self, rows: Sequence[Sending]) -> None:
        self._by_key = {row.key: row for row in rows}
        self._named = {(row, row.provider) for row in rows if _has_id(row)}
        self._by_names: dict[_Names, list[Sending]] = {}
        for row in rows:
            self._by_names.setdefault(_names(row), []).append(row)

    def find(self, key: str, data: SendingData) -> Sending | None:
        """The row of what ``data`` tells. Two ids of one provider are two campaigns, also where all else is alike."""
        if key in self._by_key or not data.list_name or not data.campaign:
            return self._by_key.get(key)
        alike = self._by_names.get(_names(data), [])
        free = [row for row in alike if not data.external_id or (row, data.provider) not in self._named]
        # Of several, what a person typed goes on with theirs.
        return min(free, key=lambda row: row.basis != SendingBasis.PERSON, default=None)

    def put(self, key: str, data: SendingData, row: Sending) -> None:
        """``data`` told of ``row``, which may be new."""
        self._by_key[key] = row
        alike = self._by_names.setdefault(_names(row), [])
        if row not in alike:
            alike.append(row)
        if data.external_id:
            self._named.add((row, data.provider))


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
    return _key_of_names(data)


def _names(thing: Sending | SendingData) -> _Names:
    return thing.list_name, thing.campaign, thing.sent_at.astimezone(UTC).date()


def _key_of_names(thing: Sending | SendingData) -> str:
    list_name, campaign, day = _names(thing)
    return digest(list_name, campaign, day.isoformat())


def _has_id(row: Sending) -> bool:
    return row.key != _key_of_names(row)


@dataclass(frozen=True, slots=True)
class Rate:
    """Who left over how many mails: ``left`` of ``sent``, never of none; ``bases`` are who counted the mails."""

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
    rows = session.scalars(_sent(brand_id).where(Sending.sent_at >= since, Sending.sent_at < until))
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
    rows = session.scalars(_sent(brand_id).where(Sending.campaign.in_(wanted)))
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


def _sent(brand_id: int) -> Select[Sending]:
    """Sendings of no mails were kept once; no rate can be counted over them."""
    return select(Sending).where(Sending.brand_id == brand_id, Sending.count > 0)


def _together(rates: Iterable[Rate]) -> Rate:
    found = list(rates)
    return Rate(
        sum(rate.left for rate in found),
        sum(rate.sent for rate in found),
        frozenset().union(*(rate.bases for rate in found)),
    )
