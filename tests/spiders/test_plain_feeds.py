"""What is read the fast way is what feedparser would have read."""

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.feeds import _feedparser_entries
from spiders.plain_feeds import read_plain
from spiders.runs import Run

FEEDS = Path(__file__).parent.parent / "data" / "spiders" / "feed"
URL = "https://feeds.example/path/feed.xml"
HEAD = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd"><channel><title>خبر</title>'
)


def rss(item):
    return f"{HEAD}<item>{item}</item></channel></rss>"


def atom(entry):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry>{entry}</entry></feed>'


def theirs(text):
    return _feedparser_entries(text, URL, Run(url=URL))


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.rss")) + sorted(FEEDS.glob("*.atom")), ids=lambda path: path.name)
def test_saved_feeds_are_read_alike(path):
    text = path.read_bytes().decode("utf-8", "replace")
    plain = read_plain(text)
    assert plain is None or plain == theirs(text)


LETTERS = [*"abc آرالیك\u200c«»é…&;<>\"'/ \n\t%#?=۰۱۲39:+-\x92", "&amp;", "<b>", "Ã©"]
TEXTS = st.lists(st.sampled_from(LETTERS), max_size=20).map("".join)
LINKS = st.one_of(
    st.just("https://news.example/a?b=1&c=2"),
    st.sampled_from(["/news/1", "tag:a.example,2023:1/b", "urn:x:1", "https://a.example", "https://a.example/ب"]),
    st.just("http://x.example/a/../b#c"),
    TEXTS,
)
DATES = st.one_of(
    st.sampled_from(
        ["Sat, 07 Oct 2023 12:30:00 GMT", "Sat, 07 Oct 2023 12:30:00 +0330", "2023-10-07T12:30:00Z", "۱۴۰۲/۰۷/۱۵", ""]
    ),
    TEXTS,
)


def tag(name, texts, attributes=("",)):
    def written(parts):
        text, attribute, raw = parts
        inner = f"<![CDATA[{text.replace(']]>', '')}]]>" if raw else escape(text)
        return f"<{name}{attribute}>{inner}</{name}>"

    return st.tuples(texts, st.sampled_from(attributes), st.booleans()).map(written)


RSS_TAGS = st.one_of(
    tag("title", TEXTS),
    tag("link", LINKS),
    tag("description", TEXTS),
    tag("content:encoded", TEXTS),
    tag("guid", LINKS, ("", ' isPermaLink="false"', ' isPermaLink="true"', ' isPermaLink="FALSE"')),
    tag("pubDate", DATES),
    tag("dc:date", DATES),
    tag("author", TEXTS),
    tag("dc:creator", TEXTS),
    tag("itunes:summary", TEXTS),
    tag("category", TEXTS, ("", ' domain="x"')),
    tag("source", TEXTS, ("", ' url="https://khabar.example"')),
    tag("media:thumbnail", st.just(""), (' url="https://x.example/1.jpg"',)),
    tag("media:title", TEXTS),
    st.just("<enclosure url='https://x.example/1.mp3' type='audio/mpeg' length='1'/>"),
    st.just("<description>a <b>bold</b> word</description>"),
    st.just("<!-- a comment -->"),
)
ATOM_TAGS = st.one_of(
    tag("title", TEXTS, ("", ' type="text"', ' type="html"', ' type="text/html"')),
    tag("summary", TEXTS, ("", ' type="html"')),
    tag("content", TEXTS, ("", ' type="html"', ' src="https://x.example/c"', ' xml:lang="fa"')),
    tag("id", LINKS),
    tag("published", DATES),
    tag("updated", DATES),
    tag("link", st.just(""), (' href="/a"', ' rel="self" href="/b"', ' rel="alternate" type="text/html" href="/c"')),
    tag("link", st.just(""), (' rel="alternate" type="application/json" href="/d"', ' rel="enclosure" href="/e"')),
    TEXTS.map(lambda name: f"<author><name>{escape(name)}</name><email>a@b.example</email></author>"),
    TEXTS.map(lambda name: f"<author><name>{escape(name)}</name><uri>https://a.example</uri></author>"),
    st.just("<category term='x'/>"),
    st.sampled_from(["<author><!-- c --><name>a</name></author>", "<author><?p i?><name>a</name></author>"]),
    st.just("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a</div></content>"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(RSS_TAGS, max_size=7))
def test_items_are_read_alike(tags):
    text = rss("".join(tags))
    plain = read_plain(text)
    assert plain is None or plain == theirs(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(ATOM_TAGS, max_size=7))
def test_atom_entries_are_read_alike(tags):
    text = atom("".join(tags))
    plain = read_plain(text)
    assert plain is None or plain == theirs(text)


COMMON = """<title>آرال دیر رسید</title><link>https://khabar.example/1</link><guid>https://khabar.example/?p=1</guid>
<pubDate>Sat, 07 Oct 2023 12:30:00 +0330</pubDate><dc:creator><![CDATA[نویسنده]]></dc:creator><category>خبر</category>
<description>&lt;p&gt;متن&lt;/p&gt;</description><content:encoded><![CDATA[<p>متن بلندتر</p>]]></content:encoded>"""


def test_what_most_sites_write_is_read_fast():
    (entry,) = read_plain(rss(COMMON))
    assert (entry.title, entry.author, entry.markup) == ("آرال دیر رسید", "نویسنده", "<p>متن بلندتر</p>")
    entry = "<title>t</title><link href='https://a.example/1'/><id>https://a.example/?1</id><updated>2023-10-07T12:30:00Z</updated>"
    assert read_plain(atom(entry))


@pytest.mark.parametrize(
    "text",
    [
        rss(COMMON)[:-20],
        f'<!DOCTYPE rss [<!ENTITY a "b">]>{rss(COMMON)}',
        rss(COMMON + "<title>two</title>"),
        rss("<title>a &nbsp; b</title>"),
        atom("<author><!-- a comment --><name>a</name></author>"),
        atom("<author><?php echo 1 ?><name>a</name></author>"),
        rss("<title xml:base='https://x.example/'>a</title>"),
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        "not xml",
        "",
    ],
)
def test_what_is_unusual_is_left_to_feedparser(text):
    assert read_plain(text) is None
