"""A page that renews itself, in a real browser: the reader stays where they are, and is told when it fails."""

import pytest
from playwright.sync_api import expect

from monitor.types import Role
from tests.web.entering import cookie_for
from tests.web.houses import open_house

# What a page may well hold, though the first one at hand does not.
FURTHER = "<details><summary>Further</summary><p>inside</p></details></main>"


@pytest.fixture
def page(browser, tmp_path):
    with open_house("collecting", tmp_path) as (app, base):
        context = browser.new_context(base_url=base)
        context.add_cookies([cookie_for(app, base, Role.ADMIN, language="en")])
        page = context.new_page()
        page.clock.install()
        page.rounds = 0

        def answer(route):
            page.rounds += 1
            given = route.fetch()
            route.fulfill(response=given, body=given.text().replace("</main>", f"<p>round {page.rounds}</p>{FURTHER}"))

        page.route(f"{base}/", answer)
        page.goto("/")
        yield page
        context.close()


def test_what_was_opened_stays_open_and_the_keyboard_where_it_was(page):
    page.get_by_text("Further").click()
    page.locator(".first-found a").first.focus()
    held = page.evaluate("document.activeElement.href")
    for number in (2, 3):
        page.clock.run_for(4100)
        expect(page.locator("main")).to_contain_text(f"round {number}")
        expect(page.get_by_text("inside")).to_be_visible()
        assert page.evaluate("document.activeElement.href") == held
    expect(page.locator("[data-stale]")).to_be_hidden()


def test_a_renewal_that_fails_is_said_until_one_succeeds(page):
    said = page.get_by_text("This page cannot be renewed at the moment")
    expect(said).to_be_hidden()
    page.context.set_offline(True)
    page.unroute_all()
    page.clock.run_for(4100)
    expect(said).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(4100)
    expect(said).to_be_hidden()
