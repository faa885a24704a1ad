"""DECIDE, the pure part: facts and rules in, alerts out. No database and no clock in here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.folding import digest
from monitor.loss import LossScale
from monitor.types import Basis, RuleKind

# What one message can hold; the count tells the rest.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """An enabled alert rule."""

    id: int
    kind: RuleKind


@dataclass(frozen=True, slots=True)
class Negative:
    """A negative mention the model is sure of, as a message tells it."""

    mention_id: int
    story: str
    title: str
    text: str
    url: str
    score: float

    def as_fact(self) -> dict[str, Any]:
        return {"id": self.mention_id, "title": self.title, "text": self.text, "url": self.url, "score": self.score}


@dataclass(frozen=True, slots=True)
class Reading:
    """A loss figure that may be compared: the basis it was counted from and the count."""

    basis: str
    negatives: int


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """What is known of one brand at one moment.

    ``fresh`` are negatives nobody has been told of, none of them history. ``page`` are the negatives behind
    ``reading``. ``before`` is the reading before it; either is None when there is none.
    """

    fresh: Sequence[Negative] = ()
    page: Sequence[Negative] = ()
    before: Reading | None = None
    reading: Reading | None = None
    moment: str = ""


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert to be written; ``told`` are the mentions it tells of, so that no other alert repeats them."""

    rule_id: int
    kind: RuleKind
    key: str
    facts: dict[str, Any]
    told: tuple[int, ...] = field(default=())


def decide(facts: BrandFacts, rules: Iterable[Rule], scale: LossScale) -> list[AlertDraft]:
    """The alerts that ``facts`` ask for, the graver first; a mention is told by one of them only."""
    by_kind = {rule.kind: rule for rule in rules}
    drafts: list[AlertDraft] = []
    told: set[int] = set()
    if (rule := by_kind.get(RuleKind.BAND_CROSSED)) and (draft := _band_crossed(facts, rule, scale)):
        drafts.append(draft)
        told.update(draft.told)
    if rule := by_kind.get(RuleKind.NEW_NEGATIVE):
        untold = [negative for negative in facts.fresh if negative.mention_id not in told]
        if draft := _new_negative(untold, rule):
            drafts.append(draft)
    return drafts


def _band_crossed(facts: BrandFacts, rule: Rule, scale: LossScale) -> AlertDraft | None:
    before, now = facts.before, facts.reading
    # Only searches were studied: the stand-in from mentions is shown, and never alerted on as a band.
    if before is None or now is None or {before.basis, now.basis} != {Basis.SEARCH_RESULTS}:
        return None
    if scale.band(before.negatives) == scale.band(now.negatives):
        return None
    fresh = {negative.mention_id for negative in facts.fresh}
    told = tuple(negative.mention_id for negative in facts.page if negative.mention_id in fresh)
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("band", facts.moment),
        facts={
            "negatives": now.negatives,
            "share": scale.share(now.negatives),
            "negatives_before": before.negatives,
            "share_before": scale.share(before.negatives),
            "mentions": [negative.as_fact() for negative in _news_first(facts.page, fresh)[:_SHOWN]],
            "count": len(facts.page),
        },
        told=told,
    )


def _news_first(page: Sequence[Negative], fresh: set[int]) -> list[Negative]:
    return sorted(page, key=lambda negative: negative.mention_id not in fresh)


def _new_negative(untold: Sequence[Negative], rule: Rule) -> AlertDraft | None:
    """One alert however many there are: a burst is one message that names the count."""
    stories = {negative.story: negative for negative in reversed(untold)}
    if not stories:
        return None
    shown = sorted(stories.values(), key=lambda negative: negative.mention_id)[:_SHOWN]
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("stories", *sorted(stories)),
        facts={"mentions": [negative.as_fact() for negative in shown], "count": len(stories)},
        told=tuple(negative.mention_id for negative in untold),
    )
