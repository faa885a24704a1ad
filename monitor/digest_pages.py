"""The digest in words: the blocks of a document that goes out as a mail and is shown as a page and a PDF."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from monitor.documents import Bar, Bars, Block, Document, Heading, Line, Story, as_mail, as_text
from monitor.headings import band_line
from monitor.types import Message, NoticeKind
from monitor.wording import REASONS, SOURCE_STATES, TOPICS, Words, fitting, isolated, one_line, shortened, words

# What of a story fits on a phone, and how many letters of addresses into a mail that is read there.
_EXCERPT, _ADDRESSES = 160, 6000

Facts = Mapping[str, Any]


def digest_document(brand: str, facts: Facts, language: str) -> Document:
    """The digest in blocks; ``facts`` are those :mod:`monitor.digests` gathered."""
    w = words(language)
    blocks = [block for part in _PARTS for block in part(w, facts)]
    return Document(_subject(w, brand, facts), w, blocks)


def render_digest(brand: str, facts: Facts, language: str) -> Message:
    """The digest as a message."""
    document = digest_document(brand, facts, language)
    return Message(
        subject=document.title,
        text=as_text(document),
        html=as_mail(document),
        data=digest_data(brand, facts, document),
    )


def digest_data(brand: str, facts: Facts, document: Document) -> dict[str, Any]:
    """The digest for a program."""
    return {"kind": NoticeKind.DIGEST, "brand": brand, "subject": document.title, "facts": dict(facts)}


def _subject(w: Words, brand: str, facts: Facts) -> str:
    zone = ZoneInfo(facts["zone"])
    values = {
        "brand": isolated(brand),
        "date": w.date(datetime.fromisoformat(facts["since"]), zone),
        "count": w.number(facts["count"]),
    }
    if not _is_watched(facts):
        line = (
            w.say("%(brand)s, %(date)s: not watched yet")
            if facts["period"] == "day"
            else w.say("%(brand)s, week from %(date)s: not watched yet")
        )
    elif facts["period"] == "day":
        line = w.count(
            "%(brand)s, %(date)s: %(count)s new negative story",
            "%(brand)s, %(date)s: %(count)s new negative stories",
            facts["count"],
        )
    else:
        line = w.count(
            "%(brand)s, week from %(date)s: %(count)s new negative story",
            "%(brand)s, week from %(date)s: %(count)s new negative stories",
            facts["count"],
        )
    return one_line(line % values)


def _is_watched(facts: Facts) -> bool:
    """Whether some day of the span was: of one before, nothing is known, and that is no good news."""
    first = datetime.fromisoformat(facts["since"]).date().isoformat()
    return any(count is not None for day, count in facts["days"] if day >= first)


def _band(w: Words, facts: Facts) -> Iterator[Block]:
    yield Heading(w.say("Loss band"))
    now, before = facts["band"], facts["band_before"]
    if now is None:
        yield Line(w.say("There is no figure: nothing was found to count it from."))
        return
    yield Line(band_line(w, now))
    if before is None or before["basis"] != now["basis"]:
        return
    if before["share"] == now["share"]:
        yield Line(w.say("The band is the one it was at the beginning."))
    else:
        yield Line(w.say("At the beginning it was up to %(before)s.") % {"before": w.percent(before["share"])})


def _days(w: Words, facts: Facts) -> Iterator[Block]:
    yield Heading(w.say("Negative texts per day"))
    zone = ZoneInfo(facts["zone"])
    rows = []
    for day, count in facts["days"]:
        noon = datetime.combine(date.fromisoformat(day), time(12), zone)
        said = w.number(count) if count is not None else w.say("not watched yet")
        rows.append(Bar(w.date(noon, zone, year=False), count, said))
    yield Bars(tuple(rows), "negative")


def _stories(w: Words, facts: Facts) -> Iterator[Block]:
    yield Heading(w.say("New and negative"))
    if not _is_watched(facts):
        yield Line(w.say("It was not watched yet."))
    elif not facts["count"]:
        yield Line(w.say("Nothing new and negative."))
    shown = fitting(facts["mentions"], lambda mention: len(escape(mention["url"])), _ADDRESSES)
    for mention in shown:
        yield Story(shortened(one_line(mention["title"] or mention["text"]), _EXCERPT), mention["url"])
    rest = facts["count"] - len(shown)
    if rest > 0:
        yield Line(w.count("and %(count)s more", "and %(count)s more", rest) % {"count": w.number(rest)})


def _compared(w: Words, rows: Sequence[tuple[str, int, int]], names: Mapping[str, str]) -> tuple[Bar, ...]:
    said = w.say("%(count)s, before %(before)s")
    return tuple(
        Bar(w.name(names, code), count, said % {"count": w.number(count), "before": w.number(before)})
        for code, count, before in rows
    )


def _topics(w: Words, facts: Facts) -> Iterator[Block]:
    if facts["topics"]:
        yield Heading(w.say("Topics of the negatives"))
        yield Bars(_compared(w, facts["topics"], TOPICS), "negative")


def _reasons(w: Words, facts: Facts) -> Iterator[Block]:
    if facts["reasons"]:
        yield Heading(w.say("Why people leave"))
        yield Bars(_compared(w, facts["reasons"], REASONS), "plain")


def _answers(w: Words, facts: Facts) -> Iterator[Block]:
    answers = facts["answers"]
    if not answers["due"] and not answers["open"]:
        return
    yield Heading(w.say("Answered in time"))
    if answers["due"]:
        line = w.say("%(in_time)s of %(due)s cases were answered in time: %(share)s.")
        share = w.percent(round(100 * answers["in_time"] / answers["due"]))
        yield Line(line % {"in_time": w.number(answers["in_time"]), "due": w.number(answers["due"]), "share": share})
    if answers["first_answer_hours"] is not None:
        line = w.say("Half of the first answers came within %(hours)s hours.")
        yield Line(line % {"hours": w.number(answers["first_answer_hours"])})
    line = w.say("Open cases: %(open)s, late: %(late)s.")
    yield Line(line % {"open": w.number(answers["open"]), "late": w.number(answers["late"])})


def _side_by_side(w: Words, facts: Facts) -> Iterator[Block]:
    if len(facts["brands"]) < 2:
        return
    yield Heading(w.say("Side by side"))
    said = w.say("%(negatives)s negative of %(texts)s")
    rows = (
        Bar(
            isolated(each["name"]),
            each["negatives"],
            said % {"negatives": w.number(each["negatives"]), "texts": w.number(each["texts"])},
        )
        for each in facts["brands"]
    )
    yield Bars(tuple(rows), "negative")


def _sources(w: Words, facts: Facts) -> Iterator[Block]:
    if not facts["sources"]:
        return
    yield Heading(w.say("Sources in trouble"))
    for source in facts["sources"]:
        line = w.count(
            "%(url)s: %(state)s, for %(hours)s hour", "%(url)s: %(state)s, for %(hours)s hours", source["hours"]
        )
        state = w.name(SOURCE_STATES, source["state"])
        yield Line(
            line
            % {"url": isolated(shortened(source["url"], _EXCERPT)), "state": state, "hours": w.number(source["hours"])}
        )


_PARTS: tuple[Callable[[Words, Facts], Iterator[Block]], ...] = (
    _band,
    _days,
    _stories,
    _topics,
    _reasons,
    _answers,
    _side_by_side,
    _sources,
)
