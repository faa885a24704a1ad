"""Every page in both languages at two widths: ``python -m tests.screenshots FOLDER``.

``--dark`` takes them in the dark as well. The rows are invented (see tests/web/sample.py); the pages are the real ones.
"""

import argparse
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from monitor.config import Settings
from monitor.db import open_database
from monitor.sources import find_sources
from monitor.types import SourceState
from monitor.watch import watch_brand
from tests.web.sample import NOW, fill, make_mention
from web import create_app

PAGES = {
    "overview": "/",
    "mentions": "/mentions",
    "sources": "/sources",
    "unsubscribes": "/unsubscribes",
    "alerts": "/alerts",
    "missing": "/nowhere",
}
WIDTHS = {"desk": 1280, "phone": 390}
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


# What is photographed: how the database is filled, and which pages are then opened.
SCENES: dict[str, tuple[Callable[[Session], object], dict[str, str]]] = {
    "sample": (fill, PAGES),
    "welcome": (_nothing, {"welcome": "/"}),
    "collecting": (_collecting, {"collecting": "/"}),
}


@contextmanager
def serving(fill_database: Callable[[Session], object]) -> Iterator[str]:
    """The dashboard over a fresh database, on a free port of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), secret_key="only for pictures")
        database = open_database(settings)
        with database.write() as session:
            fill_database(session)
        server = make_server("127.0.0.1", 0, create_app(settings, database, clock=lambda: NOW), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            thread.join()
            database.close()


def _photograph(browser: Browser, base: str, pages: dict[str, str], folder: Path, scheme: str) -> None:
    for language in ("fa", "en"):
        for width_name, width in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": 844}, color_scheme=scheme, device_scale_factor=1
            )
            page = context.new_page()
            page.goto(f"{base}/?lang={language}")
            for name, path in pages.items():
                page.goto(base + path)
                page.evaluate("document.fonts.ready")
                dark = "-dark" if scheme == "dark" else ""
                page.screenshot(path=folder / f"{name}-{language}-{width_name}{dark}.png", full_page=True)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    schemes = ("light", "dark") if options.dark else ("light",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for fill_database, pages in SCENES.values():
            with serving(fill_database) as base:
                for scheme in schemes:
                    _photograph(browser, base, pages, options.folder, scheme)
        browser.close()


if __name__ == "__main__":
    main()
