"""The pages in a real browser: they fit, they are quiet, they ask nobody else, and axe finds no fault."""

import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from monitor.config import Settings
from monitor.db import open_database
from tests.web import sample
from tests.web.entering import cookie_for
from web import create_app

PAGES = (
    "/",
    "/mentions",
    "/mentions?words=نیلگون&topic=delivery&from=1405-08-01&to=never",
    "/mentions/11",
    "/authors",
    "/searches",
    "/cases",
    "/cases/2",
    "/cases/replies",
    "/sources",
    "/unsubscribes",
    "/unsubscribes?reason=bad_experience",
    "/followups",
    "/followups?view=greet",
    "/alerts",
    "/alerts/rules/2?replay=1",
    "/alerts/rules/5",
    "/settings/account",
    "/settings/people",
    "/settings/audit",
    "/nowhere",
)
LANGUAGES = ("fa", "en")
WIDTHS = (1280, 390)
# What a first visit may cost, fonts and all, in bytes (issue: under 250 KB), and every further page.
FIRST_VISIT, FURTHER_VISIT = 250_000, 30_000


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    settings = Settings(data_dir=tmp_path_factory.mktemp("browser"), secret_key="k")
    database = open_database(settings)
    with database.write() as session:
        sample.fill(session)
    yield create_app(settings, database, clock=lambda: sample.NOW)
    database.close()


@pytest.fixture(scope="module")
def base(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def cookie(app, base):
    """That of somebody who is logged in."""
    return cookie_for(app, base, name="نگار")


@pytest.fixture
def visit(browser, base, cookie):
    """Open a page in a language and width; what the browser complained of and asked for is kept on it."""
    contexts = []

    def open_page(path, language, width):
        context = browser.new_context(viewport={"width": width, "height": 844})
        contexts.append(context)
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{base}/?lang={language}")
        page.complaints, page.asked = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(base + path, wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_is_quiet_and_asks_nobody_else(visit, base, path, language, width):
    page = visit(path, language, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
    assert [url for url in page.asked if not url.startswith(base)] == []
    # The missing page is there to answer 404, which a browser mentions.
    assert [line for line in page.complaints if "404" not in line] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation(visit, path, language):
    results = Axe().run(visit(path, language, 390))
    assert results.violations_count == 0, results.generate_report()


def test_a_visit_costs_little(browser, base, cookie):
    context = browser.new_context()
    context.add_cookies([cookie])
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    received = []
    devtools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(base, wait_until="networkidle")
    first = sum(received)
    received.clear()
    page.goto(f"{base}/mentions", wait_until="networkidle")
    context.close()
    assert 0 < first < FIRST_VISIT
    assert 0 < sum(received) < FURTHER_VISIT


def test_the_pictures_folder_of_the_readme_is_whole():
    pictures = Path(__file__).parents[2] / "docs/screenshots"
    wanted = {
        f"{page}-{language}-{width}.png"
        for page in ("overview",)
        for language in LANGUAGES
        for width in ("desk", "phone")
    }
    assert wanted <= {path.name for path in pictures.iterdir()}
