"""Every page in both languages at two widths: ``python -m tests.screenshots FOLDER``.

The pictures are of the sample brand after the whole loop has gone through both of its passes: what they show was
collected, labelled and told by the product itself. ``--states`` takes, instead, whole pages over invented rows (see
tests/web/sample.py), for the states a short loop does not reach; ``--dark`` takes them in the dark as well.
"""

import argparse
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from monitor.cli.demo import open_sample
from monitor.config import Settings
from monitor.db import Database, open_database
from monitor.sources import find_sources
from monitor.types import SourceState
from monitor.watch import watch_brand
from tests.web.entering import cookie_for
from tests.web.sample import NOW, fill, make_mention
from web import create_app

PICTURES = {
    "overview": "/",
    "mentions": "/mentions",
    "mention": "/mentions/1",
    "authors": "/authors",
    "cases": "/cases",
    "case": "/cases/2",
    "searches": "/searches",
    "sources": "/sources",
    "unsubscribes": "/unsubscribes",
    "alerts": "/alerts",
    "rule": "/alerts/rules/2?replay=1",
    "report": "/reports",
    "brands": "/brands",
    "brand": "/brands/1",
}
PAGES = {**PICTURES, "account": "/settings/account", "people": "/settings/people", "missing": "/nowhere"}
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
# The system's own browser where there is one, else Playwright's.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _collecting(session: Session) -> None:
    settings = Settings(secret_key="x")
    brand = watch_brand(session, settings, "نیلگون", NOW - timedelta(minutes=1), search_engine="https://searx.example")
    first, second, *_ = find_sources(session, brand.id)
    first.checked_at, first.state, first.found = NOW, SourceState.OK, 7
    second.leased_until = NOW + timedelta(minutes=1)
    make_mention(session, brand, "نیلگون در نمایشگاه لوازم خانگی امسال حضور دارد", labelled_at=None, label="")
    make_mention(session, brand, "شکایت خریداران نیلگون از تأخیر در ارسال", labelled_at=None, label="")


def _nothing(_session: Session) -> None:
    """A house without a brand."""


# The states over invented rows: how the database is filled, and which pages are then opened.
STATES: dict[str, tuple[Callable[[Session], object], dict[str, str]]] = {
    "sample": (fill, PAGES),
    "welcome": (_nothing, {"welcome": "/"}),
    "collecting": (_collecting, {"collecting": "/"}),
}


@contextmanager
def served(app: Flask) -> Iterator[tuple[str, Flask]]:
    """The address of the dashboard, on a free port of this machine, and the dashboard."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}", app
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def after_the_loop() -> Iterator[tuple[str, Flask]]:
    """The sample brand after both passes of the sample web."""
    with tempfile.TemporaryDirectory() as folder, open_sample(Settings(data_dir=Path(folder))) as (sample, _):
        for number in (1, 2):
            sample.go_through(number)
        with served(create_app(sample.settings, sample.database)) as dashboard:
            yield dashboard


@contextmanager
def over_invented_rows(fill_database: Callable[[Session], object]) -> Iterator[tuple[str, Flask]]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), secret_key="only for pictures")
        database: Database = open_database(settings)
        with database.write() as session:
            fill_database(session)
        try:
            with served(create_app(settings, database, clock=lambda: NOW)) as dashboard:
                yield dashboard
        finally:
            database.close()


@dataclass(frozen=True, slots=True)
class Camera:
    """How a picture is taken: light or dark, the first screen or the whole page."""

    browser: Browser
    folder: Path
    scheme: Literal["light", "dark"] = "light"
    whole: bool = False

    def photograph(self, base: str, app: Flask, pages: Mapping[str, str]) -> None:
        dark = "-dark" if self.scheme == "dark" else ""
        for language in ("fa", "en"):
            for width_name, size in SIZES.items():
                context = self.browser.new_context(viewport=size, color_scheme=self.scheme, device_scale_factor=1)
                context.add_cookies([cookie_for(app, base, name="نگار" if language == "fa" else "Negar")])
                page = context.new_page()
                page.goto(f"{base}/?lang={language}")
                for name, path in pages.items():
                    page.goto(base + path)
                    page.evaluate("document.fonts.ready")
                    path_of_picture = self.folder / f"{name}-{language}-{width_name}{dark}.png"
                    page.screenshot(path=path_of_picture, full_page=self.whole)
                context.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--states", action="store_true", help="invented rows, whole pages")
    parser.add_argument("--dark", action="store_true", help="with --states: in the dark as well")
    return parser.parse_args()


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        if not options.states:
            with after_the_loop() as dashboard:
                Camera(browser, options.folder).photograph(*dashboard, PICTURES)
        else:
            for fill_database, pages in STATES.values():
                with over_invented_rows(fill_database) as dashboard:
                    Camera(browser, options.folder, whole=True).photograph(*dashboard, pages)
                    if options.dark:
                        Camera(browser, options.folder, "dark", whole=True).photograph(*dashboard, pages)
        browser.close()


if __name__ == "__main__":
    main()
