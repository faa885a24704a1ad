"""What a rule would have told lately: the kept rows gone through again, a moment at a time. Nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import gathering
from monitor.alerts import decide
from monitor.conditions import REACH_FACTOR
from monitor.config import Settings
from monitor.facts import AlertDraft, AuthorRecord, BrandFacts, Moment, Negative, Reading, Rule
from monitor.loss import LossScale
from monitor.mentions import PERSON
from monitor.models import AlertRule, LossReading, Mention, SearchPage, SearchResult
from monitor.rules import rule_of
from monitor.types import Basis, Label, RuleKind

Told = tuple[datetime, AlertDraft]
# What came in so close together was judged together.
_MOMENT = timedelta(minutes=10)
_STEP = timedelta(hours=1)


def replay(session: Session, row: AlertRule, settings: Settings, since: datetime, now: datetime) -> list[Told]:
    """The alerts the rule would have written from ``since`` to ``now``, had it been alone.

    It goes by the labels as they are now, corrections included; what only the moment knew is guessed: texts that came
    within ten minutes count as one collect, and a source in trouble is known only while it still is.
    """
    rule, scale = rule_of(row), LossScale(settings.loss_table)
    replays = {
        RuleKind.BAND_CROSSED: _bands,
        RuleKind.SPIKE: _spikes,
        RuleKind.EARLY_WARNING: _warnings,
        RuleKind.REASON_RISE: _reasons,
        RuleKind.SOURCE_TROUBLE: _troubles,
    }
    facts = replays.get(rule.kind, _texts)(session, row.brand_id, settings, since, now)
    return list(_decided(facts, rule, scale))


def _decided(moments: Iterator[tuple[datetime, BrandFacts]], rule: Rule, scale: LossScale) -> Iterator[Told]:
    """Judge each moment knowing what was told before it."""
    last_told: dict[tuple[int, str], datetime] = {}
    for at, facts in moments:
        for draft in decide(replace(facts, last_told=last_told), [rule], scale, at):
            for subject in draft.facts.get("subjects", [draft.facts.get("subject", "")]):
                last_told[rule.id, subject] = at
            yield at, draft


def _texts(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    """Texts in the batches in which they came; a story only the first time, or when it had grown."""
    unsure = settings.uncertain_below
    mentions = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, Mention.labelled_at.is_not(None))
        .order_by(Mention.seen_at, Mention.id)
    ).all()
    on_page = _on_page_at(session, brand_id)
    places: dict[str, set[str]] = {}
    told: dict[str, int] = {}
    records: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    for _, batch in groupby(mentions, key=lambda mention: int(mention.seen_at.timestamp() // _MOMENT.total_seconds())):
        arrived = list(batch)
        at = arrived[-1].seen_at
        for mention in arrived:
            places.setdefault(mention.story, set()).add(mention.url)
        fresh = [
            gathering.as_negative(
                mention, unsure, whole=True, reach=len(places[mention.story]), told=told.get(mention.story, 0)
            )
            for mention in arrived
            if not mention.history and not (mention.labelled_by == PERSON and mention.label != Label.NEGATIVE)
        ]
        news = [text for text in fresh if not text.told_reach or text.reach >= REACH_FACTOR * text.told_reach]
        told.update((text.story, text.reach) for text in news if text.sure)
        told.update((m.story, len(places[m.story])) for m in arrived if m.history and m.label == Label.NEGATIVE)
        authors = _record(records, arrived, news, unsure, at)
        if news and since <= at <= now:
            page = [text for text in news if text.sure and on_page.get(text.mention_id, now) <= at + _MOMENT]
            yield at, BrandFacts(fresh=news, page=page, moment=at.isoformat(), authors=authors)


def _on_page_at(session: Session, brand_id: int) -> dict[int, datetime]:
    """When each mention first stood on a page of results."""
    rows = session.execute(
        select(SearchResult.mention_id, SearchPage.taken_at)
        .join(SearchResult.page)
        .where(SearchPage.brand_id == brand_id)
        .order_by(SearchPage.taken_at.desc())
    )
    return {mention_id: taken_at for mention_id, taken_at in rows}


def _record(
    records: dict[tuple[str, str], list[tuple[datetime, str]]],
    arrived: Sequence[Mention],
    news: Sequence[Negative],
    unsure: float,
    at: datetime,
) -> list[AuthorRecord]:
    """Write the arrived negatives down with their authors; the records of those who have news."""
    for mention in arrived:
        if (author := gathering.author_of(gathering.as_negative(mention, unsure))) is not None:
            records.setdefault(author, []).append((mention.published_at or mention.seen_at, mention.story))
    fresh: dict[tuple[str, str], list[int]] = {}
    for text in news:
        if (author := gathering.author_of(text)) is not None:
            fresh.setdefault(author, []).append(text.mention_id)
    return [
        AuthorRecord(
            author[0],
            author[1],
            len({story for when, story in records[author] if when >= at - gathering.AUTHORS_WINDOW}),
            tuple(numbers),
        )
        for author, numbers in fresh.items()
    ]


def _bands(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    readings = session.scalars(
        select(LossReading)
        .where(LossReading.brand_id == brand_id, LossReading.negatives.is_not(None))
        .where(LossReading.basis == Basis.SEARCH_RESULTS, LossReading.taken_at <= now)
        .order_by(LossReading.taken_at, LossReading.id)
    )
    for earlier, later in pairwise(readings):
        if later.taken_at < since or later.first_look:
            continue
        yield (
            later.taken_at,
            BrandFacts(
                before=Reading(earlier.basis, earlier.negatives or 0),
                reading=Reading(later.basis, later.negatives or 0),
                moment=later.taken_at.isoformat(),
            ),
        )


def _spikes(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    moments: list[Moment] = gathering.negative_moments(
        session, brand_id, settings.uncertain_below, now, reach_back=now - since
    )
    watched = gathering.watched_since(session, brand_id)
    for at in _hours(since, now):
        if any(at - _STEP < moment.at <= at for moment in moments):
            yield at, BrandFacts(negatives=moments, watched_since=watched, moment=at.isoformat())


def _reasons(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    for at in _hours(since, now):
        if at.hour == now.hour or at == now:
            yield at, BrandFacts(reasons=gathering.reason_counts(session, brand_id, at), moment=at.isoformat())


def _warnings(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    moments = gathering.negative_moments(
        session, brand_id, settings.uncertain_below, now, reach_back=now - since + gathering.FIVE_WEEKS_BACK
    )
    for at, facts in _reasons(session, brand_id, settings, since, now):
        yield at, replace(facts, negatives=moments)


def _troubles(
    session: Session, brand_id: int, settings: Settings, since: datetime, now: datetime
) -> Iterator[tuple[datetime, BrandFacts]]:
    troubles = gathering.troubles(session, brand_id)
    for at in _hours(since, now):
        known = [trouble for trouble in troubles if trouble.since <= at]
        if known:
            yield at, BrandFacts(troubles=known, moment=at.isoformat())


def _hours(since: datetime, now: datetime) -> Iterator[datetime]:
    at = since + _STEP
    while at < now:
        yield at
        at += _STEP
    yield now
