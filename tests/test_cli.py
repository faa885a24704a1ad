"""The command line as a person meets it: words, exit statuses, one line for an error."""

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import cli, main
from monitor.config import as_environ
from monitor.jobs import utcnow
from monitor.sources import get_source


@pytest.fixture
def didban(settings, monkeypatch, tmp_path, capsys):
    """Run a command in this process; (exit status, output, errors)."""
    monkeypatch.chdir(tmp_path)
    for name, value in as_environ(settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments, input=None):
        monkeypatch.setattr("sys.argv", ["didban", *map(str, arguments)])
        if input is not None:
            result = CliRunner().invoke(cli, list(map(str, arguments)), input=input)
            return result.exit_code, result.stdout, result.stderr
        with pytest.raises(SystemExit) as exit:
            main()
        captured = capsys.readouterr()
        return exit.value.code or 0, captured.out, captured.err

    return run


def test_a_brand_from_watching_to_forgetting(didban):
    assert didban("watch", "Lookout", "--alias", "Didban")[0] == 0
    assert didban("brand", "add", "Rival", "--rival")[0] == 0
    assert didban("brand", "list")[1] == "Lookout\nRival (rival)\n"
    assert json.loads(didban("brand", "list", "--json")[1])[0] == {
        "name": "Lookout",
        "rival": False,
        "aliases": ["Didban"],
        "exclude": [],
    }
    assert didban("brand", "edit", "Lookout", "--exclude", "look out")[0] == 0
    shown = didban("brand", "show", "Lookout")[1]
    assert "not meant in: look out" in shown
    assert "feed https://news.google.com/" in shown
    assert didban("brand", "remove", "Lookout", "--yes")[0] == 0
    assert didban("brand", "show", "Lookout") == (2, "", "didban: no such brand: 'Lookout'\n")


def test_a_source_from_adding_to_removing(didban):
    didban("brand", "add", "Lookout")
    assert didban("source", "add", "feed", "https://a.example/feed", "--option", "kind=social")[1] == "source 1\n"
    assert didban("source", "add", "reviews", "https://a.example/", "--brand", "Lookout", "--all-about-it")[0] == 0
    assert "new\tfeed\thttps://a.example/feed" in didban("source", "list")[1]
    assert json.loads(didban("source", "list", "--json")[1])[1]["spider"] == "reviews"
    assert didban("source", "edit", 1, "--paused", "--interval", 600, "--option", "kind=review")[0] == 0
    assert "paused" in didban("source", "list")[1]
    assert "found 0" in didban("source", "show", 1)[1]
    assert didban("source", "remove", 1)[0] == 0
    assert didban("source", "show", 1) == (2, "", "didban: no such source: 1\n")


def test_what_a_source_is_not_told_anew_stays(didban, database):
    didban("brand", "add", "Lookout")
    options = ["--option", "item=li", "--option", "text=p"]
    didban("source", "add", "generic", "board.example", *options, "--interval", 86400)
    with database.write() as session:
        source = get_source(session, 1)
        source.next_at = utcnow() + timedelta(days=1)
    assert didban("source", "edit", 1, "--option", "pages=5", "--option", "text=", "--interval", 60)[0] == 0
    with database.read() as session:
        source = get_source(session, 1)
    assert source.url == "https://board.example"
    assert source.options == {"item": "li", "pages": "5"}
    assert source.next_at < utcnow() + timedelta(minutes=2)


