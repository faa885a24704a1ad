"""Letting people in, changing what they may do, shutting them out; and what each sets for themselves."""

import re
from datetime import timedelta

import lxml.html
import pytest

from monitor.models import Invitation, Login, Person
from monitor.people import add_person, find_people, get_person
from monitor.types import Role
from tests.web import sample
from tests.web.conftest import Reader
from tests.web.entering import PASSWORD, email_of
from web import create_app
from web.account import browser_name

NEW = {"name": "Ali", "email": "ali@house.example", "password": "quite another password"}


@pytest.fixture
def admin(reader_of):
    return reader_of(sample.fill)


@pytest.fixture
def stranger(admin):
    return Reader(admin.app)


def link_for(admin, role="analyst"):
    page = admin.press("/settings/people/invitations", {"role": role}, page="/settings/people", status=200).text
    return re.search(r'value="http://localhost(/invitation/[^"]+)"', page)[1]


def find(database, email):
    with database.read() as session:
        return get_person(session, email)


def test_an_invitation_brings_one_person_in_and_only_one(admin, stranger, database):
    link = link_for(admin)
    assert link not in admin.read("/settings/people")
    stranger.get(link)
    assert stranger.press(link, NEW, page=link).headers["Location"] == "/"
    stranger.get("/cases")
    assert find(database, NEW["email"]).role == "analyst"
    assert "هر دعوت یک بار" in Reader(admin.app).get(link, 410).text


@pytest.mark.parametrize(
    ("button", "fields", "page", "status"),
    [
        ("/settings/people/invitations", {"role": "viewer"}, "/settings/people", 200),
        ("/settings/people/1/password", {}, "/settings/people", 200),
        ("/settings/account/password", {"current": "x", "password": "short"}, "/settings/account", 422),
        ("/brands/1/remove", {"name": "x"}, "/brands/1", 422),
        ("/watch", {"name": ""}, "/", 422),
    ],
)
def test_a_page_that_answers_a_button_leads_to_addresses_that_open(admin, button, fields, page, status):
    shown = lxml.html.fromstring(admin.press(button, fields, page=page, status=status).text)
    leads = set(shown.xpath("//input[@name='next']/@value")) | set(shown.xpath("//a[@class='tongue']/@href"))
    assert f"{page}?lang=fa" in leads
    for address in leads:
        assert admin.client.get(address).status_code in (200, 302), address


def test_a_link_dies_with_time_or_when_it_is_taken_back(admin, database, settings):
    link = link_for(admin)
    later = create_app(settings, database, clock=lambda: sample.NOW + timedelta(days=7)).test_client()
    assert later.get(link).status_code == 410
    with database.read() as session:
        number = session.query(Invitation).one().id
    admin.press(f"/settings/people/invitations/{number}/take-back", page="/settings/people")
    assert Reader(admin.app).client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"password": "short"}, "دست‌کم ۱۰ حرف"),
        ({"name": ""}, "نام خود را بنویسید."),
        ({"email": email_of("admin")}, "این نشانی از پیش ثبت شده است."),
    ],
)
def test_what_cannot_be_kept_leaves_the_link_good(admin, stranger, given, sentence):
    link = link_for(admin)
    assert sentence in stranger.press(link, {**NEW, **given}, page=link, status=422).text
    stranger.press(link, NEW, page=link)


def test_a_link_for_a_new_password_ends_what_was_before(admin, stranger, database):
    with database.write() as session:
        person = add_person(session, NEW["email"], "Ali", Role.VIEWER, PASSWORD, sample.NOW)
    links = []
    for _ in range(2):
        page = admin.press(f"/settings/people/{person.id}/password", page="/settings/people", status=200).text
        links.append(re.search(r'value="http://localhost(/invitation/[^"]+)"', page)[1])
    assert stranger.client.get(links[0]).status_code == 410
    stranger.press(links[1], {"password": NEW["password"], "email": "other@house.example"}, page=links[1])
    stranger.get("/cases")
    assert find(database, NEW["email"]).name == "Ali"
    again = Reader(admin.app)
    again.press("/login", {"email": NEW["email"], "password": PASSWORD}, page="/login", status=422)
    again.press("/login", {"email": NEW["email"], "password": NEW["password"]}, page="/login")


