"""Getting in and out by the real forms."""

import re
from datetime import timedelta

import pytest

from monitor.models import Login, LoginTry
from monitor.people import add_person, disable, get_person
from monitor.types import Role
from tests.web import sample
from tests.web.entering import PASSWORD
from web import create_app

EMAIL = "negar@house.example"
NO_MATCH = "The address or the password is wrong."


@pytest.fixture
def reader(reader_of):
    def fill(session):
        sample.fill(session)
        add_person(session, EMAIL, "Negar", Role.ADMIN, PASSWORD, sample.NOW)

    return reader_of(fill, role=None)


def enter(reader, email=EMAIL, password=PASSWORD, status=303, **more):
    return reader.press("/login", {"email": email, "password": password, **more}, page="/login", status=status)


def test_in_to_the_page_that_was_asked_for_and_out_again(reader, database):
    reader.get("/", 303)
    answer = enter(reader, " Negar@House.example ", next="/cases/2")
    assert answer.headers["Location"] == "/cases/2"
    assert "<bdi>Negar</bdi>" in reader.read("/")
    with database.read() as session:
        assert session.query(Login).count() == 1
    reader.press("/logout")
    reader.get("/", 303)
    with database.read() as session:
        assert session.query(Login).count() == 0
    assert "You are logged out." in reader.read("/login")


def test_a_cookie_from_before_the_logout_opens_nothing(reader):
    enter(reader)
    cookie = reader.client.get_cookie("didban").value
    reader.press("/logout")
    reader.client.set_cookie("didban", cookie)
    reader.get("/", 303)


def test_each_login_has_a_token_of_its_own_and_the_database_keeps_none(reader, database):
    tokens = set()
    for _ in range(2):
        enter(reader)
        with reader.client.session_transaction() as session:
            tokens.add(session["login"])
            session.pop("login")
    assert len(tokens) == 2
    with database.read() as session:
        assert not tokens & {login.digest for login in session.query(Login)}


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_login_leads_to_no_other_site(reader, next):
    assert enter(reader, next=next).headers["Location"] == "/"


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong"), ("nobody@house.example", PASSWORD), ("x", "y")])
def test_a_wrong_login_says_the_same_whatever_was_wrong(reader, email, password):
    assert NO_MATCH in enter(reader, email, password, 422).text


def test_an_empty_form_says_what_is_missing(reader):
    page = enter(reader, "", "", 422).text
    assert "Write your e-mail address." in page and "Write your password." in page


def test_whoever_is_disabled_is_out_at_once_and_stays_out(reader, database):
    enter(reader)
    with database.write() as session:
        add_person(session, "admin@house.example", "Admin", Role.ADMIN, PASSWORD, sample.NOW)
        disable(session, get_person(session, EMAIL), sample.NOW)
    reader.get("/", 303)
    assert NO_MATCH in enter(reader, status=422).text


@pytest.mark.parametrize("email", [EMAIL, "nobody@house.example"])
def test_after_many_tries_even_the_right_password_waits_in_every_process(reader, database, settings, email):
    for _ in range(5):
        enter(reader, email, "wrong", 422)
    assert "Wait 1 minute and try again." in enter(reader, email, PASSWORD, 429).text
    other = create_app(settings, database, clock=lambda: sample.NOW).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/login").text)[1]
    answer = other.post("/login", data={"csrf_token": token, "email": email, "password": PASSWORD})
    assert answer.status_code == 429
    with database.read() as session:
        assert email not in {each.digest for each in session.query(LoginTry)}


def test_one_address_of_the_network_cannot_try_without_end(reader):
    # Whatever they write: the account's own pause comes after it.
    form = {"csrf_token": reader.token("/login"), "email": "x@y"}
    answers = [reader.client.post("/login", data=form).status_code for _ in range(31)]
    assert answers[:30] == [422] * 30 and answers[30] == 429


def test_a_login_ends_when_it_is_not_used(reader, database, settings):
    enter(reader)
    cookie = reader.client.get_cookie("didban").value
    for later, status in ((timedelta(days=20), 200), (timedelta(days=45), 200), (timedelta(days=80), 303)):
        client = create_app(settings, database, clock=lambda later=later: sample.NOW + later).test_client()
        client.set_cookie("didban", cookie)
        # Every use lengthens it.
        with client.session_transaction() as session:
            session.permanent = True
        assert client.get("/sources").status_code == status


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_for_https_alone_where_the_page_came_that_way(reader, scheme, secure):
    headers = reader.client.get("/login?lang=fa", base_url=f"{scheme}://localhost").headers["Set-Cookie"]
    assert ("Secure" in headers) == secure and "HttpOnly" in headers and "SameSite=Lax" in headers


def test_behind_a_proxy_that_is_believed_the_page_came_by_https(settings, database):
    from dataclasses import replace

    for proxies, secure in ((0, False), (1, True)):
        client = create_app(replace(settings, proxies=proxies), database).test_client()
        answer = client.get("/login?lang=fa", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        assert ("Secure" in answer.headers["Set-Cookie"]) == secure
