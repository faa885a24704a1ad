"""Whole errands in a real browser: what a person sees on the way, and what the database holds at the end."""

import csv
import io
import re

import openpyxl
import pytest
from flask import Flask, Response
from playwright.sync_api import expect
from sqlalchemy import func, select

from monitor.config import Settings
from monitor.leaving import Link, make_link
from monitor.models import AlertRule, Case, Login, Mention, Person, Source, UnsubscribeEvent
from monitor.people import add_person
from monitor.preferences import current_settings
from monitor.types import Role
from tests.web.entering import PASSWORD, cookie_for
from tests.web.houses import open_house, served
from tests.web.sample import NOW

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
# Numbers what the keyboard must reach, and says how much that is.
NUMBER_STOPS = """
[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter(stop => !stop.disabled && stop.tabIndex >= 0)
  .filter(stop => stop.checkVisibility({visibilityProperty: true}) && stop.getClientRects().length)
  .map((stop, number) => (stop.dataset.place = number)).length
"""
EMAIL = "negar@house.example"


@pytest.fixture(scope="module")
def site():
    """A site elsewhere with a feed."""
    elsewhere = Flask("elsewhere")
    items = "".join(f"<item><title>نیلگون {n}</title><link>https://x.example/{n}</link></item>" for n in "۱۲۳")
    feed = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
    elsewhere.add_url_rule("/feed.xml", "feed", lambda: Response(feed, mimetype="application/rss+xml"))
    with served(elsewhere) as address:
        yield address


@pytest.fixture(scope="module")
def house(tmp_path_factory, site):
    """One dashboard for all walks; each goes to rows of its own."""
    given = {"allowed_hosts": (site.removeprefix("http://"),), "download_delay": 0.0}
    with open_house("full", tmp_path_factory.mktemp("walks"), **given) as opened:
        yield opened


@pytest.fixture(scope="module")
def database(house):
    return house[0].extensions["didban"].database


