"""Real parts for the tests: settings in a folder of their own, a real SQLite file or PostgreSQL
database, a fixed clock."""

import os
import socket
from datetime import UTC, datetime

import pytest

from monitor.config import Settings
from monitor.db import open_database
from tests.postgresql import running_server

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


# What these hold must hold on both stores.
ON_BOTH_STORES = {
    "test_alerts",
    "test_cases",
    "test_db",
    "test_deciding",
    "test_deliveries",
    "test_followups",
    "test_grouping",
    "test_hooks",
    "test_ids",
    "test_label_history",
    "test_loss",
    "test_mention_list",
    "test_mentions",
    "test_overview",
    "test_people",
    "test_scoring",
    "test_searching",
    "test_sources",
    "test_unsubscribes",
    "test_web_finding",
    "test_web_inbox",
}


def pytest_generate_tests(metafunc):
    if "store" in metafunc.fixturenames:
        name = metafunc.module.__name__.rpartition(".")[2]
        both = name in ON_BOTH_STORES and not metafunc.definition.get_closest_marker("sqlite")
        metafunc.parametrize("store", ("sqlite", "postgresql") if both else ("sqlite",), indirect=True)


@pytest.fixture(scope="session")
def postgresql():
    """A server for the whole run; without one the tests on it are skipped, but never where CI is set."""
    try:
        with running_server() as server:
            yield server
    except FileNotFoundError as e:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(e))


@pytest.fixture
def store(request):
    """The address of the database to use; empty for a SQLite file of its own."""
    if request.param == "sqlite":
        return ""
    server = request.getfixturevalue("postgresql")
    server.empty()
    return server.address


@pytest.fixture
def settings(tmp_path, store):
    return Settings(data_dir=tmp_path / "data", secret_key="a key for tests", database_url=store)


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
