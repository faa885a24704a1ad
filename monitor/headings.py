"""What an alert says first: a subject that carries the news, and the lines under it."""

from collections.abc import Callable, Mapping
from typing import Any

from monitor.refusals import refusal
from monitor.types import Basis, NoticeKind, RuleKind
from monitor.wording import REASONS, SOURCE_STATES, Words, isolated, one_line, shortened

# Letters of a name or an address that somebody else chose.
_LONGEST = 160

Facts = Mapping[str, Any]
_Heading = Callable[[Words, str, Facts], list[str]]


def heading(w: Words, kind: RuleKind | NoticeKind, brand: str, facts: Facts) -> list[str]:
    """The subject, then the lines under it; ``facts`` are those :mod:`monitor.conditions` wrote."""
    lines = _HEADINGS[kind](w, isolated(brand), facts)
    if kind not in _OF_THEMSELVES and facts.get("band") is not None:
        lines.append(band_line(w, facts["band"]))
    return lines


def _new_negative(w: Words, brand: str, facts: Facts) -> list[str]:
    count = facts["count"]
    subject = w.count("%(brand)s: a new negative text", "%(brand)s: %(count)s new negative texts", count)
    return [subject % {"brand": brand, "count": w.number(count)}]


def _page_one(w: Words, brand: str, facts: Facts) -> list[str]:
    count = facts["count"]
    subject = w.count(
        "%(brand)s: a new negative result on page one of the search",
        "%(brand)s: %(count)s new negative results on page one of the search",
        count,
    )
    return [subject % {"brand": brand, "count": w.number(count)}]


def _abuse(w: Words, brand: str, facts: Facts) -> list[str]:
    count = facts["count"]
    subject = w.count(
        "%(brand)s: a text with abusive or threatening words",
        "%(brand)s: %(count)s texts with abusive or threatening words",
        count,
    )
    return [subject % {"brand": brand, "count": w.number(count)}]


