"""DECIDE, the pure part: facts and rules in, alerts out. No database and no clock in here."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from monitor import conditions
from monitor.conditions import passes
from monitor.facts import AlertDraft, BrandFacts, Rule
from monitor.loss import LossScale
from monitor.types import RuleKind

_GRAVITY = {kind: number for number, kind in enumerate(RuleKind)}


def decide(facts: BrandFacts, rules: Iterable[Rule], scale: LossScale, now: datetime) -> list[AlertDraft]:
    """The alerts that ``facts`` ask for, the graver first; a story is told by one of them only."""
    drafts: list[AlertDraft] = []
    told_at = dict(facts.last_told)
    story_of = {mention.mention_id: mention.story for mention in facts.fresh}
    told: set[str] = set()
    for rule in sorted(rules, key=lambda rule: (_GRAVITY[rule.kind], rule.id)):
        for draft in _judge(replace(facts, last_told=told_at), rule, scale, told, now):
            drafts.append(draft)
            told_at[rule.id, draft.facts.get("subject", "")] = now
            told.update(story_of[number] for number in draft.told)
    return drafts


def _judge(facts: BrandFacts, rule: Rule, scale: LossScale, told: set[str], now: datetime) -> list[AlertDraft]:
    allowed = passes(rule.options)
    untold = [mention for mention in facts.fresh if mention.story not in told and allowed(mention)]
    draft: AlertDraft | None = None
    match rule.kind:
        case RuleKind.BAND_CROSSED:
            draft = conditions.band_crossed(facts, rule, scale)
        case RuleKind.ABUSE:
            draft = conditions.abuse(facts, untold, rule)
        case RuleKind.REPEAT_AUTHOR:
            return conditions.repeat_author(facts, untold, rule, now)
        case RuleKind.PAGE_ONE:
            draft = conditions.page_one(facts, untold, rule)
        case RuleKind.NEW_NEGATIVE:
            draft = conditions.new_negative(facts, untold, rule)
        case RuleKind.SPIKE:
            draft = conditions.spike(facts, rule, now)
        case RuleKind.EARLY_WARNING:
            draft = conditions.early_warning(facts, rule, now)
        case RuleKind.REASON_RISE:
            return conditions.reason_rise(facts, rule, now)
        case RuleKind.SOURCE_TROUBLE:
            draft = conditions.source_trouble(facts, rule, now)
    return [] if draft is None else [draft]
