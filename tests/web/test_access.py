"""Every address of the dashboard and who is let in there: whoever adds one has to say so in no list, or in one here."""

import re
from urllib.parse import urlsplit

import lxml.html
import pytest

from monitor.types import Role
from tests.web import sample
from tests.web.entering import log_in
from tests.web.pages import PAGES
from web import create_app
from web.access import NOT_IN_SAMPLE, needed_role

NOBODY, VIEWER, ANALYST, ADMIN = ROLES = (None, *Role)
# What is not as the general rule has it: nobody needs a login here.
OPEN_TO_ALL = {
    "static", "dashboard.healthz", "login.page", "login.enter", "login.code_page", "login.enter_code",
    "setup.page", "setup.begin",
    "hooks.knock", "hooks.receive", "leave.show", "leave.remove", "leave.answer", "leave.look", "greetings.feed",
    "acts.confirm", "acts.do", "invitations.page", "invitations.use",
    # A token lets programs in: tests/web/test_feeds.py, tests/web/test_metrics.py.
    "feeds.negatives", "metrics.metrics",
}  # fmt: skip
# Changes that everybody makes for themselves.
OWN = {
    "login.leave", "account.keep", "account.renew_password", "account.end_others", "factor.begin", "factor.confirm",
    "factor.end",
}  # fmt: skip
# Whole pages with all their buttons, and single buttons.
ADMIN_PAGES = {"audit", "people", "preferences", "tokens"}
ADMIN_ONLY = {
    "alerts.switch_channel", "alerts.test_channel", "brands.remove", "channels.add", "channels.ask",
    "connections.change", "connections.hook",
    "connections.listing", "connections.mailer", "connections.pull", "connections.unhook", "connections.unpull",
    "subscribers.erase",
}  # fmt: skip
# Pages that name people.
ANALYST_READS = {
    "brands.ask", "imports.look", "subscribers.ask", "subscribers.one", "text_imports.ask", "text_imports.look",
    "trials.add", "trials.one",
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    from monitor.config import Settings
    from monitor.db import open_database

    settings = Settings(data_dir=tmp_path_factory.mktemp("access"), secret_key="k")
    database = open_database(settings)
    with database.write() as session:
        sample.fill(session)
    app = create_app(settings, database, clock=lambda: sample.NOW)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    database.close()


def routes():
    """(endpoint, method, an address that fits) of all there is, from the application itself."""
    from monitor.config import Settings
    from monitor.db import open_database

    app = create_app(Settings(secret_key="k"), open_database(Settings(database_url="sqlite://"), create=True))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "7777", rule.rule)
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule.endpoint, method, path


ROUTES = list(routes())


def expected_role(endpoint, method):
    # Programs show a token instead: tests/web/test_api.py asks for each.
    if endpoint in OPEN_TO_ALL or endpoint.startswith("api"):
        return NOBODY
    if endpoint in ADMIN_ONLY or endpoint.partition(".")[0] in ADMIN_PAGES:
        return ADMIN
    if endpoint in ANALYST_READS:
        return ANALYST
    return VIEWER if method == "GET" or endpoint in OWN else ANALYST


@pytest.mark.parametrize(("endpoint", "method", "path"), ROUTES, ids=lambda value: value)
def test_a_route_lets_in_whom_it_should_and_nobody_else(app, endpoint, method, path):
    needed = expected_role(endpoint, method)
    with app.app_context():
        assert needed_role(endpoint, method) == needed
    for role in ROLES:
        client = app.test_client()
        if role is not None:
            log_in(app, client, role)
        answer = client.open(path, method=method, buffered=True)
        sent_to_login = answer.status_code == 303 and answer.headers["Location"].startswith("/login")
        if needed is None:
            assert answer.status_code != 403 and (not sent_to_login or endpoint in OPEN_TO_ALL)
        elif role is None:
            assert sent_to_login
        elif not role.covers(needed):
            assert answer.status_code == 403
        else:
            assert answer.status_code != 403 and (not sent_to_login or endpoint == "login.leave")


def test_the_lists_name_what_there_is():
    endpoints = {endpoint for endpoint, _method, _path in ROUTES}
    assert OPEN_TO_ALL | OWN | ADMIN_ONLY | ANALYST_READS <= endpoints
    assert ADMIN_PAGES <= {endpoint.partition(".")[0] for endpoint in endpoints}


