"""The calendar feed of former customers."""

from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.models import Brand
from monitor.sealing import Seal
from monitor.types import ReasonCode, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.conftest import NOW
from web import create_app
from web.greetings import calendar_address

SEAL = Seal("a key for tests")


@pytest.fixture
def app(settings, database):
    left = UnsubscribeData("former@example.org", NOW - timedelta(days=60), reason=ReasonCode.NO_LONGER_CUSTOMER)
    with database.write() as session:
        brand = add_brand(session, "نیلگون", NOW)
        record_events(session, brand.id, [left], SEAL, NOW)
    return create_app(settings, database, clock=lambda: NOW)


def test_a_calendar_program_reads_whom_to_greet_and_when(app, database):
    with app.test_request_context(), database.read() as session:
        address = calendar_address(session.get(Brand, 1))
    answer = app.test_client().get(address)
    assert answer.mimetype == "text/calendar"
    assert "DTSTART;VALUE=DATE:20261220" in answer.text
    assert "SUMMARY:نیلگون: احوال‌پرسی از یک مشتری سابق" in answer.text
    assert "شمارهٔ ۱ " in answer.text
    assert "former@" not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "token",
    ["x", SEAL.make_token("1", "leave"), SEAL.make_token("9", "calendar"), Seal("b").make_token("1", "calendar")],
)
def test_no_other_address_leads_to_it(app, token):
    assert app.test_client().get(f"/calendar/{token}.ics").status_code == 404
