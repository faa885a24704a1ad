"""The digest: what a brand's day or week was, as facts that a message, a page and a program can show."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from monitor import gathering
from monitor.brands import find_brands
from monitor.cases import answer_figures, count_open
from monitor.config import Settings
from monitor.db import Database
from monitor.facts import Negative
from monitor.folding import digest
from monitor.loss import certainly
from monitor.models import Alert, Brand, Channel, Delivery, LossReading, Mention, UnsubscribeEvent
from monitor.types import DeliveryState, Label, NoticeKind, Period

# A mail that is read on a phone, and that no client cuts off.
_STORIES, _ROWS = 10, 8
_MONDAY, _SATURDAY = 0, 5
# The hour of the morning at which digests go out.
HOUR = time(8, 0)
_CHART_DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """A whole day or week of a time zone: from ``since`` to before ``until``, with the one before it."""

    period: Period
    since: datetime
    until: datetime
    before: datetime


def last_span(period: Period, now: datetime, zone: ZoneInfo, language: str) -> Span:
    """The last whole day or week before ``now``; a week begins on Saturday in Persian, else on Monday."""
    today = now.astimezone(zone).date()
    if period == Period.DAY:
        until, length = today, 1
    else:
        first = _SATURDAY if language == "fa" else _MONDAY
        until, length = today - timedelta(days=(today.weekday() - first) % 7), 7
    return Span(
        period,
        since=_midnight(until - timedelta(days=length), zone),
        until=_midnight(until, zone),
        before=_midnight(until - timedelta(days=2 * length), zone),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def digest_facts(session: Session, brand: Brand, span: Span, settings: Settings, now: datetime) -> dict[str, Any]:
    """What a digest says; plain values, so that an alert can keep them."""
    unsure = settings.uncertain_below
    stories = _stories(session, brand.id, span.since, span.until, unsure)
    shown = [mention.as_fact() for mention in stories[:_STORIES]]
    answers = answer_figures(session, brand.id, span.since, span.until, now)
    opened, late = count_open(session, brand.id, now)
    return {
        "period": span.period,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "zone": settings.time_zone,
        "band": _band_at(session, brand.id, span.until),
        "band_before": _band_at(session, brand.id, span.since),
        "count": len(stories),
        "count_before": len(_stories(session, brand.id, span.before, span.since, unsure)),
        "mentions": shown,
        "days": _days(session, brand.id, span, settings),
        "topics": _topics(session, brand.id, span, unsure),
        "reasons": _reasons(session, brand.id, span),
        "answers": {
            "opened": answers.opened,
            "due": answers.due,
            "in_time": answers.in_time,
            "first_answer_hours": (
                round(answers.first_answer / timedelta(hours=1), 1) if answers.first_answer is not None else None
            ),
            "open": opened,
            "late": late,
        },
        "brands": _side_by_side(session, brand, span, unsure),
        "sources": [
            {"url": trouble.url, "state": trouble.state, "hours": (now - trouble.since) // timedelta(hours=1)}
            for trouble in gathering.troubles(session, brand.id)[:_ROWS]
        ],
    }


def _found(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Found in a span as news; what a first look found was there before."""
    return (Mention.seen_at >= since) & (Mention.seen_at < until) & ~Mention.history


def _stories(session: Session, brand_id: int, since: datetime, until: datetime, unsure: float) -> list[Negative]:
    """The negative stories whose first text came in a span, the surest first."""
    earlier = select(Mention.story).where(Mention.brand_id == brand_id, Mention.seen_at < since)
    mentions = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, _found(since, until), certainly(Label.NEGATIVE, unsure))
        .where(Mention.story.not_in(earlier))
        .order_by(Mention.score.desc(), Mention.id)
    )
    first: dict[str, Negative] = {}
    for mention in mentions:
        first.setdefault(mention.story, gathering.as_negative(mention, unsure))
    return list(first.values())


def _band_at(session: Session, brand_id: int, at: datetime) -> dict[str, Any] | None:
    reading = session.scalar(
        select(LossReading)
        .where(LossReading.brand_id == brand_id, LossReading.taken_at < at)
        .order_by(LossReading.taken_at.desc(), LossReading.id.desc())
        .limit(1)
    )
    if reading is None or reading.negatives is None:
        return None
    return {"basis": reading.basis, "negatives": reading.negatives, "share": reading.share}


def _days(session: Session, brand_id: int, span: Span, settings: Settings) -> list[tuple[str, int | None]]:
    """Negative texts of each of the last days; None for a day before the brand was watched."""
    zone, end = settings.zone, span.until.date()
    start = _midnight(end - timedelta(days=_CHART_DAYS), zone)
    times = session.scalars(
        select(Mention.seen_at).where(
            Mention.brand_id == brand_id,
            _found(start, span.until),
            certainly(Label.NEGATIVE, settings.uncertain_below),
        )
    ).all()
    watched = gathering.watched_since(session, brand_id)
    first = watched.astimezone(zone).date() if watched is not None else end
    days = [end - timedelta(days=number) for number in range(_CHART_DAYS, 0, -1)]
    counts = {day: 0 for day in days}
    for at in times:
        counts[at.astimezone(zone).date()] += 1
    return [(day.isoformat(), counts[day] if day >= first else None) for day in days]


