"""A form is about the brand of its page, whichever another tab has opened since."""

from io import BytesIO

import lxml.html
import pytest
from sqlalchemy import func, select

from monitor.hooks import find_hooks
from monitor.mailers import find_mailers
from monitor.models import AlertRule, Mention, Sending, Source, SourceTrial, UnsubscribeEvent

CONNECTIONS = "/unsubscribes/connections"
LEFT = b"email,date\na@b.example,2026-11-01\n"
TEXTS = "text\nبسته سالم رسید\n".encode()


def newest(database, kind):
    """The brand of the row that was written last, and how many rows there are."""
    with database.read() as session:
        count = session.scalar(select(func.count()).select_from(kind))
        return session.scalar(select(kind.brand_id).order_by(kind.id.desc()).limit(1)), count


def fields_of(reader, page, action):
    """What a form of a page carries along unseen."""
    answer = lxml.html.fromstring(reader.get(page).text)
    form = (answer.xpath(f"//form[@action='{action}']") or answer.xpath("//main//form[not(@action)]"))[0]
    return {each.name: each.value for each in form.xpath(".//input[@type='hidden']")}


@pytest.mark.parametrize(
    ("page", "action", "given", "kind"),
    [
        (CONNECTIONS, f"{CONNECTIONS}/hooks", {"provider": "generic"}, "hook"),
        (CONNECTIONS, f"{CONNECTIONS}/pulls", {"kind": "mailchimp", "key": "0123-us6"}, Source),
        (CONNECTIONS, f"{CONNECTIONS}/mailers", {"kind": "brevo", "key": "0123"}, "mailer"),
        (CONNECTIONS, f"{CONNECTIONS}/sendings", {"campaign": "A", "day": "2026-11-10", "count": "5"}, Sending),
        ("/sources", "/sources/search", {"search_engine": "https://searx.example"}, Source),
        ("/sources/add", "/sources/add", {"link": "https://www.naghd.example/rss.xml"}, SourceTrial),
        ("/alerts", "/alerts/rules", {"kind": "source_trouble"}, AlertRule),
    ],
)
def test_what_is_typed_is_kept_for_the_brand_of_the_page(reader, database, monkeypatch, page, action, given, kind):
    monkeypatch.setattr("web.trials.Thread", lambda **given: _Unstarted())
    reader.get("/?brand=2")
    hidden = fields_of(reader, page, action)
    # In another tab.
    reader.get("/?brand=1")
    assert reader.client.post(action, data={**hidden, **given}).status_code == 303
    assert brand_of_the_last(database, kind) == 2
    # The page that follows is about it again.
    assert "<bdi>Nilgoon Kids</bdi></summary>" in reader.read("/mentions")


class _Unstarted:
    def start(self):
        pass


def brand_of_the_last(database, kind):
    with database.read() as session:
        if kind == "hook":
            return find_hooks(session)[-1].brand_id
        if kind == "mailer":
            return find_mailers(session)[-1].brand_id
    return newest(database, kind)[0]


@pytest.mark.parametrize(
    ("page", "action", "what", "content", "kind"),
    [
        ("/unsubscribes", "/unsubscribes/import", {}, LEFT, UnsubscribeEvent),
        ("/sources/import", "/sources/import", {"what": "review"}, TEXTS, Mention),
    ],
)
def test_a_file_is_brought_in_for_the_brand_that_its_page_named(reader, database, page, action, what, content, kind):
    reader.get("/?brand=2")
    hidden = fields_of(reader, page, action)
    reader.get("/?brand=1")
    file = {"file": (BytesIO(content), "file.csv")}
    looked = reader.client.post(action, data={**hidden, **what, **file}).headers["Location"]
    assert "<bdi>Nilgoon Kids</bdi>" in reader.read(looked).split("<h1>")[1].split("</header>")[0]
    place = looked.partition("?")[0]
    hidden = fields_of(reader, looked, place)
    reader.get("/?brand=1")
    assert reader.client.post(place, data={**hidden, **what}).status_code == 303
    assert newest(database, kind)[0] == 2


@pytest.mark.parametrize("brand", [None, "3", "77", "x", ""])
def test_a_form_that_names_no_brand_of_ours_writes_nothing(reader, database, brand):
    before = newest(database, Sending)
    given = {"campaign": "A", "day": "2026-11-10", "count": "5", "csrf_token": reader.token(CONNECTIONS)}
    answer = reader.client.post(f"{CONNECTIONS}/sendings", data=given | ({} if brand is None else {"brand": brand}))
    assert answer.status_code == 404 and "There is nothing at this address." in answer.text
    assert newest(database, Sending) == before


def test_a_trial_says_which_brand_it_is_for(reader, database, monkeypatch):
    monkeypatch.setattr("web.trials.Thread", lambda **given: _Unstarted())
    link = {"link": "https://www.digikala.com/product/dkp-1/"}
    reader.get("/?brand=2")
    page = reader.press("/sources/add", link, page="/sources/add").location
    with database.write() as session:
        session.scalar(select(SourceTrial)).state = "ok"
    reader.get("/?brand=1")
    assert "All of its texts count for Nilgoon Kids." in reader.read(page)
