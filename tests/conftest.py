"""Real parts for the tests: settings in a folder of their own, a real SQLite file, a fixed clock."""

import socket
from datetime import UTC, datetime

import pytest

from monitor.config import Settings
from monitor.db import open_database

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", secret_key="a key for tests")


@pytest.fixture
def database(settings):
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
