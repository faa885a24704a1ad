"""One entry that nobody could read costs neither its source nor the entries beside it."""

import gzip
import json

import pytest

from monitor.types import SourceState
from tests.spiders.visiting import visit

URL = "https://x.example/feed"


def rss(*items):
    return f"<rss version='2.0'><channel><title>t</title>{''.join(items)}</channel></rss>".encode()


def item(number, link="", **tags):
    said = {"title": f"Aral {number}", "link": link or f"https://x.example/{number}", **tags}
    return f"<item>{''.join(f'<{tag}>{text}</{tag}>' for tag, text in said.items())}</item>"


@pytest.mark.parametrize("port", ["abc", "99999", "۸۰"])
def test_an_entry_whose_link_has_no_port_is_left_out(port):
    values, _, run = visit("feed", URL, rss(item(1), item(2, f"https://site.example:{port}/2"), item(3)), "text/xml")
    assert [value.title for value in values] == ["Aral 1", "Aral 3"]
    assert run.warnings == ("entry 2 left out, it has no link or no text: 'Aral 2'",)


@pytest.mark.parametrize("port", ["abc", "99999", "۸۰"])
def test_a_result_whose_address_has_no_port_is_left_out(port):
    results = [{"url": f"https://site.example{each}/", "title": "t"} for each in ("", f":{port}", ":8080")]
    (page,), _, run = visit("search", "https://s.example/search?q=Aral", json.dumps({"results": results}).encode())
    assert [result.url for result in page.results] == ["https://site.example/", "https://site.example:8080/"]
    assert run.warnings == ("result 2 left out, it has no address",)


@pytest.mark.parametrize("date", ["0000-00-00 00:00:00", "0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-05:00"])
def test_a_date_outside_the_calendar_is_none_and_the_entry_stays(date):
    values, _, _ = visit("feed", URL, rss(item(1), item(2, pubDate=date)), "text/xml")
    assert [(value.title, value.published_at) for value in values] == [("Aral 1", None), ("Aral 2", None)]


def test_a_comment_within_an_author_costs_nothing():
    entries = (
        f"<entry><title>Aral {number}</title><link href='https://x.example/{number}'/><author>{author}</author></entry>"
        for number, author in enumerate(("<!-- c --><name>Ann</name>", "<?php ?><name>Ben</name>"))
    )
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{''.join(entries)}</feed>"
    values, _, _ = visit("feed", URL, body.encode(), "text/xml")
    assert [value.author for value in values] == ["Ann", "Ben"]


def test_half_a_letter_is_no_part_of_what_a_json_feed_gives():
    entry = {"id": "1\ud83d", "url": "https://x.example/\ud83d1", "title": "Aral", "authors": [{"name": "\ud83dAnn"}]}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [entry]}
    (value,), _, _ = visit("feed", URL, json.dumps(feed).encode(), "application/feed+json")
    assert (value.external_id, value.url, value.author) == ("1", "https://x.example/1", "Ann")


def review_page(*nodes):
    return f'<script type="application/ld+json">{json.dumps(nodes)}</script>'


def test_half_a_letter_is_no_part_of_a_review():
    review = {
        "@type": "Review",
        "reviewBody": "Aral",
        "author": "\ud83dAnn",
        "identifier": "r1\ud83d",
        "url": "/\ud83d1",
    }
    (value,), _, _ = visit("reviews", URL, review_page(review).encode(), "text/html")
    assert (value.author, value.external_id, value.url) == ("Ann", "r1", "https://x.example/1")


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"@type": "PropertyValue", "name": "Review ID", "value": "7"}, "7"),
        ([{"@type": "PropertyValue", "name": "Review ID", "value": 7}], "7"),
        ({"@type": "PropertyValue", "name": "Review ID"}, ""),
        ({"@value": "7"}, "7"),
        ("7", "7"),
    ],
)
def test_what_an_identifier_is_called_is_no_id(stated, found):
    review = {"@type": "Review", "reviewBody": "Aral", "identifier": stated}
    (value,), _, _ = visit("reviews", URL, review_page(review).encode(), "text/html")
    assert value.external_id == found


