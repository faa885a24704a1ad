"""Hooks, pulls, services that are told, and how many mails went out: set up on one page."""

from datetime import timedelta

import lxml.html
import pytest
from sqlalchemy import select

from monitor.hooks import find_hooks
from monitor.leaving import Link, leave
from monitor.mailers import find_mailers
from monitor.models import AlertRule, HookEvent, Mailer, MailerCall, Sending, Source, UnsubscribeEvent
from monitor.rules import add_rule
from monitor.sealing import Seal
from monitor.types import DeliveryState, Door, RuleKind, SendingBasis
from tests.web import sample

PAGE = "/unsubscribes/connections"


def all_of(database, kind):
    with database.read() as session:
        return session.scalars(select(kind)).all()


def test_an_address_for_a_service_is_made_shown_and_removed(reader, database):
    reader.press(f"{PAGE}/hooks", {"provider": "mailgun", "key": "a key", "next": PAGE}, page=PAGE)
    page = reader.read(PAGE)
    (hook,) = all_of(database, type(find_hooks_of(database)[0]))
    assert f"/hooks/mailgun/{hook.id}-" in page and "HTTP webhook signing key" in page
    assert "nothing received yet" in page and "a key" not in page
    reader.press(f"{PAGE}/hooks/{hook.id}/remove", {"next": PAGE}, page=PAGE)
    assert "/hooks/mailgun/" not in reader.read(PAGE)


def test_what_was_answered_is_not_lost_with_its_hook(reader, database):
    reader.press(f"{PAGE}/hooks", {"provider": "generic", "next": PAGE}, page=PAGE)
    path = reader.read(PAGE).partition('readonly value="http://localhost')[2].partition('"')[0]
    before = len(all_of(database, UnsubscribeEvent))
    event = {"email": "new@example.org", "left_at": "2026-11-19T10:00:00Z"}
    assert reader.client.post(path, json=event).status_code == 200
    (hook,) = find_hooks_of(database)
    reader.press(f"{PAGE}/hooks/{hook.id}/remove", {"next": PAGE}, page=PAGE)
    assert len(all_of(database, UnsubscribeEvent)) == before + 1 and all_of(database, HookEvent) == []


def find_hooks_of(database):
    with database.read() as session:
        return find_hooks(session)


def test_a_hook_that_needs_a_key_says_so(reader):
    page = reader.press(f"{PAGE}/hooks", {"provider": "mailgun", "key": ""}, page=PAGE, status=422).text
    assert "This address could not be made." in page and "this provider signs" in page
    assert shown_form(page, "hooks") == {"provider": "mailgun", "key": ""}


def test_when_a_hook_told_of_somebody_and_turned_a_call_away(reader, database, settings):
    reader.press(f"{PAGE}/hooks", {"provider": "generic", "key": "s3cret", "next": PAGE}, page=PAGE)
    path = reader.read(PAGE).partition('readonly value="http://localhost')[2].partition('"')[0]
    event = {"email": "a@example.org", "left_at": "2026-11-19T10:00:00Z"}
    assert [reader.client.post(path, json=event).status_code for _ in range(2)] == [403, 403]
    page = reader.read(PAGE)
    assert "turned away" in page and 'title="not signed"' in page and "The message is not signed." in page
    reader.speak("fa")
    assert "پیام امضا ندارد." in reader.read(PAGE)


@pytest.mark.parametrize(
    ("form", "url", "options"),
    [
        ({"kind": "mailchimp", "key": "0123-us6"}, "https://us6.api.mailchimp.com/", {"api_key"}),
        (
            {"kind": "listmonk", "key": "t0k", "user": "didban", "url": "https://news.example"},
            "https://news.example",
            {"user", "api_token"},
        ),
    ],
)
def test_a_service_is_asked_from_now_on(reader, database, form, url, options):
    reader.press(f"{PAGE}/pulls", {**form, "next": PAGE}, page=PAGE)
    source = next(each for each in all_of(database, Source) if each.spider == form["kind"])
    assert (source.url, source.options.keys(), source.matches_text) == (url, options, False)
    assert form["key"] not in str(source.options)
    page = reader.read(PAGE)
    assert "not visited yet" in page and form["key"] not in page
    again = reader.press(f"{PAGE}/pulls", form, page=PAGE, status=422).text
    assert "This source is watched already." in again and form["key"] not in again
    reader.press(f"{PAGE}/pulls/{source.id}/remove", {"next": PAGE}, page=PAGE)
    assert "not visited yet" not in reader.read(PAGE)


