from datetime import timedelta

import pytest

from monitor.errors import LoginError, LoginPausedError
from monitor.logins import (
    LASTS,
    check_password,
    count_try,
    end_login,
    find_login,
    find_logins,
    is_stale,
    open_login,
    touch_login,
)
from monitor.models import Login, LoginTry
from monitor.people import add_person, end_logins, set_password
from monitor.sealing import Seal
from monitor.types import Role

EMAIL, PASSWORD = "owner@house.example", "seven plain words for a test"
SEAL = Seal("a key for tests")


@pytest.fixture
def owner(database, now):
    with database.write() as session:
        return add_person(session, EMAIL, "Owner", Role.ADMIN, PASSWORD, now)


def test_the_right_password_gives_the_person(database, owner, now):
    assert check_password(database, SEAL, " OWNER@house.example", PASSWORD, now).id == owner.id
    for email, password in ((EMAIL, "wrong"), ("other@house.example", PASSWORD)):
        with pytest.raises(LoginError, match="this address and password do not go together"):
            check_password(database, SEAL, email, password, now)


def test_each_try_after_the_fifth_waits_longer_and_a_day_forgets(database, now):
    waits, moment = [], now
    for _ in range(13):
        with database.write() as session:
            try:
                count_try(session, SEAL, EMAIL, moment)
            except LoginPausedError as e:
                waits.append((e.until - moment).total_seconds())
                moment = e.until
    assert waits == [30, 60, 120, 240]
    with database.write() as session:
        for _ in range(10):
            session.get(LoginTry, SEAL.hash(EMAIL, "login")).count += 1
    with database.write() as session, pytest.raises(LoginPausedError) as paused:
        count_try(session, SEAL, EMAIL, moment)
    assert paused.value.until - moment == timedelta(minutes=15)
    with database.write() as session:
        count_try(session, SEAL, EMAIL, moment + timedelta(days=1, seconds=1))
        assert session.query(LoginTry).one().count == 1


def test_a_login_that_went_well_forgets_the_tries(database, owner, now):
    with database.write() as session:
        count_try(session, SEAL, EMAIL, now)
        open_login(session, SEAL, owner, now)
        assert session.query(LoginTry).count() == 0


def test_a_login_lasts_from_its_last_use_on_and_is_swept_away_afterwards(database, owner, now):
    with database.write() as session:
        token = open_login(session, SEAL, owner, now, "a" * 300)
        login = find_login(session, token, now + LASTS - timedelta(seconds=1))
        assert login.person is not None and len(login.browser) == 200
        assert find_login(session, token, now + LASTS) is None
        assert not is_stale(login, now + timedelta(minutes=5)) and is_stale(login, now + timedelta(minutes=6))
        touch_login(session, login.digest, now + timedelta(days=20))
        assert find_login(session, token, now + LASTS) is not None
        open_login(session, SEAL, owner, now + timedelta(days=60))
        assert session.query(Login).count() == 1


def test_logins_end_one_by_one_all_but_one_and_with_another_password(database, owner, now):
    with database.write() as session:
        session.add(owner)
        tokens = [open_login(session, SEAL, owner, now + timedelta(hours=hour)) for hour in range(4)]
        here = find_login(session, tokens[1], now)
        end_login(session, tokens[3])
        assert [login.created_at.hour - now.hour for login in find_logins(session, owner, now)] == [2, 1, 0]
        end_logins(session, owner, but=here.digest)
        assert [login.digest for login in find_logins(session, owner, now)] == [here.digest]
        set_password(session, owner, "another long password")
        assert find_logins(session, owner, now) == []


def test_a_token_that_we_did_not_make_opens_nothing(database, owner, now):
    with database.write() as session:
        open_login(session, SEAL, owner, now)
        digest = session.query(Login).one().digest
        assert find_login(session, "guess", now) is None
        # Not even for whoever has read the database.
        assert find_login(session, digest, now) is None
