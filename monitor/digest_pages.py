"""The digest in words: a mail with bars that every client shows, its text part, and a page to print."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from html import escape
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.headings import band_line
from monitor.types import Message, NoticeKind
from monitor.wording import REASONS, SOURCE_STATES, TOPICS, Words, isolated, one_line, words

_CELL = "padding:6px 16px;font-family:Vazirmatn,Tahoma,sans-serif;font-size:15px;line-height:1.8"
_NEGATIVE, _ACCENT, _PAPER = "#b3402e", "#2f5d50", "#eceae4"
# What of a story fits on a phone.
_EXCERPT = 160
_PRINT = "<style>@page{margin:16mm}@media print{tr{break-inside:avoid}a{color:inherit}}</style>"

Facts = Mapping[str, Any]


class _Page:
    """Collects the same content twice: as lines of text and as rows of a table."""

    def __init__(self, w: Words) -> None:
        self._w = w
        self._cell = f'dir="{w.direction}" align="{w.start}" style="{_CELL}"'
        self.lines: list[str] = []
        self.rows: list[str] = []

    def title(self, text: str) -> None:
        self.lines.append(text)
        self.rows.append(f"<td {self._cell}><strong>{escape(text)}</strong></td>")

    def heading(self, text: str) -> None:
        self.lines += ["", text, "-" * 20]
        self.rows.append(f"<td {self._cell}><br><strong>{escape(text)}</strong></td>")

    def line(self, text: str) -> None:
        self.lines.append(text)
        self.rows.append(f"<td {self._cell}>{escape(text)}</td>")

    def story(self, title: str, url: str) -> None:
        self.lines += [f"• {isolated(title)}", url, ""]
        shown = escape(url)
        # Anything but a web address could run in the reader's mail client.
        link = f'<br><a href="{shown}" dir="ltr">{shown}</a>' if urlsplit(url).scheme in ("http", "https") else ""
        self.rows.append(f'<td {self._cell}><span dir="auto">{escape(title)}{link}</span></td>')

    def bars(self, rows: Sequence[tuple[str, int | None, str]], colour: str) -> None:
        """A label, a count that is None for a gap, and what is said behind it; cells are the bars."""
        most = max((count or 0 for _, count, _ in rows), default=0) or 1
        drawn = []
        for label, count, said in rows:
            self.lines.append(f"{label}: {said}")
            first, last = (f"<td {self._small} nowrap>{escape(text)}</td>" for text in (label, said))
            drawn.append(f'<tr>{first}<td width="50%">{_bar(count, most, colour)}</td>{last}</tr>')
        table = f'<table role="presentation" width="100%" dir="{self._w.direction}">{"".join(drawn)}</table>'
        self.rows.append(f"<td {self._cell}>{table}</td>")

    @property
    def _small(self) -> str:
        style = _CELL.replace("6px 16px", "2px 6px").replace("15px", "13px")
        return f'dir="{self._w.direction}" align="{self._w.start}" style="{style}"'

    def document(self, title: str, head: str = "") -> str:
        body = "".join(f"<tr>{row}</tr>" for row in self.rows)
        return (
            f'<!doctype html><html lang="{self._w.language}" dir="{self._w.direction}"><head><meta charset="utf-8">'
            f"<title>{escape(title)}</title>{head}</head><body>"
            f'<table role="presentation" width="100%" style="max-width:640px">{body}</table></body></html>'
        )


def _bar(count: int | None, most: int, colour: str) -> str:
    if count is None:
        gap = f'<td style="border-bottom:1px dashed {_PAPER}">&nbsp;</td>'
        return f'<table role="presentation" width="100%"><tr>{gap}</tr></table>'
    width = round(100 * count / most)
    filled = f'<td width="{width}%" bgcolor="{colour}" height="12" style="font-size:1px">&nbsp;</td>' if width else ""
    rest = f'<td width="{100 - width}%" height="12" style="font-size:1px">&nbsp;</td>' if width < 100 else ""
    return f'<table role="presentation" width="100%" cellspacing="0"><tr>{filled}{rest}</tr></table>'


def render_digest(brand: str, facts: Facts, language: str, *, printable: bool = False) -> Message:
    """The digest as a message; ``facts`` are those :mod:`monitor.digests` gathered."""
    w = words(language)
    subject = _subject(w, brand, facts)
    page = _Page(w)
    page.title(subject)
    for part in _PARTS:
        part(w, page, facts)
    return Message(
        subject=subject,
        text="\n".join(page.lines) + "\n",
        html=page.document(subject, _PRINT if printable else ""),
        data={"kind": NoticeKind.DIGEST, "brand": brand, "subject": subject, "facts": dict(facts)},
    )


def _subject(w: Words, brand: str, facts: Facts) -> str:
    zone = ZoneInfo(facts["zone"])
    values = {
        "brand": brand,
        "date": w.date(datetime.fromisoformat(facts["since"]), zone),
        "count": w.number(facts["count"]),
    }
    if facts["period"] == "day":
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


def _band(w: Words, page: _Page, facts: Facts) -> None:
    page.heading(w.say("Loss band"))
    now, before = facts["band"], facts["band_before"]
    if now is None:
        page.line(w.say("There is no figure: nothing was found to count it from."))
        return
    page.line(band_line(w, now))
    if before is None or before["basis"] != now["basis"]:
        return
    if before["share"] == now["share"]:
        page.line(w.say("The band is the one it was at the beginning."))
    else:
        page.line(w.say("At the beginning it was up to %(before)s.") % {"before": w.percent(before["share"])})


def _days(w: Words, page: _Page, facts: Facts) -> None:
    page.heading(w.say("Negative texts per day"))
    zone = ZoneInfo(facts["zone"])
    rows = []
    for day, count in facts["days"]:
        noon = datetime.combine(date.fromisoformat(day), time(12), zone)
        said = w.number(count) if count is not None else w.say("not watched yet")
        rows.append((w.date(noon, zone, year=False), count, said))
    page.bars(rows, _NEGATIVE)


def _stories(w: Words, page: _Page, facts: Facts) -> None:
    page.heading(w.say("New and negative"))
    if not facts["mentions"]:
        page.line(w.say("Nothing new and negative."))
    for mention in facts["mentions"]:
        title = one_line(mention["title"] or mention["text"])
        page.story(title if len(title) <= _EXCERPT else f"{title[:_EXCERPT].rsplit(' ', 1)[0]}…", mention["url"])
    rest = facts["count"] - len(facts["mentions"])
    if rest > 0:
        page.line(w.count("and %(count)s more", "and %(count)s more", rest) % {"count": w.number(rest)})


def _compared(w: Words, rows: Sequence[tuple[str, int, int]], names: Mapping[str, str]) -> list[tuple[str, int, str]]:
    said = w.say("%(count)s, before %(before)s")
    return [
        (w.name(names, code), count, said % {"count": w.number(count), "before": w.number(before)})
        for code, count, before in rows
    ]


def _topics(w: Words, page: _Page, facts: Facts) -> None:
    if facts["topics"]:
        page.heading(w.say("Topics of the negatives"))
        page.bars(_compared(w, facts["topics"], TOPICS), _NEGATIVE)


def _reasons(w: Words, page: _Page, facts: Facts) -> None:
    if facts["reasons"]:
        page.heading(w.say("Why people leave"))
        page.bars(_compared(w, facts["reasons"], REASONS), _ACCENT)


def _answers(w: Words, page: _Page, facts: Facts) -> None:
    answers = facts["answers"]
    if not answers["due"] and not answers["open"]:
        return
    page.heading(w.say("Answered in time"))
    if answers["due"]:
        line = w.say("%(in_time)s of %(due)s cases were answered in time: %(share)s.")
        share = w.percent(round(100 * answers["in_time"] / answers["due"]))
        page.line(line % {"in_time": w.number(answers["in_time"]), "due": w.number(answers["due"]), "share": share})
    if answers["first_answer_hours"] is not None:
        line = w.say("Half of the first answers came within %(hours)s hours.")
        page.line(line % {"hours": w.number(answers["first_answer_hours"])})
    line = w.say("Open cases: %(open)s, late: %(late)s.")
    page.line(line % {"open": w.number(answers["open"]), "late": w.number(answers["late"])})


def _side_by_side(w: Words, page: _Page, facts: Facts) -> None:
    if len(facts["brands"]) < 2:
        return
    page.heading(w.say("Side by side"))
    said = w.say("%(negatives)s negative of %(texts)s")
    page.bars(
        [
            (
                isolated(each["name"]),
                each["negatives"],
                said % {"negatives": w.number(each["negatives"]), "texts": w.number(each["texts"])},
            )
            for each in facts["brands"]
        ],
        _NEGATIVE,
    )


def _sources(w: Words, page: _Page, facts: Facts) -> None:
    if not facts["sources"]:
        return
    page.heading(w.say("Sources in trouble"))
    for source in facts["sources"]:
        line = w.count(
            "%(url)s: %(state)s, for %(hours)s hour", "%(url)s: %(state)s, for %(hours)s hours", source["hours"]
        )
        state = w.name(SOURCE_STATES, source["state"])
        page.line(line % {"url": isolated(source["url"]), "state": state, "hours": w.number(source["hours"])})


_PARTS: tuple[Callable[[Words, _Page, Facts], None], ...] = (
    _band,
    _days,
    _stories,
    _topics,
    _reasons,
    _answers,
    _side_by_side,
    _sources,
)