def test_only_who_may_connect_a_service_may_take_it_away(reader, reader_of, database):
    reader.press(f"{PAGE}/pulls", {"kind": "mailchimp", "key": "0123-us6", "next": PAGE}, page=PAGE)
    pull = next(source for source in all_of(database, Source) if source.spider == "mailchimp")
    with database.write() as session:
        rule = add_rule(session, 1, RuleKind.SOURCE_TROUBLE, {"sources": [pull.id]}, sample.NOW)
    analyst = reader_of(role="analyst")
    page = analyst.read("/sources")
    assert f"/sources/{pull.id}/pause" in page and f"/sources/{pull.id}/remove" not in page
    analyst.press(f"/sources/{pull.id}/remove", {"next": "/sources"}, "/sources", status=403)
    assert f"/sources/{pull.id}/remove" in reader.read("/sources")
    reader.press(f"{PAGE}/pulls/{pull.id}/remove", {"next": PAGE}, page=PAGE)
    assert "“a source is in trouble” was for it alone and is off now." in reader.read(PAGE)
    with database.read() as session:
        assert session.get(Source, pull.id) is None and not session.get(AlertRule, rule.id).enabled


@pytest.mark.parametrize(
    ("act", "form", "sentence"),
    [
        ("hooks", {"provider": "mailgun", "key": ""}, "این سرویس پیام‌هایش را امضا می‌کند؛ کلید امضا را هم بنویسید."),
        ("mailers", {"kind": "brevo", "remote_list": "three", "key": "k"}, "شمارهٔ فهرست را در آن سرویس بنویسید."),
        ("mailers", {"kind": "mailchimp", "remote_list": "a", "key": "k"}, "مثل \u200e<bdi>-us6</bdi>."),
    ],
)
def test_what_cannot_be_connected_is_said_in_persian(reader, act, form, sentence):
    reader.speak("fa")
    page = reader.press(f"{PAGE}/{act}", form, page=PAGE, status=422).text
    assert sentence in page and 'class="evidence"' not in page


def test_a_service_is_told_switched_off_tried_again_and_forgotten(reader, database, settings):
    form = {"kind": "mailchimp", "remote_list": "8a25ff1d98", "key": "0123-us6", "list_name": "News", "next": PAGE}
    reader.press(f"{PAGE}/mailers", form, page=PAGE)
    (mailer,) = all_of(database, Mailer)
    with database.write() as session:
        leave(session, Seal(settings.key()), Link(mailer.brand_id, "a@example.org", "News"), Door.PAGE, sample.NOW)
        call = session.scalar(select(MailerCall))
        call.state, call.error = DeliveryState.FAILED, "the service did not accept it (status 401)"
    page = reader.read(PAGE)
    assert "The service did not accept it (code <bdi>401</bdi>)." in page
    assert "1 given up" in page and "status 401" in page and "must confirm" in page and "0123" not in page
    reader.press(f"{PAGE}/mailers/{mailer.id}/retry", {"next": PAGE}, page=PAGE)
    assert "1 waiting" in reader.read(PAGE)
    for act, enabled in (("off", False), ("on", True)):
        reader.press(f"{PAGE}/mailers/{mailer.id}/{act}", {"next": PAGE}, page=PAGE)
        assert all_of(database, Mailer)[0].enabled is enabled
    reader.press(f"{PAGE}/mailers/{mailer.id}/remove", {"next": PAGE}, page=PAGE)
    with database.read() as session:
        assert find_mailers(session) == []


def test_what_cannot_be_told_is_said(reader):
    form = {
        "kind": "listmonk",
        "list_name": "News",
        "remote_list": "three",
        "url": "https://l.example",
        "key": "s3cret",
    }
    page = reader.press(f"{PAGE}/mailers", form, page=PAGE, status=422).text
    assert "This service could not be connected." in page and "needs the number of the list there" in page
    # What was typed stays, but for the key: it is shown nowhere again.
    shown = shown_form(page, "mailers")
    assert shown.pop("key") == "" and shown == {name: value for name, value in form.items() if name != "key"}
    assert "s3cret" not in page and all_of(reader.app.extensions["didban"].database, Mailer) == []
    reader.press(f"{PAGE}/mailers/1/nothing", status=404)
    reader.press(f"{PAGE}/pulls", {"kind": "nothing"}, status=400)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        # A key without its end would become the name of a host, which is asked for in the open and shown.
        ({"kind": "mailchimp", "key": "0123456789abcdef"}, "A key ends in its data centre, like <bdi>-us6</bdi>."),
        ({"kind": "mailchimp", "key": "0123-us6.example.org/"}, "A key ends in its data centre, like <bdi>-us6</bdi>."),
        ({"kind": "mailchimp", "key": " "}, "This may not stay empty."),
        ({"kind": "listmonk", "key": "t0k3n", "user": "didban", "url": "https://"}, "This address cannot be watched."),
        ({"kind": "listmonk", "key": "t0k3n", "user": " ", "url": "https://l.example"}, "This may not stay empty."),
    ],
)
def test_a_pull_that_cannot_be_is_refused_and_its_key_shown_nowhere(reader, database, form, sentence):
    before = len(all_of(database, Source))
    page = reader.press(f"{PAGE}/pulls", form, page=PAGE, status=422).text
    assert page.count('class="field-error"') == 1 and sentence in page
    assert form["key"] == " " or form["key"] not in page
    assert shown_form(page, "pulls") == {name: value.strip() for name, value in form.items()} | {"key": ""}
    assert len(all_of(database, Source)) == before


