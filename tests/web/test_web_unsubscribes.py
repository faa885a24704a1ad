"""Why people leave: rises, groups, words, and a reason put right."""

import re

import lxml.html
import pytest
from sqlalchemy import select

from monitor.models import UnsubscribeEvent
from monitor.types import ReasonCode
from tests.web import sample


def unsure(database):
    with database.read() as session:
        return session.scalar(select(UnsubscribeEvent.id).where(UnsubscribeEvent.reason_score < 0.5))


def test_a_rise_beyond_chance_is_marked_and_its_test_named(reader):
    page = reader.read("/unsubscribes")
    reasons = page.split('class="exits"')[1].split("</ol>")[0]
    rises = [row.split(">")[0] for row in reasons.split('class="bars-name')[1:] if "more than chance" in row]
    assert len(rises) == 1 and "bad experience <span" in reasons
    said = " ".join(lxml.html.fromstring(page).text_content().split())
    assert "15 in the last 30 days, 2 in the 30 before. Chance alone brings such a rise in 0.1" in said
    assert "exact binomial test, at 5\N{NO-BREAK SPACE}%" in page and "Bonferroni" in page


def test_the_level_is_written_in_the_readers_digits(reader):
    assert "5\N{NO-BREAK SPACE}% shared" in reader.read("/unsubscribes")
    reader.speak("fa")
    assert "در سطح \N{ARABIC LETTER MARK}۵٪" in reader.read("/unsubscribes")


def test_each_reason_says_what_it_means_and_what_to_do(reader):
    page = reader.read("/unsubscribes")
    assert "The next step may be a public review." in page and "someone in support should call" in page
    assert page.rindex('class="bars-name muted">no answer') > page.rindex('class="bars-name">')
    assert 'href="/followups?view=blank"' in page


def test_lists_and_campaigns_of_one_reason(reader):
    whole, price = reader.read("/unsubscribes"), reader.read("/unsubscribes?reason=price")
    assert ">50</a></td>" in whole and "By campaign</h2>" in whole
    assert "By list: price</h2>" in price and re.search(r"<td><a [^>]+>3</a></td><td><a [^>]+>5</a></td>", price)
    assert '<details class="exit" open>' in price and "not named" in price


def test_the_words_they_use_have_examples(reader):
    page = reader.read("/unsubscribes")
    words = page.split('class="uses"')[1].split("</ul>")[0]
    assert "<bdi>ایمیل</bdi>" in words and "هر روز دو تا ایمیل می‌فرستید" in words


def test_nothing_yet_is_said_plainly(reader_of):
    from monitor.brands import add_brand

    page = reader_of(lambda session: add_brand(session, "Nilgoon", sample.NOW)).read("/unsubscribes")
    assert "Nothing has come in yet." in page and 'class="exits"' not in page


def test_an_uncertain_reason_is_marked_and_put_right_in_one_tap(reader, database):
    event_id = unsure(database)
    page = reader.read("/unsubscribes")
    assert page.count("bad experience, uncertain") == 1 and page.count('<details class="further" open>') == 1
    answer = reader.press(
        f"/unsubscribes/{event_id}/reason",
        {"reason": "price", "next": f"/unsubscribes#left-{event_id}"},
        page="/unsubscribes",
    )
    assert answer.headers["Location"] == f"/unsubscribes#left-{event_id}"
    page = reader.read("/unsubscribes")
    assert "Noted: price." in page and ", uncertain" not in page
    with database.read() as session:
        event = session.get(UnsubscribeEvent, event_id)
    assert (event.reason, event.labelled_by) == (ReasonCode.PRICE, "person")


@pytest.mark.parametrize(("event_id", "reason", "status"), [(1, "", 400), (1, "awful", 400), (9999, "price", 404)])
def test_what_cannot_be_put_right_is_refused(reader, event_id, reason, status):
    reader.press(f"/unsubscribes/{event_id}/reason", {"reason": reason}, status=status)


def test_a_correction_without_its_token_is_refused(reader):
    assert reader.client.post("/unsubscribes/1/reason", data={"reason": "price"}).status_code == 400


def test_what_the_mark_means_is_told_only_beside_a_mark(reader_of):
    assert "Bonferroni" in reader_of(sample.fill).read("/unsubscribes")
    assert "Bonferroni" not in reader_of().read("/unsubscribes?reason=display&brand=2")
