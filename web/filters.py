"""How values are written: digits, shares, dates on the reader's calendar, how long ago."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote, urlsplit

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape
from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate

from monitor.hosts import host_of
from web.access import prefers_latin_digits
from web.language import language
from web.scope import now, settings

_GREGORIAN_MONTHS = "January February March April May June July August September October November December".split()
_EXCERPT = 220
LOOPBACKS = frozenset({"127.0.0.1", "::1", "localhost"})


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        percent=percent,
        exact=exact,
        exact_percent=exact_percent,
        rate=rate,
        masked=masked,
        moment_of=moment_of,
        rounded=rounded,
        digits=digits,
        day=day_tag,
        day_month=day_month_tag,
        plain_day=day,
        plain_day_month=day_month,
        ago=ago,
        ahead=ahead,
        moment=moment,
        lasting=lasting,
        span=span,
        host=host,
        place=place,
        readable=readable,
        excerpt=excerpt,
        underlined=underlined,
    )


def has_persian_digits() -> bool:
    """On Persian pages, unless the reader has asked for the others."""
    return language() == "fa" and not prefers_latin_digits()


def digits(text: object) -> str:
    """Persian digits where the page has them."""
    return en_to_fa(str(text)) if has_persian_digits() else str(text)


def number(value: float) -> str:
    """``1234.5`` as ۱٬۲۳۴٫۵ or 1,234.5; at most one decimal, none when it is whole."""
    return _written(f"{value:,.1f}".removesuffix(".0"))


def exact(value: float) -> str:
    """A figure that somebody has typed, with all its decimals: ``0.04`` as ۰٫۰۴ or 0.04."""
    return _written(f"{value:,.15g}")


def _written(plain: str) -> str:
    if not has_persian_digits():
        return plain
    return digits(plain.replace(",", "٬").replace(".", "٫"))


def rounded(value: float) -> float:
    """Two leading digits: an estimate shown to the last coin would promise too much."""
    return float(f"{value:.1e}")


def percent(value: float) -> str:
    """``59.2`` as ۵۹٫۲٪ or 59.2 %."""
    return _with_sign(number(value))


def exact_percent(value: float) -> str:
    """A share that somebody has typed, with all its decimals."""
    return _with_sign(exact(value))


def _with_sign(figure: str) -> str:
    # Digits that follow no Arabic letter run from the left and take the sign along to their right. The mark is such a
    # letter, unseen: the sign stands on the left in every place.
    return f"\N{ARABIC LETTER MARK}{figure}٪" if language() == "fa" else f"{figure}\N{NO-BREAK SPACE}%"


def masked(address: str) -> str:
    """An e-mail address by which its owner would know it, and nobody else."""
    name, _at, host_name = address.partition("@")
    return f"{name[:1]}…@{host_name}"


def moment_of(text: str) -> Markup:
    """An ISO moment as the page writes moments."""
    value = datetime.fromisoformat(text)
    return _time_tag(value, moment(value))


def rate(share: float) -> str:
    """A share, 0 to 1, with two leading digits: 0.0042 as 0.42 %."""
    plain = f"{float(f'{share * 100:.2g}'):.4f}".rstrip("0").rstrip(".")
    return _with_sign(digits(plain.replace(".", "٫")) if has_persian_digits() else plain)


def _local(value: datetime | date) -> date:
    return value.astimezone(settings().zone).date() if isinstance(value, datetime) else value


def _gregorian(value: date, *, year: bool = True) -> str:
    text = f"{value.day} {_GREGORIAN_MONTHS[value.month - 1]}"
    return f"{text} {value.year}" if year else text


def _jalali(value: date, *, year: bool = True) -> str:
    jalali = JalaliDate(value)
    text = f"{jalali.day} {jalali.strftime('%B', locale='fa')}"
    return digits(f"{text} {jalali.year}" if year else text)


def day(value: datetime | date) -> str:
    """The date on the reader's calendar."""
    local = _local(value)
    return _jalali(local) if language() == "fa" else _gregorian(local)


def day_month(value: datetime | date) -> str:
    """The date without its year."""
    local = _local(value)
    return _jalali(local, year=False) if language() == "fa" else _gregorian(local, year=False)


def month(value: date, *, jalali: bool) -> str:
    """The month of a date on one of the calendars, with its year."""
    if not jalali:
        return digits(f"{_GREGORIAN_MONTHS[value.month - 1]} {value.year}")
    found = JalaliDate(value)
    return digits(f"{found.strftime('%B', locale='fa')} {found.year}")