def shown_form(page, name):
    """What stands in the fields of an open form of the page."""
    (form,) = lxml.html.fromstring(page).xpath(f"//details[@open]/form[@action='{PAGE}/{name}']")
    return {field: value for field, value in form.fields.items() if field not in ("csrf_token", "next", "brand")}


def test_mails_typed_in_make_a_rate(reader, database):
    form = {"campaign": "تخفیف پاییز", "day": "2026-11-10", "count": "5000", "next": PAGE}
    reader.press(f"{PAGE}/sendings", form, page=PAGE)
    assert "typed by hand" in reader.read(PAGE)
    page = reader.read("/unsubscribes")
    assert "of 5,000 e-mails" in page and "The e-mails were counted by: typed by hand" in " ".join(page.split())
    (sending,) = all_of(database, Sending)
    reader.press(f"{PAGE}/sendings/{sending.id}/remove", {"next": PAGE}, page=PAGE)
    assert "of 5,000 mails" not in reader.read("/unsubscribes")


def test_the_day_is_typed_on_the_readers_calendar(reader, database):
    assert 'name="day" type="date" max="2026-11-22"' in reader.read(PAGE)
    reader.speak("fa")
    assert 'placeholder="۱۴۰۵/۰۹/۰۱"' in reader.read(PAGE)
    form = {"campaign": "A", "day": "۱۴۰۵/۰۸/۱۹", "count": "۵۰", "next": PAGE}
    reader.press(f"{PAGE}/sendings", form, page=PAGE)
    (sending,) = all_of(database, Sending)
    assert (sending.count, sending.sent_at.date().isoformat()) == (50, "2026-11-10")


@pytest.mark.parametrize("count", ["12,000", "12 000", "۱۲٬۰۰۰"])
def test_a_count_is_typed_as_people_write_it(reader, database, count):
    reader.press(f"{PAGE}/sendings", {"campaign": "A", "day": "2026-11-10", "count": count, "next": PAGE}, page=PAGE)
    assert [sending.count for sending in all_of(database, Sending)] == [12_000]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"day": "soon"}, "Not a date: write it like 2026-10-23."),
        ({"day": "2026-11-23"}, "This day has not come yet."),
        ({"count": "0"}, "Write a number from 1 to"),
        ({"count": "many"}, "This is not a number."),
        ({"count": "9" * 20}, "Write a number from 1 to"),
        ({"count": "1.5"}, "Write a number without decimals."),
        ({"count": " "}, "This may not stay empty."),
        ({"campaign": ""}, "Give a campaign or a list."),
        ({"campaign": "x" * 201}, "This is too long."),
    ],
)
def test_what_is_no_count_is_refused(reader, database, change, sentence):
    form = {"campaign": "A", "list_name": "", "day": "2026-11-10", "count": "5", **change}
    page = reader.press(f"{PAGE}/sendings", form, page=PAGE, status=422).text
    assert shown_form(page, "sendings") == form and all_of(database, Sending) == []
    assert page.count('class="field-error"') == 1 and sentence in page


def test_who_may_not_see_the_addresses_is_not_shown_them_for_a_mistake(reader_of, database):
    reader = reader_of(sample.fill, role="analyst")
    reader.press(f"{PAGE}/sendings", {"campaign": "A", "day": "2026-11-10", "count": "5"})
    assert len(all_of(database, Sending)) == 1
    page = reader.press(f"{PAGE}/sendings", {"campaign": "A", "day": "soon", "count": "5"}, status=403).text
    assert "connections/hooks" not in page


def test_a_sending_of_no_mails_that_is_there_already_has_no_rate(reader, database):
    campaign = next(event.campaign for event in all_of(database, UnsubscribeEvent) if event.campaign)
    with database.write() as session:
        brand_id = session.scalar(select(UnsubscribeEvent.brand_id).where(UnsubscribeEvent.campaign == campaign))
        row = {"list_name": "News", "campaign": campaign, "sent_at": sample.NOW - timedelta(days=1)}
        session.add(Sending(brand_id=brand_id, key="k", count=0, basis=SendingBasis.PULL, **row))
    assert "of 0 e-mails" not in reader.read("/unsubscribes")
    assert campaign in reader.read(PAGE)
