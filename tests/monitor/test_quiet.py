from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.errors import RuleError
from monitor.quiet import read_quiet_hours

TEHRAN, BERLIN = ZoneInfo("Asia/Tehran"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "zone", "now", "until"),
    [
        ("22:00-07:30", TEHRAN, "2026-11-20T18:29", None),
        ("22:00-07:30", TEHRAN, "2026-11-20T18:30", "2026-11-21T04:00"),
        ("22:00-07:30", TEHRAN, "2026-11-20T23:00", "2026-11-21T04:00"),
        ("22:00-07:30", TEHRAN, "2026-11-21T03:59", "2026-11-21T04:00"),
        ("22:00-07:30", TEHRAN, "2026-11-21T04:00", None),
        ("12:00-13:00", TEHRAN, "2026-11-20T09:00", "2026-11-20T09:30"),
        # The night in which Berlin's clocks go back is an hour longer.
        ("22:00-07:00", BERLIN, "2026-10-24T20:00", "2026-10-25T06:00"),
        # And the one in which they go forward an hour shorter.
        ("22:00-07:00", BERLIN, "2026-03-28T21:00", "2026-03-29T05:00"),
    ],
)
def test_quiet_lasts_until_the_hour_of_the_zone(hours, zone, now, until):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert read_quiet_hours(hours).until(moment, zone) == expected


def test_no_hours_are_no_quiet():
    assert read_quiet_hours(" ") is None
    assert str(read_quiet_hours("9:05 - 10:00")) == "09:05-10:00"


@pytest.mark.parametrize("text", ["22-7", "24:00-07:00", "22:00", "08:00-08:00", "at night"])
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(RuleError):
        read_quiet_hours(text)
