"""Tokens of programs in the settings: made, shown once, used, revoked; for admins only."""

import re

import pytest

from monitor.models import ApiToken
from tests.web import sample

PAGE = "/settings/tokens"


def made(admin, **form):
    data = {"name": "گزارش هفتگی", "scope": ["read"], "days": "90", **form}
    page = admin.press(PAGE, data, page=PAGE, status=200).text
    return re.search(r'readonly value="([^"]+)"', page)[1].replace("&amp;", "&")


def test_a_token_is_shown_once_and_opens_what_was_chosen(reader, database):
    secret = made(reader)
    stranger = reader.app.test_client()
    headers = {"Authorization": f"Bearer {secret}"}
    assert stranger.get("/api/v1/brands", headers=headers).status_code == 200
    page = reader.read(PAGE)
    assert secret not in page and secret[:13] in page and "گزارش هفتگی" in page
    with database.read() as session:
        token = session.get(ApiToken, 1)
    assert (token.scopes, token.created_by) == (["read"], "The admin")
    assert (token.expires_at - sample.NOW).days == 90


def test_a_feed_is_shown_as_its_address(reader):
    address = made(reader, scope=["feed"], days="0")
    assert address.startswith("http://localhost/feeds/negatives.atom?token=didban_")
    assert reader.app.test_client().get(address.removeprefix("http://localhost")).status_code == 200


def test_a_revoked_token_opens_nothing_and_is_still_named(reader):
    secret = made(reader)
    reader.press(f"{PAGE}/1/revoke", page=PAGE)
    answer = reader.app.test_client().get("/api/v1/brands", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    page = reader.read(PAGE)
    assert "No program has a token." in page and "گزارش هفتگی" in page
    reader.press(f"{PAGE}/99/revoke", page=PAGE, status=404)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": " "}, "Write which program it is for."),
        ({"name": "x" * 101}, "This is too long."),
        ({"scope": []}, "Choose what the program may do."),
        ({"scope": ["feed", "read"]}, "A feed needs a token of its own"),
    ],
)
def test_what_is_no_token_is_not_made_and_the_page_says_why(reader, database, form, said):
    data = {"name": "robot", "scope": ["read"], "days": "30", **form}
    assert said in reader.press(PAGE, data, page=PAGE, status=422).text
    with database.read() as session:
        assert session.query(ApiToken).count() == 0


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_tokens_are_for_admins(reader_of, role):
    reader = reader_of(sample.fill, role=role)
    reader.get(PAGE, 403)
    reader.press(PAGE, {"name": "x", "scope": ["read"], "days": "30"}, status=403)
    reader.press(f"{PAGE}/1/revoke", status=403)
    assert PAGE not in reader.read("/settings/account")
