"""A brand's facts, read from the database for DECIDE."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from monitor.brands import find_brands
from monitor.conditions import REACH_FACTOR, SPIKE_WINDOW, USUAL_WEEKS
from monitor.db import in_chunks
from monitor.facts import AuthorRecord, Moment, Negative, ReasonCount, Trouble
from monitor.hosts import host_of
from monitor.loss import LossFigure, certainly, is_certain
from monitor.mentions import PERSON
from monitor.models import Alert, Mention, SearchPage, UnsubscribeEvent
from monitor.nobody import is_nobody
from monitor.sources import find_sources, is_in_trouble
from monitor.types import OPINIONS, Label, RuleKind
from monitor.wording import shortened

_EXCERPT = 280
AUTHORS_WINDOW = timedelta(days=30)
_WEEK = timedelta(days=7)
# What a week and the four usual ones before it need beyond a spike's days.
FIVE_WEEKS_BACK = (USUAL_WEEKS + 1) * _WEEK - SPIKE_WINDOW


def as_negative(
    mention: Mention, uncertain_below: float, *, whole: bool = False, reach: int = 1, told: int = 0
) -> Negative:
    """A mention as the rules see it; ``whole`` brings all of its words along."""
    text = " ".join((mention.text or mention.body).split())
    return Negative(
        mention_id=mention.id,
        story=mention.story,
        title=mention.title,
        text=shortened(text, _EXCERPT),
        url=mention.url,
        score=mention.score or 0.0,
        sure=mention.label == Label.NEGATIVE and is_certain(mention, uncertain_below),
        kind=mention.kind,
        source_id=mention.source_id,
        language=mention.language,
        topic=mention.topic,
        author=mention.author,
        whole=f"{mention.text}\n{mention.body}" if whole else "",
        reach=reach,
        told_reach=told,
        words=tuple(mention.words or ()),
    )


def waits_for_rules() -> ColumnElement[bool]:
    """Labelled and not judged since. A text without its story waits on: it may be a copy of what is told."""
    return Mention.decided_at.is_(None) & Mention.labelled_at.is_not(None) & Mention.grouped_at.is_not(None)


def find_waiting(session: Session, brand_id: int) -> list[tuple[int, datetime | None]]:
    """The texts that wait for the rules, and when each got its label."""
    query = select(Mention.id, Mention.labelled_at).where(Mention.brand_id == brand_id, waits_for_rules())
    return [(number, at) for number, at in session.execute(query.order_by(Mention.id))]


def fresh_texts(session: Session, brand_id: int, uncertain_below: float) -> list[Negative]:
    """Texts to judge: new since the last time, no history, no person's own label, no copy of a story that is known.

    A known story comes back when it stands on many times as many addresses as when it was told.
    """
    mentions = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, waits_for_rules())
        .where(Mention.labelled_by != PERSON, ~Mention.history, Mention.told_at.is_(None))
        .order_by(Mention.id)
    ).all()
    reaches = _reaches(session, brand_id, {mention.story for mention in mentions})
    fresh = []
    for mention in mentions:
        reach, told = reaches.get(mention.story, (1, 0))
        if not told or reach >= REACH_FACTOR * told:
            fresh.append(as_negative(mention, uncertain_below, whole=True, reach=max(reach, 1), told=told))
    return fresh


def confirmed_texts(session: Session, brand_id: int, uncertain_below: float) -> list[Negative]:
    """What a person has called negative since the last time: nobody needs to be told, and it is to be answered."""
    mentions = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, waits_for_rules())
        .where(Mention.labelled_by == PERSON, Mention.label == Label.NEGATIVE)
        .order_by(Mention.id)
    )
    return [as_negative(mention, uncertain_below) for mention in mentions]


def _reaches(session: Session, brand_id: int, stories: Iterable[str]) -> dict[str, tuple[int, int]]:
    """For each story: on how many addresses it stands, and on how many of them it was known already."""
    reaches: dict[str, tuple[int, int]] = {}
    was_there = Mention.history & (Mention.label == Label.NEGATIVE)
    known = or_(Mention.told_at.is_not(None), Mention.labelled_by == PERSON, was_there)
    places, told = func.count(Mention.url.distinct()), func.count(Mention.url.distinct()).filter(known)
    for chunk in in_chunks(stories):
        query = (
            select(Mention.story, places, told)
            .where(Mention.brand_id == brand_id, Mention.story.in_(chunk))
            .group_by(Mention.story)
        )
        reaches.update((story, (reach, before)) for story, reach, before in session.execute(query))
    return reaches


def page_negatives(session: Session, figure: LossFigure, uncertain_below: float) -> list[Negative]:
    """The negatives behind a figure that was counted from a page of results, in rank order."""
    page = session.get(SearchPage, figure.page_id) if figure.page_id is not None else None
    mentions = [result.mention for result in page.results] if page is not None else []
    negatives = [as_negative(mention, uncertain_below) for mention in mentions]
    return [negative for negative in negatives if negative.sure]


def author_records(
    session: Session, brand_id: int, fresh: Sequence[Negative], uncertain_below: float, now: datetime
) -> list[AuthorRecord]:
    """The records of those who wrote the fresh negatives; the same name at another site is somebody else."""
    writers: dict[tuple[str, str], list[int]] = {}
    for mention in fresh:
        if (writer := author_of(mention)) is not None:
            writers.setdefault(writer, []).append(mention.mention_id)
    stories: dict[tuple[str, str], set[str]] = {}
    for chunk in in_chunks({author for author, _ in writers}):
        rows = session.execute(
            select(Mention.author, Mention.url, Mention.story)
            .where(Mention.brand_id == brand_id, Mention.author.in_(chunk), Mention.kind.in_(OPINIONS))
            .where(certainly(Label.NEGATIVE, uncertain_below))
            .where(Mention.said_at >= now - AUTHORS_WINDOW)
        )
        for author, url, story in rows:
            stories.setdefault((author, host_of(url)), set()).add(story)
    return [
        AuthorRecord(author, host, len(stories.get((author, host), ())), tuple(numbers))
        for (author, host), numbers in writers.items()
    ]


def author_of(mention: Negative) -> tuple[str, str] | None:
    """Who wrote a negative opinion, and at which site; None where nobody in particular did."""
    if not mention.sure or mention.kind not in OPINIONS or is_nobody(mention.author):
        return None
    return mention.author, host_of(mention.url)


def negative_moments(
    session: Session, brand_id: int, uncertain_below: float, now: datetime, reach_back: timedelta = timedelta()
) -> list[Moment]:
    """When each negative story of the last weeks, and of ``reach_back`` before, was first seen; history left out."""
    mentions = session.scalars(
        select(Mention)
        .where(Mention.brand_id == brand_id, ~Mention.history, Mention.seen_at >= now - SPIKE_WINDOW - reach_back)
        .where(certainly(Label.NEGATIVE, uncertain_below))
        .order_by(Mention.seen_at, Mention.id)
    )
    first: dict[str, Moment] = {}
    for mention in mentions:
        # What a source told late, after trouble of its own, belongs to the day it was written.
        at = min(mention.published_at or mention.seen_at, mention.seen_at)
        if mention.story not in first:
            first[mention.story] = Moment(at, as_negative(mention, uncertain_below))
    return list(first.values())


def watched_since(session: Session, brand_id: int) -> datetime | None:
    """When the brand's first text came."""
    return session.scalar(select(func.min(Mention.seen_at)).where(Mention.brand_id == brand_id))


