"""How many mails were sent, and the rate of those who left over them."""

from datetime import timedelta

import pytest

from monitor.models import Sending
from monitor.sealing import Seal
from monitor.sendings import campaign_rates, list_rates, record_sendings
from monitor.types import SendingBasis, SendingData, UnsubscribeData
from monitor.unsubscribes import record_events


@pytest.fixture
def month(now):
    return now - timedelta(days=30), now


def leave(session, brand_id, now, number, **values):
    told = [
        UnsubscribeData(f"{number}-{place}-{values}@example.org", now - timedelta(days=3), **values)
        for place in range(number)
    ]
    record_events(session, brand_id, told, Seal("k"), now)


def test_a_rate_stands_on_the_mails_that_are_known(database, brand_id, now, month):
    sent = [
        SendingData(4000, now - timedelta(days=5), "News", "Autumn", "mailchimp", "c1"),
        SendingData(1000, now - timedelta(days=9), "News", "Late", "mailchimp", "c2"),
        SendingData(500, now - timedelta(days=4), "Offers", "Sale", basis=SendingBasis.PERSON),
        SendingData(9000, now - timedelta(days=45), "News", "Summer", "mailchimp", "c0"),
    ]
    with database.write() as session:
        assert record_sendings(session, brand_id, sent) == (4, 0)
        leave(session, brand_id, now, 20, list_name="News", campaign="Autumn")
        leave(session, brand_id, now, 6, list_name="Elsewhere", campaign="Unknown")
    with database.read() as session:
        rates = list_rates(session, brand_id, *month)
        assert {name: (rate.left, rate.sent) for name, rate in rates.items()} == {
            "News": (20, 5000),
            "Offers": (0, 500),
            "": (20, 5500),
        }
        assert rates["News"].share == pytest.approx(0.004)
        assert rates[""].bases == {"pull", "person"}
        campaigns = campaign_rates(session, brand_id, ["Autumn", "Unknown", ""])
        assert {name: (rate.left, rate.sent) for name, rate in campaigns.items()} == {"Autumn": (20, 4000)}


def test_without_a_figure_there_is_no_rate(database, brand_id, now, month):
    with database.write() as session:
        leave(session, brand_id, now, 3, list_name="News")
        assert list_rates(session, brand_id, *month) == {}
        assert campaign_rates(session, brand_id, ["Autumn"]) == {}


def test_the_same_campaign_is_kept_once_and_a_persons_figure_stands(database, brand_id, now):
    pulled = SendingData(100, now, "News", "Autumn", "mailchimp", "c1")
    typed = SendingData(70, now, "News", "By hand", basis=SendingBasis.PERSON)
    with database.write() as session:
        record_sendings(session, brand_id, [pulled, typed])
        more = SendingData(120, now, "News", "Autumn", "mailchimp", "c1")
        by_file = SendingData(75, now, "News", "By hand", basis=SendingBasis.FILE)
        assert record_sendings(session, brand_id, [more, by_file]) == (0, 2)
        rows = session.query(Sending).order_by(Sending.id).all()
        assert [(row.count, row.basis) for row in rows] == [(120, "pull"), (70, "person")]
