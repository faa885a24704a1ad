"""The API keeps what its OpenAPI document promises: schemathesis asks whatever the document allows, and more."""

import tempfile
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from monitor.config import Settings
from monitor.db import Database, make_engine, open_database
from monitor.models import Brand
from monitor.tokens import add_token
from monitor.types import Scope
from tests.web import api_reference, sample
from web import create_app

# The document is needed while the tests are collected; the database behind it is filled when they run.
FOLDER = tempfile.TemporaryDirectory()
SETTINGS = Settings(data_dir=Path(FOLDER.name), secret_key="k", public_url="https://news.example.com")
APP = create_app(SETTINGS, Database(make_engine(SETTINGS.database)), clock=lambda: sample.NOW, is_local=True)
APP.config["API_RATE"] = "1000000 per minute"
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", APP)


@pytest.fixture(scope="module")
def headers():
    database = open_database(SETTINGS)
    with database.write() as session:
        sample.fill(session)
        session.query(Brand).filter(Brand.id > 1).update({"is_rival": True})
        _, secret = add_token(session, "robot", [Scope.READ, Scope.WRITE, Scope.ADDRESSES], sample.NOW)
    database.close()
    # The test client does not unpack what comes packed.
    return {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}


@schema.parametrize()
@hypothesis_settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_the_document(case, headers):
    case.call_and_validate(headers=headers)


def test_the_document_is_of_the_newest_kind_and_needs_no_token():
    answer = APP.test_client().get("/api/v1/openapi.json")
    assert answer.json["openapi"] == "3.1.0"
    assert all(
        "description" in operation or "summary" in operation
        for path in answer.json["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    )


def test_the_reference_in_the_docs_is_that_of_the_document():
    written = api_reference.PATH.read_text(encoding="utf-8").partition(api_reference.BEGIN)[2]
    assert written.strip() == api_reference.reference(api_reference.document()).strip(), (
        "run python -m tests.web.api_reference"
    )
