"""The dashboard over a real database file, asked through Flask's own client."""

import os
import re
import shutil
from html import unescape

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.web import sample
from tests.web.entering import log_in
from web import create_app

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Reader:
    """Someone with a browser: asks for pages, presses buttons, keeps cookies."""

    def __init__(self, app):
        self.app = app
        self.client = app.test_client()

    def get(self, path, status=200, **arguments):
        answer = self.client.get(path, **arguments)
        assert answer.status_code == status, answer.text
        return answer

    def read(self, path, status=200):
        return unescape(self.get(path, status).text)

    def speak(self, language):
        self.get(f"/?lang={language}", 302)

    def token(self, page="/"):
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)[1]

    def hidden(self, page="/"):
        """What every form of the page carries along, unseen."""
        return dict(re.findall(r'<input type="hidden" name="(csrf_token|brand)" value="([^"]+)">', self.get(page).text))

    def press(self, path, data=None, page="/", status=303):
        answer = self.client.post(path, data={**self.hidden(page), **(data or {})})
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def reader_of(settings, database):
    """A reader of a dashboard whose database a function has filled, logged in unless the role is None."""

    def build(fill=None, language="en", role="admin", **arguments):
        if fill is not None:
            with database.write() as session:
                fill(session)
        reader = Reader(create_app(settings, database, clock=lambda: sample.NOW, **arguments))
        if role is not None:
            log_in(reader.app, reader.client, role)
        with reader.client.session_transaction() as session:
            session["language"] = language
        return reader

    return build


@pytest.fixture
def reader(reader_of):
    return reader_of(sample.fill)


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except Error as e:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no browser to test the pages in: {e.message.splitlines()[0]}")
        yield browser
        browser.close()
