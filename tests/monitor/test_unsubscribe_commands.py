"""The unsubscribe desk from the command line."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from monitor.brands import add_brand
from monitor.cli import cli
from monitor.db import open_database
from monitor.errors import ConfigError, MailerError, SubscriberNotFoundError
from monitor.leaving import leave, read_link
from monitor.sealing import Seal
from monitor.types import Door

ADDRESS = "somebody@example.org"
CSV = f"email,date,reason,comment\n{ADDRESS},2026-11-01,Other,dear\nnobody,2026-11-01,,\n"


@pytest.fixture
def run(settings, now, monkeypatch):
    monkeypatch.setenv("DIDBAN_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DIDBAN_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("DIDBAN_PUBLIC_URL", "https://news.example.com")
    database = open_database(settings)
    with database.write() as session:
        add_brand(session, "Lookout", now)
    database.close()

    def call(*arguments, status=0, given=None):
        result = CliRunner().invoke(cli, arguments, input=given, catch_exceptions=True)
        if isinstance(status, type):
            assert isinstance(result.exception, status)
            return str(result.exception)
        assert result.exit_code == status, result.output + repr(result.exception)
        return result.output

    return call


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(CSV, encoding="utf-8")
    return str(path)


def test_a_file_is_looked_at_and_then_imported(run, export):
    seen = run("import", "unsubscribes", export, "--preview")
    assert "subscriber = email" in seen and "'dear'" in seen
    assert ADDRESS not in seen
    assert "1 new, 0 known already, 1 left out" in run("import", "unsubscribes", export, status=1)
    assert "0 new, 1 known already, 1 left out" in run("import", "unsubscribes", export, status=1)


def test_a_column_can_be_named(run, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(f"Kontakt;Am\n{ADDRESS};2026-11-01\n", encoding="utf-8")
    assert "--column left_at=COLUMN" in run("import", "unsubscribes", str(path), "--preview")
    columns = ("--column", "subscriber=kontakt", "--column", "left_at=Am")
    assert "1 new" in run("import", "unsubscribes", str(path), *columns)
    assert "is not FIELD=COLUMN" in run("import", "unsubscribes", str(path), "--column", "who=Kontakt", status=2)


def test_how_many_mails_were_sent_comes_from_a_file(run, tmp_path):
    path = tmp_path / "campaigns.csv"
    path.write_text("Name,Menge,Date\nAutumn,4700,2026-10-28\n", encoding="utf-8")
    assert "1 new, 0 known already" in run("import", "sendings", str(path), "--column", "count=Menge")
    assert "is not FIELD=COLUMN" in run("import", "sendings", str(path), "--column", "who=Menge", status=2)


def test_one_person_is_shown_and_erased(run, export):
    run("import", "unsubscribes", export, status=1)
    found = json.loads(run("unsubscribes", "person", ADDRESS))
    assert (found["address"], found["leavings"][0]["words"]) == (ADDRESS, "dear")
    assert json.loads(run("unsubscribes", "person", "1")) == found
    run("unsubscribes", "person", "99", status=SubscriberNotFoundError)
    assert "1 leavings stay as counts" in run("erase", "--subscriber", ADDRESS)
    assert json.loads(run("unsubscribes", "person", ADDRESS))["address"] == ""
    assert "stranger" not in run("erase", "--subscriber", "stranger@example.org", status=SubscriberNotFoundError)


def test_hooks_are_made_shown_and_removed(run):
    made = run("unsubscribes", "hook", "add", "mailgun", "--key", given="the key\n")
    assert "https://news.example.com/hooks/mailgun/1-" in made
    (row,) = json.loads(run("unsubscribes", "hook", "list", "--json"))
    assert row["signed"] and row["address"] in made
    assert row["address"] in run("unsubscribes", "hook", "list")
    run("unsubscribes", "hook", "remove", "1")
    assert run("unsubscribes", "hook", "list") == ""


def test_services_are_told_shown_changed_and_removed(run):
    made = run("unsubscribes", "mailer", "add", "mailchimp", "--remote-list", "8a25ff1d98", given="0123-us6\n")
    assert "1 mailchimp https://us6.api.mailchimp.com" in made and "0123" not in made
    (row,) = json.loads(run("unsubscribes", "mailer", "list", "--json"))
    assert (row["remote_list"], row["enabled"], row["waiting"]) == ("8a25ff1d98", True, 0)
    run("unsubscribes", "mailer", "edit", "1", "--off", "--key", given="4567-us6\n")
    assert not json.loads(run("unsubscribes", "mailer", "list", "--json"))[0]["enabled"]
    assert "0 told, 0 waiting, 0 given up" in run("unsubscribes", "mailer", "list")
    assert "0 wait again" in run("unsubscribes", "mailer", "retry", "1")
    run("unsubscribes", "mailer", "remove", "1")
    assert run("unsubscribes", "mailer", "list") == ""
    assert "no such service" in run("unsubscribes", "mailer", "add", "nobody", status=MailerError)


def test_links_for_a_mail_and_for_a_whole_list(run, settings, now, monkeypatch):
    headers = run("unsubscribes", "link", ADDRESS, "--list", "News", "--mailto", "off@example.com")
    assert headers.startswith("List-Unsubscribe: <https://news.example.com/u/")
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    listed = run("unsubscribes", "link", "--list", "News", given=f"{ADDRESS}\n\nother@example.org\n")
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert [row["email"] for row in rows] == [ADDRESS, "other@example.org"]
    assert f"<{rows[0]['unsubscribe_url']}>" in headers

    database, seal = open_database(settings), Seal(settings.secret_key)
    with database.write() as session:
        link, _ = read_link(session, seal, rows[0]["unsubscribe_url"].rpartition("/")[2])
        leave(session, seal, link, Door.PAGE, now)
    database.close()
    monkeypatch.setattr("monitor.jobs.utcnow", lambda: now)
    assert f"{ADDRESS},remove,News,{now.isoformat()}" in run("unsubscribes", "removals")


def test_a_link_needs_the_address_of_the_page(run, monkeypatch):
    monkeypatch.delenv("DIDBAN_PUBLIC_URL")
    assert "public_url" in run("unsubscribes", "link", ADDRESS, status=ConfigError)


def test_a_calendar_that_names_nobody(run, tmp_path, monkeypatch, now):
    path = tmp_path / "export.csv"
    path.write_text(f"email,date,reason\n{ADDRESS},2026-08-01,no longer your client\n", encoding="utf-8")
    run("import", "unsubscribes", str(path))
    monkeypatch.setattr("monitor.jobs.utcnow", lambda: now)
    text = run("unsubscribes", "calendar")
    assert "DTSTART;VALUE=DATE:20261030" in text
    assert "somebody" not in text