def moment(value: datetime) -> str:
    """The day and the time on the reader's calendar."""
    clock = f"{value.astimezone(settings().zone):%H:%M}"
    return f"{day(value)}، {digits(clock)}" if language() == "fa" else f"{day(value)}, {clock}"


def _on_both(text: str, value: datetime | date) -> str:
    """``text`` with the date on the other calendar, for whoever compares."""
    local = _local(value)
    if language() == "fa":
        # Isolated: in a line that runs from the right its parts would change places.
        return f"{text} (\N{LEFT-TO-RIGHT ISOLATE}{local.isoformat()}\N{POP DIRECTIONAL ISOLATE})"
    return f"{text} ({JalaliDate(local).isoformat()})"


def _time_tag(value: datetime | date, text: str) -> Markup:
    if isinstance(value, datetime):
        stamp, exact = value.astimezone(UTC).isoformat(timespec="seconds"), moment(value)
    else:
        stamp, exact = value.isoformat(), day(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, _on_both(exact, value), text)


def day_tag(value: datetime | date) -> Markup:
    """The date, and the one on the other calendar on hover."""
    return _time_tag(value, day(value))


def day_month_tag(value: datetime | date) -> Markup:
    """The date without its year, and the whole of it on hover."""
    return _time_tag(value, day_month(value))


def ago(value: datetime) -> Markup:
    """How long ago, and the exact moment on hover."""
    return _time_tag(value, _ago(now() - value, value))


def _ago(age: timedelta, value: datetime) -> str:
    minutes = int(age.total_seconds() // 60)
    nights = (_local(now()) - _local(value)).days
    if minutes < 1:
        return str(_("just now"))
    if minutes < 60:
        return str(ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes, count=number(minutes)))
    if minutes < 24 * 60:
        hours = minutes // 60
        return str(ngettext("%(count)s hour ago", "%(count)s hours ago", hours, count=number(hours)))
    if nights == 1:
        return str(_("yesterday"))
    if nights < 14:
        return str(ngettext("%(count)s day ago", "%(count)s days ago", nights, count=number(nights)))
    return day(value)


def ahead(value: datetime) -> Markup:
    """How soon, and the exact moment on hover."""
    minutes = int((value - now()).total_seconds() // 60)
    if minutes < 1:
        text = str(_("any moment now"))
    elif minutes < 60:
        text = str(ngettext("in %(count)s minute", "in %(count)s minutes", minutes, count=number(minutes)))
    elif minutes < 48 * 60:
        hours = minutes // 60
        text = str(ngettext("in %(count)s hour", "in %(count)s hours", hours, count=number(hours)))
    else:
        text = day(value)
    return _time_tag(value, text)


def lasting(span: timedelta) -> str:
    """A length of time in its largest whole unit."""
    minutes = max(int(span.total_seconds() // 60), 1)
    if minutes < 60:
        return str(ngettext("%(count)s minute", "%(count)s minutes", minutes, count=number(minutes)))
    if (hours := minutes // 60) < 48:
        return str(ngettext("%(count)s hour", "%(count)s hours", hours, count=number(hours)))
    return str(ngettext("%(count)s day", "%(count)s days", hours // 24, count=number(hours // 24)))


def span(seconds: int) -> str:
    """A number of seconds as people say it."""
    return lasting(timedelta(seconds=seconds))


def host(url: str) -> Markup:
    """The site of an address, isolated, so that it stays whole inside a Persian line."""
    site = _site(url)
    # This machine serves many sites at one address, those of the sample among them.
    return _isolated(f"{site}/{_first_part(url)}" if site in LOOPBACKS else site)


def place(url: str) -> Markup:
    """The site and the beginning of the path, where one site stands for several things."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    return _isolated(_site(url) + _shortened(path.rstrip("/"), 28))


def _site(url: str) -> str:
    return host_of(url) or url


def _first_part(url: str) -> str:
    return urlsplit(url).path.strip("/").partition("/")[0]


def _isolated(address: str) -> Markup:
    return Markup('<bdi class="host" dir="ltr">{}</bdi>').format(address)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def readable(url: str) -> str:
    """An address for the eye: ``%D8%AF`` as the letter it stands for."""
    return _shortened(unquote(url), 140)


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]}…"


def underlined(text: str, deciding: Sequence[str]) -> Markup:
    """``text``, escaped, with its deciding words underlined."""
    if not deciding:
        return escape(text)
    # The longest first, so that a word inside another does not cut it.
    words = "|".join(re.escape(word) for word in sorted(deciding, key=len, reverse=True))
    pieces = re.split(rf"(?<!\w)({words})(?!\w)", text)
    return Markup("").join(
        Markup("<u>{}</u>").format(piece) if n % 2 else escape(piece) for n, piece in enumerate(pieces)
    )