@pytest.mark.parametrize("count", [float("nan"), float("inf"), 10**30])
def test_a_number_of_reviews_that_is_none_costs_nothing(count):
    rating = {"@type": "AggregateRating", "ratingValue": 4, "reviewCount": count}
    review = {"@type": "Review", "reviewBody": "Aral", "author": "Ann"}
    values, _, _ = visit("reviews", URL, review_page(rating, review).encode(), "text/html")
    assert [getattr(value, "count", None) for value in values] == [0, None]


def test_a_link_of_a_page_that_is_none_costs_nothing():
    script = review_page({"@type": "Review", "reviewBody": "good", "author": "Ann", "url": "https://x.example:abc/1"})
    microdata = """<div itemscope itemtype="http://schema.org/Review"><a itemprop="url" href="http://[url]/2">link</a>
        <p itemprop="reviewBody">late<!-- x -->&#11;<script>1</script>&#x1; again</p></div>"""
    page = f'<html><body>{script}{microdata}<a rel="next" href="http://[url]/2">next</a></body></html>'
    values, requests, run = visit("reviews", URL, page.encode(), "text/html")
    assert [(value.text, value.url) for value in values] == [("good", URL), ("late again", URL)]
    assert (requests, run.state) == ([], SourceState.OK)


def test_an_address_of_a_map_that_is_none_is_left_out():
    places = "".join(f"<url><loc>{each}</loc></url>" for each in ("http://[url]/2", "https://x.example/1"))
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
    _, requests, run = visit("sitemap", "https://x.example/sitemap.xml", body.encode(), "text/xml")
    assert [request.url for request in requests] == ["https://x.example/1"]
    assert run.warnings == ("entry 1 left out, it has no address: 'http://[url]/2'",)


@pytest.mark.parametrize("damage", [lambda packed: packed[:8], lambda packed: packed[:10] + b"\xff" * 20])
def test_a_packed_map_that_is_damaged_is_no_map(damage):
    body = damage(gzip.compress(b"<urlset><url><loc>https://x.example/1</loc></url></urlset>"))
    _, _, run = visit("sitemap", "https://x.example/sitemap.xml.gz", body, "application/gzip")
    assert run.state is SourceState.CHANGED
    assert run.error.startswith("not a sitemap: 'https://x.example/sitemap.xml.gz': ")


@pytest.mark.parametrize("encoding", ["undefined", "idna", "punycode"])
def test_an_encoding_that_no_page_is_in_costs_nothing(encoding):
    content_type = f"text/html; charset={encoding}"
    page = f"<html><body>{review_page({'@type': 'Review', 'reviewBody': 'late'})}<p>long</p></body></html>".encode()
    (review,), _, _ = visit("reviews", URL, page, content_type)
    (item_,), _, _ = visit("generic", URL, page, content_type, {"item": "body", "text": "p"})
    (entry,), _, _ = visit("feed", URL, rss(item(1)), f"text/xml; charset={encoding}")
    assert (review.text, item_.text, entry.title) == ("late", "long", "Aral 1")
    post = '<div class="tgme_widget_message" data-post="a/1"><div class="js-message_text">late</div></div>'
    (mention,), _, _ = visit("telegram", "https://t.me/s/aral", post.encode(), content_type)
    assert mention.text == "late"


def test_a_control_in_a_page_does_not_cost_its_main_text():
    text = "این یک متن خبری بلند است که باید خوانده شود. " * 12
    page = f"<html><body><article><p>{text}</p><p>{text}<!-- x -->&#11;پایان</p></article></body></html>"
    (article,), _, _ = visit("article", URL, page.encode(), "text/html; charset=utf-8")
    assert article.text.endswith("پایان")


def test_older_posts_whose_address_is_none_are_not_asked_for():
    page = """<div class="tgme_channel_info"></div><a class="js-messages_more" href="http://[url]/?before=1"></a>
        <div class="tgme_widget_message" data-post="aral/1"><div class="js-message_text">Aral</div></div>"""
    values, requests, _ = visit("telegram", "https://t.me/s/aral", page.encode(), "text/html")
    assert ([value.text for value in values], requests) == (["Aral"], [])


