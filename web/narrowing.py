"""What the address of the inbox narrows it to: read, checked, and said back to the reader."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from persiantools.jdatetime import JalaliDate

from monitor.brands import find_brands
from monitor.mention_list import NO_CASE, UNCERTAIN, MentionFilter
from monitor.models import Brand, Source
from monitor.moments import FIRST_GREGORIAN_YEAR, read_day, typed_date
from monitor.types import CaseState, Kind, Label, Language, Topic
from web import words
from web.filters import day, digits, host, lasting, month, percent
from web.ids import row_id
from web.language import language
from web.scope import db, now, settings, the_brand

LABELS: Sequence[str] = (*Label, UNCERTAIN)
KINDS: Sequence[str] = [kind for kind in Kind if kind is not Kind.UNSUBSCRIBE]
CASES: Sequence[str] = (*CaseState, NO_CASE)
PERIODS: Mapping[str, timedelta] = {f"{days}d": timedelta(days=days) for days in (1, 7, 30, 90)}
SCORES: Sequence[str] = ("60", "75", "90", "95")
_MONTHS = 12
_LONGEST = 200
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """``values`` are the arguments as they are understood, dates in ISO 8601; ``errors`` say which are not."""

    wanted: MentionFilter
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The arguments as a part of an address, always in the same order."""
        return urlencode(sorted(self.values.items()))


def read_narrowing() -> Narrowing:
    """What the address asks for; what is unknown in it narrows nothing, and a date that is none is said so."""
    asked = {name: value.strip()[:_LONGEST] for name, value in request.args.items() if value.strip()}
    known = {"label": LABELS, "kind": KINDS, "language": Language, "topic": Topic, "case": CASES, "score": SCORES}
    values = {name: asked[name] for name, codes in known.items() if asked.get(name) in set(codes)}
    values |= {name: asked[name] for name in ("words", "author", "site", "story") if name in asked}
    if looked_at().is_rival:
        values["rival"] = asked["rival"]
    if (source := request.args.get("source", type=row_id)) is not None:
        values["source"] = str(source)
    errors: dict[str, str] = {}
    for name in ("from", "to"):
        if name not in asked:
            continue
        found = read_day(asked[name])
        values[name] = found.isoformat() if found else asked[name]
        if found is None:
            errors[name] = _("Not a date: write it like %(example)s.", example=_written(date(2026, 10, 23)))
    if _span(asked.get("period", "")) is not None and not {"from", "to"} & values.keys():
        values["period"] = asked["period"]
    return Narrowing(_filter(values), values, errors)


def read_span() -> tuple[datetime | None, datetime | None]:
    """From when to before when the address asks for, where days are all that narrows."""
    return _dates({name: request.args.get(name, "") for name in ("from", "to")})


def looked_at() -> Brand:
    """The brand whose mentions are listed: a rival where the address names one, else our own."""
    rivals = {str(brand.id): brand for brand in find_brands(db()) if brand.is_rival}
    return rivals.get(request.args.get("rival", "")) or the_brand()


def _filter(values: Mapping[str, str]) -> MentionFilter:
    said_from, said_before = _dates(values)
    wanted = MentionFilter(
        kind=values.get("kind", ""),
        language=values.get("language", ""),
        topic=values.get("topic", ""),
        source_id=int(values["source"]) if "source" in values else None,
        case=values.get("case", ""),
        least_score=int(values["score"]) / 100 if "score" in values else None,
        words=values.get("words", ""),
        author=values.get("author", ""),
        site=values.get("site", ""),
        story=values.get("story", ""),
        said_from=said_from,
        said_before=said_before,
    )
    return wanted.called(values.get("label", ""), settings().uncertain_below)


def _dates(values: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    if "period" in values:
        return _span(values["period"]) or (None, None)
    first, last = read_day(values.get("from", "")), read_day(values.get("to", ""))
    return (_midnight(first) if first else None, _midnight(last + timedelta(days=1)) if last else None)


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time.min, tzinfo=settings().zone)


