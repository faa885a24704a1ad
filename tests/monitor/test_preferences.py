"""Settings changed in the browser: over the defaults, under the file and the environment."""

from dataclasses import replace

import pytest

from monitor.config import load_settings
from monitor.errors import ConfigError
from monitor.models import Preference
from monitor.preferences import current, current_settings, keep


@pytest.fixture
def plain(tmp_path):
    return load_settings(environ={}, data_dir=tmp_path)


def test_what_is_kept_is_what_counts(database, plain):
    values = {"language": "en", "loss_table": [0, 10, 50], "address_days": 30}
    with database.write() as session:
        keep(session, plain, values)
    assert current_settings(plain, database) == replace(plain, **values | {"loss_table": (0, 10, 50)})


def test_the_file_and_the_environment_win(database, plain):
    given = replace(plain, language="en", address_days=7)
    with database.write() as session:
        keep(session, plain, {"address_days": 30})
        keep(session, given, {"language": "fa", "hook_days": 3})
    found = current_settings(given, database)
    assert (found.language, found.address_days, found.hook_days) == ("en", 7, 3)


def test_what_cannot_be_is_refused_whole(database, plain):
    with pytest.raises(ConfigError, match="loss_table"), database.write() as session:
        keep(session, plain, {"address_days": 30, "loss_table": [200]})
    assert current_settings(plain, database) == plain


def test_a_default_is_not_kept(database, plain):
    with database.write() as session:
        keep(session, plain, {"language": "en"})
        keep(session, plain, {"language": "fa"})
    with database.read() as session:
        assert session.query(Preference).count() == 0
        assert current(plain, session) == plain


def test_a_name_from_another_version_is_left_alone(database, plain):
    with database.write() as session:
        session.add(Preference(name="colour_of_the_moon", value="red"))
    assert current_settings(plain, database) == plain
