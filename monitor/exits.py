"""Why people leave: each reason against the period before, by list, campaign and provider, and in their words."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from monitor.chance import rise_chance
from monitor.folding import fold
from monitor.models import UnsubscribeEvent

Group = Literal["list_name", "campaign", "segment", "provider", "door"]
# The least probability at which a rise is called chance, shared among all that are looked at together (Bonferroni).
LEVEL = 0.05
_EXAMPLES = 3
_MOST_COMMENTS = 5000
_WORD = re.compile(r"[^\W\d_](?:[\w\u200c]*[^\W_])?")
_EMPTY_WORDS = frozenset(
    (
        "و در به از که را رو با این آن ان برای هم یک من ما شما است بود شد می تا بر یا نه اما ولی خیلی هر هیچ دیگر دیگه "
        "کنید کردم کرد شده هست نیست چرا اگر پس خود ها های the a an and or of to in is it i my me you your for on was "
        "are be not no so that this with have has had at as but do does did from am im we they too very just will can"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Trend:
    """One reason, list or campaign in the last period and the one before.

    ``change`` is relative, 0.5 for half as many again, and None after none. ``chance`` is the probability of such a
    rise by chance (exact binomial test); ``is_rise`` says that it is too small for that.
    """

    name: str
    count: int
    before: int
    change: float | None
    chance: float
    is_rise: bool


@dataclass(frozen=True, slots=True)
class WordUse:
    """A word, in how many comments it stands, and some of those."""

    word: str
    count: int
    examples: Sequence[str]


def reason_trends(session: Session, brand_id: int, now: datetime, days: int = 30) -> list[Trend]:
    """Every reason of the last ``days`` against as many days before, the most frequent first; ``""`` is no answer."""
    middle = now - timedelta(days=days)
    return _compare(
        _count_reasons(session, brand_id, middle, now),
        _count_reasons(session, brand_id, middle - timedelta(days=days), middle),
    )


def _count_reasons(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """Without those whose words the model has still to read: they are no people who said nothing."""
    rows = session.execute(
        select(UnsubscribeEvent.reason, func.count())
        .where(*left_between(brand_id, since, until))
        .where(or_(UnsubscribeEvent.reason != "", UnsubscribeEvent.labelled_at.is_not(None)))
        .group_by(UnsubscribeEvent.reason)
    )
    return {reason: count for reason, count in rows}


def is_sure(event: UnsubscribeEvent, uncertain_below: float) -> bool:
    """Whether a reason stands: a person or a provider gave it, or the model was certain. A blank is no guess."""
    return event.reason == "" or (event.reason_score or 0.0) >= uncertain_below


def group_trends(
    session: Session, brand_id: int, by: Group, now: datetime, days: int = 30, reason: str | None = None
) -> list[Trend]:
    """The same by list, campaign, segment, provider or door; with ``reason`` only those who left for it."""
    middle = now - timedelta(days=days)
    return _compare(
        _count(session, brand_id, by, middle, now, reason),
        _count(session, brand_id, by, middle - timedelta(days=days), middle, reason),
    )


def _count(
    session: Session, brand_id: int, by: Group, since: datetime, until: datetime, reason: str | None
) -> dict[str, int]:
    column = getattr(UnsubscribeEvent, by)
    query = select(column, func.count()).where(*left_between(brand_id, since, until)).group_by(column)
    if reason is not None:
        query = query.where(UnsubscribeEvent.reason == reason)
    return {name: count for name, count in session.execute(query)}


def left_between(brand_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """The leavings of [since, until) that were not taken back."""
    return (
        UnsubscribeEvent.brand_id == brand_id,
        UnsubscribeEvent.stayed == "",
        UnsubscribeEvent.left_at >= since,
        UnsubscribeEvent.left_at < until,
    )


def _compare(counts: dict[str, int], before: dict[str, int]) -> list[Trend]:
    names = counts.keys() | before.keys()
    found = [_trend(name, counts.get(name, 0), before.get(name, 0), len(names)) for name in names]
    return sorted(found, key=lambda trend: (-trend.count, -trend.before, trend.name))


def _trend(name: str, count: int, before: int, compared: int) -> Trend:
    chance = rise_chance(count, before)
    change = (count - before) / before if before else None
    return Trend(name, count, before, change, chance, count > before and chance < LEVEL / compared)


def find_words(
    session: Session, brand_id: int, since: datetime, until: datetime, reason: str = "", most: int = 20
) -> list[WordUse]:
    """The words that people use in [since, until), each counted once a comment, the most frequent first."""
    query = select(UnsubscribeEvent.comment).where(*left_between(brand_id, since, until))
    query = query.where(UnsubscribeEvent.comment != "")
    if reason:
        query = query.where(UnsubscribeEvent.reason == reason)
    comments = session.scalars(query.order_by(UnsubscribeEvent.left_at.desc()).limit(_MOST_COMMENTS)).all()
    return count_words(comments, most)


def count_words(comments: Iterable[str], most: int = 20) -> list[WordUse]:
    """Words that stand in two comments or more, without those that say nothing."""
    uses: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for comment in comments:
        for word in set(_WORD.findall(fold(comment))) - _EMPTY_WORDS:
            if len(word) < 2:
                continue
            uses[word] += 1
            if len(kept := examples.setdefault(word, [])) < _EXAMPLES:
                kept.append(comment)
    ranked = sorted(uses.items(), key=lambda use: (-use[1], use[0]))
    return [WordUse(word, count, tuple(examples[word])) for word, count in ranked[:most] if count > 1]
