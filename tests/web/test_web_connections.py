"""Hooks, pulls, services that are told, and how many mails went out: set up on one page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.hooks import find_hooks
from monitor.leaving import Link, leave
from monitor.mailers import find_mailers
from monitor.models import HookEvent, Mailer, MailerCall, Sending, Source, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.types import DeliveryState, Door, SendingBasis
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
    reader.press(f"{PAGE}/hooks", {"provider": "mailgun", "next": PAGE}, page=PAGE)
    page = reader.read(PAGE)
    assert "This address could not be made." in page and "this provider signs" in page


def test_when_a_hook_told_of_somebody_and_turned_a_call_away(reader, database, settings):
    reader.press(f"{PAGE}/hooks", {"provider": "generic", "key": "s3cret", "next": PAGE}, page=PAGE)
    path = reader.read(PAGE).partition('readonly value="http://localhost')[2].partition('"')[0]
    event = {"email": "a@example.org", "left_at": "2026-11-19T10:00:00Z"}
    assert [reader.client.post(path, json=event).status_code for _ in range(2)] == [403, 403]
    page = reader.read(PAGE)
    assert "turned away" in page and "not signed" in page


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
    reader.press(f"{PAGE}/pulls", {**form, "next": PAGE}, page=PAGE)
    assert "source exists already" in reader.read(PAGE)
    reader.press(f"{PAGE}/pulls/{source.id}/remove", {"next": PAGE}, page=PAGE)
    assert "not visited yet" not in reader.read(PAGE)


def test_a_service_is_told_switched_off_tried_again_and_forgotten(reader, database, settings):
    form = {"kind": "mailchimp", "remote_list": "8a25ff1d98", "key": "0123-us6", "list_name": "News", "next": PAGE}
    reader.press(f"{PAGE}/mailers", form, page=PAGE)
    (mailer,) = all_of(database, Mailer)
    with database.write() as session:
        leave(session, Seal(settings.key()), Link(mailer.brand_id, "a@example.org", "News"), Door.PAGE, sample.NOW)
        call = session.scalar(select(MailerCall))
        call.state, call.error = DeliveryState.FAILED, "the service did not accept it (status 401)"
    page = reader.read(PAGE)
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
    reader.press(f"{PAGE}/mailers", {"kind": "listmonk", "key": "x", "next": PAGE}, page=PAGE)
    assert "This service could not be connected." in reader.read(PAGE)
    reader.press(f"{PAGE}/mailers/1/nothing", status=404)
    reader.press(f"{PAGE}/pulls", {"kind": "nothing"}, status=400)


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


@pytest.mark.parametrize(
    "change",
    [{"day": "soon"}, {"day": "2026-11-23"}, {"count": "0"}, {"count": "many"}, {"count": "9" * 20}, {"campaign": ""}],
)
def test_what_is_no_count_is_refused(reader, database, change):
    form = {"campaign": "A", "day": "2026-11-10", "count": "5", "next": PAGE, **change}
    reader.press(f"{PAGE}/sendings", form, page=PAGE)
    assert "Give a campaign or a list" in reader.read(PAGE) and all_of(database, Sending) == []


def test_a_sending_of_no_mails_that_is_there_already_has_no_rate(reader, database):
    campaign = next(event.campaign for event in all_of(database, UnsubscribeEvent) if event.campaign)
    with database.write() as session:
        brand_id = session.scalar(select(UnsubscribeEvent.brand_id).where(UnsubscribeEvent.campaign == campaign))
        row = {"list_name": "News", "campaign": campaign, "sent_at": sample.NOW - timedelta(days=1)}
        session.add(Sending(brand_id=brand_id, key="k", count=0, basis=SendingBasis.PULL, **row))
    assert "of 0 e-mails" not in reader.read("/unsubscribes")
    assert campaign in reader.read(PAGE)