@pytest.mark.parametrize("url", ["not a url", "ftp://a.example/", "javascript:alert(1)"])
def test_what_is_no_web_address_is_not_watched(didban, url):
    assert didban("source", "add", "feed", url) == (1, "", f"didban: not a web address: {url!r}\n")
    assert didban("source", "list")[1] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["source", "add", "search", "https://a.example/"], "this needs --brand"),
        (["source", "add", "feed", "https://a.example/", "--option", "kind"], "'kind' is not KEY=VALUE"),
        (["demo", "--json"], "--json goes with --once"),
        (["label", "--task", "topic", "--explain"], "--explain goes with --task sentiment"),
        (["label", "--task", "reason", "--explain"], "--explain goes with --task sentiment"),
        (["serve", "--host", "nosuch.invalid"], "cannot listen on: 'nosuch.invalid:"),
        (["unsubscribes", "removals", "--days", "1000000"], "not in the range"),
        (["source", "edit", "1", "--interval", "9" * 23], "not in the range"),
        (["nonsense"], "No such command"),
        (["brand", "show", "x"], "no such brand: 'x'"),
        (["rule", "edit", "9", "--on"], "no such rule: 9"),
        (["channel", "test", "x"], "no such channel: 'x'"),
        (["import", "unsubscribes", "x.csv"], "name one of the brands"),
        (["--config", "nowhere.toml", "brand", "list"], "no such settings file"),
    ],
)
def test_wrong_use_is_said_in_a_line_with_status_2(didban, arguments, message):
    status, output, errors = didban(*arguments)
    assert (status, output) == (2, "")
    assert message in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["source", "show", "{}"],
        ["source", "edit", "{}", "--paused"],
        ["source", "remove", "{}"],
        ["story", "split", "{}"],
        ["story", "merge", "1", "{}"],
        ["rule", "show", "{}"],
        ["rule", "edit", "{}", "--on"],
        ["rule", "add", "new_negative", "--source", "{}"],
        ["rule", "test", "{}"],
        ["rule", "remove", "{}"],
        ["token", "revoke", "{}"],
        ["collect", "--source", "{}"],
        ["export", "mentions", "--source", "{}"],
        ["export", "search-results", "--source", "{}"],
        ["unsubscribes", "person", "{}"],
        ["unsubscribes", "hook", "remove", "{}"],
        ["unsubscribes", "mailer", "edit", "{}", "--off"],
        ["unsubscribes", "mailer", "retry", "{}"],
        ["unsubscribes", "mailer", "remove", "{}"],
    ],
    ids=" ".join,
)
def test_a_number_that_no_row_has_is_wrong_use(didban, arguments):
    for number in ("0", "9" * 23, "9" * 5000):
        status, output, errors = didban(*(word.format(number) for word in arguments))
        assert (status, output) == (2, "")
        assert "is not in the range" in errors or "is not a valid integer" in errors


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("DATA_DIR", "{file}/under", "cannot make the folder data_dir: '{file}/under'"),
        ("TIME_ZONE", "Asia", "time_zone is not known: 'Asia'"),
        ("DATABASE_URL", "postgresql://didban:hidden@db.example:notaport/x", "unusable database_url"),
        ("DATABASE_URL", "postgresql://didban:hidden@127.0.0.1:{port}/x", "Connection refused"),
        ("DATABASE_URL", "sqlite:////proc/nowhere/didban.db", "unable to open database file"),
    ],
)
def test_a_house_that_cannot_be_opened_is_one_line(didban, monkeypatch, tmp_path, unused_port, setting, value, message):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv(f"DIDBAN_{setting}", value.format(file=file, port=unused_port))
    status, output, errors = didban("brand", "list")
    assert status in (1, 2) and output == ""
    assert message.format(file=file) in errors and errors.count("\n") == 1 and errors.startswith("didban: ")
    assert "hidden" not in errors


def test_a_key_that_cannot_be_kept_is_one_line(didban, monkeypatch, settings):
    monkeypatch.setenv("DIDBAN_SECRET_KEY", "")
    (settings.data_dir / "secret.key").mkdir(parents=True)
    status, _, errors = didban("unsubscribes", "person", "a@example.org")
    assert (status, errors.count("\n")) == (2, 1) and "cannot read or make the key" in errors


def test_times_are_those_of_the_interface(didban):
    didban("brand", "add", "Lookout")
    didban("source", "add", "feed", "https://a.example/", "--brand", "Lookout")
    (source,) = json.loads(didban("source", "list", "--json")[1])
    assert source["next_at"] == datetime.fromisoformat(source["next_at"]).isoformat()
    assert "T" in source["next_at"]


def test_rules_and_channels(didban):
    didban("brand", "add", "Lookout")
    address = "mailto://127.0.0.1:1?from=d@example.org&to=a@example.org"
    assert didban("channel", "add", "mail", "--address", address)[0] == 0
    assert didban("channel", "list")[1].startswith("mail\tfa\ton")
    rules = json.loads(didban("rule", "list", "--json")[1])
    first = next(rule for rule in rules if rule["kind"] == "new_negative")
    assert didban("rule", "edit", first["id"], "--off")[0] == 0
    after = {rule["id"]: rule["enabled"] for rule in json.loads(didban("rule", "list", "--json")[1])}
    assert after[first["id"]] is False
    assert didban("channel", "remove", "mail")[0] == 0


