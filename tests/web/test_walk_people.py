"""A walk in a real browser: the first owner, a brand, out, in again with a second factor; an invited viewer."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from monitor.config import Settings
from monitor.db import open_database
from tests.web.entering import PASSWORD
from tests.web.houses import served
from web import create_app

EMAIL = "owner@house.example"


@pytest.fixture
def base(tmp_path):
    settings = Settings(data_dir=tmp_path, secret_key="k", language="en")
    database = open_database(settings)
    with served(create_app(settings, database, is_local=True)) as base:
        yield base
    database.close()


@pytest.fixture
def page(browser, base):
    context = browser.new_context()
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    assert page.complaints == []
    context.close()


def log_in(page, base, path="/"):
    page.goto(f"{base}{path}")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def log_out(page):
    page.locator(".me summary").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("You are logged out.").wait_for()


def test_from_nothing_to_an_owner_with_two_factors(page, base):
    page.goto(base)
    assert page.url == f"{base}/setup"
    # The cursor stands in the first field already.
    page.keyboard.type("The owner")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name of the brand").fill("Nilgoon")
    page.get_by_role("button", name="Begin to watch").click()
    page.locator("main[data-refresh]").wait_for()
    log_out(page)

    log_in(page, base, "/settings/account")
    assert page.url == f"{base}/settings/account"
    page.get_by_role("button", name="Turn on").click()
    assert page.locator(".factor-picture").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    secret = re.search(r"\b[A-Z2-7]{32}\b", page.inner_text("main"))[0]
    page.get_by_label("The code it shows now").fill(TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    assert len(page.get_by_label("Recovery codes").input_value().split()) == 8
    log_out(page)

    log_in(page, base, "/sources")
    # The code that turned it on is used up: that of the next half minute.
    page.get_by_label("Code").fill(TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30)))
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Sources", exact=True).wait_for()
    assert page.url == f"{base}/sources"


def test_a_viewer_comes_in_by_a_link_and_sees_no_buttons(browser, page, base):
    page.goto(base)
    page.get_by_label("Your name").fill("The owner")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name of the brand").fill("Nilgoon")
    page.get_by_role("button", name="Begin to watch").click()
    page.goto(f"{base}/settings/people")
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_label("Link", exact=True).input_value()

    context = browser.new_context()
    viewer = context.new_page()
    viewer.goto(link)
    viewer.get_by_label("Your name").fill("A viewer")
    viewer.get_by_label("E-mail address").fill("viewer@house.example")
    viewer.get_by_label("Password").fill(PASSWORD)
    viewer.get_by_role("button", name="Begin").click()
    viewer.goto(f"{base}/sources")
    assert viewer.get_by_role("button", name="Pause").count() == 0
    assert viewer.goto(f"{base}/settings/people").status == 403
    viewer.get_by_text("The owner").wait_for()
    context.close()
