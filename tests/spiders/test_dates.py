import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.dates import parse_date

NOW = datetime(2023, 10, 9, 12, 0, tzinfo=UTC)  # Monday 17 Mehr 1402, 15:30 in Tehran


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


CASES = [
    # ISO and what resembles it; without an offset UTC
    ("2023-10-07T12:30:00+03:30", utc(2023, 10, 7, 9, 0)),
    ("2023-10-07T12:30:00.123Z", utc(2023, 10, 7, 12, 30)),
    ("2023-10-07 12:30:00 +0330", utc(2023, 10, 7, 9, 0)),
    ("2023-10-07T12:30-0700", utc(2023, 10, 7, 19, 30)),
    ("2023-10-07T12:30:00+03", utc(2023, 10, 7, 9, 30)),
    ("20231007T123000Z", utc(2023, 10, 7, 12, 30)),
    ("2023-10-07", utc(2023, 10, 7)),
    ("2023/10/7", utc(2023, 10, 7)),
    ("  2023-10-07T12:30:00Z\n", utc(2023, 10, 7, 12, 30)),
    # RFC 822 and English words
    ("Sat, 07 Oct 2023 12:30:00 GMT", utc(2023, 10, 7, 12, 30)),
    ("Sat, 07 Oct 2023 12:30:00 +0330", utc(2023, 10, 7, 9, 0)),
    ("Sat, 07 Oct 2023 12:30:00 EST", utc(2023, 10, 7, 17, 30)),
    ("Sat, 07 Oct 2023 12:30:00 +03:30", utc(2023, 10, 7, 9, 0)),
    ("Sat, 07 Oct 2023 12:30:00 +03", utc(2023, 10, 7, 9, 30)),
    ("Sat, 07 Oct 2023 12:30:00 -0000", utc(2023, 10, 7, 12, 30)),
    ("Sat, 07 Oct 2023 12:30 PDT", utc(2023, 10, 7, 19, 30)),
    ("Sat Oct 07 2023 12:30:00 GMT+0330 (Iran Standard Time)", utc(2023, 10, 7, 9, 0)),
    ("Sat Oct 07 2023 12:30:00 GMT-0700 (PDT)", utc(2023, 10, 7, 19, 30)),
    ("Sat, 07 Oct 2023 12:30:00 GMT+03:30", utc(2023, 10, 7, 9, 0)),
    ("7 October 2023 12:30 UTC+03:30", utc(2023, 10, 7, 9, 0)),
    ("October 7, 2023, 3:15 PM GMT+3:30", utc(2023, 10, 7, 11, 45)),
    ("October 7, 2023, 12:30 UTC +3", utc(2023, 10, 7, 9, 30)),
    ("12:30 GMT - 7 October 2023", utc(2023, 10, 7, 12, 30)),
    ("7 October 2023", utc(2023, 10, 7)),
    ("October 7, 2023", utc(2023, 10, 7)),
    ("Oct 7th, 2023, 3:15 pm", utc(2023, 10, 7, 15, 15)),
    ("7 October 2023 3:15 pm", utc(2023, 10, 7, 15, 15)),
    ("7 October 2023, 3:15 p.m. EST", utc(2023, 10, 7, 20, 15)),
    ("7 October 2023, 3:15PM", utc(2023, 10, 7, 15, 15)),
    ("October 7, 2023 12:30 AM", utc(2023, 10, 7, 0, 30)),
    ("October 7, 2023 12:30 p.m.", utc(2023, 10, 7, 12, 30)),
    ("12:30 in Amsterdam, 7 October 2023", utc(2023, 10, 7, 12, 30)),
    # Jalali in digits; without an offset Tehran
    ("۱۴۰۲/۰۷/۱۵", utc(2023, 10, 6, 20, 30)),
    ("١٤٠٢/٠٧/١٥", utc(2023, 10, 6, 20, 30)),
    ("1402-07-15 12:30", utc(2023, 10, 7, 9, 0)),
    ("۱۲:۳۰ - ۱۴۰۲/۰۷/۱۵", utc(2023, 10, 7, 9, 0)),
    ("تاریخ انتشار: ۱۴۰۲/۷/۵ ساعت ۸:۰۵", utc(2023, 9, 27, 4, 35)),
    ("۱۵/۰۷/۱۴۰۲", utc(2023, 10, 6, 20, 30)),
    ("15-7-1402 ساعت 12:30", utc(2023, 10, 7, 9, 0)),
    ("۱۲:۳۰ ق.ظ ۱۴۰۲/۰۷/۱۵", utc(2023, 10, 6, 21, 0)),
    ("1402-07-15T12:30:00Z", utc(2023, 10, 7, 12, 30)),
    ("۰۳:۳۰ ب.ظ ۱۴۰۲/۰۷/۱۵", utc(2023, 10, 7, 12, 0)),
    # Tehran kept summer time until 1401
    ("1401/05/01 12:00", utc(2022, 7, 23, 7, 30)),
    # Jalali in words
    ("۱۵ مهر ۱۴۰۲", utc(2023, 10, 6, 20, 30)),
    ("شنبه ۱۵ مهر ۱۴۰۲ - ساعت ۱۲:۳۰", utc(2023, 10, 7, 9, 0)),
    ("سه‌شنبه ۳ مرداد ۱۴۰۲ ساعت ۰۸:۰۵", utc(2023, 7, 25, 4, 35)),
    ("۱۵ مهر‌ماه ۱۴۰۲", utc(2023, 10, 6, 20, 30)),
    ("۱۵ مهرماه ۱۴۰۲", utc(2023, 10, 6, 20, 30)),
    ("2 آبانماه 1401 ساعت 12:30", utc(2022, 10, 24, 9, 0)),
    ("شنبه ۱۵ مهر ماه", utc(2023, 10, 6, 20, 30)),
    ("۱۵ مهر ماهنامه", utc(2023, 10, 6, 20, 30)),
    ("15 مهر 02", utc(2023, 10, 6, 20, 30)),
    ("۱ دی ۹۹", utc(2020, 12, 20, 20, 30)),
    ("شنبه ۱۵ مهر", utc(2023, 10, 6, 20, 30)),
    ("۲۰ آبان", utc(2022, 11, 10, 20, 30)),
    ("۱۵ آبان ۱۴۰۱، ۱۰:۰۰", utc(2022, 11, 6, 6, 30)),
    ("۵ خرداد ۱۴۰۰", utc(2021, 5, 25, 19, 30)),
    # what people call the hours
    ("۱۵ مهر ۱۴۰۲ ساعت ۵:۳۰ عصر", utc(2023, 10, 7, 14, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۵ عصر", utc(2023, 10, 7, 13, 30)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۷:۳۰ عصر", utc(2023, 10, 7, 14, 0)),
    ("۱۵ مهر ۱۴۰۲، ۹:۳۰ شب", utc(2023, 10, 7, 18, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۲ شب", utc(2023, 10, 6, 20, 30)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۲:۱۵ نیمه‌شب", utc(2023, 10, 6, 20, 45)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۲:۱۵ شب", utc(2023, 10, 6, 20, 45)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۲:۳۰ شب", utc(2023, 10, 6, 23, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۲:۳۰ بامداد", utc(2023, 10, 6, 21, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۸:۳۰ صبح", utc(2023, 10, 7, 5, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۲:۳۰ ظهر", utc(2023, 10, 7, 9, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱:۳۰ ظهر", utc(2023, 10, 7, 10, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۱:۳۰ ظهر", utc(2023, 10, 7, 8, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۳:۳۰ بعد از ظهر", utc(2023, 10, 7, 12, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۳:۳۰ بعداز ظهر", utc(2023, 10, 7, 12, 0)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۳ بعدازظهر", utc(2023, 10, 7, 11, 30)),
    ("۱۵ مهر ۱۴۰۲ ساعت ۱۰:۳۰ قبل از ظهر", utc(2023, 10, 7, 7, 0)),
    ("۱۵ مهر، ۱۱ شب", utc(2023, 10, 7, 19, 30)),
    ("۱۴۰۲/۰۷/۱۵ ۰۵:۳۰ عصر", utc(2023, 10, 7, 14, 0)),
    ("دیروز ساعت ۹ شب", utc(2023, 10, 8, 17, 30)),
    ("خبر شب: ۱۵ مهر ۱۴۰۲ ساعت ۸:۳۰", utc(2023, 10, 7, 5, 0)),
    # relative
    ("۳ روز پیش", utc(2023, 10, 6, 12, 0)),
    ("دو ساعت قبل", utc(2023, 10, 9, 10, 0)),
    ("یک ماه پیش", utc(2023, 9, 9, 12, 0)),
    ("نیم ساعت پیش", utc(2023, 10, 9, 11, 30)),
    ("۲ هفته پیش", utc(2023, 9, 25, 12, 0)),
    ("چند دقیقه پیش", utc(2023, 10, 9, 11, 57)),
    ("a few hours ago", utc(2023, 10, 9, 9, 0)),
    ("بیست دقیقه پیش", utc(2023, 10, 9, 11, 40)),
    ("بیست و پنج دقیقه پیش", utc(2023, 10, 9, 11, 35)),
    ("هفته پیش", utc(2023, 10, 2, 12, 0)),
    ("ماه قبل", utc(2023, 9, 9, 12, 0)),
    ("۲ روز، ۳ ساعت پیش", utc(2023, 10, 7, 9, 0)),
    ("۲ روز و ۳ ساعت پیش", utc(2023, 10, 7, 9, 0)),
    ("یک ساعت و بیست و پنج دقیقه پیش", utc(2023, 10, 9, 10, 35)),
    ("2 days, 3 hours ago", utc(2023, 10, 7, 9, 0)),
    ("1 hour 5 minutes ago", utc(2023, 10, 9, 10, 55)),
    ("5 mins ago", utc(2023, 10, 9, 11, 55)),
    ("چند لحظه پیش", NOW),
    ("دیروز", utc(2023, 10, 8, 12, 0)),
    ("دیروز ساعت ۱۴:۳۰", utc(2023, 10, 8, 11, 0)),
    ("پریروز", utc(2023, 10, 7, 12, 0)),
    ("امروز", NOW),
    ("لحظاتی پیش", NOW),
    ("هم‌اکنون", NOW),
    ("3 days ago", utc(2023, 10, 6, 12, 0)),
    ("an hour ago", utc(2023, 10, 9, 11, 0)),
    ("yesterday", utc(2023, 10, 8, 12, 0)),
    ("just now", NOW),
    # a clock that runs a little fast
    ("2023-10-09T12:30:00Z", NOW),
    # no date, no such date, the future, before the web
    ("", None),
    ("سلام", None),
    ("قیمت ۳۰۰۰ تومان", None),
    ("صد و سه روز پیش", None),
    ("بیشمار سال پیش", None),
    ("31/02/1402 12:99", None),
    ("15/07/2023", None),
    ("1402/13/01", None),
    ("31 مهر 1402", None),
    ("2023-02-30", None),
    ("2023-10-07T25:00:00", None),
    ("Tue, 32 Oct 2023 99:00:00 GMT", None),
    ("2030-01-01", None),
    ("1403/01/01", None),
    ("1969-12-31", None),
    ("0001-01-01", None),
    ("12/10/2023", None),
    ("99999999999999999999 days ago", None),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[repr(text) for text, _ in CASES])
def test_a_date_means_one_moment_in_utc(text, expected):
    moment = parse_date(text, NOW)
    assert moment == expected
    assert moment is None or moment.tzinfo is UTC


def test_a_struct_time_is_in_utc():
    assert parse_date(time.struct_time((2023, 10, 7, 9, 0, 0, 5, 280, 0)), NOW) == utc(2023, 10, 7, 9, 0)
    assert parse_date(time.struct_time((1402, 7, 15, 9, 0, 0, 5, 280, 0)), NOW) is None


@pytest.mark.parametrize("year", [0, -1, 1, 9999, 10000, 10**12])
def test_a_struct_time_at_the_ends_of_the_calendar_is_no_date(year):
    assert parse_date(time.struct_time((year, 12, 31, 23, 59, 59, 0, 365, 0)), NOW) is None


def test_the_30th_of_esfand_without_a_year_is_that_of_last_year_where_this_one_has_none():
    assert parse_date("۳۰ اسفند", datetime(2025, 6, 1, tzinfo=UTC)) == utc(2025, 3, 19, 20, 30)
    # Neither 1402 nor 1401 had one.
    assert parse_date("۳۰ اسفند", NOW) is None


def test_the_zone_of_jalali_and_relative_days_can_be_told():
    assert parse_date("۱۴۰۲/۰۷/۱۵", NOW, UTC) == utc(2023, 10, 7)


@pytest.mark.parametrize(
    "text", ["1 day " * 24, "1 day, " * 5000, "۱ روز و " * 5000, "و ۱ روز " * 5000, "15 مهر " * 5000, " " * 100_000]
)
def test_a_long_row_of_parts_is_read_at_once(text):
    begun = time.perf_counter()
    parse_date(text, NOW)
    assert time.perf_counter() - begun < 1


def test_of_a_long_text_the_beginning_is_read():
    assert parse_date(" " * 300 + "2023-10-07" + " and much more is said" * 100, NOW) == utc(2023, 10, 7)
    assert parse_date("much is said before " * 100 + "2023-10-07", NOW) is None


@given(st.text(max_size=60))
def test_no_text_is_an_error_and_no_moment_lies_ahead(text):
    moment = parse_date(text, NOW)
    assert moment is None or moment <= NOW


@given(st.datetimes(datetime(1991, 1, 1), datetime(2023, 10, 8)), st.integers(-12 * 60, 12 * 60))
def test_what_isoformat_writes_comes_back(moment, minutes):
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_date(aware.isoformat(), NOW) == aware
