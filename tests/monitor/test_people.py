import pytest

from monitor.errors import PersonError
from monitor.people import (
    _NO_HASH,
    add_person,
    claim_house,
    disable,
    enable,
    find_people,
    get_person,
    hash_password,
    is_password,
    set_password,
    set_role,
    setup_code,
)
from monitor.sealing import Seal
from monitor.types import Role

PASSWORD = "seven plain words for a test"


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def owner(session, now):
    return add_person(session, " Owner@House.example", "Owner", Role.ADMIN, PASSWORD, now)


def test_a_house_has_one_first_person(session, request):
    claim_house(session)
    request.getfixturevalue("owner")
    with pytest.raises(PersonError, match="somebody was here first"):
        claim_house(session)


def test_somebody_is_found_by_their_address_however_it_is_written(session, owner):
    assert get_person(session, "OWNER@house.example ") is owner
    with pytest.raises(PersonError, match=r"no such person: 'other@house\.example'"):
        get_person(session, "other@house.example")


@pytest.mark.parametrize(
    ("email", "name", "password", "message"),
    [
        ("owner", "A", PASSWORD, "not an e-mail address"),
        ("a@b c", "A", PASSWORD, "not an e-mail address"),
        ("a@b", " ", PASSWORD, "a name has 1 to 100 letters"),
        ("a@b", "A" * 101, PASSWORD, "a name has 1 to 100 letters"),
        ("a@b", "A", "nine char", "a password has at least 10 letters"),
        ("OWNER@house.example", "A", PASSWORD, "somebody has this address already"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_line(session, owner, now, email, name, password, message):
    with pytest.raises(PersonError, match=message):
        add_person(session, email, name, Role.VIEWER, password, now)


def test_the_first_must_be_an_admin(session, now):
    with pytest.raises(PersonError, match="the first person must be an admin"):
        add_person(session, "a@b", "A", Role.ANALYST, PASSWORD, now)


def test_the_last_admin_stays_one(session, owner, now):
    other = add_person(session, "b@house.example", "B", Role.ADMIN, PASSWORD, now)
    disable(session, other, now)
    for act in (lambda: set_role(session, owner, Role.VIEWER), lambda: disable(session, owner, now)):
        with pytest.raises(PersonError, match="the last admin stays one"):
            act()
    enable(other)
    set_role(session, owner, Role.VIEWER)
    assert [person.role for person in find_people(session)] == ["viewer", "admin"]


def test_a_password_fits_its_person_only_and_nobody_who_is_disabled_or_has_none(session, owner, now):
    assert is_password(owner, PASSWORD) and not is_password(owner, PASSWORD + " ")
    assert not is_password(None, PASSWORD)
    set_password(session, owner, "another long password")
    assert is_password(owner, "another long password") and not is_password(owner, PASSWORD)
    owner.password_hash = ""
    assert not is_password(owner, "")
    owner.password_hash, owner.disabled_at = hash_password(PASSWORD), now
    assert not is_password(owner, PASSWORD)


@pytest.mark.parametrize(
    ("role", "needed", "enough"),
    [
        (Role.VIEWER, Role.VIEWER, True),
        (Role.VIEWER, Role.ANALYST, False),
        (Role.ANALYST, Role.ADMIN, False),
        (Role.ADMIN, Role.VIEWER, True),
    ],
)
def test_a_role_covers_those_before_it(role, needed, enough):
    assert role.covers(needed) is enough


def test_the_setup_code_is_of_the_key():
    first, again, other = (setup_code(Seal(key)) for key in ("a", "a", "b"))
    assert first == again != other
    assert len(first.replace("-", "")) == 12


def test_checking_nobodys_password_costs_what_checking_somebodys_does(owner):
    # The method and its cost stand before the salt.
    assert _NO_HASH.split("$")[0] == owner.password_hash.split("$")[0]
    assert [len(part) for part in _NO_HASH.split("$")] == [len(part) for part in owner.password_hash.split("$")]
