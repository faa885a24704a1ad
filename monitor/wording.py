"""Words, numbers and names of things in the languages of messages and digests."""

import gettext
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDateTime

Part = TypeVar("Part")

_TRANSLATIONS = Path(__file__).parent / "translations"
# The isolates keep a Latin name or address from turning the Persian line around it upside down.
_ISOLATE, _POP = "\u2068", "\u2069"
# Where a text was cut.
CUT = "…"


class Words:
    """One language's words and numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = "rtl" if language == "fa" else "ltr"
        self.start = "right" if language == "fa" else "left"
        catalogue = gettext.translation("alerts", _TRANSLATIONS, [language], fallback=language == "en")
        self.say: Callable[[str], str] = catalogue.gettext
        self.count: Callable[[str, str, int], str] = catalogue.ngettext

    def number(self, value: float) -> str:
        """``1234.5`` as ۱٬۲۳۴٫۵ or 1,234.5; at most one decimal, none when it is whole."""
        return self._written(f"{value:,.1f}".removesuffix(".0"))

    def _written(self, plain: str) -> str:
        return self.digits(plain.replace(",", "٬").replace(".", "٫")) if self.language == "fa" else plain

    def digits(self, text: str) -> str:
        """The same text in the digits of the language."""
        return en_to_fa(text) if self.language == "fa" else text

    def percent(self, value: float) -> str:
        """With all its decimals: of a share that the owner has typed none is lost."""
        figure = self._written(f"{value:,.15g}")
        return f"{figure}٪" if self.language == "fa" else f"{figure} %"

    def date(self, at: datetime, zone: ZoneInfo, *, year: bool = True) -> str:
        """The day, on the calendar of the language."""
        form, here = "%d %B %Y" if year else "%d %B", at.astimezone(zone)
        if self.language == "fa":
            day: str = JalaliDateTime(here).strftime(form, locale="fa")
            return day.removeprefix("۰")
        return here.strftime(form).removeprefix("0")

    def name(self, names: Mapping[str, str], code: str) -> str:
        """The name of a code; a code without one, from a newer part of the product, stands for itself."""
        return self.say(names[code]) if code in names else code


@cache
def words(language: str) -> Words:
    return Words(language)


def isolated(text: str) -> str:
    """Foreign text that must not turn the line around it."""
    return f"{_ISOLATE}{text}{_POP}"


def foreign_parts(line: str) -> list[str]:
    """What stands :func:`isolated` in a line."""
    return re.findall(f"{_ISOLATE}(.*?){_POP}", line)


def one_line(text: str) -> str:
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """At most so many letters, cut between words."""
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}{CUT}"


def fitting(parts: Iterable[Part], size: Callable[[Part], int], room: int) -> list[Part]:
    """Those of ``parts``, in their order, that a message with so much room can hold."""
    held = []
    for part in parts:
        if size(part) <= room:
            held.append(part)
            room -= size(part)
    return held


def say(text: str) -> str:
    """Marks words for the catalogues; :meth:`Words.name` translates them."""
    return text


REASONS: Mapping[str, str] = {
    "too_many": say("too many e-mails"),
    "not_relevant": say("not relevant"),
    "no_longer_customer": say("no longer a customer"),
    "never_signed_up": say("never signed up"),
    "spam": say("spam"),
    "bad_experience": say("bad experience"),
    "price": say("price"),
    "privacy": say("privacy"),
    "address_change": say("address change"),
    "display": say("does not display well"),
    "other": say("other"),
    "": say("no answer"),
}
SOURCE_STATES: Mapping[str, str] = {
    "blocked": say("it turns us away"),
    "changed": say("its pages have changed"),
    "no_preview": say("no public preview"),
    "failing": say("no usable answer"),
}
TOPICS: Mapping[str, str] = {
    "quality": say("quality"),
    "delivery": say("delivery"),
    "support": say("support"),
    "price": say("price"),
    "refund": say("refund"),
    "app": say("app and site"),
    "trust": say("trust"),
    "privacy": say("privacy"),
    "other": say("other"),
}
