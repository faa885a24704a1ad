"""How many mails were sent, and the rate of those who left over them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from monitor.models import Sending
from monitor.sealing import Seal
from monitor.sendings import campaign_rates, list_rates, record_sendings
from monitor.types import SendingBasis, SendingData, UnsubscribeData
from monitor.unsubscribes import record_events

MORNING = datetime(2026, 11, 10, 8, 30, tzinfo=UTC)
NEXT_DAY = MORNING + timedelta(days=1)


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


# One campaign as each door tells it: what a person types names no id, and a file has one of its own.
PULLED = SendingData(100, MORNING, "News", "Autumn", "mailchimp", "c1")
TYPED = SendingData(70, MORNING.replace(hour=12), "News", "Autumn", basis=SendingBasis.PERSON)
OF_A_FILE = SendingData(90, MORNING.replace(hour=0), "News", "Autumn", "file", "f1", basis=SendingBasis.FILE)


@pytest.fixture
def told(database, brand_id):
    """Tell of sendings, each by itself or, in a list, together; what is kept then."""

    def tell(*tellings):
        for each in tellings:
            with database.write() as session:
                record_sendings(session, brand_id, each if isinstance(each, list) else [each])
        with database.read() as session:
            return [(row.count, row.basis) for row in session.query(Sending).order_by(Sending.count)]

    return tell


@pytest.mark.parametrize("order", [*permutations((PULLED, TYPED, OF_A_FILE))])
def test_a_campaign_that_every_door_tells_is_one_and_what_a_person_typed_stands(told, order):
    assert told(*order) == [(70, "person")]
    assert told(*order, list(order)) == [(70, "person")]
    assert told(replace(TYPED, count=71), PULLED) == [(71, "person")]


@pytest.mark.parametrize("order", [*permutations((PULLED, OF_A_FILE))])
def test_of_two_doors_the_newest_telling_is_kept(told, order):
    assert told(*order) == [(order[-1].count, order[-1].basis)]
    assert told(*reversed(order)) == [(order[0].count, order[0].basis)]


@pytest.mark.parametrize("first", [[], [TYPED], [OF_A_FILE], [TYPED, OF_A_FILE], [OF_A_FILE, TYPED]])
def test_two_campaigns_of_one_provider_stay_two(told, first):
    second = replace(PULLED, external_id="c2", count=30)
    kept = told(*first, [PULLED, second])
    assert len(kept) == 2 and kept[0] == (30, "pull")
    # Whatever is told again, and in whatever order, there are two.
    assert told([second, PULLED]) == told(second, PULLED) == told(*first, [PULLED, second]) == kept


def test_two_campaigns_of_one_file_find_those_of_the_service(told):
    pulled = [PULLED, replace(PULLED, external_id="c2")]
    of_a_file = [OF_A_FILE, replace(OF_A_FILE, external_id="f2", count=91)]
    for _ in range(2):
        assert told(pulled, of_a_file) == [(90, "file"), (91, "file")]
    assert told(pulled[0], of_a_file, pulled[1]) == [(90, "file"), (100, "pull")]


@pytest.mark.parametrize("change", [{"campaign": "Winter"}, {"list_name": "Offers"}, {"sent_at": NEXT_DAY}])
def test_what_differs_in_list_campaign_or_day_stays_two(told, change):
    assert len(told(PULLED, replace(TYPED, **change))) == 2


@pytest.mark.parametrize("blank", ["list_name", "campaign"])
def test_without_both_names_nothing_says_that_two_are_one(told, blank):
    assert len(told(replace(PULLED, **{blank: ""}), replace(TYPED, **{blank: ""}))) == 2


@pytest.mark.parametrize("count", [0, -1, 2**31, 9 * 10**40])
def test_no_mails_and_more_than_there_can_be_are_no_sending(told, count):
    assert told(replace(PULLED, count=count)) == []
    assert told(PULLED, replace(PULLED, count=count)) == [(100, "pull")]


def test_a_sending_of_no_mails_that_is_there_already_makes_no_rate(database, brand_id, now, month):
    with database.write() as session:
        leave(session, brand_id, now, 3, list_name="News", campaign="Autumn")
        row = {"list_name": "News", "campaign": "Autumn", "sent_at": now - timedelta(days=1)}
        session.add(Sending(brand_id=brand_id, key="k", count=0, basis=SendingBasis.PULL, **row))
    with database.read() as session:
        assert list_rates(session, brand_id, *month) == {}
        assert campaign_rates(session, brand_id, ["Autumn"]) == {}
