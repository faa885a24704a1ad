"""The first owner, made in the browser."""

import pytest

from monitor.models import Person
from monitor.people import find_people, setup_code
from monitor.sealing import Seal
from tests.web.entering import PASSWORD

OWNER = {"name": "نگار", "email": "Negar@House.example", "password": PASSWORD}


@pytest.fixture
def stranger(reader_of):
    return reader_of(role=None, is_local=True, sample="/sample")


@pytest.mark.parametrize("path", ["/", "/mentions", "/cases/2", "/login"])
def test_as_long_as_there_is_nobody_every_page_leads_to_the_first_one(stranger, path):
    answer = stranger.client.get(path)
    assert (answer.status_code, answer.headers["Location"]) in {(303, "/setup"), (302, "/setup")}
    assert 'href="/sample/"' in stranger.read("/setup")


def test_the_first_becomes_the_owner_and_is_inside(stranger, database):
    assert stranger.press("/setup", OWNER, page="/setup").headers["Location"] == "/"
    assert "Which name shall we watch?" in stranger.read("/")
    with database.read() as session:
        (owner,) = find_people(session)
    assert (owner.email, owner.name, owner.role) == ("negar@house.example", "نگار", "admin")
    assert owner.password_hash.startswith("scrypt:") and PASSWORD not in owner.password_hash


def test_the_door_shuts_behind_the_first(stranger, reader_of, database):
    stranger.press("/setup", OWNER, page="/setup")
    second = reader_of(role=None, is_local=True)
    assert second.get("/setup", 302).headers["Location"] == "/"
    second.press("/setup", {**OWNER, "email": "other@house.example"}, page="/login")
    with database.read() as session:
        assert session.query(Person).count() == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": " "}, "Write your name."),
        ({"email": "negar"}, "An e-mail address looks like name@example.com."),
        ({"password": "short"}, "At least 10 letters, digits or spaces."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(stranger, database, given, sentence):
    page = stranger.press("/setup", {**OWNER, **given}, page="/setup", status=422).text
    assert page.count(sentence) >= 1 and 'aria-invalid="true"' in page
    with database.read() as session:
        assert session.query(Person).count() == 0


@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
def test_the_code_is_typed_in_any_digits(reader_of, settings, database, digits):
    code = setup_code(Seal(settings.key())).translate(str.maketrans("0123456789", digits))
    assert not code.isascii()
    reader_of(role=None).press("/setup", {**OWNER, "code": code}, page="/setup")
    with database.read() as session:
        assert session.query(Person).count() == 1


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "192.0.2.1"}])
def test_from_elsewhere_the_first_needs_the_code_of_the_terminal(reader_of, settings, database, headers):
    reader = reader_of(role=None, is_local=bool(headers))
    reader.client.environ_base.update({f"HTTP_{name.upper().replace('-', '_')}": it for name, it in headers.items()})
    assert "Setup code" in reader.read("/setup")
    for code in ("", "0000-0000-0000"):
        page = reader.press("/setup", {**OWNER, "code": code}, page="/setup", status=422).text
        assert "This is not the code that the terminal shows." in page
    code = setup_code(Seal(settings.key()))
    reader.press("/setup", {**OWNER, "code": code.replace("-", " ")}, page="/setup")
    with database.read() as session:
        assert session.query(Person).count() == 1


def test_the_code_is_told_to_whoever_started_it_and_only_then(reader_of, settings, caplog):
    code = setup_code(Seal(settings.key()))
    reader_of(role=None, is_local=True)
    assert code not in caplog.text
    reader = reader_of(role=None)
    assert code in caplog.text
    reader.press("/setup", {**OWNER, "code": code}, page="/setup")
    caplog.clear()
    reader_of(role=None)
    assert code not in caplog.text