POST = '<div class="js-message_text">Aral is late</div>'
# What a page states as its base, and what its links stand on then.
BASES = [
    ("http://[bad", "https://x.example/"),
    ("http://y\x01.example/", "https://x.example/"),
    ("https://y.example/", "https://y.example/"),
]


@pytest.mark.parametrize(("base", "leads_to"), BASES)
@pytest.mark.parametrize(
    ("kind", "options", "markup"),
    [
        ("reviews", {}, review_page({"@type": "Review", "reviewBody": "Aral is late"})),
        ("generic", {"item": "li", "text": "p", "next": "a::attr(href)"}, "<ul><li><p>Aral is late</p></li></ul>"),
        ("telegram", {}, f'<div class="tgme_widget_message" data-post="aral/1">{POST}</div>'),
    ],
)
def test_a_base_that_is_no_address_costs_a_page_neither_its_texts_nor_its_links(kind, options, markup, base, leads_to):
    link = '<a rel="next" class="js-messages_more" href="more?before=1">more</a>'
    page = f'<html><head><base href="{base}"></head><body>{markup}{link}</body></html>'
    values, requests, run = visit(kind, URL, page.encode(), "text/html; charset=utf-8", options)
    assert ([value.text for value in values], run.state) == (["Aral is late"], SourceState.OK)
    assert [request.url for request in requests] == [f"{leads_to}more?before=1"]


@pytest.mark.parametrize(("base", "leads_to"), BASES)
def test_a_feed_is_found_from_a_base_that_is_an_address(base, leads_to):
    link = '<link rel="alternate" type="application/rss+xml" href="news.rss">'
    page = f'<!doctype html><html><head><base href="{base}">{link}</head></html>'
    _, (request,), _ = visit("feed", URL, page.encode(), "text/html")
    assert request.url == f"{leads_to}news.rss"


@pytest.mark.parametrize(("base", "leads_to"), BASES)
def test_what_a_page_links_to_stands_on_a_base_that_is_an_address(base, leads_to):
    page = f'<html><head><base href="{base}"></head><body><ul><li><a href="1">Aral</a></li></ul></body></html>'
    options = {"item": "li", "text": "a", "link": "a::attr(href)"}
    (value,), _, _ = visit("generic", URL, page.encode(), "text/html", options)
    assert value.url == f"{leads_to}1"


def test_a_base_that_is_no_address_does_not_cost_a_page_its_main_text():
    text = "Aral is late again, and nobody answers the letters of those who wait for it. " * 12
    meta = '<meta property="article:published_time" content="2026-01-02T03:04:05Z">'
    page = f'<html><head><base href="http://[bad">{meta}</head><body><article><p>{text}</p></article></body></html>'
    (article,), _, _ = visit("article", URL, page.encode(), "text/html; charset=utf-8")
    assert article.text == text.strip() and article.published_at.isoformat() == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(("kind", "state"), [("reviews", SourceState.EMPTY), ("telegram", SourceState.CHANGED)])
def test_an_answer_in_json_is_a_page_without_texts(kind, state):
    values, requests, run = visit(kind, URL, b'{"posts": []}', "application/json")
    assert (values, requests, run.report().state) == ([], [], state)


def test_the_attributes_of_a_page_are_read_as_they_are():
    page = """<ul><li><a href=" /post?a=1&amp;section=2&amp;timestamp=3&amp;copy=4 " id="1&amp;copy=2">t</a>Aral</li>
        <li><a id=""></a><i>n&deg; <b>7</b></i>Aral two</li></ul>"""
    options = {"item": "li", "text": "li", "link": "a::attr(href)", "id": "a::attr(id)"}
    values, _, _ = visit("generic", URL, page.encode(), "text/html; charset=utf-8", options)
    assert values[0].url == "https://x.example/post?a=1&section=2&timestamp=3&copy=4"
    assert (values[0].external_id, values[1].external_id, values[1].url) == ("1&copy=2", "", URL)
    values, _, _ = visit("generic", URL, page.encode(), "text/html; charset=utf-8", {**options, "id": ".//i"})
    assert values[1].external_id == "n° 7"
