"""Every page in both languages at two widths: ``python -m tests.screenshots FOLDER``.

The pictures are of the sample brand after the whole loop has gone through both of its passes: what they show was
collected, labelled and told by the product itself; ``--keep`` copies the chosen ones into docs/screenshots.
``--states`` takes, instead, whole pages over invented rows (see tests/web/houses.py), for the states a short loop does
not reach; ``--dark`` takes them in the dark as well.
"""

import argparse
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from monitor.cli.demo import open_sample
from monitor.config import Settings
from tests.web.entering import cookie_for
from tests.web.houses import HOUSES, open_house, served
from tests.web.pages import PAGES, Page
from web import create_app

# What is kept in the repository: all of the overview, the other pictures of the README, and each further page once.
KEPT_WHOLE = {"overview"}
KEPT = {"mentions": ("fa", "phone"), "unsubscribes": ("en", "phone")}
KEPT_ONCE = ("fa", "desk")
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
NAMES = {"fa": "تیم بازاریابی", "en": "Marketing team"}
# The system's own browser where there is one, else Playwright's.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def after_the_loop() -> Iterator[tuple[Flask, str]]:
    """The sample brand after both passes of the sample web."""
    with tempfile.TemporaryDirectory() as folder, open_sample(Settings(data_dir=Path(folder))) as (sample, _):
        for number in (1, 2):
            sample.go_through(number)
        app = create_app(sample.settings, sample.database)
        with served(app) as base:
            yield app, base


def is_kept(page: Page, language: str, size: str) -> bool:
    """Whether the picture is one of the chosen."""
    return page.name in KEPT_WHOLE or (language, size) in (KEPT_ONCE, KEPT.get(page.name))


@dataclass(frozen=True, slots=True)
class Camera:
    """How a picture is taken: light or dark, the first screen or the whole page, and which."""

    browser: Browser
    folder: Path
    scheme: Literal["light", "dark"] = "light"
    whole: bool = False
    kept: Path | None = None

    def photograph(self, app: Flask, base: str, pages: Iterable[Page]) -> None:
        for page in pages:
            for language in NAMES:
                for size in SIZES:
                    picture = self._take(app, base, page, language, size)
                    if self.kept and is_kept(page, language, size):
                        shutil.copy(picture, self.kept)

    def _take(self, app: Flask, base: str, page: Page, language: str, size: str) -> Path:
        dark = "-dark" if self.scheme == "dark" else ""
        with self.browser.new_context(viewport=SIZES[size], color_scheme=self.scheme) as context:
            context.add_cookies(
                [cookie_for(app, base, page.role, NAMES[language], language=language, **page.session(app))]
            )
            tab = context.new_page()
            tab.goto(base + page.path(app, language))
            tab.evaluate("document.fonts.ready")
            picture = self.folder / f"{page.name}-{language}-{size}{dark}.jpg"
            tab.screenshot(path=picture, full_page=self.whole, type="jpeg", quality=72)
        return picture


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, help="where the chosen ones are copied to")
    parser.add_argument("--states", action="store_true", help="invented rows, whole pages")
    parser.add_argument("--dark", action="store_true", help="with --states: in the dark as well")
    return parser.parse_args()


def _photograph_states(browser: Browser, folder: Path, schemes: Iterable[Literal["light", "dark"]]) -> None:
    for name in HOUSES:
        with tempfile.TemporaryDirectory() as data, open_house(name, Path(data)) as (app, base):
            for scheme in schemes:
                Camera(browser, folder, scheme, whole=True).photograph(
                    app, base, [page for page in PAGES if page.house == name]
                )


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        if options.states:
            _photograph_states(browser, options.folder, ("light", "dark") if options.dark else ("light",))
        else:
            with after_the_loop() as (app, base):
                Camera(browser, options.folder, kept=options.keep).photograph(
                    app, base, [page for page in PAGES if page.house == "full"]
                )
        browser.close()


if __name__ == "__main__":
    main()