def test_no_link_brings_back_whoever_was_shut_out(admin, stranger, database):
    with database.write() as session:
        person = add_person(session, NEW["email"], "Ali", Role.VIEWER, PASSWORD, sample.NOW)
    page = admin.press(f"/settings/people/{person.id}/password", page="/settings/people", status=200).text
    link = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)[1]
    admin.press(f"/settings/people/{person.id}/disable", page="/settings/people")
    assert stranger.client.get(link).status_code == 410
    assert "no access since" in admin.read("/settings/people")
    admin.press(f"/settings/people/{person.id}/enable", page="/settings/people")
    assert find(database, NEW["email"]).disabled_at is None


def test_a_role_holds_from_the_next_page_on(admin, reader_of, database):
    other = reader_of(role="analyst")
    other.press("/sources/2/pause", page="/sources")
    number = find(database, email_of("analyst")).id
    admin.press(f"/settings/people/{number}/role", {"role": "viewer"}, page="/settings/people")
    other.press("/sources/2/resume", page="/sources", status=403)
    admin.press(f"/settings/people/{number}/role", {"role": "owner"}, page="/settings/people", status=400)
    admin.press(f"/settings/people/{number}/logins", page="/settings/people")
    other.get("/", 303)


def test_the_last_admin_stays(admin, database):
    number = find(database, email_of("admin")).id
    for act, data in (("role", {"role": "viewer"}), ("disable", {})):
        admin.press(f"/settings/people/{number}/{act}", {**data, "next": "/settings/people"}, page="/settings/people")
        assert "the last admin stays one" in admin.read("/settings/people")
    with database.read() as session:
        assert [person.role for person in find_people(session)] == ["admin"]


def test_nobody_but_an_admin_sees_the_section(reader_of):
    reader = reader_of(sample.fill, role="analyst")
    assert reader.get("/settings", 302).headers["Location"] == "/settings/account"
    assert "/settings/people" not in reader.read("/settings/account")


def test_what_one_reads_is_ones_own_choice_and_comes_along(reader_of, database, settings):
    reader = reader_of(sample.fill)
    reader.press(
        "/settings/account", {"name": "Negar", "language": "fa", "latin_digits": "1"}, page="/settings/account"
    )
    page = reader.read("/")
    assert 'lang="fa"' in page and 'تا <strong class="is-negative">\N{ARABIC LETTER MARK}59.2٪</strong>' in page
    with database.read() as session:
        person = session.query(Person).one()
    assert (person.name, person.language, person.latin_digits) == ("Negar", "fa", True)
    reader.press("/settings/account", {"name": "", "language": "fa"}, page="/settings/account", status=422)
    reader.press("/settings/account", {"name": "N", "language": "xx"}, page="/settings/account", status=422)
    reader.press("/settings/account", {"name": "N", "language": "fa"}, page="/settings/account")
    assert "۵۹٫۲٪" in reader.read("/")


def test_another_password_ends_every_other_login(reader_of, database):
    def fill(session):
        sample.fill(session)
        add_person(session, NEW["email"], "Ali", Role.ADMIN, PASSWORD, sample.NOW)

    reader = reader_of(fill, role=None)
    there = Reader(reader.app)
    for each in (reader, there):
        each.press("/login", {"email": NEW["email"], "password": PASSWORD}, page="/login")
    page, form = "/settings/account", {"current": PASSWORD, "password": NEW["password"]}
    wrong = reader.press(f"{page}/password", {**form, "current": "not mine"}, page=page, status=422)
    assert "This is not your password." in wrong.text
    reader.press(f"{page}/password", {**form, "password": "short"}, page=page, status=422)
    reader.press(f"{page}/password", form, page=page)
    reader.get("/cases")
    there.get("/cases", 303)
    there.press("/login", {"email": NEW["email"], "password": NEW["password"]}, page="/login")
    reader.press(f"{page}/logins", page=page)
    there.get("/cases", 303)
    reader.get("/cases")
    with database.read() as session:
        assert session.query(Login).count() == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge · Windows"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_called_by_its_name(agent, name):
    assert browser_name(agent) == name
