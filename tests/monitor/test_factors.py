from datetime import timedelta

import pytest
from pyotp import TOTP

from monitor.errors import ConfigError, LoginError
from monitor.factors import RECOVERY_CODES, address_of_secret, check_code, new_secret, turn_off, turn_on
from monitor.people import add_person
from monitor.sealing import Seal
from monitor.types import Role

SEAL = Seal("a key for tests")


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def person(session, now):
    return add_person(session, "a@b", "A", Role.ADMIN, "seven plain words for a test", now)


def test_the_secret_is_sealed_and_a_wrong_code_turns_nothing_on(session, person, now):
    secret = new_secret()
    with pytest.raises(LoginError):
        turn_on(session, SEAL, person.id, secret, "000000", now)
    assert person.totp_secret == ""
    codes = turn_on(session, SEAL, person.id, secret, TOTP(secret).at(now), now)
    assert secret not in person.totp_secret and len(set(codes)) == RECOVERY_CODES
    assert not set(codes) & set(person.recovery_codes)
    with pytest.raises(ConfigError):
        check_code(Seal("another key"), person, TOTP(secret).at(now), now)


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(session, person, now, seconds, good):
    secret = new_secret()
    turn_on(session, SEAL, person.id, secret, TOTP(secret).at(now), now)
    later = now + timedelta(minutes=10)
    code = TOTP(secret).at(later + timedelta(seconds=seconds))
    if good:
        check_code(SEAL, person, code, later)
        return
    with pytest.raises(LoginError):
        check_code(SEAL, person, code, later)


def test_a_code_is_good_once_also_the_one_that_turned_it_on(session, person, now):
    secret = new_secret()
    first = TOTP(secret).at(now)
    turn_on(session, SEAL, person.id, secret, first, now)
    with pytest.raises(LoginError):
        check_code(SEAL, person, first, now)
    later = now + timedelta(minutes=1)
    second = TOTP(secret).at(later)
    # In the digits of a Persian keyboard, and in two groups.
    persian = second.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    check_code(SEAL, person, f" {persian[:3]} {persian[3:]}", later)
    with pytest.raises(LoginError):
        check_code(SEAL, person, second, later)


def test_a_recovery_code_is_good_once_in_any_spelling(session, person, now):
    secret = new_secret()
    code, *rest = turn_on(session, SEAL, person.id, secret, TOTP(secret).at(now), now)
    check_code(SEAL, person, code.upper(), now)
    with pytest.raises(LoginError):
        check_code(SEAL, person, code, now)
    assert len(person.recovery_codes) == len(rest)
    turn_off(person)
    assert (person.totp_secret, person.recovery_codes) == ("", [])


def test_the_picture_names_us_and_the_person():
    secret = "ABCDEFGH" * 4
    assert address_of_secret(secret, "a@b") == f"otpauth://totp/Didban:a%40b?secret={secret}&issuer=Didban"
