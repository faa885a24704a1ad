"""The inbox worked through without a mouse, in a real browser."""

import threading

import pytest
from werkzeug.serving import make_server

from tests.web import sample
from tests.web.entering import cookie_for
from web import create_app


@pytest.fixture
def page(browser, settings, database):
    with database.write() as session:
        sample.fill(session)
    app = create_app(settings, database, clock=lambda: sample.NOW)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    base = f"http://127.0.0.1:{server.port}"
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    context.add_cookies([cookie_for(app, base)])
    page = context.new_page()
    page.goto(f"{base}/?lang=en")
    page.goto(f"{base}/mentions?label=negative")
    yield page
    context.close()
    server.shutdown()
    thread.join()


def current(page):
    return page.locator(".mention.is-current")


def test_keys_walk_correct_handle_search_and_take_back(page):
    page.keyboard.press("j")
    assert current(page).count() == 0
    page.get_by_role("button", name="Work by keyboard").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".mention").nth(1).get_attribute("id")
    assert current(page).get_attribute("id") == second
    page.keyboard.press("x")
    assert page.locator(".pick:checked").count() == 1
    with page.expect_navigation():
        page.keyboard.press("3")
    assert page.locator(f"#{second}").count() == 0 and "Noted: positive." in page.inner_text(".notes")
    with page.expect_navigation():
        page.keyboard.press("z")
    assert page.locator(f"#{second}").count() == 1
    page.keyboard.press("?")
    assert page.locator("#keys-help").is_visible()
    page.keyboard.press("Escape")
    # The browser closes a dialog in its own time; until then keys belong to the dialog.
    page.locator("#keys-help").wait_for(state="hidden")
    page.keyboard.press("/")
    page.keyboard.type("j/")
    assert page.input_value("#words") == "j/"
    page.goto(page.url)
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("e")
    assert "Noted: handled." in page.inner_text(".notes")
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("o")
    assert page.get_by_role("heading", name="Its label").is_visible()


def press(page, key, code, shift=False):
    """A key as a layout gives it: Playwright's own keyboard knows the English one only."""
    given = {"key": key, "code": code, "shiftKey": shift, "bubbles": True, "cancelable": True}
    page.evaluate("given => document.body.dispatchEvent(new KeyboardEvent('keydown', given))", given)


def test_the_keys_are_where_they_were_on_a_persian_layout(page):
    page.goto(page.url.split("/mentions")[0] + "/?lang=fa")
    page.goto(page.url.split("/?")[0].rstrip("/") + "/mentions?label=negative")
    page.get_by_role("button", name="کار با صفحه‌کلید").click()
    press(page, "ت", "KeyJ")
    press(page, "ت", "KeyJ")
    press(page, "ن", "KeyK")
    first = page.locator(".mention").nth(0).get_attribute("id")
    assert current(page).get_attribute("id") == first
    press(page, "ط", "KeyX")
    assert page.locator(".pick:checked").count() == 1
    with page.expect_navigation():
        press(page, "۲", "Digit2")
    assert page.locator(f"#{first}").count() == 0
    with page.expect_navigation():
        press(page, "ظ", "KeyZ")
    assert page.locator(f"#{first}").count() == 1
    press(page, "؟", "Slash", shift=True)
    assert page.locator("#keys-help").is_visible()
    page.keyboard.press("Escape")
    page.locator("#keys-help").wait_for(state="hidden")
    press(page, "/", "Slash")
    assert page.evaluate("document.activeElement.id") == "words"
    page.goto(page.url)
    press(page, "ت", "KeyJ")
    with page.expect_navigation():
        press(page, "ث", "KeyE")
    press(page, "ت", "KeyJ")
    with page.expect_navigation():
        press(page, "خ", "KeyO")
    assert "/mentions/" in page.url
