import pytest
from scrapy.http import HtmlResponse

from monitor.folding import canonical_host, canonical_url
from spiders.answers import share, string
from spiders.schema import count, number
from spiders.text import base_of, encoding_of, hides_publisher, plain_text, web_link, without_bad_references

PAGE = "https://x.example/a/b"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/c", "https://x.example/c"),
        (" c?d=1 ", "https://x.example/a/c?d=1"),
        ("", ""),
        ("   ", ""),
        ("javascript:alert(1)", ""),
        ("mailto:a@x.example", ""),
        ("http://[broken", ""),
        ("http://[url]/2", ""),
        ("https://y.example:abc/2", ""),
        ("https://y.example:99999/2", ""),
        ("https://y.example:۸۰/2", ""),
        ("//y.example:0/2", ""),
        ("https://y.example:8080/2", "https://y.example:8080/2"),
        ("https://y.example/\ud83d2", "https://y.example/2"),
        ("//y.example/", "https://y.example/"),
        ("https://www.google.com/url?q=https://y.example/1&sa=U", "https://y.example/1"),
        ("https://www.google.co.uk/url?url=https%3A%2F%2Fy.example%2F2", "https://y.example/2"),
        ("https://notgoogle.com/url?url=javascript:x", "https://notgoogle.com/url?url=javascript:x"),
        ("https://www.google.com/url?url=javascript:x", "https://www.google.com/url?url=javascript:x"),
        ("https://www.google.com/url?q=https://y.example:abc/", "https://www.google.com/url?q=https://y.example:abc/"),
        ("https://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fy.example%2f3", "https://y.example/3"),
    ],
)
def test_a_link_leads_to_the_publisher(link, expected):
    assert web_link(PAGE, link) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("/shop/", "https://x.example/shop/"),
        (" //y.example/c ", "https://y.example/c"),
        ("http://y.example:8080/", "http://y.example:8080/"),
        ("http://y.example/a\x01b/", "http://y.example/a%01b/"),
        ("", PAGE),
        ("http://[bad", PAGE),
        ("//[bad/", PAGE),
        ("http://y.example:abc/", PAGE),
        ("http://y.example:99999/", PAGE),
        ("http://y\x01.example/", PAGE),
        ("http://y\x7f.example/", PAGE),
        ("http://y .example/", PAGE),
        ("http://\u2100.example/", PAGE),
        ("http:", PAGE),
        ("about:blank", PAGE),
        ("data:text/html,x", PAGE),
        ("javascript:alert(1)", PAGE),
        # The first one speaks, also when it says nothing of use.
        ('http://[bad"><base href="/shop/', PAGE),
    ],
)
def test_the_links_of_a_page_stand_on_its_base_unless_that_is_no_address(base, expected):
    page = f'<html><head><base href="{base}"></head></html>'
    assert base_of(HtmlResponse(PAGE, body=page.encode(), encoding="utf-8")) == expected


@pytest.mark.parametrize("inner", ["y.example:abc/1", "y.example:99999/1", "[y].example/1"])
def test_a_cache_that_holds_no_address_is_compared_as_it_is(inner):
    link = web_link(PAGE, f"https://www.google.com/amp/s/{inner}")
    assert canonical_url(link) == f"www.google.com/amp/s/{inner}"
    assert canonical_host(link) in ("www.google.com", "y.example:99999")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>خیلی <b>بد</b> بود</p><p>کند &amp; گران</p>", "خیلی بد بود\n\nکند & گران"),
        ("می‌گویند  \t همین", "می‌گویند همین"),
        ("<p>می‌گویند</p>", "می‌گویند"),
        ("می&zwnj;گویند", "می‌گویند"),
        ("<script>x()</script><style>y</style>", ""),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("5<Excellent phone", "5<Excellent phone"),
        ("5<Excellent &amp; quick\nphone", "5<Excellent & quick\nphone"),
        ("5 &lt; 6 &nbsp; &#8204;", "5 < 6 \u200c"),
        ("<p>one<br/>two</p", "one\ntwo"),
        ("nul\x00 and \x0b bell", "nul and bell"),
        ("<!-- x -->&#11;a", "a"),
        ("<script>1</script>&#x1;b", "b"),
        ("<style>1</style>&#xFFFE;c <b>d</b>&#31;", "c d"),
        ('<?xml version="1.0" encoding="utf-8"?><p>x</p>', "x"),
        ("", ""),
        ("<!-- only a comment -->", ""),
        ("😡 &#128545;", "😡 😡"),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup, text):
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        ("سلام".encode(), "text/html; charset=utf-8", "utf-8"),
        ("سلام".encode(), "", "utf-8"),
        ("سلام".encode("cp1256"), "", "cp1256"),
        ("سلام".encode("cp1256"), "text/xml; charset=windows-1256", "cp1256"),
        ('<?xml version="1.0" encoding="windows-1256"?>سلام'.encode("cp1256"), "text/xml", "cp1256"),
        # a header that lies
        ('<?xml version="1.0" encoding="windows-1256"?>سلام'.encode("cp1256"), "text/xml; charset=utf-8", "cp1256"),
        ("سلام دنیا، این متن سالم است".encode() + b"\xff", "text/html; charset=utf-8", "utf-8"),
        (b"plain", "text/html; charset=no-such", "utf-8"),
        # what is no encoding of a page
        (b"plain", "text/html; charset=undefined", "utf-8"),
        (b"plain", "text/html; charset=idna", "utf-8"),
        (b"plain", "text/html; charset=punycode", "utf-8"),
    ],
)
def test_the_encoding_is_the_one_that_reads(body, content_type, encoding):
    assert encoding_of(body, content_type) == encoding


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, 4.0),
        ("4.5", 4.5),
        ("4,5", 4.5),
        ("۴٫۵", 4.5),
        ("۴/۵", 4.5),
        ("4 out of 5", 4.0),
        (["3"], 3.0),
        ("-", None),
        ({}, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ("9" * 400, None),
    ],
)
def test_a_rating_is_read_as_sites_write_it(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1204, 1204),
        ("1,204", 1204),
        ("1.204", 1204),
        ("۱٬۲۰۴ نظر", 1204),
        ("12 345 678", 12345678),
        ("7", 7),
        ("none", None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("9" * 5000, None),
    ],
)
def test_a_count_is_read_as_sites_write_it(value, expected):
    assert count(value) == expected


def test_only_google_news_hides_the_publisher():
    assert hides_publisher("https://news.google.com/rss/articles/CBMi?oc=5")
    assert not hides_publisher("https://news.google.com/rss/search?q=x")
    assert not hides_publisher("https://khabar.example/articles/1")


@pytest.mark.parametrize(
    ("markup", "clean"),
    [
        ("&#1587;&#x633; &amp; &zwnj;", "&#1587;&#x633; &amp; &zwnj;"),
        ("&#x110000; &#xD800; &#0; &#99999999999999999999;", "\ufffd \ufffd \ufffd \ufffd"),
        ("&#000065;", "&#000065;"),
        ("a&#11;b&#x1;c&#xFFFF;&#9;", "abc&#9;"),
    ],
)
def test_references_to_no_character_are_taken_out(markup, clean):
    assert without_bad_references(markup) == clean


def test_what_no_database_takes_is_no_part_of_a_string():
    record = {"id": " at://1\ud83d\x00 ", "author": {"name": "\ude21آرا 😡"}}
    assert (string(record, "id"), string(record, "author.name")) == ("at://1", "آرا 😡")


def test_a_number_beyond_all_numbers_is_no_share():
    assert share({"rate": 10**400}, "rate") is None
