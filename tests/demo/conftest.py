import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import web.demo
from web.demo.world import World

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def world():
    return World(now=NOW)


@pytest.fixture
def client(world):
    return world.app.test_client()


@pytest.fixture(scope="session")
def expected():
    return json.loads(Path(web.demo.__file__).with_name("expected.json").read_text(encoding="utf-8"))
