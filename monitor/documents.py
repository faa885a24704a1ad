"""A document in blocks, written once and shown as a mail, as plain text, as a page and as a PDF.

What a block holds is plain text; each way of showing it escapes for itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal
from urllib.parse import urlsplit

from monitor.wording import Words, isolated

Tone = Literal["negative", "plain"]

_CELL = "padding:6px 16px;font-family:Vazirmatn,Tahoma,sans-serif;font-size:15px;line-height:1.8"
_SMALL = "padding:2px 6px;font-family:Vazirmatn,Tahoma,sans-serif;font-size:13px;line-height:1.8"
COLOURS: dict[str, str] = {"negative": "#b3402e", "plain": "#2f5d50"}
PAPER = "#eceae4"
_PRINT = "<style>@page{margin:16mm}@media print{tr{break-inside:avoid}a{color:inherit}}</style>"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """Foreign text, in whatever direction it runs, and where it was found."""

    title: str
    url: str

    @property
    def link(self) -> str:
        """The address when it may be linked: anything but a web address could run in the reader's program."""
        return self.url if urlsplit(self.url).scheme in ("http", "https") else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """``count`` is None for a gap; ``said`` stands behind the bar."""

    label: str
    count: int | None
    said: str


@dataclass(frozen=True, slots=True)
class Bars:
    rows: tuple[Bar, ...]
    tone: Tone

    def width(self, row: Bar) -> int:
        """A row's part of the longest, in percent."""
        return round(100 * (row.count or 0) / (max((each.count or 0 for each in self.rows), default=0) or 1))


Block = Heading | Line | Story | Bars


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    words: Words
    blocks: Sequence[Block]


def as_text(document: Document) -> str:
    return "\n".join([document.title, *(line for block in document.blocks for line in _lines(block))]) + "\n"


def _lines(block: Block) -> list[str]:
    match block:
        case Heading(text):
            return ["", text, "-" * 20]
        case Line(text):
            return [text]
        case Story(title, url):
            return [f"• {isolated(title)}", url, ""]
        case Bars(rows):
            return [f"{row.label}: {row.said}" for row in rows]


def as_mail(document: Document, *, printable: bool = False) -> str:
    """One table with its styles in place, as mail clients want it; ``printable`` adds what a printer wants."""
    w = document.words
    body = "".join(f"<tr>{row}</tr>" for row in _mail_rows(document))
    return (
        f'<!doctype html><html lang="{w.language}" dir="{w.direction}"><head><meta charset="utf-8">'
        f"<title>{escape(document.title)}</title>{_PRINT if printable else ''}</head><body>"
        f'<table role="presentation" width="100%" style="max-width:640px">{body}</table></body></html>'
    )


def _mail_rows(document: Document) -> Iterator[str]:
    cell = _cell(document.words, _CELL)
    yield f"<td {cell}><strong>{escape(document.title)}</strong></td>"
    for block in document.blocks:
        match block:
            case Heading(text):
                yield f"<td {cell}><br><strong>{escape(text)}</strong></td>"
            case Line(text):
                yield f"<td {cell}>{escape(text)}</td>"
            case Story(title):
                shown = escape(block.link)
                link = f'<br><a href="{shown}" dir="ltr">{shown}</a>' if shown else ""
                yield f'<td {cell}><span dir="auto">{escape(title)}{link}</span></td>'
            case Bars():
                yield f"<td {cell}>{_mail_bars(document.words, block)}</td>"


def _cell(w: Words, style: str) -> str:
    return f'dir="{w.direction}" align="{w.start}" style="{style}"'


def _mail_bars(w: Words, bars: Bars) -> str:
    """Cells are the bars: every client shows them, and none fetches anything."""
    small, drawn = _cell(w, _SMALL), []
    for row in bars.rows:
        first, last = (f"<td {small} nowrap>{escape(text)}</td>" for text in (row.label, row.said))
        drawn.append(f'<tr>{first}<td width="50%">{_mail_bar(bars, row)}</td>{last}</tr>')
    return f'<table role="presentation" width="100%" dir="{w.direction}">{"".join(drawn)}</table>'


def _mail_bar(bars: Bars, row: Bar) -> str:
    if row.count is None:
        gap = f'<td style="border-bottom:1px dashed {PAPER}">&nbsp;</td>'
        return f'<table role="presentation" width="100%"><tr>{gap}</tr></table>'
    width = bars.width(row)
    cell = 'height="12" style="font-size:1px">&nbsp;</td>'
    filled = f'<td width="{width}%" bgcolor="{COLOURS[bars.tone]}" {cell}' if width else ""
    rest = f'<td width="{100 - width}%" {cell}' if width < 100 else ""
    return f'<table role="presentation" width="100%" cellspacing="0"><tr>{filled}{rest}</tr></table>'
