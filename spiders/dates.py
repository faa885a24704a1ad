"""Dates as sites write them: ISO, RFC 822, Jalali in digits and words, relative ones -> aware UTC."""

import re
from calendar import timegm
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from time import struct_time

from persiantools.jdatetime import JalaliDate

from monitor.folding import fold
from monitor.moments import JALALI_YEARS, OLDEST_YEAR, TEHRAN, come_by, gregorian

# What is longer is no date; whoever writes more around one writes it at the beginning.
_LONGEST = 200

_MONTHS = {
    fold(name): number
    for number, names in enumerate(
        (
            "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد امرداد", "شهریور",
            "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# A few are taken for three.
_COUNTS = {
    fold(name): number
    for number, names in enumerate(
        (
            "a an one یک", "two couple دو", "three few سه چند", "four چهار", "five پنج", "six شش", "seven هفت",
            "eight هشت", "nine نه", "ten ده", "eleven یازده", "twelve دوازده", "سیزده", "چهارده", "پانزده",
            "شانزده", "هفده", "هجده", "نوزده",
        ),
        start=1,
    )
    for name in names.split()
} | {fold("نیم"): 0.5}  # fmt: skip
_TENS = {fold(name): 10 * number for number, name in enumerate("بیست سی چهل پنجاه".split(), start=2)}
_UNITS = {
    fold(name): length
    for names, length in (
        ("second sec ثانیه", timedelta(seconds=1)),
        ("minute min دقیقه", timedelta(minutes=1)),
        ("hour hr ساعت", timedelta(hours=1)),
        ("day روز", timedelta(days=1)),
        ("week هفته", timedelta(weeks=1)),
        ("month ماه", timedelta(days=30)),
        ("year سال", timedelta(days=365)),
    )
    for name in names.split()
}
_DAYS_BACK = {
    fold(name): days
    for names, days in (("today امروز", 0), ("yesterday دیروز", 1), ("پریروز", 2))
    for name in names.split()
}
_MOMENTS_AGO = {
    fold(text) for text in ("just now", "هم اکنون", "لحظاتی پیش", "لحظاتی قبل", "چند لحظه پیش", "همین حالا")
}


# What people say behind an hour: to which hours it adds twelve, and what twelve itself is then. Two at night is two in
# the morning.
_PARTS_OF_DAY = {
    fold(name): meant
    for names, meant in (
        (("صبح", "بامداد"), (range(0), 0)),
        (("ظهر",), (range(1, 6), 12)),
        (("عصر",), (range(1, 12), 12)),
        (("شب", "نیمه شب"), (range(5, 12), 0)),
    )
    for name in names
}


def _any_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_DIGITS = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
# The other way round only a Jalali year says which of the others is the day.
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](1[34]\d{2})(?!\d)")
_NOON = "(?:قبل|بعد) ?از ?ظهر"
_PART_OF_DAY = rf"\s*(?:{_any_of(_PARTS_OF_DAY)}|{_NOON})(?!\w)"
_WORDS = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*({_any_of(_MONTHS)})(?:\s*ماه)?(?!\w)\s*[,،]?\s*(\d{{4}}|\d\d(?![:\d]|{_PART_OF_DAY}))?"
)
_COUNT = rf"(?:\d+|(?:{_any_of(_TENS)})(?:\s+و\s+(?:{_any_of(_COUNTS)}))?|{_any_of(_COUNTS)})"
_PART = re.compile(rf"({_COUNT})\s*({_any_of(_UNITS)})s?(?!\w)")
# A number whose beginning we cannot read (صد و سه روز) is none. A unit without a number is a single one, but only where
# no word before it may be the number. Between two parts each space fits in one way only: a long row of them that leads
# nowhere would be tried in all ways.
_AGO = re.compile(
    rf"(?:(?<!\w)(?<!\sو\s){_PART.pattern}(?:\s*(?:(?:[,،]|و|and)\s*)?{_PART.pattern})*"
    rf"|^(?P<unit>{_any_of(_UNITS)}))\s+(?:و\s.*)?(?:ago|پیش|قبل)(?!\w)"
)
_DAY_BACK = re.compile(rf"(?<!\w)({_any_of(_DAYS_BACK)})(?!\w)")
# The zones that RFC 822 names, in hours from UTC.
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
          "pst": -8, "pdt": -7}  # fmt: skip
# By itself an offset has two digits of hours; behind a name it may have one.
_OFFSET = r"[+-]\d{2}(?::?\d{2})?(?!\d)|(?:gmt|utc?)\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)"
# An hour without minutes is one only where the part of the day follows.
_TIME = re.compile(
    rf"(?<![\d:])(\d{{1,2}})(?::(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?(?!\d)|(?={_PART_OF_DAY}))(?P<part>{_PART_OF_DAY})?"
    rf"(?:\s*[ap]\.?m(?!\w)\.?)?\s*(?P<zone>{_OFFSET}|(?:{_any_of(_ZONES)})(?!\w))?"
)
_MORNING = re.compile(r"(?<![^\W\d])(?:am|a\.m\.|ق.ظ|قبل ?از ?ظهر)(?!\w)")
_AFTERNOON = re.compile(r"(?<![^\W\d])(?:pm|p\.m\.|ب.ظ|بعد ?از ?ظهر)(?!\w)")
_ENGLISH_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_ENGLISH_MONTH = rf"({'|'.join(_ENGLISH_MONTHS)})[a-z]*\.?"
_ENGLISH = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+{_ENGLISH_MONTH}|{_ENGLISH_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?),?\s+(\d{{4}})\b",
    re.ASCII,
)


