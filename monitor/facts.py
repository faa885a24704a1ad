"""The values that DECIDE works on: what is known, what is asked for, what comes out. No database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.types import Kind, RuleKind


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What a rule can be told; an empty filter lets everything through.

    ``score_floor`` is a probability, 0 to 1. ``reach_floor`` is on how many addresses a story must stand. ``least`` is
    the floor on events and ``spacing`` the least hours between two alerts about the same thing; 0 means the kind's
    own. ``sensitivity`` is the number of standard deviations of a spike, ``hours`` how long a source may be in
    trouble, ``direction`` which way a band must be crossed: ``both``, ``up`` or ``down``.
    """

    kinds: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    score_floor: float = 0.0
    reach_floor: int = 1
    least: int = 0
    spacing: int = 0
    sensitivity: float = 2.0
    hours: int = 6
    direction: str = "both"


@dataclass(frozen=True, slots=True)
class Rule:
    """An enabled alert rule."""

    id: int
    kind: RuleKind
    options: RuleOptions = RuleOptions()


@dataclass(frozen=True, slots=True)
class Negative:
    """A mention as the rules see it and a message tells it.

    ``sure`` is false where the model did not call it negative, or not surely; only the rule on abuse looks at those.
    ``whole`` is all of its words, ``text`` what a message has room for. ``reach`` is on how many addresses its story
    stands; ``told_reach`` on how many when it was told last, 0 when it was not.
    """

    mention_id: int
    story: str
    title: str
    text: str
    url: str
    score: float
    sure: bool = True
    kind: str = Kind.REVIEW
    source_id: int | None = None
    language: str = ""
    topic: str = ""
    author: str = ""
    whole: str = ""
    reach: int = 1
    told_reach: int = 0
    words: tuple[str, ...] = ()

    def as_fact(self, words: Sequence[str] = ()) -> dict[str, Any]:
        """As an alert keeps it; ``words`` are the ones that decided, where they are known."""
        fact: dict[str, Any] = {
            "id": self.mention_id,
            "title": self.title,
            "text": self.text,
            "url": self.url,
            "score": self.score,
            "sure": self.sure,
        }
        if words or self.words:
            fact["words"] = list(words or self.words)
        if self.told_reach:
            fact["reach"] = self.reach
        return fact


@dataclass(frozen=True, slots=True)
class Reading:
    """A loss figure that may be compared: the basis it was counted from and the count."""

    basis: str
    negatives: int


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """Somebody's negative stories of the last 30 days at one site, those that are fresh included."""

    author: str
    host: str
    stories: int
    fresh: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a negative story was first seen; what a filter asks of it."""

    at: datetime
    mention: Negative


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many left for a reason in the last 7 days, and a week in the mean of the ``weeks`` before."""

    reason: str
    week: int
    usual: float
    weeks: int = 4


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source whose figures cannot be relied on."""

    source_id: int
    url: str
    state: str
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """What is known of one brand at one moment.

    ``fresh`` are texts nobody has been told of, none of them history. ``page`` are the negatives behind ``reading``.
    ``before`` is the reading before it; either is None when there is none. ``watched_since`` is when the brand's
    first text came. ``last_told`` is when a rule last told about a subject, by rule id and subject.
    """

    fresh: Sequence[Negative] = ()
    page: Sequence[Negative] = ()
    before: Reading | None = None
    reading: Reading | None = None
    moment: str = ""
    authors: Sequence[AuthorRecord] = ()
    negatives: Sequence[Moment] = ()
    watched_since: datetime | None = None
    reasons: Sequence[ReasonCount] = ()
    troubles: Sequence[Trouble] = ()
    last_told: Mapping[tuple[int, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert to be written; ``told`` are the mentions it tells of, so that no other alert repeats them."""

    rule_id: int
    kind: RuleKind
    key: str
    facts: dict[str, Any]
    told: tuple[int, ...] = field(default=())