Row = tuple[str, int, int]


def _topics(session: Session, brand_id: int, span: Span, unsure: float) -> list[Row]:
    """Topics of the negatives, with the span before; those that rose most come first."""
    now = func.count().filter(Mention.seen_at >= span.since)
    before = func.count().filter(Mention.seen_at < span.since)
    rows = session.execute(
        select(Mention.topic, now, before)
        .where(Mention.brand_id == brand_id, _found(span.before, span.until), Mention.topic != "")
        .where(certainly(Label.NEGATIVE, unsure))
        .group_by(Mention.topic)
    )
    found = [(topic, count, earlier) for topic, count, earlier in rows if count]
    return sorted(found, key=lambda row: (row[2] - row[1], row[0]))[:_ROWS]


def _reasons(session: Session, brand_id: int, span: Span) -> list[Row]:
    """Why people left, with the span before; the most frequent first."""
    event = UnsubscribeEvent
    now, before = func.count().filter(event.left_at >= span.since), func.count().filter(event.left_at < span.since)
    rows = session.execute(
        select(event.reason, now, before)
        .where(event.brand_id == brand_id, event.stayed == "")
        .where(event.left_at >= span.before, event.left_at < span.until)
        .group_by(event.reason)
    )
    found = [(reason, count, earlier) for reason, count, earlier in rows if count]
    return sorted(found, key=lambda row: (-row[1], row[0]))[:_ROWS]


def _side_by_side(session: Session, brand: Brand, span: Span, unsure: float) -> list[dict[str, Any]]:
    """The brand, then its rivals: how many texts were found, and how many of them are negative."""
    brands = [brand, *(other for other in find_brands(session) if other.is_rival)][:_ROWS]
    negatives = func.count().filter(certainly(Label.NEGATIVE, unsure))
    rows = session.execute(
        select(Mention.brand_id, func.count(), negatives)
        .where(Mention.brand_id.in_([each.id for each in brands]), _found(span.since, span.until))
        .group_by(Mention.brand_id)
    )
    counts = {brand_id: (texts, negative) for brand_id, texts, negative in rows}
    return [
        {"name": each.name, "texts": counts.get(each.id, (0, 0))[0], "negatives": counts.get(each.id, (0, 0))[1]}
        for each in brands
    ]


@dataclass(frozen=True, slots=True)
class _Edition:
    """A digest that is not written yet, in one language for the channels that speak it."""

    key: str
    span: Span
    channel_ids: tuple[int, ...]


def _editions(
    session: Session, brand_id: int, period: Period, settings: Settings, now: datetime, *, again: bool = False
) -> list[_Edition]:
    channels = session.scalars(select(Channel).where(Channel.enabled).order_by(Channel.id)).all()
    takers = [channel for channel in channels if again or channel.digest == period]
    editions = []
    for language in sorted({channel.language for channel in takers}):
        span = last_span(period, now, settings.zone, language)
        # The day alone: in another time zone it begins at another moment and is the same.
        key = digest("digest", period, span.since.date().isoformat(), language, now.isoformat() if again else "")
        known = select(Alert.id).where(Alert.brand_id == brand_id, Alert.kind == NoticeKind.DIGEST, Alert.key == key)
        if session.scalar(known) is None:
            ids = tuple(channel.id for channel in takers if channel.language == language)
            editions.append(_Edition(key, span, ids))
    return editions


def write_due_digests(database: Database, settings: Settings, now: datetime) -> int:
    """Write the digests that are due, each once, from eight in the morning on; how many."""
    if now.astimezone(settings.zone).time() < HOUR:
        return 0
    with database.read() as session:
        due = [
            (brand.id, period)
            for brand in find_brands(session)
            for period in Period
            if not brand.is_rival and _editions(session, brand.id, period, settings, now)
        ]
    written = 0
    for brand_id, period in due:
        with database.write() as session:
            written += write_digests(session, brand_id, period, settings, now)
    return written


def write_digests(
    session: Session, brand_id: int, period: Period, settings: Settings, now: datetime, *, again: bool = False
) -> int:
    """Write a brand's digest for the channels that take it, one a language; how many are new.

    It goes out as alerts do. ``again`` sends one that was sent already, to every channel that is on.
    """
    # Held until the end of the transaction: two workers must not both find that none is written yet.
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    editions = _editions(session, brand_id, period, settings, now, again=again)
    for edition in editions:
        alert = Alert(
            brand_id=brand_id,
            kind=NoticeKind.DIGEST,
            key=edition.key,
            facts=digest_facts(session, brand, edition.span, settings, now),
            created_at=now,
        )
        alert.deliveries = [
            Delivery(channel_id=channel_id, state=DeliveryState.WAITING, next_at=now)
            for channel_id in edition.channel_ids
        ]
        session.add(alert)
        session.flush()
    return len(editions)
