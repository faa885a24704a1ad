"""One person, on request: shown, handed over, erased; and to whom."""

import pytest
from sqlalchemy import select

from monitor.models import Subscriber, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import ReasonCode, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web import sample

ADDRESS = "kimia@example.org"
PAGE = "/unsubscribes/person"


@pytest.fixture
def fill(settings):
    def run(session):
        brand = sample.fill(session)
        data = UnsubscribeData(
            ADDRESS, sample.NOW - sample.days(2), list_name="News", reason=ReasonCode.BAD_EXPERIENCE, comment="دیر رسید"
        )
        record_events(session, brand.id, [data], Seal(settings.key()), sample.NOW)

    return run


def number_of(database, settings):
    with database.read() as session:
        person = Seal(settings.key()).hash(ADDRESS)
        return session.scalar(select(UnsubscribeEvent.id).where(UnsubscribeEvent.subscriber_hash == person))


def test_all_that_is_kept_is_shown_and_handed_over(reader_of, fill):
    reader = reader_of(fill, role="analyst")
    page = reader.press(PAGE, {"address": f" {ADDRESS.upper()}"}, page=PAGE, status=200).get_data(as_text=True)
    assert "دیر رسید" in page and "bad experience" in page and "News" in page
    assert "Erase this person" not in page
    answer = reader.press(f"{PAGE}/export", {"address": ADDRESS}, page=PAGE, status=200)
    assert answer.json["address"] == ADDRESS and answer.json["leavings"][0]["words"] == "دیر رسید"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_number_on_the_work_list_leads_to_the_person(reader_of, fill, database, settings):
    reader = reader_of(fill)
    number = number_of(database, settings)
    assert f'href="{PAGE}/{number}"' in reader.read("/followups")
    assert ADDRESS in reader.read(f"{PAGE}/{number}")
    reader.get(f"{PAGE}/99999", 303)
    assert "No address is kept under this number any more." in reader.read(PAGE)


def test_a_person_is_erased_when_the_address_is_typed_twice(reader_of, fill, database, settings):
    reader = reader_of(fill)
    reader.press(f"{PAGE}/erase", {"address": ADDRESS, "again": "else@example.org"}, page=PAGE)
    assert "nothing was erased" in reader.read(PAGE)
    reader.press(f"{PAGE}/erase", {"address": ADDRESS, "again": ADDRESS}, page=PAGE)
    assert "1 leaving stays as a count that names nobody." in reader.read(PAGE)
    with database.read() as session:
        person = session.get(Subscriber, Seal(settings.key()).hash(ADDRESS))
    assert person.address == "" and person.erased_at is not None


@pytest.mark.parametrize("step", ["", "/export", "/erase"])
def test_a_stranger_is_known_to_nobody(reader_of, fill, step):
    reader = reader_of(fill)
    form = {"address": "stranger@example.org", "again": "stranger@example.org"}
    reader.press(f"{PAGE}{step}", form, page=PAGE, status=303 if not step else 404)


def test_addresses_are_for_those_who_may_follow_up(reader_of, fill, database, settings):
    reader = reader_of(fill, role="viewer")
    for path in (PAGE, f"{PAGE}/{number_of(database, settings)}", "/unsubscribes/connections"):
        reader.get(path, 403)
    page = reader.read("/followups") + reader.read("/unsubscribes")
    assert ADDRESS not in page and PAGE not in page and "/unsubscribes/connections" not in page


def test_who_may_follow_up_may_not_erase(reader_of, fill):
    reader = reader_of(fill, role="analyst")
    reader.press(f"{PAGE}/erase", {"address": ADDRESS, "again": ADDRESS}, page=PAGE, status=403)
