"""Our own unsubscribe page: what a mail program, a scanner and a reader do with a link."""

import re
from datetime import timedelta
from html import unescape

import pytest

from monitor.brands import add_brand
from monitor.config import Settings
from monitor.leaving import Link, find_removals, headers_of, make_link
from monitor.models import UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import Door, ReasonCode, UnsubscribeData
from monitor.unsubscribes import count_reasons, record_events
from tests.conftest import NOW
from web import create_app

SEAL = Seal("a key for tests")
ADDRESS = "reader@example.org"


@pytest.fixture
def client(settings, database):
    with database.write() as session:
        add_brand(session, "نیلگون", NOW)
    return create_app(settings, database, clock=lambda: NOW).test_client()


@pytest.fixture
def link(client):
    return make_link(SEAL, "", Link(1, ADDRESS, "خبرنامه", "پاییز"))


@pytest.fixture
def events(database):
    def find():
        with database.read() as session:
            return session.query(UnsubscribeEvent).order_by("id").all()

    return find


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    return unescape(answer.text)


def press(client, path, **fields):
    answer = client.post(path, data=fields)
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    return page(client, answer.headers["Location"])


def test_a_mail_program_leaves_with_one_request(client, link, events):
    for _ in range(2):
        answer = client.post(link, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers and "Location" not in answer.headers
    (event,) = events()
    assert (event.door, event.reason, event.comment) == ("one_click", "", "")
    assert (event.list_name, event.campaign) == ("خبرنامه", "پاییز")
    assert event.left_at == NOW


def test_a_mail_program_may_send_a_multipart_form(client, link, events):
    answer = client.post(link, data={"List-Unsubscribe": "One-Click"}, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert [event.door for event in events()] == ["one_click"]


def test_opening_the_link_changes_nothing(client, link, events):
    assert "دیگر این ایمیل‌ها را نمی‌خواهید؟" in page(client, link)
    client.head(link)
    client.get(f"{link}/undo")
    client.get(f"{link}/reason?reason=spam")
    assert events() == []


def test_one_button_then_one_tap_then_words(client, link, events):
    assert "می‌شود بگویید چرا؟" in press(client, link)
    assert "ممنون که گفتید" in press(client, f"{link}/reason", reason="price")
    assert "نوشته‌تان رسید" in press(client, f"{link}/words", comment="خیلی گران شده")
    (event,) = events()
    assert (event.door, event.reason, event.comment) == ("page", "price", "خیلی گران شده")
    assert (event.labelled_by, event.labelled_at) == ("subscriber", NOW)


def test_other_with_words_waits_for_the_model(client, link, events):
    press(client, link)
    press(client, f"{link}/reason", reason="other")
    press(client, f"{link}/words", comment="خیلی گران شده")
    (event,) = events()
    assert (event.reason, event.labelled_at) == ("", None)


def test_a_blank_stays_blank_and_what_is_no_reason_is_ignored(client, link, events):
    press(client, link)
    press(client, f"{link}/reason", reason="boredom")
    press(client, f"{link}/words", comment="   ")
    press(client, f"{link}/dance")
    (event,) = events()
    assert (event.reason, event.comment, event.stayed) == ("", "", "")


def test_taking_it_back_and_leaving_after_all(client, link, events, database):
    press(client, link)
    assert "اشتراکتان برقرار است" in press(client, f"{link}/undo")
    with database.read() as session:
        assert count_reasons(session, 1, NOW - timedelta(days=1), NOW + timedelta(days=1)) == {}
        assert [removal.action for removal in find_removals(session, SEAL, 1, NOW)] == ["undone"]
    assert "می‌شود بگویید چرا؟" in press(client, link)
    assert [event.stayed for event in events()] == [""]


def test_fewer_instead_of_none(client, link, events, database):
    assert "ماهی یک ایمیل" in press(client, link)
    assert "ثبت شد: ماهی یک ایمیل" in press(client, f"{link}/fewer")
    with database.read() as session:
        (removal,) = find_removals(session, SEAL, 1, NOW)
    assert (removal.address, removal.action, removal.list_name) == (ADDRESS, "fewer", "خبرنامه")


def test_fewer_is_not_offered_where_it_is_switched_off(tmp_path, database):
    with database.write() as session:
        add_brand(session, "نیلگون", NOW)
    settings = Settings(data_dir=tmp_path, secret_key="a key for tests", fewer_mails="")
    client = create_app(settings, database, clock=lambda: NOW).test_client()
    link = make_link(SEAL, "", Link(1, ADDRESS))
    assert "fewer" not in press(client, link)
    press(client, f"{link}/fewer")
    with database.read() as session:
        assert session.get(UnsubscribeEvent, 1).stayed == ""


def test_who_came_back_long_after_can_leave_again_by_the_same_link(client, link, events, settings, database):
    assert "دوباره لغو کنید" not in press(client, link)
    later = create_app(settings, database, clock=lambda: NOW + timedelta(days=90)).test_client()
    assert "دوباره لغو کنید" in page(later, link)
    assert "دوباره لغو کنید" not in press(later, link)
    assert [event.left_at for event in events()] == [NOW, NOW + timedelta(days=90)]


def test_a_step_before_leaving_changes_nothing(client, link, events):
    assert "دیگر این ایمیل‌ها را نمی‌خواهید؟" in press(client, f"{link}/fewer")
    assert events() == []


def test_the_provider_telling_the_same_leaving_is_no_second_one(client, link, events, database):
    told = UnsubscribeData(ADDRESS, NOW, list_name="a6b5", provider="mailchimp", door=Door.HOOK)
    press(client, link)
    with database.write() as session:
        assert record_events(session, 1, [told], SEAL, NOW) == (0, 1)
    assert len(events()) == 1


def test_who_the_provider_told_of_first_can_still_say_why(client, link, events, database):
    told = UnsubscribeData(ADDRESS, NOW, list_name="a6b5", provider="mailchimp", door=Door.HOOK, external_id="1")
    with database.write() as session:
        record_events(session, 1, [told], SEAL, NOW)
    assert "می‌شود بگویید چرا؟" in press(client, link)
    press(client, f"{link}/reason", reason="privacy")
    with database.write() as session:
        assert record_events(session, 1, [told], SEAL, NOW) == (0, 1)
    assert [event.reason for event in events()] == [ReasonCode.PRIVACY]


@pytest.mark.parametrize("token", ["x", "a" * 300, "..", "نیلگون"])
def test_a_link_that_is_not_ours(client, token):
    for answer in (client.get(f"/u/{token}"), client.post(f"/u/{token}"), client.post(f"/u/{token}/undo")):
        assert answer.status_code in (404, 405)
    assert "این پیوند کامل نیست" in page(client, "/u/x", 404)


def test_a_changed_link_and_one_of_a_brand_that_is_gone(client, link, events):
    assert client.post(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404
    assert client.post(make_link(SEAL, "", Link(9, ADDRESS))).status_code == 404
    assert client.post(make_link(Seal("another key"), "", Link(1, ADDRESS))).status_code == 404
    assert events() == []


def test_no_address_in_the_link_on_the_page_or_towards_others(client, link):
    answer = client.get(link)
    assert "reader" not in link + answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "<script" not in answer.text
    assert not re.search(r"(?:src|href)=\"(?!/)", answer.text)


def test_english_when_asked_and_kept_through_the_steps(client, link):
    assert 'lang="en" dir="ltr"' in page(client, f"{link}?language=en")
    done = press(client, f"{link}?language=en")
    assert "Would you tell us why?" in done
    assert f"{link}/reason?language=en" in done


def test_the_language_of_the_page_is_the_one_it_is_said_to_be_in(client, link):
    assert client.get(link).headers["Content-Language"] == "fa"
    assert client.get(f"{link}?language=en").headers["Content-Language"] == "en"


def test_name_and_colour_of_the_sender(tmp_path, database):
    with database.write() as session:
        add_brand(session, "Lookout", NOW)
    settings = Settings(data_dir=tmp_path, secret_key="a key for tests", page_name="Café <b>", page_colour="#ffd400")
    client = create_app(settings, database, clock=lambda: NOW).test_client()
    assert "Café &lt;b&gt;" in client.get(make_link(SEAL, "", Link(1, ADDRESS))).text
    assert client.get("/u/look.css").text == ":root { --brand: #ffd400; --on-brand: #000; }\n"


def test_a_link_never_ends_and_is_always_the_same(link):
    assert make_link(SEAL, "https://news.example.com/", Link(1, f" {ADDRESS}", "خبرنامه", "پاییز")).endswith(link)
    assert make_link(SEAL, "", Link(1, "other@example.org", "خبرنامه", "پاییز")) != link


def test_the_headers_of_a_mail():
    assert headers_of("https://news.example.com/u/T", "off@example.com") == {
        "List-Unsubscribe": "<https://news.example.com/u/T>, <mailto:off@example.com?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert headers_of("https://news.example.com/u/T")["List-Unsubscribe"] == "<https://news.example.com/u/T>"