@pytest.mark.parametrize("path", ["/mentions?label=negative&words=%D8%A7", "/cases/2"])
def test_the_login_leads_back_to_the_page_that_was_asked_for(reader_of, path):
    reader = reader_of(sample.fill)
    stranger = create_app(
        reader.app.extensions["didban"].settings, reader.app.extensions["didban"].database
    ).test_client()
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert stranger.get(answer.headers["Location"]).status_code == 200
    assert f'name="next" value="{path.replace("&", "&amp;")}"' in stranger.get(answer.headers["Location"]).text


def test_a_stranger_sees_neither_brands_nor_pages_in_the_frame(reader_of):
    reader = reader_of(sample.fill)
    page = reader.app.test_client().get("/login").text
    assert "نیلگون" not in page and "/mentions" not in page


def test_nobody_logs_in_to_the_sample(reader_of):
    reader = reader_of(sample.fill, role=None, is_sample=True)
    reader.get("/")
    reader.press("/sources/2/pause", page="/sources")
    reader.get("/login", 404)
    reader.get("/setup", 404)


@pytest.mark.parametrize("endpoint", sorted(NOT_IN_SAMPLE))
def test_the_sample_sends_nothing_out_and_takes_no_files(reader_of, database, endpoint):
    reader = reader_of(sample.fill, role=None, is_sample=True)
    method, path = next((method, path) for name, method, path in ROUTES if name == endpoint)
    page = reader.press(path, status=403).text if method == "POST" else reader.read(path, 403)
    assert "The sample does not do this." in page and "Begin with your own brand" in page
    # The pages themselves are open: they are what it is there to show.
    reader.get("/unsubscribes/connections")
    reader.get("/alerts")


@pytest.mark.parametrize(("role", "sentence"), [("viewer", "As a viewer"), ("analyst", "As an analyst")])
def test_a_refused_reader_is_told_why_and_whom_to_ask(reader_of, role, sentence):
    reader = reader_of(sample.fill)
    client = reader.app.test_client()
    log_in(reader.app, client, role)
    reader.app.view_functions["sources.pause"].needs = Role.ADMIN
    try:
        reader.client = client
        with client.session_transaction() as session:
            session["language"] = "en"
        page = reader.press("/sources/2/pause", status=403).text
    finally:
        del reader.app.view_functions["sources.pause"].needs
    assert sentence in page and "The admin" in page and "Nothing was changed." in page


@pytest.mark.parametrize("role", [VIEWER, ANALYST, ADMIN])
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.house == "full" and page.role is not None], ids=lambda page: page.name
)
def test_no_page_shows_a_button_that_its_reader_may_not_press(app, role, page):
    client, path = app.test_client(), page.path(app, "en")
    log_in(app, client, role)
    answer = client.get(path)
    if answer.status_code != 200:
        return
    pressed = buttons(app, answer.text, path)
    for endpoint in pressed:
        with app.app_context():
            needed = needed_role(endpoint, "POST")
        assert needed is None or role.covers(needed), f"{endpoint} on {path}"
    # At least the way out.
    assert pressed


def buttons(app, page, path):
    """Where each button of a page leads that changes something."""
    adapter = app.url_map.bind("localhost")
    found = []
    for form in lxml.html.document_fromstring(page).forms:
        for button in form.xpath(".//button[not(@type) or @type='submit']") if form.method == "POST" else ():
            target = urlsplit(button.get("formaction") or form.action or path).path
            found.append(adapter.match(target, method="POST")[0])
    return found


def test_no_page_of_the_sample_shows_a_button_that_it_refuses(reader_of):
    reader = reader_of(sample.fill, role=None, is_sample=True)
    there = reader.app.view_functions
    pages = [page for page in PAGES if page.house == "full" and page.role is not None and page.endpoint in there]
    pressed = set()
    for page in pages:
        path = page.path(reader.app, "en")
        answer = reader.client.get(path)
        if answer.status_code == 200:
            pressed.update(buttons(reader.app, answer.text, path))
    assert pressed and not pressed & NOT_IN_SAMPLE
