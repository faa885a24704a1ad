"""The pages in a real browser: they fit, are light and quiet, ask nobody else; axe finds no fault, by day or night."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.entering import cookie_for
from tests.web.houses import open_house
from tests.web.pages import PAGES, UNLISTED

LANGUAGES = ("fa", "en")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
# Off in axe unless it is asked for: what is pressed is large enough, or stands apart.
CHECKED = {"rules": {"target-size": {"enabled": True}}}
# What a visit may cost, fonts and all, in bytes: the first one, and every further one.
FIRST_VISIT, FURTHER_VISIT = 250_000, 30_000


@pytest.fixture(scope="module")
def house_of(tmp_path_factory):
    """The dashboard of a name and its address, opened when it is first asked for."""
    opened = {}
    with ExitStack() as stack:

        def find(name):
            if name not in opened:
                opened[name] = stack.enter_context(open_house(name, tmp_path_factory.mktemp(name)))
            return opened[name]

        yield find


class Visit:
    """A page opened by a browser that has never been here, and all that the browser saw of it."""

    def __init__(self, context, base, path):
        self.base, self.path = base, path
        self.page = context.new_page()
        self.complaints, self.asked, self.received = [], [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        devtools = context.new_cdp_session(self.page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda event: self.received.append(event["encodedDataLength"]))

    def open(self):
        """Its status, and the bytes that it cost."""
        self.received.clear()
        answer = self.page.goto(self.base + self.path)
        self.page.evaluate("document.fonts.ready")
        return answer.status, sum(self.received)

    def faults(self):
        """What axe says against the page as it stands."""
        found = Axe().run(self.page, options=CHECKED)
        return found.generate_report() if found.violations_count else ""

    def excess(self, size):
        """How many pixels the page is wider than a window."""
        self.page.set_viewport_size(size)
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_fits_is_light_and_quiet_and_axe_finds_no_fault(browser, house_of, page, language):
    app, base = house_of(page.house)
    with browser.new_context(viewport=PHONE) as context:
        context.add_cookies([cookie_for(app, base, page.role, language=language, **page.session(app))])
        visit = Visit(context, base, page.path(app, language))
        status, cost = visit.open()
        assert status == page.status
        assert visit.page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
        assert 0 < cost < FIRST_VISIT
        # Of a page that is there to answer 404 a browser says so.
        assert [line for line in visit.complaints if f"status of {page.status}" not in line] == []
        assert [url for url in visit.asked if not url.startswith(base)] == []
        assert visit.faults() == ""
        assert [visit.excess(size) for size in (PHONE, DESK)] == [0, 0]
        # Without motion: a colour half way to the dark has neither contrast.
        visit.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert visit.faults() == ""
        _, cost = visit.open()
        assert 0 < cost < FURTHER_VISIT


def test_every_page_is_listed():
    assert UNLISTED == []


def test_the_pictures_of_the_readme_are_there():
    top = Path(__file__).parents[2]
    for readme in (top / "README.md", top / "README.fa.md"):
        wanted = re.findall(r'src="(docs/screenshots/[^"]+)"', readme.read_text())
        assert len(wanted) >= 4 and all((top / path).is_file() for path in wanted)