def test_an_import_reports_its_bad_rows_with_status_1(didban, tmp_path):
    didban("brand", "add", "Lookout")
    path = tmp_path / "export.csv"
    path.write_text("email,date\na@example.org,2026-01-01\nnobody,2026-01-01\n")
    status, output, errors = didban("import", "unsubscribes", path)
    assert (status, output) == (1, "1 new, 0 known already, 1 left out\n")
    assert errors == "didban: row left out (no e-mail address): 'export.csv:3'\n"


def test_the_steps_with_nothing_to_do(didban):
    assert didban("collect")[1].startswith("0 sources, 0 new mentions")
    assert json.loads(didban("collect", "--json")[1])["sources"] == 0
    assert didban("score")[1] == "0 texts labelled\n"
    assert didban("decide")[1] == "0 alerts\n"
    assert didban("deliver")[1] == "0 sent\n"
    assert json.loads(didban("status", "--json")[1])["brands"] == []


def test_a_collect_with_a_dead_source_ends_with_status_1_and_status_names_it(didban, unused_port, monkeypatch):
    monkeypatch.setenv("DIDBAN_ALLOWED_HOSTS", f"127.0.0.1:{unused_port}")
    didban("brand", "add", "Lookout")
    didban("source", "add", "feed", f"http://127.0.0.1:{unused_port}/feed", "--brand", "Lookout")
    status, output, _ = didban("collect", "--brand", "Lookout")
    assert (status, "1 sources in trouble" in output) == (1, True)
    status, output, _ = didban("status")
    assert "Lookout: None negative, no figure (none)" in output
    assert "failing http://127.0.0.1" in output


def test_texts_are_labelled_line_by_line(didban, tmp_path):
    lines = [
        "ارسال عالی و سریع بود، خیلی راضی‌ام",
        '{"text": "it broke, terrible", "kind": "review", "id": 7}',
        "{",
        "{}",
    ]
    status, output, errors = didban("label", input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in output.splitlines()]
    assert status == 1
    assert (answers[0]["language"], answers[0]["label"]) == ("fa", "positive")
    assert (answers[1]["id"], answers[1]["label"]) == (7, "negative")
    assert abs(sum(answers[1]["scores"].values()) - 1) < 0.01
    assert "line cannot be read: '<stdin>:3'" in errors
    assert "no \"text\" in line: '<stdin>:4'" in errors


@pytest.mark.parametrize("bad", [b"\xff\xfe bad", b'{"text": "half a letter: \\ud83d"}'])
@pytest.mark.parametrize("is_file", [True, False])
def test_a_line_with_halves_of_letters_is_left_out_alone(didban, tmp_path, bad, is_file):
    path, lines = tmp_path / "texts", b"good\n" + bad + b"\nterrible\n"
    path.write_bytes(lines)
    status, output, errors = didban("label", path) if is_file else didban("label", input=lines)
    assert (status, [json.loads(line)["text"] for line in output.splitlines()]) == (1, ["good", "terrible"])
    assert errors == f"didban: line is not UTF-8: '{path if is_file else '<stdin>'}:2'\n"


@pytest.mark.parametrize("task", ["reason", "topic"])
def test_reasons_and_topics_too(didban, task):
    status, output, _ = didban("label", "--task", task, input="قیمت‌ها خیلی گران است\n")
    assert status == 0
    assert json.loads(output)["label"] == "price"


def test_the_words_that_decided(didban):
    _, output, _ = didban("label", "--explain", input="پشتیبانی افتضاح بود\n")
    words = dict(json.loads(output)["words"])
    assert max(words, key=lambda word: abs(words[word])) == "افتضاح"


def test_the_model_says_what_it_is(didban):
    answer = json.loads(didban("model", "info")[1])
    assert answer["labels"] == ["negative", "neutral", "positive"]
    assert answer["bytes"] < 40_000_000


def test_without_corrections_there_is_nothing_to_learn(didban):
    status, _, errors = didban("model", "train", "--with-corrections")
    assert (status, errors.startswith("didban: there are no corrections to learn")) == (2, True)
    assert "either --data or --with-corrections" in didban("model", "train")[2]
