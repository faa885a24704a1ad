"""The same topics in the words of those who left and in what is said in public, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from monitor.chance import rise_chance
from monitor.exits import LEVEL, left_between
from monitor.gathering import watched_since
from monitor.loss import certainly
from monitor.models import Mention, UnsubscribeEvent
from monitor.types import Label, ReasonCode, Topic

# Reasons that name a topic by themselves, where nobody wrote a word.
_TOPIC_OF: Mapping[str, Topic] = {
    ReasonCode.PRICE: Topic.PRICE,
    ReasonCode.PRIVACY: Topic.PRIVACY,
    ReasonCode.DISPLAY: Topic.APP,
}


@dataclass(frozen=True, slots=True)
class SharedTopic:
    """One topic among leavings and negative stories, in the last period and the one before.

    ``said_before`` is None where the brand was not watched for both periods. ``is_finding`` says that both rose
    together by more than chance.
    """

    topic: Topic
    left: int
    left_before: int
    said: int
    said_before: int | None
    is_finding: bool


def shared_topics(
    session: Session, brand_id: int, uncertain_below: float, now: datetime, days: int = 30
) -> list[SharedTopic]:
    """Every topic of the last ``days`` that both know or either does, findings first, "other" left out.

    A topic is a finding when leavings and negative stories have both risen and the two exact binomial tests together
    call it more than chance: each at the square root of LEVEL shared among the topics (Bonferroni), since two
    independent rises both fall below that by chance with the product of it with itself.
    """
    span = timedelta(days=days)
    middle = now - span
    left, left_before = _left(session, brand_id, middle, now), _left(session, brand_id, middle - span, middle)
    said = _said(session, brand_id, uncertain_below, middle, now)
    since = watched_since(session, brand_id)
    was_watched = since is not None and since <= middle - span
    said_before = _said(session, brand_id, uncertain_below, middle - span, middle) if was_watched else None
    topics = (left.keys() | left_before.keys() | said.keys()) - {Topic.OTHER, ""}
    level = (LEVEL / max(len(topics), 1)) ** 0.5
    found = []
    for topic in topics:
        before = None if said_before is None else said_before.get(topic, 0)
        counts = (left.get(topic, 0), left_before.get(topic, 0), said.get(topic, 0), before)
        found.append(SharedTopic(Topic(topic), *counts, is_finding=_rise_together(*counts, level)))
    return sorted(found, key=lambda each: (not each.is_finding, -each.left - each.said, each.topic))


def _rise_together(left: int, left_before: int, said: int, said_before: int | None, level: float) -> bool:
    if said_before is None or left <= left_before or said <= said_before:
        return False
    return rise_chance(left, left_before) < level and rise_chance(said, said_before) < level


def topic_told() -> ColumnElement[str]:
    """The topic over which somebody left: that of their words, else the one their reason names, else none."""
    event = UnsubscribeEvent
    by_reason = ((event.reason == code, topic) for code, topic in _TOPIC_OF.items())
    told: ColumnElement[str] = case((event.topic != "", event.topic), *by_reason, else_="")
    return told


def _left(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, int]:
    told = topic_told()
    rows = session.execute(select(told, func.count()).where(*left_between(brand_id, since, until)).group_by(told))
    return {topic: count for topic, count in rows}


def _said(session: Session, brand_id: int, uncertain_below: float, since: datetime, until: datetime) -> dict[str, int]:
    rows = session.execute(
        select(Mention.topic, func.count(Mention.story.distinct()))
        .where(Mention.brand_id == brand_id, certainly(Label.NEGATIVE, uncertain_below), Mention.topic != "")
        .where(Mention.said_at >= since, Mention.said_at < until)
        .group_by(Mention.topic)
    )
    return {topic: count for topic, count in rows}
