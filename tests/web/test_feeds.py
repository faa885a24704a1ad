"""The feed of new negatives, read by a feed reader."""

from datetime import timedelta
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from monitor.brands import add_brand
from monitor.models import Brand, Case
from monitor.tokens import add_token, revoke_token
from monitor.types import CaseState, Scope
from tests.web import sample
from web import create_app
from web.feeds import feed_address

ATOM = {"a": "http://www.w3.org/2005/Atom"}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def app(settings, database):
    with database.write() as session:
        sample.fill(session)
    return create_app(settings, database, clock=lambda: sample.NOW)


@pytest.fixture
def address(app, database):
    """Builds the address of a brand's feed with a new token, without its host."""

    def build(*scopes, brand_id=1):
        with database.write() as session:
            _, secret = add_token(session, "reader", scopes or [Scope.FEED], sample.NOW)
            brand = session.get(Brand, brand_id)
        with app.test_request_context():
            parts = urlsplit(feed_address(secret, brand))
        return f"{parts.path}?{parts.query}"

    return build


def test_a_reader_finds_the_negatives_newest_first(app, address):
    answer = app.test_client().get(address())
    assert answer.mimetype == "application/atom+xml"
    assert "Set-Cookie" not in answer.headers
    found = feedparser.parse(answer.data)
    assert not found.bozo
    assert found.feed.title == "نیلگون: منفی‌های تازه"
    assert len(found.entries) > 5
    moments = [entry.updated_parsed for entry in found.entries]
    assert moments == sorted(moments, reverse=True)
    assert found.feed.updated_parsed == moments[0]
    assert found.entries[0].author == "sara_k"
    assert found.entries[0].link == "https://social.example/p/19923"
    assert "shekaste" in found.entries[0].content[0].value


def test_it_is_atom_as_the_standard_has_it_and_says_its_languages(app, address):
    root = etree.fromstring(app.test_client().get(address()).data)
    assert root.tag == f"{{{ATOM['a']}}}feed" and root.get(XML_LANG) == "fa"
    ids = root.xpath("//a:id/text()", namespaces=ATOM)
    assert len(ids) == len(set(ids)) and all(each.startswith("urn:uuid:") for each in ids)
    for node in (root, *root.findall("a:entry", ATOM)):
        assert all(len(node.findall(f"a:{name}", ATOM)) == 1 for name in ("id", "title", "updated"))
    languages = {entry.get(XML_LANG) for entry in root.findall("a:entry", ATOM)}
    assert {"fa", "en", "fa-Latn"} <= languages
    (own,) = root.xpath("a:link[@rel='self']/@href", namespaces=ATOM)
    assert "token" not in own


def test_what_people_wrote_is_text_and_no_link_leads_into_a_script(app, address, database):
    hostile = "</content><script>alert(1)</script> & \x00\x0b\ud7ff\ufffe"
    with database.write() as session:
        brand = session.get(Brand, 1)
        values = {"label": "negative", "score": 0.99, "url": "javascript:alert(2)", "seen_at": sample.NOW}
        sample.make_mention(session, brand, hostile, author="<b>", **values)
    answer = app.test_client().get(address())
    root = etree.fromstring(answer.data)
    entry = next(
        each for each in root.findall("a:entry", ATOM) if "<b>" in each.xpath("string(a:author)", namespaces=ATOM)
    )
    assert entry.find("a:content", ATOM).text == "</content><script>alert(1)</script> & \ud7ff"
    assert entry.find("a:link", ATOM) is None
    assert "javascript:" not in answer.text and "<script" not in answer.text


def test_a_story_that_was_settled_has_left(app, address, database):
    before = feedparser.parse(app.test_client().get(address()).data).entries
    with database.write() as session:
        case = session.query(Case).filter_by(state=CaseState.NEW).first()
        case.state, title = CaseState.RESOLVED, case.mention.title
    after = feedparser.parse(app.test_client().get(address()).data).entries
    assert len(after) == len(before) - 1 and title not in [entry.title for entry in after]


def test_who_has_it_already_is_sent_nothing(app, address):
    path, client = address(), app.test_client()
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_no_other_address_leads_to_it(app, address, database):
    good = address()
    client = app.test_client()
    for path in ("/feeds/negatives.atom", "/feeds/negatives.atom?token=guess&brand=1", address(Scope.READ)):
        assert client.get(path).status_code == 404
    for brand in ("", "&brand=99", "&brand=3"):
        assert client.get(good.partition("&brand")[0] + brand).status_code == 404
    assert client.get(good).status_code == 200
    with database.write() as session:
        revoke_token(session, 1, sample.NOW)
    assert client.get(good).status_code == 404


def test_a_brand_without_negatives_has_an_empty_feed(app, address, database):
    with database.write() as session:
        brand = add_brand(session, "Quiet", sample.NOW - timedelta(days=2))
    found = feedparser.parse(app.test_client().get(address(brand_id=brand.id)).data)
    assert (found.bozo, found.entries) == (False, [])
