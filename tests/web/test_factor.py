"""The second factor: turned on by a first code, asked for at the next login, turned off by the password."""

import re
from datetime import timedelta

import pytest
from pyotp import TOTP

from monitor.models import Person
from monitor.people import add_person
from monitor.types import Role
from tests.web import sample
from tests.web.conftest import Reader
from tests.web.entering import PASSWORD
from web import create_app

EMAIL = "negar@house.example"
PAGE = "/settings/account"


class Clock:
    def __init__(self):
        self.now = sample.NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reader(settings, database, clock):
    with database.write() as session:
        sample.fill(session)
        add_person(session, EMAIL, "Negar", Role.ADMIN, PASSWORD, sample.NOW)
    reader = Reader(create_app(settings, database, clock=clock))
    reader.speak("en")
    enter(reader)
    return reader


def enter(reader):
    return reader.press("/login", {"email": EMAIL, "password": PASSWORD, "next": "/cases"}, page="/login")


@pytest.fixture
def secret(reader):
    """Turned on; the codes for recovery are kept on the reader."""
    reader.press(f"{PAGE}/factor/begin", page=PAGE)
    secret = re.search(r'<bdi class="evidence" dir="ltr">([A-Z2-7]{32})</bdi>', reader.read(f"{PAGE}/factor"))[1]
    form = {"code": TOTP(secret).at(sample.NOW)}
    page = reader.press(f"{PAGE}/factor", form, page=f"{PAGE}/factor", status=200).text
    reader.codes = re.search(r"<textarea[^>]*>([^<]+)</textarea>", page)[1].split()
    return secret


def test_it_is_on_only_after_a_code_that_is_right(reader, database):
    reader.get(f"{PAGE}/factor", 302)
    reader.get(f"{PAGE}/factor/picture.svg", 404)
    reader.press(f"{PAGE}/factor/begin", page=PAGE)
    picture = reader.get(f"{PAGE}/factor/picture.svg")
    assert picture.mimetype == "image/svg+xml" and picture.text.startswith("<svg") and "style" not in picture.text
    answer = reader.press(f"{PAGE}/factor", {"code": "000000"}, page=f"{PAGE}/factor", status=422)
    assert "This code is wrong or too old." in answer.text
    with database.read() as session:
        assert session.query(Person).one().totp_secret == ""


def test_the_next_login_asks_for_a_code_and_leads_on(reader, secret, clock):
    assert "8 recovery codes are left." in reader.read(PAGE)
    reader.press("/logout")
    clock.now += timedelta(minutes=2)
    answer = enter(reader)
    assert answer.headers["Location"] == "/login/code?next=/cases"
    reader.get("/cases", 303)
    wrong = reader.press("/login/code", {"code": "000000"}, page="/login/code", status=422)
    assert "This code is wrong or too old." in wrong.text
    form = {"code": TOTP(secret).at(clock.now), "next": "/cases"}
    assert reader.press("/login/code", form, page="/login/code").headers["Location"] == "/cases"
    reader.get("/cases")


def test_a_recovery_code_takes_its_place_once(reader, secret):
    reader.press("/logout")
    enter(reader)
    reader.press("/login/code", {"code": reader.codes[0]}, page="/login/code")
    assert "7 recovery codes are left." in reader.read(PAGE)
    reader.press("/logout")
    enter(reader)
    reader.press("/login/code", {"code": reader.codes[0]}, page="/login/code", status=422)


def test_the_password_alone_is_good_for_five_minutes(reader, secret, clock):
    reader.press("/logout")
    enter(reader)
    token = reader.token("/login/code")
    clock.now += timedelta(minutes=5)
    reader.get("/login/code", 302)
    answer = reader.client.post("/login/code", data={"csrf_token": token, "code": TOTP(secret).at(clock.now)})
    assert answer.headers["Location"] == "/login"
    reader.get("/cases", 303)


def test_codes_cannot_be_guessed_without_end(reader, secret, clock):
    reader.press("/logout")
    clock.now += timedelta(minutes=2)
    enter(reader)
    for _ in range(4):
        reader.press("/login/code", {"code": "000000"}, page="/login/code", status=422)
    form = {"code": TOTP(secret).at(clock.now)}
    reader.press("/login/code", form, page="/login/code", status=429)


def test_it_is_turned_off_by_the_password_and_not_replaced_without_it(reader, secret, database):
    reader.press(f"{PAGE}/factor/begin", page=PAGE, status=404)
    reader.press(f"{PAGE}/factor/end", {"current": "wrong"}, page=PAGE)
    assert "This is not your password." in reader.read(PAGE)
    reader.press(f"{PAGE}/factor/end", {"current": PASSWORD}, page=PAGE)
    reader.press("/logout")
    assert enter(reader).headers["Location"] == "/cases"


def test_an_admin_turns_it_off_for_somebody_who_lost_the_phone(reader, secret, database):
    page = reader.read("/settings/people")
    assert "Turn off the second factor" in page
    reader.press("/settings/people/1/factor", page="/settings/people")
    with database.read() as session:
        assert session.query(Person).one().totp_secret == ""


def test_a_link_for_a_new_password_does_not_pass_by_the_code(reader, secret):
    page = reader.press("/settings/people/1/password", page="/settings/people", status=200).text
    link = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)[1]
    other = Reader(reader.app)
    assert other.press(link, {"password": "quite another password"}, page=link).headers["Location"] == "/login"
    other.get("/cases", 303)