def reason_counts(session: Session, brand_id: int, now: datetime) -> list[ReasonCount]:
    """Each reason's last 7 days beside its usual week, the mean of the whole weeks that were watched before.

    None before one was. Who took it back has not left.
    """
    event = UnsubscribeEvent
    first = session.scalar(select(func.min(event.recorded_at)).where(event.brand_id == brand_id))
    weeks = 0 if first is None else min((now - first) // _WEEK - 1, USUAL_WEEKS)
    if weeks < 1:
        return []
    week = func.count().filter(event.left_at > now - _WEEK)
    before = func.count().filter(event.left_at <= now - _WEEK)
    rows = session.execute(
        select(event.reason, week, before)
        .where(event.brand_id == brand_id, event.reason != "", event.stayed == "")
        .where(event.left_at > now - (weeks + 1) * _WEEK, event.left_at <= now)
        .group_by(event.reason)
        .order_by(event.reason)
    )
    return [ReasonCount(reason, in_week, earlier / weeks, weeks) for reason, in_week, earlier in rows]


def troubles(session: Session, brand_id: int) -> list[Trouble]:
    """The brand's sources in trouble; those that serve every brand are told with the first of our own."""
    own = [brand.id for brand in find_brands(session) if not brand.is_rival]
    tells_shared = bool(own) and own[0] == brand_id
    return [
        Trouble(source.id, source.url, source.state, source.state_since, source.error)
        for source in find_sources(session, brand_id)
        if not source.paused and is_in_trouble(source) and (source.brand_id == brand_id or tells_shared)
    ]


def last_told(session: Session, brand_id: int) -> dict[tuple[int, str], datetime]:
    """When each of a brand's rules last told about each of its subjects; some ask for another rule's."""
    kinds = (
        RuleKind.SPIKE,
        RuleKind.EARLY_WARNING,
        RuleKind.REASON_RISE,
        RuleKind.SOURCE_TROUBLE,
        RuleKind.REPEAT_AUTHOR,
    )
    rows = session.execute(
        select(Alert.rule_id, Alert.facts, Alert.created_at)
        .where(Alert.brand_id == brand_id, Alert.kind.in_(kinds), Alert.rule_id.is_not(None))
        .order_by(Alert.created_at)
    )
    told: dict[tuple[int, str], datetime] = {}
    for rule_id, facts, at in rows:
        for subject in facts.get("subjects", [facts.get("subject", "")]):
            told[rule_id, subject] = at
    return told
