"""Tokens of programs, and the command that makes them."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import cli
from monitor.config import as_environ
from monitor.errors import ApiTokenError
from monitor.models import ApiToken
from monitor.tokens import add_token, find_token, record_use, revoke_token, use_is_old
from monitor.types import Scope


def test_a_token_is_known_by_its_secret_and_no_secret_is_kept(database, settings, now):
    with database.write() as session:
        token, secret = add_token(session, "  weekly  report ", [Scope.WRITE, Scope.READ], now)
        assert (token.name, token.scopes) == ("weekly report", ["read", "write"])
    with database.read() as session:
        assert find_token(session, secret, now).id == token.id
        assert find_token(session, secret[:-1], now) is None
    assert secret.encode() not in b"".join(file.read_bytes() for file in settings.data_dir.iterdir())
    assert len(secret) > 43 and secret.startswith(token.prefix)


def test_a_token_ends_when_its_days_are_over_or_it_is_revoked(database, now):
    with database.write() as session:
        _, short = add_token(session, "short", [Scope.READ], now, days=2)
        endless, secret = add_token(session, "endless", [Scope.READ], now)
        assert find_token(session, short, now + timedelta(days=2)) is None
        assert find_token(session, short, now + timedelta(days=2, seconds=-1)) is not None
        revoke_token(session, endless.id, now)
        assert revoke_token(session, endless.id, now + timedelta(days=1)).revoked_at == now
        assert find_token(session, secret, now) is None


def test_its_use_is_written_down_once_an_hour(database, now):
    with database.write() as session:
        token, _ = add_token(session, "busy", [Scope.READ], now)
        for minutes in (0, 30, 59, 60):
            record_use(session, token.id, now + timedelta(minutes=minutes))
        session.refresh(token)
        assert token.last_used_at == now + timedelta(minutes=60)
        assert not use_is_old(token, now + timedelta(minutes=61))


@pytest.mark.parametrize(
    ("name", "scopes"), [("", [Scope.READ]), ("x" * 101, [Scope.READ]), ("x", []), ("x", [Scope.FEED, Scope.READ])]
)
def test_what_is_no_token_is_not_made(database, now, name, scopes):
    with pytest.raises(ApiTokenError), database.write() as session:
        add_token(session, name, scopes, now)
    with database.read() as session:
        assert session.query(ApiToken).count() == 0


def test_a_token_is_made_listed_and_revoked_by_command(database, settings):
    def run(*words):
        result = CliRunner().invoke(cli, ["token", *words], env=as_environ(settings), catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    secret = run("add", "robot", "--scope", "metrics", "--scope", "read", "--days", "3").strip()
    (row,) = json.loads(run("list", "--json"))
    assert (row["name"], row["scopes"], row["good"]) == ("robot", ["read", "metrics"], True)
    assert secret not in run("list") and secret[:10] in run("list")
    assert "robot is revoked" in run("revoke", str(row["id"]))
    assert "no longer good" in run("list")
    result = CliRunner().invoke(cli, ["token", "revoke", "9"], env=as_environ(settings))
    assert isinstance(result.exception, ApiTokenError)
