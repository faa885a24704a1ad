"""Numbers that no row can have, wherever an address takes one, on both databases: none is our fault."""

import re

import pytest

from monitor.tokens import add_token
from monitor.types import Scope
from tests.web import sample
from tests.web.entering import log_in
from web import create_app
from web.ids import LARGEST_ID
from web.paging import cursor_text

TOO_LARGE = (LARGEST_ID + 1, 99999999999999999999999)


@pytest.fixture
def client(settings, database):
    with database.write() as session:
        sample.fill(session)
    app = create_app(settings, database, clock=lambda: sample.NOW)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    log_in(app, client, "admin")
    return client


def answers_to(client, number):
    """Each address with the number of a row, by each way it can be asked, and the status of the answer."""
    for rule in client.application.url_map.iter_rules():
        if "<int" not in rule.rule:
            continue
        path = re.sub(r"<[^>]+>", str(number), rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method)
            yield f"{method} {path}", answer.status_code


@pytest.mark.parametrize("number", TOO_LARGE)
def test_no_address_has_a_row_of_this_number(client, number):
    answers = dict(answers_to(client, number))
    assert len(answers) > 40
    assert {address: status for address, status in answers.items() if status not in (404, 405)} == {}


def test_the_largest_number_is_asked_of_the_database(client):
    for path in ("/cases/{}", "/alerts/rules/{}", "/brands/{}", "/mentions/{}"):
        assert client.get(path.format(LARGEST_ID)).status_code == 404


@pytest.mark.parametrize("number", TOO_LARGE)
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/mentions?after={place}", 404),
        ("/mentions?words=نیلگون&after={place}", 404),
        ("/cases?after={place}", 404),
        ("/unsubscribes?after={place}", 404),
        ("/mentions?source={number}", 200),
        ("/?brand={number}", 404),
        ("/settings/audit?after={number}&person={number}", 200),
    ],
)
def test_an_argument_of_no_row_is_none_of_ours(client, number, address, status):
    place = cursor_text((sample.NOW, number))
    assert client.get(address.format(number=number, place=place)).status_code == status


@pytest.mark.parametrize("number", TOO_LARGE)
@pytest.mark.parametrize("argument", ["after={moment}-{number}", "source={number}", "brand={number}"])
def test_programs_are_told_too(client, database, number, argument):
    with database.write() as session:
        _token, secret = add_token(session, "program", [Scope.READ], sample.NOW)
    query = argument.format(moment=1_700_000_000_000_000, number=number)
    answer = client.get(f"/api/v1/mentions?{query}", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("number", TOO_LARGE)
@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/mentions/labels", {"label": "negative", "mention": "{}"}, 303),
        ("/mentions/handled", {"mention": "{}"}, 303),
        ("/mentions/undo", {"was": "{}", "at": "2026-11-01T00:00:00+00:00"}, 303),
        ("/mentions/undo", {"case": "{}:new"}, 400),
        ("/alerts/rules/1", {"sources": "{}"}, 303),
        ("/cases/replies", {"language": "fa", "name": "x", "text": "y", "template_id": "{}"}, 303),
    ],
)
def test_a_form_that_names_no_row_changes_none(client, number, address, fields, status):
    given = {name: value.format(number) for name, value in fields.items()}
    assert client.post(address, data=given).status_code == status
