"""didban rule, channel and digest, as an owner types them."""

import json

import pytest
from click.testing import CliRunner

from monitor.brands import add_brand
from monitor.channels import get_channel
from monitor.cli import cli
from monitor.config import as_environ
from monitor.errors import FileError, RuleError
from monitor.jobs import utcnow
from monitor.models import Delivery, Mention
from monitor.sources import add_source
from tests.receiver import Receiver


@pytest.fixture
def run(database, settings):
    with database.write() as session:
        brand_id = add_brand(session, "Lookout", utcnow()).id
        now = utcnow()
        session.add(
            Mention(
                brand_id=brand_id, key="k", kind="review", url="https://e.example/", text="terrible", seen_at=now,
                story="s", label="negative", score=0.9, labelled_by="m", labelled_at=now, body_at=now,
            )
        )  # fmt: skip

    def call(*words, fails=None, typed=None):
        result = CliRunner().invoke(cli, words, env=as_environ(settings), input=typed)
        if fails is not None:
            assert isinstance(result.exception, fails)
        else:
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    return call


def test_a_rule_is_added_shown_changed_tested_and_removed(run):
    number = run("rule", "add", "spike", "--sensitivity", "3", "--least", "9", "--text", "review", "--off").split()[1]
    (rule,) = [rule for rule in json.loads(run("rule", "list", "--json")) if rule["id"] == int(number)]
    assert rule == {
        "id": int(number),
        "brand": "Lookout",
        "kind": "spike",
        "enabled": False,
        "options": {"kinds": ["review"], "sensitivity": 3.0, "least": 9},
    }
    run("rule", "edit", number, "--on", "--spacing", "48")
    shown = run("rule", "show", number)
    assert "spike for Lookout, on" in shown
    assert "  spacing: 48\n" in shown
    assert "  least: 9\n" in shown
    assert json.loads(run("rule", "show", number, "--json"))["options"]["kinds"] == ["review"]
    assert run("rule", "test", number) == "0 alerts in 30 days\n"
    run("rule", "remove", number)
    run("rule", "show", number, fails=RuleError)
    assert f"{number}\t" not in run("rule", "list")


def test_a_floor_is_taken_away_again(run):
    number = run("rule", "add", "new_negative", "--score-floor", "0.9", "--reach-floor", "3").split()[1]
    run("rule", "edit", number, "--score-floor", "0")
    options = json.loads(run("rule", "show", number, "--json"))["options"]
    assert (options["score_floor"], options["reach_floor"]) == (0.0, 3)
    run("rule", "edit", number, "--reach-floor", "1")
    assert run("rule", "list").splitlines()[-1].split("\t")[-1] == ""


def test_a_rule_waits_for_sources_that_there_are(run, database):
    with database.write() as session:
        other = add_brand(session, "Other", utcnow())
        shared, foreign = (
            add_source(session, "feed", f"https://{name}.example/", utcnow(), interval=60, brand_id=brand_id).id
            for name, brand_id in (("shared", None), ("foreign", other.id))
        )
    number = run("rule", "add", "new_negative", "--brand", "Lookout", "--source", str(shared)).split()[1]
    for wrong in (999, foreign):
        run("rule", "edit", number, "--source", str(shared), "--source", str(wrong), fails=RuleError)
        run("rule", "add", "new_negative", "--brand", "Lookout", "--source", str(wrong), fails=RuleError)
    assert json.loads(run("rule", "show", number, "--json"))["options"]["sources"] == [shared]


def test_a_rule_shows_what_it_would_have_sent(run):
    number = run("rule", "add", "new_negative", "--off").split()[1]
    told = json.loads(run("rule", "test", number, "--days", "7", "--json"))
    assert [(alert["count"], alert["subject"]) for alert in told["alerts"]] == [
        (1, "\u2068Lookout\u2069: یک متن منفی تازه")
    ]
    assert run("rule", "test", number).endswith("1 alerts in 30 days\n")


def test_an_option_that_a_kind_does_not_take_is_refused(run):
    run("rule", "add", "band_crossed", "--word", "x", fails=RuleError)
    run("rule", "edit", "1", "--least", "3", fails=RuleError)


def test_a_channel_is_added_changed_tested_and_removed(run, database):
    with Receiver() as receiver:
        address = f"webhook+http://:secret@{receiver.host}/"
        run(
            "channel",
            "add",
            "hook",
            "--language",
            "en",
            "--quiet-hours",
            "22:00-7:30",
            "--digest",
            "week",
            typed=address,
        )
        assert run("channel", "list") == "hook\ten\ton\tweek\tquiet 22:00-07:30\n"
        assert run("channel", "test", "hook") == "accepted\n"
        assert receiver.json() == {
            "version": 1,
            "id": "",
            "kind": "test",
            "subject": "Didban: this channel works.",
            "text": "Didban: this channel works.\n",
        }
    run("channel", "edit", "hook", "--off", "--quiet-hours", "", "--pace", "3", "--digest", "none", "--language", "fa")
    assert run("channel", "list") == "hook\tfa\toff\t\t\n"
    for zone in ("Mars/Olympus", "Asia", "x" * 999):
        run("channel", "edit", "hook", "--time-zone", zone, fails=RuleError)
    run("channel", "edit", "hook", "--pace", "-1", fails=RuleError)
    run("channel", "remove", "hook")
    with database.read() as session, pytest.raises(RuleError):
        get_channel(session, "hook")


def test_a_digest_that_cannot_be_written_is_not_sent(run, database, tmp_path):
    run("channel", "add", "hook", "--address", "json://a.example/")
    for option in ("--html", "--pdf"):
        run("digest", "--send", option, str(tmp_path), fails=FileError)
    with database.read() as session:
        assert session.query(Delivery).count() == 0


def test_a_digest_is_printed_written_and_sent(run, database, tmp_path):
    assert "It was not watched yet." in run("digest", "--language", "en", "--period", "day")
    assert json.loads(run("digest", "--json"))["kind"] == "digest"
    page = tmp_path / "digest.html"
    run("digest", "--html", str(page))
    assert "@page" in page.read_text(encoding="utf-8")
    run("digest", "--pdf", str(tmp_path / "digest.pdf"))
    assert (tmp_path / "digest.pdf").read_bytes().startswith(b"%PDF")
    with Receiver() as receiver:
        run("channel", "add", "hook", "--pace", "0", "--address", f"webhook+http://:secret@{receiver.host}/")
        assert run("digest", "--send") == "1 sent\n"
        assert receiver.json()["kind"] == "digest"
        receiver.answers.append((410, {}, ""))
        assert "status 410" in run("digest", "--send")
    with database.read() as session:
        assert sorted(row.state for row in session.query(Delivery)) == ["failed", "sent"]


def test_status_says_what_is_late_and_what_is_open(run):
    status = json.loads(run("status", "--json"))
    assert status["late"] == []
    assert set(status["seconds_behind"]) == {"collect", "label", "decide", "deliver"}
    assert (status["brands"][0]["open_cases"], status["brands"][0]["late_cases"]) == (0, 0)
    assert "0 open cases, 0 late" in run("status")