def _repeat_author(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say("%(brand)s: %(author)s complains again, %(times)s times in %(days)s days")
    values = {
        "brand": brand,
        "author": isolated(shortened(one_line(facts["author"]), _LONGEST)),
        "times": w.number(facts["times"]),
        "days": w.number(30),
    }
    return [subject % values]


def _spike(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say("%(brand)s: %(count)s new negative texts in %(hours)s hours, usually %(usual)s")
    values = {"count": w.number(facts["count"]), "usual": w.number(facts["usual"]), "hours": w.number(24)}
    return [subject % {"brand": brand, **values}]


def _early_warning(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say(
        "%(brand)s: early warning, %(count)s people left over a bad experience in %(days)s days, usually %(usual)s"
    )
    values = {"count": w.number(facts["count"]), "usual": w.number(facts["usual"]), "days": w.number(7)}
    said = w.count(
        "Reviews do not say so yet: %(count)s negative story in the same days. Call these people first.",
        "Reviews do not say so yet: %(count)s negative stories in the same days. Call these people first.",
        facts["said"],
    )
    return [subject % {"brand": brand, **values}, said % {"count": w.number(facts["said"])}]


def _reason_rise(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say("%(brand)s: more people leave, “%(reason)s”: %(count)s in %(days)s days, usually %(usual)s")
    values = {
        "brand": brand,
        "reason": w.name(REASONS, facts["reason"]),
        "count": w.number(facts["count"]),
        "usual": w.number(facts["usual"]),
        "days": w.number(7),
    }
    return [subject % values]


def _source_trouble(w: Words, brand: str, facts: Facts) -> list[str]:
    count = facts["count"]
    subject = w.count(
        "%(brand)s: a source gives nothing to rely on",
        "%(brand)s: %(count)s sources give nothing to rely on",
        count,
    )
    lines = [subject % {"brand": brand, "count": w.number(count)}]
    for source in facts["sources"]:
        line = w.count(
            "%(url)s: %(state)s, for %(hours)s hour", "%(url)s: %(state)s, for %(hours)s hours", source["hours"]
        )
        state = w.name(SOURCE_STATES, source["state"])
        lines.append(
            line
            % {"url": isolated(shortened(source["url"], _LONGEST)), "state": state, "hours": w.number(source["hours"])}
        )
    return lines


def _channel_failed(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say("%(brand)s: the channel %(channel)s did not take an alert") % {
        "brand": brand,
        "channel": isolated(facts["channel"]),
    }
    lines = [subject]
    # Empty where it named somebody who asked to be forgotten.
    if facts["subject"]:
        lines.append(w.say("What it did not get: %(subject)s") % {"subject": isolated(facts["subject"])})
    return [*lines, w.say("The reason it gave: %(error)s") % {"error": refusal(w, facts["error"])}]


def _mailer_failed(w: Words, brand: str, facts: Facts) -> list[str]:
    subject = w.say("%(brand)s: %(mailer)s does not learn who has left") % {
        "brand": brand,
        "mailer": isolated(facts["mailer"]),
    }
    lines = [subject, w.say("People who left on your own page may still get mails from there.")]
    return [*lines, w.say("The reason it gave: %(error)s") % {"error": refusal(w, facts["error"])}]


def _band_crossed(w: Words, brand: str, facts: Facts) -> list[str]:
    values = {
        "brand": brand,
        "before": w.percent(facts["share_before"]),
        "now": w.percent(facts["share"]),
        "negatives": w.number(facts["negatives"]),
    }
    if facts["share"] > facts["share_before"]:
        subject = w.say("%(brand)s: new negative results, loss band from %(before)s to %(now)s")
    else:
        subject = w.say("%(brand)s: fewer negative results, loss band from %(before)s to %(now)s")
    if not facts["negatives"]:
        return [subject % values, w.say("No negative result is left on page one of the search.")]
    study = w.say("The share is what 1,000 US consumers said of themselves in 2015; a stated intention.")
    return [subject % values, _basis(w, facts["negatives"], facts["share"]), study]


def _basis(w: Words, negatives: int, share: float) -> str:
    line = w.count(
        "%(negatives)s negative result on page one of the search: up to %(now)s of prospects may turn away.",
        "%(negatives)s negative results on page one of the search: up to %(now)s of prospects may turn away.",
        negatives,
    )
    return line % {"negatives": w.number(negatives), "now": w.percent(share)}


def band_line(w: Words, band: Facts) -> str:
    """What the band is, with its basis; the stand-in from mentions is marked as one."""
    if band["basis"] == Basis.SEARCH_RESULTS:
        if not band["negatives"]:
            return w.say("No negative result is on page one of the search now.")
        return _basis(w, band["negatives"], band["share"])
    line = w.count(
        "%(negatives)s negative story in 30 days: up to %(now)s, a rough stand-in without a search.",
        "%(negatives)s negative stories in 30 days: up to %(now)s, a rough stand-in without a search.",
        band["negatives"],
    )
    return line % {"negatives": w.number(band["negatives"]), "now": w.percent(band["share"])}


# These speak of the band themselves, or of something that has none.
_OF_THEMSELVES = (
    RuleKind.BAND_CROSSED,
    RuleKind.EARLY_WARNING,
    RuleKind.REASON_RISE,
    RuleKind.SOURCE_TROUBLE,
    NoticeKind.CHANNEL_FAILED,
    NoticeKind.MAILER_FAILED,
)
_HEADINGS: Mapping[str, _Heading] = {
    RuleKind.NEW_NEGATIVE: _new_negative,
    RuleKind.PAGE_ONE: _page_one,
    RuleKind.ABUSE: _abuse,
    RuleKind.REPEAT_AUTHOR: _repeat_author,
    RuleKind.SPIKE: _spike,
    RuleKind.EARLY_WARNING: _early_warning,
    RuleKind.REASON_RISE: _reason_rise,
    RuleKind.SOURCE_TROUBLE: _source_trouble,
    RuleKind.BAND_CROSSED: _band_crossed,
    NoticeKind.CHANNEL_FAILED: _channel_failed,
    NoticeKind.MAILER_FAILED: _mailer_failed,
}
