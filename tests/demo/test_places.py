"""Every place of the sample web answers, in the shape that its kind has elsewhere."""

import csv
import io
from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import extruct
import feedparser
import pytest
import trafilatura

from tests.demo.conftest import NOW
from web.demo import BRAND, content

PLACES = [
    "/", "/robots.txt", "/news/", "/news/feed.xml", "/blog/", "/blog/feed.atom", "/blog/comments.xml", "/directory/",
    "/shop/", "/shop/kettle", "/shop/lamp", "/shop/blanket", f"/search?q={BRAND}", f"/search?q={BRAND}&format=json",
    "/unsubscribes.csv", "/private/notes", "/static/sample.css",
]  # fmt: skip
LASTING = ["/news/feed.xml", "/blog/feed.atom", "/blog/comments.xml", "/shop/lamp", "/news/refunds"]


def reviews_on(client, path):
    page = client.get(path)
    found = extruct.extract(page.text, syntaxes=["json-ld", "microdata"], uniform=True)
    nodes = found["json-ld"] + found["microdata"]
    products = [inner for node in nodes for inner in node.get("@graph", [node]) if inner.get("@type") == "Product"]
    assert len(products) == 1
    return products[0]


@pytest.mark.parametrize("path", PLACES)
def test_every_place_answers(client, path):
    with client.get(path) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/news/no-such", "/shop/no-such", "/shop/blanket?page=9", "/blog/comments/1", "/x"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", LASTING)
def test_a_known_version_is_not_sent_again(client, path):
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304


def test_robots_may_read_all_but_the_private_page(client):
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    assert robots.can_fetch("didban", "/news/feed.xml")
    assert robots.can_fetch("didban", f"/search?q={BRAND}")
    assert not robots.can_fetch("didban", "/private/notes")


def test_the_news_feed_has_one_broken_entry_and_syndicated_copies(client):
    feed = feedparser.parse(client.get("/news/feed.xml").data)
    assert not feed.bozo
    broken = [entry for entry in feed.entries if "link" not in entry]
    assert len(broken) == 1
    assert "title" not in broken[0] and broken[0].published_parsed is None
    assert sum("utm_" in entry.get("link", "") for entry in feed.entries) == 4
    summaries = [entry.summary for entry in feed.entries]
    assert len(summaries) - len(set(summaries)) == 1


def test_the_blog_feed_speaks_two_languages(client):
    feed = feedparser.parse(client.get("/blog/feed.atom").data)
    assert not feed.bozo and feed.version == "atom10"
    assert {entry.title_detail.language for entry in feed.entries} == {"fa", "en"}


def test_every_date_lies_in_the_last_thirty_days(world, client):
    world.pass_number = 2
    for path in ("/news/feed.xml", "/blog/feed.atom", "/blog/comments.xml"):
        for entry in feedparser.parse(client.get(path).data).entries:
            if entry.get("published_parsed"):
                published = datetime(*entry.published_parsed[:6], tzinfo=UTC)
                assert NOW - timedelta(days=30) < published < NOW


def test_an_old_page_is_written_in_windows_1256(client):
    page = client.get("/blog/how-to-order")
    assert page.content_type == "text/html; charset=windows-1256"
    text = page.data.decode("cp1256")
    assert 'charset="windows-1256"' in text
    assert "راهنماي ثبت سفارش در ترنجيکا" in text


@pytest.mark.parametrize("article", content.articles(), ids=lambda article: article.slug)
def test_the_main_text_of_a_page_is_its_article(world, client, article):
    world.pass_number = 2
    text = trafilatura.extract(client.get(article.path).data)
    # trafilatura drops half-spaces; the old page writes the Arabic yeh.
    for paragraph in article.body:
        expected = paragraph.replace("\u200c", "")
        assert expected in text or expected.replace("ی", "ي") in text
    assert "خبرها" not in text and "ساختگی" not in text


@pytest.mark.parametrize("path", ["/shop/kettle", "/shop/lamp"])
def test_reviews_are_there_for_machines(client, path):
    product = reviews_on(client, path)
    known = [review for review in content.reviews() if path.endswith(review.product) and review.since == 1]
    assert {review["reviewBody"] for review in product["review"]} == {review.text for review in known}
    assert int(product["aggregateRating"]["ratingCount"]) == sum(review.rating is not None for review in known)


def test_a_paged_product_leads_through_all_its_reviews(client):
    path, ids = "/shop/blanket", []
    while path:
        ids += [review["identifier"] for review in reviews_on(client, path)["review"]]
        links = extruct.extract(client.get(path).text, syntaxes=["json-ld"])
        assert links["json-ld"]
        html = client.get(path).text
        path = html.partition('<link rel="next" href="')[2].partition('"')[0]
    assert len(ids) == len(set(ids)) == 12


def test_review_dates_come_in_three_spellings():
    assert {review.date for review in content.reviews()} == {"iso", "jalali_text", "jalali_digits"}


def test_the_search_answers_in_searxng_s_shape(client):
    answer = client.get(f"/search?q={BRAND}&format=json&language=fa&pageno=1").json
    assert set(answer) >= {"query", "results", "answers", "corrections", "infoboxes", "suggestions"}
    assert answer["query"] == BRAND and answer["unresponsive_engines"] == []
    for place, result in enumerate(answer["results"], start=1):
        assert result["engine"] in result["engines"]
        assert result["positions"] == [place] * len(result["engines"])
        assert result["url"].startswith("http://") and result["title"] and result["content"]
        assert {"score", "category", "publishedDate"} <= set(result)


def test_the_search_knows_nothing_else(client):
    assert client.get("/search?q=else&format=json").json["results"] == []
    assert client.get(f"/search?q={BRAND}&format=csv").status_code == 403
    assert client.get("/search?format=json").status_code == 400


def test_the_unsubscribes_are_mailchimp_s_export(client):
    rows = list(csv.DictReader(io.StringIO(client.get("/unsubscribes.csv").text)))
    assert {"Email Address", "UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_REASON", "UNSUB_REASON_OTHER"} <= set(rows[0])
    assert sum(not row["Email Address"] for row in rows) == 1
    domains = {row["Email Address"].rpartition("@")[2] for row in rows}
    assert domains == {"", "example.com", "example.org"}
    assert not any(row["First Name"] or row["Last Name"] for row in rows)
    assert sum(not row["UNSUB_REASON"] for row in rows) >= 5


def test_the_listings_lead_to_their_pages(client):
    for site in ("news", "blog", "directory"):
        listing = client.get(f"/{site}/").text
        shown = [article for article in content.articles() if article.site == site and article.since == 1]
        assert shown and all(f'href="{article.path}"' in listing for article in shown)
