"""didban person, and where the dashboard may listen."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from monitor.cli import cli
from monitor.cli.serving import is_local, is_loopback
from monitor.config import Settings, as_environ

PASSWORD = "seven plain words for a test"


@pytest.fixture
def didban(settings, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, input=None):
        return CliRunner(env=as_environ(settings)).invoke(cli, list(arguments), input=input)

    return run


def test_people_from_letting_in_to_shutting_out(didban):
    assert (
        didban("person", "add", "negar@house.example", "--role", "admin", "--password-stdin", input=PASSWORD).exit_code
        == 0
    )
    asked = didban("person", "add", "ali@house.example", "--name", "Ali", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 0 and PASSWORD not in asked.output
    assert didban("person", "role", "ali@house.example", "analyst").exit_code == 0
    assert didban("person", "disable", "ali@house.example").exit_code == 0
    assert didban("person", "list").stdout == (
        "admin\tnegar@house.example\tnegar\nanalyst\tali@house.example\tAli\tdisabled\n"
    )
    assert didban("person", "enable", "ali@house.example").exit_code == 0
    assert [each["disabled"] for each in json.loads(didban("person", "list", "--json").stdout)] == [False, False]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("didban.example", False)],
)  # fmt: skip
def test_which_hosts_are_this_machine_alone(host, loopback):
    assert is_loopback(host) is loopback
    assert is_local(Settings(), host) is loopback
    assert is_local(Settings(trusted_hosts=("didban.example",)), host) is False
    assert is_local(Settings(proxies=1), host) is False


@pytest.mark.parametrize("given", [{"proxies": 1}, {"trusted_hosts": ("didban.example",)}])
def test_there_is_no_sample_where_a_proxy_leads_here_from_elsewhere(settings, monkeypatch, given):
    monkeypatch.setattr("monitor.cli.demo.live_sample", lambda *_, **__: pytest.fail("the sample was begun"))
    refused = CliRunner(env=as_environ(replace(settings, **given))).invoke(cli, ["run", "--sample"])
    assert refused.exit_code == 2
    assert "leave it out, or listen on 127.0.0.1 without trusted_hosts and proxies" in refused.output


def test_beyond_loopback_there_is_no_sample_and_the_first_page_asks_for_the_code_it_printed(
    didban, settings, unused_port
):
    refused = didban("run", "--host", "0.0.0.0", "--sample")
    assert refused.exit_code == 2 and "it asks for no login" in refused.output
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", "serve", "--host", "0.0.0.0", "--port", str(unused_port)],
        env=as_environ(settings),
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert str(unused_port) in child.stdout.readline()
        with urlopen(Request(f"http://127.0.0.1:{unused_port}/?lang=en")) as answer:
            page = answer.read().decode()
    finally:
        child.terminate()
    _output, errors = child.communicate(timeout=10)
    assert answer.url.endswith("/setup") and 'name="code"' in page
    assert "/setup asks for this code: " in errors


def test_a_link_for_a_new_password_is_printed_once_and_the_lost_phone_forgotten(didban, settings, database):
    from monitor.invitations import read_invitation
    from monitor.jobs import utcnow
    from monitor.models import Person

    didban("person", "add", "negar@house.example", "--role", "admin", "--password-stdin", input=PASSWORD)
    with database.write() as session:
        session.query(Person).one().totp_secret = "sealed"
    assert "two factors" in didban("person", "list").stdout
    printed = didban("person", "reset-password", "negar@house.example", "--no-second-factor").stdout
    address, _, token = printed.strip().rpartition("/")
    assert address == "http://127.0.0.1:8370/invitation"
    with database.read() as session:
        assert read_invitation(session, token, utcnow()).person.totp_secret == ""
