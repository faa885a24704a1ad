"""What is done on the pages, by links, by programs and by commands, and who is said to have done it."""

import re

import pytest
from click.testing import CliRunner
from flask import session
from sqlalchemy import select

from monitor.audit import UNWATCHED, WATCHED
from monitor.cli import cli
from monitor.config import as_environ
from monitor.links import make_link
from monitor.models import AuditEntry
from monitor.preferences import NAMES
from monitor.sealing import Seal
from monitor.tokens import add_token
from monitor.types import Act, Scope
from tests.web import sample
from tests.web.test_web_preferences import AS_THEY_ARE
from web.audit import _FIELDS, _SETTINGS, KINDS, changes_of


def entries(database):
    with database.read() as session:
        return [
            (entry.who, entry.way, entry.act, entry.kind, entry.thing)
            for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_each_kind_of_change_has_a_word():
    assert set(KINDS) == {table.__tablename__ for table in WATCHED} | {"mentions"}
    assert "mentions" in UNWATCHED


def test_each_column_and_each_setting_has_a_word():
    columns = {name for watch in WATCHED.values() for name in (*watch.shown, *watch.hidden)}
    assert columns <= set(_FIELDS)
    assert set(_SETTINGS) == set(NAMES)


def test_a_change_on_a_page_names_its_person(reader_of, database):
    reader = reader_of(sample.fill, role="analyst")
    reader.press("/cases/2/state", {"state": "answered"})
    reader.press("/cases/2/notes", {"text": "we called"})
    reader.press("/mentions/1/label", {"label": "positive"})
    reader.press("/sources/2/pause")
    who = ("The analyst", "page")
    assert entries(database) == [
        (*who, "changed", "cases", "2"),
        (*who, "added", "case_notes", "2"),
        (*who, "changed", "mentions", "1"),
        (*who, "changed", "sources", "feed https://khabar.example/feed/economy.xml"),
    ]
    assert "<bdi>The analyst</bdi>" in reader.read("/cases/2")


def test_a_link_of_a_message_is_said_to_be_one(reader_of, database, settings):
    reader = reader_of(sample.fill, role=None)
    link = make_link(Seal(settings.key()), "", Act.NOT_NEGATIVE, 1, 1, sample.NOW)
    page = reader.press(link, page=link, status=200)
    assert "Noted: not negative." in page.text and "/mentions" not in page.text
    assert ("", "link", "changed", "mentions", "1") in entries(database)


def test_a_program_is_named_by_its_token(reader_of, database):
    reader = reader_of(sample.fill, role=None)
    with database.write() as session:
        _, secret = add_token(session, "robot", [Scope.WRITE], sample.NOW)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = reader.client.put("/api/v1/mentions/1/label", json={"label": "positive"}, headers=headers)
    assert answer.status_code < 300
    assert ("robot", "api", "changed", "mentions", "1") in entries(database)


def test_a_command_is_named_by_who_typed_it_and_the_daily_work_by_nobody(database, settings, monkeypatch):
    runner = CliRunner(env={**as_environ(settings), "USER": "negar", "SUDO_USER": None})
    assert runner.invoke(cli, ["brand", "add", "Nilgoon"]).exit_code == 0
    assert runner.invoke(cli, ["decide"]).exit_code == 0
    assert {entry[:2] for entry in entries(database)} == {("negar", "command")}


def test_the_log_shows_what_was_and_what_is(reader_of):
    reader = reader_of(sample.fill)
    reader.press("/cases/2/state", {"state": "answered"})
    reader.press("/cases/2", {"owner": "Ali", "offered": "a new one", "step": ["listen"]})
    reader.press("/sources/2/pause")
    page = reader.read("/settings/audit")
    assert 'href="/cases/2"' in page and "<bdi>seen</bdi>" in page and "<bdi>answered</bdi>" in page
    assert "<bdi>nothing</bdi>" in page and "<bdi>a new one</bdi>" in page and "<bdi>yes</bdi>" in page
    assert "paused" not in reader.read("/settings/audit?kind=cases").partition('<ol class="log">')[2]
    assert "Nobody has changed anything here yet." in reader.read("/settings/audit?person=77")
    assert "selected>source</option>" in reader.read("/settings/audit?kind=sources")


def test_codes_are_shown_in_words(reader_of):
    app = reader_of(sample.fill).app
    entries = [
        ("channels", "Team", {"language": "en", "digest": "day"}, ["انگلیسی", "چکیدهٔ روزانه"]),
        ("api_tokens", "BI", {"scopes": ["read", "write"]}, ["خواندن، تغییر"]),
        ("preferences", "language", {"value": "en"}, ["انگلیسی"]),
        ("preferences", "fewer_mails", {"value": "weekly"}, ["هفته‌ای یک بار"]),
    ]
    with app.test_request_context():
        session["language"] = "fa"
        for kind, thing, after, words in entries:
            changes = changes_of(AuditEntry(kind=kind, thing=thing, before={}, after=after))
            assert [now for _what, _before, now in changes] == words


def test_two_figures_that_differ_do_not_read_alike(reader_of):
    reader = reader_of(sample.fill)
    for certainty, table, rate, worth in (
        ("57", "0 22 22 59.25 70", "0.25", "0.04"),
        ("58", "0 22 22 59.22 70", "0.26", "0.03"),
    ):
        reader.press("/settings/general", AS_THEY_ARE | {"uncertain_below": certainty, "loss_table": table})
        reader.press("/brands/1", {"leads": "1000", "closing_rate": rate, "customer_value": worth})
    page = reader.read("/settings/audit")
    assert "Certainty below which a label is uncertain, in percent" in page and "Loss table, in percent" in page
    for before, after in (
        ("57", "58"),
        ("0, 22, 22, 59.25, 70", "0, 22, 22, 59.22, 70"),
        ("0.25", "0.26"),
        ("0.04", "0.03"),
    ):
        assert re.search(rf"<bdi>{before}</bdi>[^\n]*<bdi>{after}</bdi>", page), before


def test_a_case_tells_who_did_what_and_offers_the_team_as_owners(reader_of):
    reader = reader_of(sample.fill, role="analyst")
    assert 'id="history"' not in reader.read("/cases/2")
    reader.press("/cases/2/state", {"state": "answered"})
    page = reader.read("/cases/2")
    history = page.partition('id="history"')[2].partition("</section>")[0]
    assert "<bdi>The analyst</bdi>" in history and "<bdi>seen</bdi>" in history and "<bdi>answered</bdi>" in history
    assert '<option value="The analyst">' in page and 'list="team"' in reader.read("/followups?view=grave")


def test_many_changes_are_paged(reader_of):
    reader = reader_of(sample.fill)
    for _ in range(26):
        reader.press("/sources/2/pause")
        reader.press("/sources/2/resume")
    page = reader.read("/settings/audit")
    assert page.count('class="log-entry"') == 50 and "after=" in page


@pytest.mark.parametrize("query", ["?after=x", "?person=x", "?kind=x", "?after=99999999999999999999999"])
def test_a_made_up_address_breaks_nothing(reader_of, query):
    reader_of(sample.fill).get(f"/settings/audit{query}")
