"""Alerts in words: Persian and English, plain text and HTML."""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from persiantools.digits import en_to_fa

from monitor.types import RuleKind

_TRANSLATIONS = Path(__file__).parent / "translations"
# The isolates keep a Latin name or address from turning the Persian line around it upside down.
_ISOLATE, _POP = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Message:
    """One alert as one channel gets it; ``html`` is a whole document, right to left where the language is."""

    subject: str
    text: str
    html: str


class Words:
    """One language's words and numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = "rtl" if language == "fa" else "ltr"
        catalogue = gettext.translation("alerts", _TRANSLATIONS, [language], fallback=language == "en")
        self.say: Callable[[str], str] = catalogue.gettext
        self.count: Callable[[str, str, int], str] = catalogue.ngettext

    def number(self, value: float) -> str:
        """``59.2`` as the language writes it."""
        plain = f"{value:g}"
        return en_to_fa(plain).replace(".", "٫") if self.language == "fa" else plain

    def percent(self, value: float) -> str:
        return f"{self.number(value)}٪" if self.language == "fa" else f"{self.number(value)} %"


@cache
def words(language: str) -> Words:
    return Words(language)


def render(kind: RuleKind, brand: str, facts: Mapping[str, Any], language: str) -> Message:
    """The message of an alert; ``facts`` are those :mod:`monitor.alerts` wrote."""
    in_words = words(language)
    heading = _HEADINGS[kind](in_words, brand, facts)
    return Message(
        subject=_one_line(heading[0]), text=_text(in_words, heading, facts), html=_html(in_words, heading, facts)
    )


def _new_negative(w: Words, brand: str, facts: Mapping[str, Any]) -> list[str]:
    count = facts["count"]
    subject = w.count("%(brand)s: a new negative text", "%(brand)s: %(count)s new negative texts", count)
    return [subject % {"brand": brand, "count": w.number(count)}]


def _band_crossed(w: Words, brand: str, facts: Mapping[str, Any]) -> list[str]:
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
    basis = w.count(
        "%(negatives)s negative result on page one of the search: up to %(now)s of prospects may turn away.",
        "%(negatives)s negative results on page one of the search: up to %(now)s of prospects may turn away.",
        facts["negatives"],
    )
    study = w.say("The share is what 1,000 US consumers said of themselves in 2015; a stated intention.")
    return [subject % values, basis % values, study]


_HEADINGS: dict[RuleKind, Callable[[Words, str, Mapping[str, Any]], list[str]]] = {
    RuleKind.NEW_NEGATIVE: _new_negative,
    RuleKind.BAND_CROSSED: _band_crossed,
}


def _text(w: Words, heading: list[str], facts: Mapping[str, Any]) -> str:
    blocks = ["\n".join(heading)]
    for mention in facts["mentions"]:
        title = f"• {_ISOLATE}{_one_line(mention['title'] or mention['text'])}{_POP}"
        words_of_it = [_one_line(mention["text"])] if mention["title"] and mention["text"] else []
        blocks.append("\n".join([title, *words_of_it, mention["url"]]))
    if more := _more(w, facts):
        blocks.append(more)
    return "\n\n".join(blocks) + "\n"


def _html(w: Words, heading: list[str], facts: Mapping[str, Any]) -> str:
    # Direction and alignment stand on the cells themselves: mail clients drop what stands above them.
    cell = f'dir="{w.direction}" align="{"right" if w.direction == "rtl" else "left"}"'
    style = "padding:8px 16px;font-family:Vazirmatn,Tahoma,sans-serif;font-size:15px;line-height:1.8"
    rows = [f"<strong>{escape(heading[0])}</strong>", *map(escape, heading[1:])]
    rows += [_html_mention(mention) for mention in facts["mentions"]]
    if more := _more(w, facts):
        rows.append(escape(more))
    body = "".join(f'<tr><td {cell} style="{style}">{row}</td></tr>' for row in rows)
    return (
        f'<!doctype html><html lang="{w.language}" dir="{w.direction}"><body>'
        f'<table role="presentation" width="100%">{body}</table></body></html>'
    )


def _html_mention(mention: Mapping[str, Any]) -> str:
    lines = [escape(_one_line(mention["title"] or mention["text"]))]
    if mention["title"] and mention["text"]:
        lines.append(escape(_one_line(mention["text"])))
    # Anything but a web address could run in the reader's mail client.
    if urlsplit(mention["url"]).scheme in ("http", "https"):
        url = escape(mention["url"])
        # The address is shown too: Apprise makes the plain part from this one and drops what a link hides.
        lines.append(f'<a href="{url}" dir="ltr">{url}</a>')
    return f'<span dir="auto">{"<br>".join(lines)}</span>'


def _more(w: Words, facts: Mapping[str, Any]) -> str:
    rest = facts["count"] - len(facts["mentions"])
    if rest <= 0:
        return ""
    return w.count("and %(count)s more", "and %(count)s more", rest) % {"count": w.number(rest)}


def _one_line(text: str) -> str:
    return " ".join(text.split())