def _span(code: str) -> tuple[datetime, datetime | None] | None:
    """From when to before when a period runs: the last days, or a month of either calendar."""
    if code in PERIODS:
        return now() - PERIODS[code], None
    match = _MONTH.fullmatch(code)
    first = typed_date(int(match[1]), int(match[2]), 1) if match else None
    if match is None or first is None:
        return None
    year, number = divmod(int(match[1]) * 12 + int(match[2]), 12)
    following = typed_date(year, number + 1, 1)
    return (_midnight(first), _midnight(following)) if following else None


def months() -> list[tuple[str, str]]:
    """The last twelve months of the reader's calendar, this one first: code and name."""
    today = now().astimezone(settings().zone).date()
    this = JalaliDate(today) if language() == "fa" else today
    codes = [divmod(this.year * 12 + this.month - 1 - ago, 12) for ago in range(_MONTHS)]
    return [(f"{year}-{number + 1:02}", _month_name(f"{year}-{number + 1:02}")) for year, number in codes]


def _month_name(code: str) -> str:
    year, _dash, number = code.partition("-")
    first = typed_date(int(year), int(number), 1)
    assert first is not None
    return month(first, jalali=int(year) < FIRST_GREGORIAN_YEAR)


def typed_day(value: str) -> str:
    """A day's value as the reader would type it; what is none stays as it was typed."""
    found = read_day(value)
    return _written(found) if found else value


def _written(of: date) -> str:
    return digits(f"{JalaliDate(of):%Y/%m/%d}") if language() == "fa" else of.isoformat()


def period_name(code: str) -> str:
    if code in PERIODS:
        return str(_("the last %(span)s", span=lasting(PERIODS[code])))
    return _month_name(code)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that the list is narrowed by, in words; without ``name`` in the address it is not."""

    name: str
    text: str


def chips(narrowing: Narrowing, sources: Iterable[Source], brand: Brand) -> list[Chip]:
    """What the list is narrowed by, in the order in which one would say it; a rival's name first."""
    values = narrowing.values
    named = {
        "rival": brand.name,
        "words": values.get("words", ""),
        "label": label_name(values.get("label", "")),
        "topic": words.word(words.TOPICS, values.get("topic", "")),
        "kind": words.word(words.KINDS, values.get("kind", "")),
        "language": words.word(words.LANGUAGES, values.get("language", "")),
        "source": _source_name(values.get("source", ""), sources),
        "case": case_name(values.get("case", "")),
        "score": score_name(values.get("score", "")) if "score" in values else "",
        "author": values.get("author", ""),
        "site": values.get("site", ""),
        "story": _("one story"),
        "period": period_name(values["period"]) if "period" in values else "",
        "from": _bound(_("from %(day)s"), values.get("from", "")),
        "to": _bound(_("to %(day)s"), values.get("to", "")),
    }
    return [Chip(name, text) for name, text in named.items() if name in values and name not in narrowing.errors]


def label_name(code: str) -> str:
    return str(words.UNCERTAIN) if code == UNCERTAIN else words.word(words.LABELS, code)


def case_name(code: str) -> str:
    if code == NO_CASE:
        return str(_("no case"))
    return str(_("Case: %(state)s", state=words.word(words.CASE_STATES, code)))


def score_name(code: str) -> str:
    return str(_("at least %(share)s sure", share=percent(int(code))))


def _source_name(code: str, sources: Iterable[Source]) -> str:
    return next((source_name(source) for source in sources if str(source.id) == code), code)


def source_name(source: Source) -> str:
    return f"{words.word(words.SPIDERS, source.spider)} · {host(source.url).striptags()}"


def _bound(sentence: str, typed: str) -> str:
    found = read_day(typed)
    return sentence % {"day": day(found)} if found else ""
