"""Dates as the pages of the sample web write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

from persiantools.jdatetime import JalaliDate

TEHRAN = timezone(timedelta(hours=3, minutes=30))
_PERSIAN_DIGITS = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")


def ago(now: datetime, days: float) -> datetime:
    """Give the moment ``days`` before ``now``, in whole seconds and UTC."""
    return (now.astimezone(UTC) - timedelta(days=days)).replace(microsecond=0)


def rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(TEHRAN))


def iso(moment: datetime) -> str:
    return moment.astimezone(TEHRAN).isoformat()


def jalali_text(moment: datetime) -> str:
    """Give a day as people write it: ۱۲ آبان ۱۴۰۵."""
    day = _jalali(moment)
    return persian_digits(f"{day.day} {day.strftime('%B', locale='fa')} {day.year}")


def jalali_digits(moment: datetime) -> str:
    """Give a day as old shop software writes it: ۱۴۰۵/۰۸/۱۲."""
    return persian_digits(_jalali(moment).strftime("%Y/%m/%d"))


def persian_digits(text: object) -> str:
    """Write a number with Persian digits and separators."""
    return str(text).translate(_PERSIAN_DIGITS)


def _jalali(moment: datetime) -> JalaliDate:
    return JalaliDate(moment.astimezone(TEHRAN).date())