@pytest.fixture
def walk(browser, house):
    """A tab of somebody who is logged in, unless the role is None, at a path."""
    app, base = house
    contexts = []

    def begin(path, size=DESK, role=Role.ADMIN, language="en"):
        context = browser.new_context(viewport=size, base_url=base, locale="en-GB")
        contexts.append(context)
        context.add_cookies([cookie_for(app, base, role, language=language)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(path)
        return page

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def found(database):
    """What the database gives for a query, now."""

    def find(query):
        with database.read() as session:
            return session.scalar(query)

    return find


def said(page):
    """The lines above the page."""
    return page.locator(".notes")


def row_of(page, words):
    return page.locator(".mention", has_text=words)


def pressed(place):
    return place.locator("[aria-pressed=true]")


def place_of(row):
    return row.evaluate("row => [...row.parentElement.children].indexOf(row)")


def test_a_wrong_password_a_right_one_and_out_again(walk, database, found):
    with database.write() as session:
        add_person(session, EMAIL, "Negar", Role.ADMIN, PASSWORD, NOW)
    page = walk("/cases", role=None)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill("seven wrong words")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The address or the password is wrong.")
    expect(page.get_by_label("E-mail address")).to_have_value(EMAIL)
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases")
    page.locator("summary", has_text="Negar").click()
    page.get_by_role("button", name="Log out").click()
    expect(said(page)).to_contain_text("You are logged out.")
    page.goto("/cases")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert found(select(func.count(Login.digest)).join(Person).where(Person.email == EMAIL)) == 0


def test_a_label_is_corrected_by_mouse_and_taken_back(walk, found):
    label = select(Mention.label).where(Mention.title == "شعبهٔ تازهٔ نیلگون در اصفهان")
    page = walk("/mentions?words=اصفهان")
    expect(page.locator(".mention")).to_have_count(1)
    row = row_of(page, "اصفهان")
    row.get_by_role("button", name="negative").click()
    expect(said(page)).to_contain_text("Noted: negative.")
    assert found(label) == "negative"
    said(page).get_by_role("button", name="Undo").click()
    expect(pressed(row)).to_have_text("neutral")
    assert found(label) == "neutral"
    row.get_by_role("button", name="positive").click()
    expect(pressed(row)).to_have_text("positive")
    page.reload()
    expect(pressed(row)).to_have_text("positive")
    expect(row).to_contain_text("labelled by a person")
    assert found(label) == "positive"


def test_the_inbox_is_worked_through_by_keyboard(walk, found):
    page = walk("/mentions?label=negative&kind=review")
    page.keyboard.press("j")
    expect(page.locator(".is-current")).to_have_count(0)
    page.get_by_role("button", name="Work by keyboard").click()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    current = page.locator(".is-current")
    number = int(current.get_attribute("id").removeprefix("mention-"))
    assert place_of(current) == 1
    page.keyboard.press("2")
    expect(said(page)).to_contain_text("Noted: neutral.")
    # It has left the list, and the one that took its place is next.
    assert place_of(current) == 1 and current.get_attribute("id") != f"mention-{number}"
    story = found(select(Mention.story).where(Mention.id == number))
    in_story = select(func.count()).where(Mention.story == story, Mention.label == "negative")
    assert found(in_story) == 0
    page.keyboard.press("z")
    expect(page.locator(f"#mention-{number}")).to_be_visible()
    assert found(in_story) >= 1
    for _ in range(2):
        page.keyboard.press("j")
    assert current.get_attribute("id") == f"mention-{number}"
    page.keyboard.press("e")
    expect(said(page)).to_contain_text("Noted: handled.")
    state = select(Case.state).where(Case.story == story)
    assert found(state) == "resolved"
    page.reload()
    expect(page.locator(f"#mention-{number}")).to_contain_text("Case: resolved")


def test_a_case_is_worked_on_and_closed(walk, database):
    page = walk("/cases")
    page.get_by_role("link", name="سه ماه بدون پاسخ").click()
    page.get_by_label("Owner").fill("پشتیبانی")
    page.get_by_label("Cause", exact=True).select_option(index=2)
    page.get_by_label("We asked for the cause").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(said(page)).to_contain_text("Saved.")
    page.get_by_label("A new note").fill("پول برگشت داده شد.\nرسید را فرستادیم.")
    page.get_by_role("button", name="Add the note").click()
    for state in ("answered", "resolved"):
        page.get_by_role("button", name=state, exact=True).click()
        expect(said(page)).to_contain_text(f"Noted: {state}.")
    page.reload()
    expect(pressed(page.locator(".case-head"))).to_have_text("resolved")
    expect(page.get_by_label("Owner")).to_have_value("پشتیبانی")
    expect(page.get_by_label("We asked for the cause")).to_be_checked()
    expect(page.locator("#notes")).to_contain_text("رسید را فرستادیم.")
    with database.read() as session:
        case = session.get(Case, 2)
        assert (case.state, case.owner, len(case.notes)) == ("resolved", "پشتیبانی", 2)
        assert case.answered_at == case.closed_at == NOW and "ask_cause" in case.steps and case.cause
    page.goto("/cases?view=resolved")
    expect(page.get_by_role("link", name="سه ماه بدون پاسخ")).to_be_visible()


def test_a_rule_is_changed_looked_at_and_switched_off(walk, found):
    page = walk("/alerts")
    page.get_by_role("link", name="there is a new negative text").click()
    page.get_by_label("Only texts with one of these words").fill("گارانتی، مرجوع")
    page.get_by_role("button", name="Save and try").click()
    told = page.locator("#told")
    expect(told.locator(".comment").first).to_be_visible()
    number = int(re.search(r"/rules/(\d+)", page.url)[1])
    assert found(select(AlertRule.options).where(AlertRule.id == number))["words"] == ["گارانتی", "مرجوع"]
    page.get_by_label("Only texts with one of these words").fill("زرافه")
    page.get_by_role("button", name="Save and try").click()
    expect(told).to_contain_text("Nothing. It would have stayed silent.")
    page.get_by_role("button", name="Switch off").click()
    page.goto("/alerts")
    expect(page.locator("#rules li", has_text="there is a new negative text")).to_contain_text("off")
    assert found(select(AlertRule.enabled).where(AlertRule.id == number)) is False


def test_a_file_of_people_who_left_is_looked_at_and_brought_in(walk, found):
    count = select(func.count(UnsubscribeEvent.id))
    before = found(count)
    page = walk("/unsubscribes")
    rows = ["Kontakt;Am;Text", "x@b.example;2026-11-01;خیلی زیاد می‌نویسید", "y@d.example;2026-11-02;", "?;2026-11-02;"]
    file = "\n".join(rows)
    page.get_by_label("File of people who left").set_input_files(
        {"name": "left.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".note-error")).to_contain_text("Say which column holds this:")
    for label, column in (("E-mail address", "Kontakt"), ("Day they left", "Am"), ("Their words", "Text")):
        page.get_by_label(label).select_option(column)
    page.get_by_role("button", name="Update the preview").click()
    expect(page.get_by_role("table")).to_contain_text("x…@b.example")
    assert found(count) == before
    page.get_by_role("button", name="Import").click()
    expect(said(page)).to_contain_text("2 people are new.")
    expect(said(page)).to_contain_text("1 row was left out:")
    page.reload()
    expect(page.locator("#words")).to_contain_text("خیلی زیاد می‌نویسید")
    assert found(count) == before + 2


def test_any_link_is_pasted_tried_and_watched(walk, site, found):
    page = walk("/sources")
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Link").fill(f"{site}/feed.xml")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("main")).to_contain_text("نیلگون ۱", timeout=30_000)
    kept = select(func.count(Source.id)).where(Source.url == f"{site}/feed.xml")
    assert found(kept) == 0
    page.get_by_role("button", name="Start watching").click()
    expect(said(page)).to_contain_text("It is watched from now on.")
    page.reload()
    expect(page.locator(".sources")).to_contain_text(f"{site}/feed.xml")
    assert found(kept) == 1


def test_what_a_filter_shows_comes_as_files(walk, found):
    page = walk("/mentions?label=negative&kind=review")
    stories = page.locator(".mention").count()
    assert stories > 3
    wanted = found(select(func.count(Mention.id)).where(Mention.label == "negative", Mention.kind == "review"))
    files = {}
    for name in ("CSV", "Excel"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        files[name] = download.value.path().read_bytes()
        assert download.value.suggested_filename.startswith("didban-mentions-2026-11-22.")
    rows = list(csv.DictReader(io.StringIO(files["CSV"].decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(files["Excel"]), read_only=True).active
    assert len(rows) == len(list(sheet.iter_rows())) - 1 == wanted
    assert {row["label"] for row in rows} == {"negative"} and {row["kind"] for row in rows} == {"review"}


def test_leaving_in_one_click_saying_why_fewer_and_back_again(walk, house, found):
    app, _ = house
    link = make_link(app.extensions["didban_seal"], "", Link(1, "walker@example.org", "خبرنامه"))
    page = walk(f"{link}?language=en", size=PHONE, role=None)
    event = select(UnsubscribeEvent).where(UnsubscribeEvent.list_name == "خبرنامه").order_by(UnsubscribeEvent.id.desc())
    page.get_by_role("button", name="Unsubscribe me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed.")
    page.get_by_role("button", name="Too many e-mails").click()
    page.get_by_label("Is there anything to add?").fill("Twice a day!")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("your words have arrived")
    assert (found(event).reason, found(event).comment, found(event).stayed) == ("too_many", "Twice a day!", "")
    page.get_by_role("button", name="One e-mail a month instead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have noted it: one e-mail a month.")
    assert found(event).stayed == "fewer"
    page.get_by_role("button", name="No, no e-mails at all").click()
    page.get_by_role("button", name="That was a mistake, put me back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are still on the list.")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are still on the list.")
    assert found(event).stayed == "undone"
    page.get_by_role("link", name="فارسی").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("اشتراکتان برقرار است.")


def test_a_setting_is_changed_and_counts(walk, house, database):
    app, _ = house
    page = walk("/settings/general")
    table = page.get_by_label("Loss table, in percent")
    before = table.input_value()
    table.fill("0, 11, 11, 33, 44")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(said(page)).to_contain_text("Saved. It applies from now on.")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("up to 33")
    assert current_settings(app.extensions["didban"].settings, database).loss_table == (0, 11, 11, 33, 44)
    page.goto("/settings/general")
    table.fill("0, many")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".field-error")).to_have_text("This is not a number.")
    expect(table).to_have_value("0, many")
    table.fill(before)
    page.get_by_role("button", name="Save", exact=True).click()
    assert current_settings(app.extensions["didban"].settings, database).loss_table == Settings().loss_table


def test_on_a_phone_from_the_figure_to_a_story_to_its_case(walk):
    page = walk("/", size=PHONE, language="fa")
    expect(page.get_by_role("heading", level=1)).to_contain_text("نتیجهٔ منفی در صفحهٔ اول")
    page.locator(".next a").click()
    expect(page.locator("#result-2 .what-if")).to_be_visible()
    page.locator(".story", has_text="افزایش شکایت‌ها").get_by_role("link", name="جزئیات").click()
    page.get_by_role("link", name="به پرونده").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("افزایش شکایت‌ها")
    menu = page.locator(".more-places")
    menu.locator("summary").click()
    menu.get_by_role("link", name="منبع‌ها").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("منبع‌ها")
    page.goto("/settings/audit")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("path", ["/", "/mentions", "/cases/1", "/unsubscribes", "/alerts", "/settings/general"])
def test_everything_is_reached_by_keyboard_and_seen_when_it_is(walk, path):
    page = walk(path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    # Without the anchor: tabbing would begin there.
    page.goto("about:blank")
    page.goto(path)
    wanted = page.evaluate(NUMBER_STOPS)
    reached, unseen = set(), []
    for _ in range(wanted + 1):
        page.keyboard.press("Tab")
        place, style, name = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.dataset.place, s.outlineStyle, e.outerHTML.slice(0, 80)]; })()"
        )
        if place is None:
            break
        reached.add(place)
        if style == "none":
            unseen.append(name)
    assert unseen == []
    # Of buttons of one radio group the browser stops at one only.
    assert len(reached) >= wanted - page.evaluate("document.querySelectorAll('input[type=radio]').length")
