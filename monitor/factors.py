"""The second factor: codes of an app on the phone (TOTP, RFC 6238), and recovery codes for the day it is lost."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.errors import LoginError
from monitor.models import Person
from monitor.people import person_of_id
from monitor.sealing import Seal

ISSUER = "Didban"
RECOVERY_CODES = 8
_PURPOSE = "totp"
_RECOVERY = "recovery code"
_STEP = 30
# A phone's clock may be a little off.
_STEPS_OFF = (0, -1, 1)
# Without letters and digits that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret to show once, in the letters that an app takes."""
    from pyotp import random_base32

    return random_base32()


def address_of_secret(secret: str, email: str) -> str:
    """What the square picture says to an app."""
    from pyotp import TOTP

    return TOTP(secret, name=email, issuer=ISSUER).provisioning_uri()


def turn_on(session: Session, seal: Seal, person_id: int, secret: str, code: str, now: datetime) -> list[str]:
    """Ask for codes from now on, once one has been right; the recovery codes, to be shown once. Raises LoginError."""
    step = _step_of(secret, _plain(code), now)
    if step is None:
        raise LoginError("not the code of now")
    person = person_of_id(session, person_id)
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    person.totp_secret, person.totp_step = seal.close(secret, _PURPOSE), step
    person.recovery_codes = [seal.hash(code, _RECOVERY) for code in codes]
    return codes


def turn_off(person: Person) -> None:
    """Ask for the password only."""
    person.totp_secret, person.recovery_codes = "", []


def check_code(seal: Seal, person: Person, code: str, now: datetime) -> None:
    """A code of the app or one for recovery, each good once; ``person`` remembers. Raises LoginError."""
    plain = _plain(code)
    step = _step_of(seal.open(person.totp_secret, _PURPOSE), plain, now)
    if step is not None and step > person.totp_step:
        person.totp_step = step
        return
    digest = seal.hash(plain, _RECOVERY)
    if digest not in person.recovery_codes:
        raise LoginError("not the code of now")
    person.recovery_codes = [kept for kept in person.recovery_codes if kept != digest]


def _plain(code: str) -> str:
    """As it is kept: people type spaces, capitals, and the digits of their own script."""
    from persiantools.digits import ar_to_fa, fa_to_en

    return fa_to_en(ar_to_fa("".join(code.lower().split())))


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is."""
    from pyotp import TOTP

    maker, here = TOTP(secret), int(now.timestamp()) // _STEP
    steps = [here + off for off in _STEPS_OFF]
    return next((step for step in steps if hmac.compare_digest(maker.generate_otp(step).encode(), code.encode())), None)


def _new_recovery_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))