def parse_date(text: str | struct_time, now: datetime | None = None, zone: tzinfo = TEHRAN) -> datetime | None:
    """The moment that ``text`` names, in UTC, or None when it names none, a future one or one before 1990.

    ``zone`` is that of Jalali and relative dates without an offset; Gregorian ones are UTC then. A moment up to an
    hour ahead is a clock that runs fast and means ``now``. A ``struct_time`` is in UTC, as feedparser gives it.
    """
    now = datetime.now(UTC) if now is None else now.astimezone(UTC)
    if isinstance(text, struct_time):
        moment = _of_struct(text)
        return None if moment is None else _checked(moment, now)
    folded = fold(text.strip()[:_LONGEST]).replace("\u200c", " ")
    for read in (_numeric, _english, _jalali_words, _relative, _compact):
        try:
            moment = read(folded, now, zone)
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            return _checked(moment, now)
    return None


def _of_struct(parsed: struct_time) -> datetime | None:
    """None at the ends of the calendar, where an offset leads out of it."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError):
        return None


def _checked(moment: datetime, now: datetime) -> datetime | None:
    return come_by(moment, now) if OLDEST_YEAR <= moment.year <= now.year + 1 else None


def _numeric(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """2023-10-07T12:30:00+03:30, 1402/07/15 12:30, 15/07/1402."""
    if found := _DIGITS.search(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.search(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    rest = f"{text[: found.start()]} {text[found.end() :].removeprefix('t')}"
    if year in JALALI_YEARS:
        return _at(gregorian(year, month, day), rest, zone)
    return _at(date(year, month, day), rest, UTC)


def _english(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Sat, 07 Oct 2023 12:30:00 GMT; October 7, 2023."""
    found = _ENGLISH.search(text)
    if found is None:
        return None
    month = _ENGLISH_MONTHS.index(found[2] or found[3]) + 1
    day = date(int(found[5]), month, int(found[1] or found[4]))
    return _at(day, f"{text[: found.start()]} {text[found.end() :]}", UTC)


def _jalali_words(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """شنبه ۱۵ مهر ۱۴۰۲ - ۱۲:۳۰; without a year the last such day."""
    found = _WORDS.search(text)
    if found is None:
        return None
    day, month, year = int(found[1]), _MONTHS[found[2]], found[3]
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    if year is not None:
        return _at(gregorian(_whole_year(int(year)), month, day), rest, zone)
    this_year: int = JalaliDate.to_jalali(now.astimezone(zone).date()).year
    # Not every year has a 30th of Esfand.
    years = [year for year in (this_year, this_year - 1) if JalaliDate.check_date(year, month, day)]
    moments = (_at(gregorian(year, month, day), rest, zone) for year in years)
    return next((moment for moment in moments if come_by(moment, now)), None)


def _whole_year(year: int) -> int:
    if year >= 100:
        return year
    return year + (1300 if year >= 50 else 1400)


def _relative(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """۳ روز پیش, 2 days, 3 hours ago, هفته پیش, دیروز ساعت ۱۴:۳۰."""
    if text.strip() in _MOMENTS_AGO:
        return now
    if found := _AGO.search(text):
        if found["unit"]:
            return now - _UNITS[found["unit"]]
        return now - sum((_count(count) * _UNITS[unit] for count, unit in _PART.findall(found[0])), timedelta())
    if found := _DAY_BACK.search(text):
        then = now - timedelta(days=_DAYS_BACK[found[1]])
        return _at(then.astimezone(zone).date(), text, zone) if _TIME.search(text) else then
    return None


def _count(words: str) -> float:
    """A number in digits or words: 25, five, بیست و پنج."""
    if words.isdigit():
        return float(words)
    return sum(_TENS.get(word) or _COUNTS[word] for word in words.split() if word != "و")


def _compact(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """20231007T123000Z and whatever else the standard library reads."""
    moment = datetime.fromisoformat(text.strip().upper())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _at(day: date, rest: str, zone: tzinfo) -> datetime:
    """``day`` at the time of day that ``rest`` names, at midnight when it names none."""
    found = _TIME.search(rest)
    if found is None:
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    hour = _hour_of_day(hour, (found["part"] or "").strip(), rest)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_offset(found["zone"]) or zone)


def _hour_of_day(hour: int, part: str, rest: str) -> int:
    """``hour`` of a clock of twelve or 24, by the part of the day behind it or by what ``rest`` says of its half."""
    if part in _PARTS_OF_DAY:
        later, twelve = _PARTS_OF_DAY[part]
        return twelve if hour == 12 else hour + 12 * (hour in later)
    if hour < 12 and _AFTERNOON.search(rest):
        return hour + 12
    return 0 if hour == 12 and _MORNING.search(rest) else hour


@cache
def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text]))
    digits = text.lstrip("gmtuc +-").replace(":", "")
    sign = "-" if "-" in text else "+"
    # Minutes may be left out, and behind a name the first digit of the hours.
    return datetime.strptime(sign + digits.zfill(2 if len(digits) < 3 else 4).ljust(4, "0"), "%z").tzinfo
