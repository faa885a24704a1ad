import stat
from dataclasses import fields
from pathlib import Path

import pytest

from monitor.config import Settings, as_environ, load_settings
from monitor.errors import ConfigError


def test_environment_beats_file_beats_default(tmp_path):
    path = tmp_path / "didban.toml"
    path.write_text('language = "en"\nport = 1234\nallowed_hosts = ["a", "b"]\n')
    settings = load_settings(path, {"DIDBAN_PORT": "99", "HOME": "/x"})
    assert (settings.language, settings.port, settings.allowed_hosts) == ("en", 99, ("a", "b"))
    assert settings.time_zone == "Asia/Tehran"


def test_the_file_can_be_named_in_the_environment(tmp_path):
    path = tmp_path / "other.toml"
    path.write_text('language = "en"')
    assert load_settings(None, {"DIDBAN_CONFIG": str(path)}).language == "en"
    with pytest.raises(ConfigError, match="no such settings file"):
        load_settings(None, {"DIDBAN_CONFIG": str(tmp_path / "none.toml")})


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}) == Settings()


def test_secrets_can_lie_in_files(tmp_path):
    path = tmp_path / "key"
    path.write_text("s3cret\n")
    assert load_settings(environ={"DIDBAN_SECRET_KEY_FILE": str(path)}).key() == "s3cret"
    with pytest.raises(ConfigError, match="DIDBAN_SECRET_KEY_FILE"):
        load_settings(environ={"DIDBAN_SECRET_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": "red"}, "unknown setting: 'colour'"),
        ({"language_file": "x"}, "unknown setting: 'language_file'"),
        ({"port": "eighty"}, "unusable setting: 'port'"),
        ({"port": "0"}, "port lies between"),
        ({"language": "de"}, "language is fa or en, not: 'de'"),
        ({"time_zone": "Mars/Olympus"}, "time_zone is not known"),
        ({"uncertain_below": "1"}, "uncertain_below lies between"),
        ({"loss_table": "0"}, "loss_table is at least two"),
        ({"loss_table": "0, 140"}, "loss_table is at least two"),
        ({"loss_table": "[0, "}, "unusable setting: 'loss_table'"),
        ({"time_zone": "Asia"}, "time_zone is not known"),
        ({"collect_interval": "0"}, "collect_interval is more than zero"),
        ({"download_delay": "-5"}, "download_delay is 0 or more"),
        ({"download_delay": "nan"}, "download_delay is 0 or more"),
        ({"download_delay": "inf"}, "download_delay is 0 or more"),
        ({"public_url": "news.example.com"}, "public_url is an address like https://"),
        ({"public_url": "ftp://news.example.com"}, "public_url is an address like https://"),
        ({"public_url": "https://"}, "public_url is an address like https://"),
        ({"public_url": "https://news.example.com/?a=b"}, "public_url is an address like https://"),
        ({"public_url": "https://news.example.com:port"}, "public_url is an address like https://"),
        ({"public_url": "https://news.example.com/a b>"}, "public_url is an address like https://"),
    ],
)
def test_what_cannot_be_used_is_named(values, message):
    with pytest.raises(ConfigError, match=message):
        load_settings(environ={f"DIDBAN_{key.upper()}": value for key, value in values.items()})


def test_a_truth_value_is_no_number(tmp_path):
    path = tmp_path / "didban.toml"
    path.write_text("port = true")
    with pytest.raises(ConfigError, match="unusable setting: 'port'"):
        load_settings(path, {})


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"])
def test_a_broken_file_is_one_line(tmp_path, content):
    path = tmp_path / "didban.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot read settings file"):
        load_settings(path, {})


def test_settings_survive_the_way_into_another_process(tmp_path):
    settings = Settings(data_dir=tmp_path, allowed_hosts=("a:1", "b"), loss_table=(0, 1.5), language="en")
    assert load_settings(environ=as_environ(settings)) == settings


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    settings = Settings(data_dir=tmp_path / "new")
    assert settings.key() == settings.key() == Settings(data_dir=tmp_path / "new").key()
    assert len(settings.key()) > 40
    (path,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_setting_has_a_text_and_secrets_are_marked():
    assert all(setting.metadata["help"] for setting in fields(Settings))
    assert {setting.name for setting in fields(Settings) if setting.metadata["secret"]} == {
        "secret_key",
        "database_url",
    }


def test_the_default_folder_is_the_users_own(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert Settings().data_dir == Path("/data/didban")
