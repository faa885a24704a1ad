"""When each kind of rule comes true: pure functions of facts, one rule and `now`."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from statistics import fmean, pstdev
from typing import Any

from persiantools.jdatetime import JalaliDate

from monitor.abuse import abusive_words
from monitor.brands import BrandMatcher
from monitor.chance import rise_chance
from monitor.facts import AlertDraft, BrandFacts, Negative, Rule, RuleOptions
from monitor.folding import digest
from monitor.loss import LossScale
from monitor.types import Basis, ReasonCode, RuleKind

# What one message can hold; the count tells the rest.
SHOWN = 10
DAY = timedelta(days=1)
# A story that is told already is news again when it stands on this many times as many addresses.
REACH_FACTOR = 5
# So far back may a spike's seven ordinary days lie: a week, and the three of the longest holiday before it.
SPIKE_WINDOW = timedelta(days=29)
_ORDINARY_DAYS, _LEAST_DAYS = 7, 3
# A reason rises when twice as many name it as in a usual week.
_RISE = 2.0
# So many weeks are a usual one's mean, where as many were watched.
USUAL_WEEKS = 4
_WEEK = timedelta(days=7)
# The least probability at which a rise is called chance.
_LEVEL = 0.05
_EARLY = "before reviews"

LEAST: Mapping[RuleKind, int] = {
    RuleKind.SPIKE: 5,
    RuleKind.EARLY_WARNING: 4,
    RuleKind.REASON_RISE: 5,
    RuleKind.REPEAT_AUTHOR: 3,
}
SPACING: Mapping[RuleKind, int] = {
    RuleKind.SPIKE: 24,
    RuleKind.EARLY_WARNING: 7 * 24,
    RuleKind.REASON_RISE: 7 * 24,
    RuleKind.SOURCE_TROUBLE: 24,
    RuleKind.REPEAT_AUTHOR: 30 * 24,
}


def least(rule: Rule) -> int:
    """The floor on events."""
    return rule.options.least or LEAST[rule.kind]


def spacing(rule: Rule) -> timedelta:
    """The least time between two alerts of the rule about one subject."""
    return timedelta(hours=rule.options.spacing or SPACING[rule.kind])


def passes(options: RuleOptions) -> Callable[[Negative], bool]:
    """The filter that ``options`` ask for."""
    matcher = BrandMatcher(options.words[0], options.words[1:]) if options.words else None

    def passes_one(mention: Negative) -> bool:
        return (
            (not options.kinds or mention.kind in options.kinds)
            and (not options.sources or mention.source_id in options.sources)
            and (not options.languages or mention.language in options.languages)
            and (not options.topics or mention.topic in options.topics)
            and mention.score >= options.score_floor
            and mention.reach >= options.reach_floor
            and (matcher is None or matcher.matches(f"{mention.title}\n{mention.whole or mention.text}"))
        )

    return passes_one


def band_crossed(facts: BrandFacts, rule: Rule, scale: LossScale) -> AlertDraft | None:
    """The band of the searches changed; only searches were studied, so the stand-in never crosses one."""
    before, now = facts.before, facts.reading
    if before is None or now is None or {before.basis, now.basis} != {Basis.SEARCH_RESULTS}:
        return None
    if scale.band(before.negatives) == scale.band(now.negatives):
        return None
    if rule.options.direction == ("down" if now.negatives > before.negatives else "up"):
        return None
    fresh = {mention.mention_id for mention in facts.fresh}
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("band", facts.moment),
        facts={
            "negatives": now.negatives,
            "share": scale.share(now.negatives),
            "negatives_before": before.negatives,
            "share_before": scale.share(before.negatives),
            **page_facts(facts.page, fresh),
        },
        told=tuple(negative.mention_id for negative in facts.page if negative.mention_id in fresh),
    )


def page_facts(page: Sequence[Negative], news: Container[int]) -> dict[str, Any]:
    """The negatives of a page as a message tells them, the news first."""
    news_first = sorted(page, key=lambda negative: negative.mention_id not in news)
    return {"mentions": [negative.as_fact() for negative in news_first[:SHOWN]], "count": len(page)}


def abuse(facts: BrandFacts, untold: Sequence[Negative], rule: Rule) -> AlertDraft | None:
    """Abusive or threatening words, whatever the model thought of the text."""
    found = [(mention, words) for mention in untold if (words := abusive_words(f"{mention.title}\n{mention.whole}"))]
    words_of = {mention.mention_id: words for mention, words in found}
    return _stories(facts, [mention for mention, _ in found], rule, words_of)


def page_one(facts: BrandFacts, untold: Sequence[Negative], rule: Rule) -> AlertDraft | None:
    """A negative that is new and stands on the first page of a search."""
    on_page = {negative.mention_id for negative in facts.page}
    return _stories(facts, [mention for mention in untold if mention.sure and mention.mention_id in on_page], rule)


def new_negative(facts: BrandFacts, untold: Sequence[Negative], rule: Rule) -> AlertDraft | None:
    return _stories(facts, [mention for mention in untold if mention.sure], rule)


def _stories(
    facts: BrandFacts, mentions: Sequence[Negative], rule: Rule, words: Mapping[int, Sequence[str]] | None = None
) -> AlertDraft | None:
    """One alert however many there are: a burst is one message that names the count."""
    stories = {mention.story: mention for mention in reversed(mentions)}
    if not stories:
        return None
    shown = sorted(stories.values(), key=lambda mention: mention.mention_id)[:SHOWN]
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        # Not of their names: a story that grew, or whose correction was taken back, is told again.
        key=digest("stories", facts.moment),
        facts={
            "mentions": [mention.as_fact((words or {}).get(mention.mention_id, ())) for mention in shown],
            "count": len(stories),
        },
        told=tuple(mention.mention_id for mention in mentions),
    )


def repeat_author(facts: BrandFacts, untold: Sequence[Negative], rule: Rule, now: datetime) -> list[AlertDraft]:
    """Somebody who has complained again and again, and now once more."""
    sure = {mention.mention_id: mention for mention in untold if mention.sure}
    drafts = []
    for record in facts.authors:
        subject = f"{record.author} {record.host}"
        fresh = [sure[number] for number in record.fresh if number in sure]
        if not fresh or record.stories < least(rule) or not _rested(facts, rule, subject, now):
            continue
        drafts.append(
            AlertDraft(
                rule_id=rule.id,
                kind=rule.kind,
                key=digest("author", subject, facts.moment),
                facts={
                    "subject": subject,
                    "author": record.author,
                    "host": record.host,
                    "times": record.stories,
                    "mentions": [mention.as_fact() for mention in fresh[:SHOWN]],
                    "count": len(fresh),
                },
                told=tuple(mention.mention_id for mention in fresh),
            )
        )
    return drafts


def spike(facts: BrandFacts, rule: Rule, now: datetime) -> AlertDraft | None:
    """More negative stories in the last 24 hours than the seven ordinary days before explain."""
    if facts.watched_since is None or not _rested(facts, rule, "", now):
        return None
    allowed = passes(rule.options)
    moments = [moment for moment in facts.negatives if moment.at <= now and allowed(moment.mention)]
    counts = [0] * (SPIKE_WINDOW // DAY)
    for moment in moments:
        if (days := (now - moment.at) // DAY) < len(counts):
            counts[days] += 1
    usual = _ordinary_days(counts, facts.watched_since, now)
    if counts[0] < least(rule) or len(usual) < _LEAST_DAYS:
        return None
    mean = fmean(usual)
    # Seven small counts may lie close together by chance; a count's own scatter is its square root.
    deviation = max(pstdev(usual), mean**0.5)
    if counts[0] <= mean + rule.options.sensitivity * deviation:
        return None
    newest = sorted((m for m in moments if now - m.at < DAY), key=lambda moment: moment.at, reverse=True)
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("spike", now.isoformat()),
        facts={
            "subject": "",
            "usual": round(mean, 1),
            "mentions": [moment.mention.as_fact() for moment in newest[:SHOWN]],
            "count": counts[0],
        },
    )


def _ordinary_days(counts: Sequence[int], since: datetime, now: datetime) -> list[int]:
    """The counts of the seven latest whole days before the last 24 hours that were watched and no holiday.

    The quiet of a holiday would make any working day after it look like a spike.
    """
    days = (number for number in range(1, len(counts)) if now - (number + 1) * DAY >= since)
    return [counts[number] for number in islice((n for n in days if not is_holiday(now - n * DAY)), _ORDINARY_DAYS)]


def is_holiday(at: datetime) -> bool:
    """Nowruz with its eve: the last days of Esfand to the 14th of Farvardin."""
    date = JalaliDate(at.date())
    return (date.month == 12 and date.day >= 28) or (date.month == 1 and date.day <= 14)


def early_warning(facts: BrandFacts, rule: Rule, now: datetime) -> AlertDraft | None:
    """More people leave over a bad experience than chance explains, and the reviews do not say so yet.

    By the exact binomial test, the last 7 days against the weeks before; negative stories must not have risen by it.
    """
    reason = next((each for each in facts.reasons if each.reason == ReasonCode.BAD_EXPERIENCE), None)
    if reason is None or reason.week < least(rule) or not _rested(facts, rule, _EARLY, now):
        return None
    if not _has_risen(reason.week, round(reason.usual * reason.weeks), reason.weeks):
        return None
    weeks = [(now - moment.at) // _WEEK for moment in facts.negatives if moment.at <= now]
    said, before = weeks.count(0), sum(week <= USUAL_WEEKS for week in weeks) - weeks.count(0)
    if _has_risen(said, before, USUAL_WEEKS):
        return None
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("early warning", now.isoformat()),
        facts={
            "subject": _EARLY,
            "reason": reason.reason,
            "usual": round(reason.usual, 1),
            "said": said,
            "mentions": [],
            "count": reason.week,
        },
    )


def _has_risen(week: int, before: int, weeks: int) -> bool:
    return week * weeks > before and rise_chance(week, before, weeks) < _LEVEL


def reason_rise(facts: BrandFacts, rule: Rule, now: datetime) -> list[AlertDraft]:
    """More people than usual leave a list for one reason; one that an early warning has told of is not told again."""
    drafts = []
    for reason in facts.reasons:
        is_rising = reason.week >= least(rule) and reason.week >= _RISE * reason.usual
        if reason.reason == ReasonCode.BAD_EXPERIENCE and _is_warned_of(facts, now):
            continue
        if not is_rising or not _rested(facts, rule, reason.reason, now):
            continue
        drafts.append(
            AlertDraft(
                rule_id=rule.id,
                kind=rule.kind,
                key=digest("reason", reason.reason, now.isoformat()),
                facts={
                    "subject": reason.reason,
                    "reason": reason.reason,
                    "usual": round(reason.usual, 1),
                    "mentions": [],
                    "count": reason.week,
                },
            )
        )
    return drafts


def _is_warned_of(facts: BrandFacts, now: datetime) -> bool:
    told = [at for (_, subject), at in facts.last_told.items() if subject == _EARLY]
    return any(now - at < timedelta(hours=SPACING[RuleKind.REASON_RISE]) for at in told)


def source_trouble(facts: BrandFacts, rule: Rule, now: datetime) -> AlertDraft | None:
    """Sources that have given nothing to rely on for hours; all of them in one message."""
    limit = timedelta(hours=rule.options.hours)
    sources = [
        trouble
        for trouble in facts.troubles
        if now - trouble.since >= limit
        and (not rule.options.sources or trouble.source_id in rule.options.sources)
        # Told once while it lasts; anew when it comes back after the spacing.
        and not _told_since(facts, rule, str(trouble.source_id), trouble.since)
        and _rested(facts, rule, str(trouble.source_id), now)
    ]
    if not sources:
        return None
    return AlertDraft(
        rule_id=rule.id,
        kind=rule.kind,
        key=digest("sources", now.isoformat(), *(str(trouble.source_id) for trouble in sources)),
        facts={
            "subjects": [str(trouble.source_id) for trouble in sources],
            "sources": [
                {
                    "id": trouble.source_id,
                    "url": trouble.url,
                    "state": trouble.state,
                    "hours": (now - trouble.since) // timedelta(hours=1),
                    "error": trouble.error,
                }
                for trouble in sources[:SHOWN]
            ],
            "mentions": [],
            "count": len(sources),
        },
    )


def _rested(facts: BrandFacts, rule: Rule, subject: str, now: datetime) -> bool:
    told_at = facts.last_told.get((rule.id, subject))
    return told_at is None or now - told_at >= spacing(rule)


def _told_since(facts: BrandFacts, rule: Rule, subject: str, since: datetime) -> bool:
    told_at = facts.last_told.get((rule.id, subject))
    return told_at is not None and told_at >= since
