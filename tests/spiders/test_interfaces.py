"""Kinds that ask a machine's interface: keys, second steps, and what a refusal means there."""

import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from monitor.types import FetchReport, MentionData, SourceState, SourceTask
from spiders import load_spiders
from spiders.middlewares import ConditionalGet
from tests.spiders.visiting import answer, first_request, make_spider, visit

DATA = Path(__file__).parent.parent / "data" / "spiders"
RSS = b"<rss version='2.0'><channel><title>t</title><item><title>Aral</title><link>/1</link></item></channel></rss>"
TAG = "%D8%A2%D8%B1%D8%A7%D9%84"


def begin(kind, url, **options):
    spider = make_spider(kind, SourceTask(id=1, spider=kind, url=url, options=options))
    return first_request(spider), spider.runs[0]


def known(kind, url, **options):
    """The same of a source that was read well before."""
    since = datetime(2026, 11, 1, tzinfo=UTC)
    spider = make_spider(kind, SourceTask(id=1, spider=kind, url=url, options=options, since=since))
    return first_request(spider)


def reply(request, value):
    return list(request.callback(answer(request, json.dumps(value).encode(), "application/json"), **request.cb_kwargs))


def refuse(request, status, body=b"", **headers):
    failure = Failure(HttpError(answer(request, body, "text/html", status, **headers)))
    failure.request = request
    return list(request.errback(failure))


def test_bluesky_logs_in_and_then_asks_with_its_pass():
    login, _ = begin("bluesky", f"https://bsky.app/search?q={TAG}", user="me.example", app_password="abcd")
    assert (login.method, json.loads(login.body)) == ("POST", {"identifier": "me.example", "password": "abcd"})
    (search,) = reply(login, {"accessJwt": "a.pass"})
    assert search.headers["Authorization"] == b"Bearer a.pass"
    post = {
        "uri": "at://did:plc:1/app.bsky.feed.post/3kx",
        "author": {"handle": "ann.example"},
        "record": {"text": "آرال دیر رسید", "createdAt": "2026-11-01T10:00:00Z", "langs": ["fa"]},
    }
    mention, more = reply(search, {"posts": [post, {"uri": "at://2"}], "cursor": "100"})
    assert mention.url == "https://bsky.app/profile/ann.example/post/3kx"
    assert (mention.text, mention.author) == ("آرال دیر رسید", "ann.example")
    assert "cursor=100" in more.url and more.headers["Authorization"] == b"Bearer a.pass"
    (report,) = refuse(more, 500)
    assert report.state is SourceState.OK and len(report.warnings) == 2


def test_a_second_step_that_fails_is_the_sources_failure():
    login, _ = begin("bluesky", "https://bsky.app/search?q=x", user="me.example", app_password="abcd")
    (search,) = reply(login, {"accessJwt": "a.pass"})
    (report,) = refuse(search, 403)
    assert report.state is SourceState.BLOCKED


def test_trustpilot_finds_the_business_and_then_its_reviews():
    find, _ = begin("trustpilot", "https://www.trustpilot.com/review/aral.example", api_key="k3y")
    assert find.headers["apikey"] == b"k3y" and "k3y" not in find.url
    (reviews,) = reply(find, {"id": "5b0"})
    one = {
        "id": "r1",
        "stars": 1,
        "title": "Never came",
        "text": "Two months, no answer",
        "createdAt": "2026-11-01T10:00:00Z",
        "consumer": {"displayName": "Ann"},
    }
    mention, report = reply(reviews, {"reviews": [one, {"id": "r2", "stars": 5, "title": "", "text": ""}]})
    assert (mention.url, mention.rating) == ("https://www.trustpilot.com/reviews/r1", 0.2)
    assert (report.state, report.found) == (SourceState.OK, 1)


@pytest.mark.parametrize(
    ("kind", "url", "options"),
    [
        ("bluesky", "https://bsky.app/search?q=x", {"user": "me"}),
        ("bluesky", "https://bsky.app/profile/x", {"user": "me", "app_password": "p"}),
        ("brave", "https://search.brave.com/search?q=x", {}),
        ("brave", "https://search.brave.com/search", {"api_key": "k"}),
        ("serpapi", "https://serpapi.com/search?q=x", {}),
        ("serpapi", "https://serpapi.com/search", {"api_key": "k"}),
        ("trustpilot", "https://www.trustpilot.com/", {"api_key": "k"}),
        ("trustpilot", "https://www.trustpilot.com/review/x.example", {}),
        ("mailchimp", "https://us6.api.mailchimp.com/", {}),
        ("mailchimp", "https://us6.api.mailchimp.com/", {"api_key": "k3y-us7"}),
        ("mailchimp", "https://us6.api.mailchimp.com/", {"api_key": "k3y-us6", "days": "many"}),
        ("listmonk", "https://news.example/", {"user": "didban"}),
        ("youtube", "https://www.youtube.com/watch?v=abcdefghijk", {}),
        ("youtube", "https://www.youtube.com/@name", {"api_key": "k"}),
        ("reddit", "https://www.reddit.com/r/iran", {}),
        ("reddit_api", "https://www.reddit.com/r/iran", {"client_id": "i"}),
        ("reddit_api", "https://elsewhere.example/r/iran", {"client_id": "i", "client_key": "k"}),
        ("googleplay", "https://play.google.com/store/apps", {}),
        ("googleplay", "https://play.google.com/store/apps/details?id=ir.aral", {"language": "farsi"}),
        ("reddit", "https://elsewhere.example/r/iran", {"user": "u", "feed_token": "t"}),
        ("discourse", "https://forum.example/", {}),
        ("hackernews", "https://hn.algolia.com/", {}),
        ("mastodon", "https://social.example/@name", {}),
        ("appstore", "https://apps.apple.com/us/app/x", {}),
        ("appstore", "https://apps.apple.com/us/app/x/id1", {"countries": "usa"}),
        ("bazaar", "https://cafebazaar.ir/", {}),
        ("digikala", "https://www.digikala.com/", {}),
        ("snappfood", "https://snappfood.ir/", {}),
    ],
)
def test_what_the_address_or_an_option_does_not_say_is_one_line(kind, url, options):
    report, _ = begin(kind, url, **options)
    if not isinstance(report, FetchReport):
        # A search says in a page of its own that it has none.
        spider = make_spider(kind, SourceTask(id=1, spider=kind, url=url, options=options))
        (_, report) = spider.begin(spider.runs[0])
    assert report.state is SourceState.FAILING
    assert report.error and "\n" not in report.error


@pytest.mark.parametrize("status", [301, 302])
def test_a_telegram_channel_that_leads_to_the_app_shows_no_preview(status):
    request, _ = begin("telegram", "https://t.me/s/hidden")
    assert request.meta["dont_redirect"]
    (report,) = refuse(request, status, Location="https://t.me/hidden")
    assert (report.state, report.error) == (
        SourceState.NO_PREVIEW,
        "the channel shows no preview: 'https://t.me/s/hidden'",
    )


@pytest.mark.parametrize("status", [400, 404])
def test_a_country_without_the_app_is_empty_and_the_next_one_is_asked(status):
    request, _ = begin("appstore", "https://apps.apple.com/us/app/x/id1", countries="tr,us")
    assert status in load_spiders()["appstore"].handle_httpstatus_list
    absent = answer(request, b"", "text/html", status)
    (other,) = request.callback(absent, **request.cb_kwargs)
    assert "/us/rss/" in other.url
    (report,) = reply(other, {"feed": {}})
    assert (report.state, report.error) == (SourceState.EMPTY, "")
    assert report.warnings == (f"no such app in this country: '{request.url}'",)
    request, _ = begin("appstore", "https://apps.apple.com/us/app/x/id1", countries="tr,us")
    (other,) = request.callback(answer(request, b"", "text/html", status), **request.cb_kwargs)
    review = {"id": {"label": "1"}, "im:rating": {"label": "1"}, "content": {"label": "Crashes"}}
    mention, report = reply(other, {"feed": {"entry": [review]}})
    assert (mention.text, report.state) == ("Crashes", SourceState.OK)


SITEMAP = (
    b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>/p/1</loc></url>"
    b"<url><loc>/p/2</loc></url></urlset>"
)


@pytest.mark.parametrize("last", [429, 200])
def test_a_sitemap_whose_pages_cannot_be_read_is_not_empty(last):
    request, _ = begin("sitemap", "https://shop.example/sitemap.xml")
    one, two = request.callback(answer(request, SITEMAP, "application/xml"), **request.cb_kwargs)
    assert refuse(one, 429, **{"Retry-After": "7200"}) == []
    if last == 200:
        (report,) = two.callback(answer(two, b"<p>nothing</p>", "text/html"), **two.cb_kwargs)
        assert (report.state, report.error, len(report.warnings)) == (SourceState.EMPTY, "", 1)
    else:
        (report,) = refuse(two, 429, **{"Retry-After": "60"})
        assert report.state is SourceState.BLOCKED
        assert report.error == "the site answered 429 Too Many Requests: 'https://shop.example/p/1'"
    assert report.retry_after == 7200.0


def test_of_many_maps_those_called_like_the_wanted_pages_come_first_and_the_rest_is_told():
    request, run = begin("sitemap", "https://shop.example/sitemap.xml", match="/product/")
    dates = [f"<lastmod>2026-10-{day:02}</lastmod>" for day in range(1, 31)]
    maps = [f"<sitemap><loc>/posts-{day}.xml</loc>{date}</sitemap>" for day, date in enumerate(dates, start=1)]
    maps += [f"<sitemap><loc>/product-sitemap-{number}.xml</loc></sitemap>" for number in (1, 2)]
    index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(maps)}</sitemapindex>"
    follows = list(request.callback(answer(request, index.encode(), "application/xml"), **request.cb_kwargs))
    names = [each.url.rpartition("/")[2] for each in follows]
    assert names[:4] == ["product-sitemap-1.xml", "product-sitemap-2.xml", "posts-30.xml", "posts-29.xml"]
    assert (len(names), run.warnings) == (20, ("32 maps are listed, 20 are read",))


def index_of(*places):
    maps = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{maps}</sitemapindex>".encode()


def test_maps_of_maps_without_an_end_are_given_up():
    request, _ = begin("sitemap", "https://shop.example/sitemap.xml")
    waiting, asked, outputs = [request], 0, []
    while waiting and asked < 100:
        request, asked = waiting.pop(), asked + 1
        body = index_of(*(f"/{asked}-{number}.xml" for number in range(7)))
        outputs = list(request.callback(answer(request, body, "application/xml"), **request.cb_kwargs))
        waiting += [output for output in outputs if not isinstance(output, FetchReport)]
    assert asked == 21
    (report,) = outputs
    assert report.state is SourceState.CHANGED
    assert report.error.startswith("more maps of maps than the 20 that are read: 'https://shop.example/")


def test_a_map_of_maps_within_another_is_read():
    request, _ = begin("sitemap", "https://shop.example/sitemap.xml")
    (inner,) = request.callback(answer(request, index_of("/inner.xml"), "application/xml"), **request.cb_kwargs)
    (last,) = inner.callback(answer(inner, index_of("/pages.xml"), "application/xml"), **inner.cb_kwargs)
    one, two = last.callback(answer(last, SITEMAP, "application/xml"), **last.cb_kwargs)
    assert (one.url, two.url) == ("https://shop.example/p/1", "https://shop.example/p/2")


def test_what_leads_further_is_not_asked_for_conditionally():
    request, _ = begin("sitemap", "https://shop.example/sitemap.xml")
    response = answer(request, SITEMAP, "application/xml", ETag='"map"')
    ConditionalGet().process_response(request, response)
    one, two = request.callback(response, **request.cb_kwargs)
    refuse(one, 404)
    (report,) = two.callback(answer(two, b"<p>nothing</p>", "text/html"), **two.cb_kwargs)
    assert report.etag == ""
    request, _ = begin("reviews", "https://shop.example/p/1")
    response = answer(request, b"<p>nothing</p>", "text/html", ETag='"page"')
    ConditionalGet().process_response(request, response)
    (report,) = request.callback(response, **request.cb_kwargs)
    assert report.etag == '"page"'


def test_a_review_that_its_page_names_for_itself_is_not_that_of_another_page():
    def identifiers(url, *names):
        request, _ = begin("reviews", url)
        reviews = [{"@type": "Review", "@id": name, "reviewBody": f"Poor {name}", "identifier": "7"} for name in names]
        body = f'<script type="application/ld+json">{json.dumps(reviews)}</script>'.encode()
        values = request.callback(answer(request, body, "text/html"), **request.cb_kwargs)
        return [value.external_id for value in values if isinstance(value, MentionData)]

    page = "https://shop.example/p1"
    assert identifiers(page, "#review-1", f"{page}#review-2") == [f"{page}#review-1", f"{page}#review-2"]
    assert identifiers("https://shop.example/p2", "#review-1") == ["https://shop.example/p2#review-1"]
    assert identifiers(page, "urn:uuid:1", "_:b0", "http://[") == ["urn:uuid:1", "7", "http://["]


def test_an_unchanged_search_keeps_its_last_page():
    request, _ = begin("search", "https://searx.example/search?q=x&format=json")
    (report,) = refuse(request, 304)
    assert (report.state, report.unchanged) == (SourceState.OK, True)


def test_comments_that_are_switched_off_are_no_preview_and_a_spent_quota_is_blocked():
    url = "https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa"
    for body, state in ((b'{"reason": "commentsDisabled"}', "no_preview"), (b'"quotaExceeded"', "blocked")):
        request, _ = begin("youtube", url, api_key="k3y")
        assert "allThreadsRelatedToChannelId=UCaaaaaaaaaaaaaaaaaaaaaa" in request.url
        (report,) = refuse(request, 403, body)
        assert report.state == state


def test_reddit_is_left_alone_for_an_hour_after_a_refusal():
    request, _ = begin("reddit", "https://www.reddit.com/r/iran/search/?q=x&restrict_sr=on", user="u", feed_token="t0k")
    assert request.url.startswith("https://www.reddit.com/r/iran/search.rss?q=x&restrict_sr=on&feed=t0k&user=u")
    (report,) = refuse(request, 429)
    assert (report.state, report.retry_after) == (SourceState.BLOCKED, 3600.0)
    assert "t0k" not in report.error
    request, _ = begin("reddit", "https://www.reddit.com/r/iran", user="u", feed_token="t0k")
    (report,) = refuse(request, 500)
    assert report.retry_after is None


def reddit_posts(*posts, after=None, **headers):
    login, run = begin("reddit_api", "https://www.reddit.com/r/iran", client_id="id", client_key="k3y")
    assert (login.method, login.body) == ("POST", b"grant_type=client_credentials")
    assert login.headers["Authorization"] == b"Basic aWQ6azN5"
    assert login.headers["Content-Type"] == b"application/x-www-form-urlencoded"
    (asked,) = reply(login, {"access_token": "a.pass"})
    assert asked.url == "https://oauth.reddit.com/r/iran/new?sort=new&limit=100&raw_json=1"
    assert asked.headers["Authorization"] == b"Bearer a.pass"
    listing = {"data": {"children": [{"kind": "t3", "data": post} for post in posts], "after": after}}
    body = json.dumps(listing).encode()
    return list(asked.callback(answer(asked, body, "application/json", **headers), **asked.cb_kwargs)), run


POST = {
    "name": "t3_1a",
    "title": "Aral again",
    "selftext": "Three weeks & nothing",
    "author": "ann",
    "permalink": "/r/iran/comments/1a/aral_again/",
    "created_utc": 1793700000.0,
}


def test_reddits_interface_gives_posts_for_a_pass_of_its_own():
    (mention, other, more), _ = reddit_posts(
        POST, {**POST, "name": "t3_1b", "selftext": "", "created_utc": "soon"}, {"name": "t1_x"}, after="t3_1b"
    )
    assert (mention.url, mention.title) == ("https://www.reddit.com/r/iran/comments/1a/aral_again/", "Aral again")
    assert (mention.text, mention.author, mention.external_id) == ("Three weeks & nothing", "ann", "t3_1a")
    assert mention.published_at.isoformat() == "2026-11-03T10:00:00+00:00"
    assert (other.text, other.published_at) == ("Aral again", None)
    assert "after=t3_1b" in more.url and more.headers["Authorization"] == b"Bearer a.pass"


def test_reddits_interface_is_left_alone_when_its_allowance_is_used_up():
    limits = {"X-Ratelimit-Remaining": "0.0", "X-Ratelimit-Reset": "412"}
    (_, report), _ = reddit_posts(POST, after="t3_1a", **limits)
    assert (report.state, report.retry_after) == (SourceState.OK, 412.0)
    (_, more), _ = reddit_posts(POST, after="t3_1a", **{**limits, "X-Ratelimit-Remaining": "87"})
    assert "after=" in more.url


def test_google_play_is_asked_in_the_librarys_words_with_certificates_checked():
    checked = ssl._create_default_https_context
    request, _ = begin("googleplay", "https://play.google.com/store/apps/details?id=ir.aral&hl=en", country="de")
    assert ssl._create_default_https_context is checked
    assert request.url == "https://play.google.com/_/PlayStoreUi/data/batchexecute?hl=fa&gl=de"
    assert (request.method, request.headers["Content-Type"]) == ("POST", b"application/x-www-form-urlencoded")
    asked = parse_qs(request.body.decode())["f.req"][0]
    assert r"[\"ir.aral\",7]" in asked and "[2,2,[100]" in asked
    body = (DATA / "googleplay/reviews.txt").read_bytes()
    (*_, more) = request.callback(answer(request, body, "application/json"), **request.cb_kwargs)
    assert r"\"CpwBCpkB/Km=\"" in parse_qs(more.body.decode())["f.req"][0]


def test_a_searxng_server_that_refuses_json_gets_a_hint():
    request, _ = begin("search", "https://searx.example/search?q=x&format=json")
    page, report = refuse(request, 403)
    assert "search.formats" in report.error and "search.formats" in page.error
    request, _ = begin("brave", "https://search.brave.com/search?q=x", api_key="k")
    _, report = refuse(request, 403)
    assert "search.formats" not in report.error


def test_brave_is_asked_for_a_language_only_when_one_is_named():
    def asked(**options):
        request, _ = begin("brave", "https://search.brave.com/search?q=x", api_key="k", **options)
        return parse_qs(request.url.partition("?")[2])

    assert asked() == {"q": ["x"], "count": ["20"]}
    assert asked(language="ar")["search_lang"] == ["ar"]


def test_a_key_is_the_invitation_that_robots_txt_is_not():
    kinds = load_spiders()
    assert {name for name, kind in kinds.items() if kind.needs} == {
        "bluesky",
        "brave",
        "listmonk",
        "mailchimp",
        "reddit",
        "reddit_api",
        "serpapi",
        "trustpilot",
        "youtube",
    }
    for kind, url in (("brave", "https://search.brave.com/search?q=x"), ("search", "https://s.example/search?q=x")):
        request, _ = begin(kind, url, api_key="k")
        assert request.meta["dont_obey_robotstxt"] is (kind == "brave")


def test_a_page_listed_in_a_sitemap_gives_its_reviews():
    request, _ = begin("sitemap", "https://shop.example/sitemap.xml")
    body = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>/p/1</loc></url></urlset>"
    (page,) = request.callback(answer(request, body, "application/xml"), **request.cb_kwargs)
    assert page.url == "https://shop.example/p/1"
    review = b'<script type="application/ld+json">{"@type":"Review","reviewBody":"Fine"}</script>'
    mention, report = page.callback(answer(page, review, "text/html"), **page.cb_kwargs)
    assert (mention.text, mention.url, report.state) == ("Fine", "https://shop.example/p/1", SourceState.OK)


@pytest.mark.parametrize("selector", ["li[", "//li[", "li::nonsense"])
def test_a_selector_that_is_none_is_one_line(selector):
    request, run = begin("generic", "https://x.example/", item=selector, text="p")
    list(request.callback(answer(request, b"<li>x</li>", "text/html"), **request.cb_kwargs))
    assert run.error.startswith(f"option item is no selector ({selector})")


def test_a_site_without_a_feed_is_empty_and_one_with_a_feed_is_watched_there():
    request, _ = begin("feed", "https://site.example/")
    (report,) = request.callback(answer(request, b"<!doctype html>", "text/html"), **request.cb_kwargs)
    assert (report.state, report.error) == (
        SourceState.EMPTY,
        "a web page, not a feed: 'https://site.example/'",
    )
    request, _ = begin("feed", "https://site.example/")
    page = b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed">'
    (feed,) = request.callback(answer(request, page, "text/html"), **request.cb_kwargs)
    _, report = feed.callback(answer(feed, RSS, "text/xml"), **feed.cb_kwargs)
    assert (report.state, report.url) == (SourceState.OK, "https://site.example/feed")


@pytest.mark.parametrize("type", ["text/html", "application/xhtml+xml", "application/xml"])
@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf<!DOCTYPE html>",
        b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">',
        b"<!-- made -- by hand -->\n<!-- " + b"x" * 5000 + b" -->\r\n<!doctype  HTML>",
    ],
)
def test_a_page_names_its_feed_whatever_stands_before_it(before, type):
    request, _ = begin("feed", "https://site.example/")
    head = b'<head><link rel="alternate" type="application/rss+xml" href="/feed"/></head>'
    page = before + b'<html xmlns="http://www.w3.org/1999/xhtml">' + head + b"</html>"
    (feed,) = request.callback(answer(request, page, type), **request.cb_kwargs)
    assert feed.url == "https://site.example/feed"


def test_a_feed_behind_many_comments_is_no_page_and_soon_known():
    values, _, _ = visit("feed", "https://site.example/", b"<!-- a -- b -->" * 5000 + RSS, "text/xml")
    assert [value.title for value in values] == ["Aral"]


def test_a_site_is_asked_for_the_feed_it_names_and_only_once():
    request, _ = begin("feed", "https://site.example/")
    page = b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed">'
    (feed,) = request.callback(answer(request, page, "text/html", ETag='"x"'), **request.cb_kwargs)
    outputs = list(feed.callback(answer(feed, page, "text/html"), **feed.cb_kwargs))
    assert outputs[-1].state is SourceState.CHANGED
    assert outputs[-1].error == "a web page, not a feed: 'https://site.example/feed'"


def page_of(*feeds):
    links = "".join(f'<link rel="alternate" type="application/rss+xml" {feed}>' for feed in feeds)
    return f"<!doctype html><html><head>{links}</head></html>".encode()


@pytest.mark.parametrize("url", ["https://site.example/tag/aral/feed/", "https://site.example/?feed=rss2&tag=aral"])
@pytest.mark.parametrize("page", [page_of('href="/feed/"'), page_of()])
def test_a_feed_that_answers_with_a_page_once_has_changed_and_is_not_moved(url, page):
    request = known("feed", url)
    (report,) = request.callback(answer(request, page, "text/html"), **request.cb_kwargs)
    assert (report.state, report.error) == (SourceState.CHANGED, f"a web page, not a feed: '{url}'")
    assert report.url == url


@pytest.mark.parametrize("start", [begin, known])
def test_a_page_that_names_itself_as_its_feed_is_none(start):
    url = "https://site.example/feed/"
    request = start("feed", url)
    request = request[0] if isinstance(request, tuple) else request
    (report,) = request.callback(answer(request, page_of(f'href="{url}"'), "text/html"), **request.cb_kwargs)
    assert (report.state, report.error) == (SourceState.CHANGED, f"a web page, not a feed: '{url}'")


def test_a_site_without_a_feed_may_come_to_have_one():
    request = known("feed", "https://site.example/")
    (feed,) = request.callback(answer(request, page_of('href="/feed"'), "text/html"), **request.cb_kwargs)
    assert feed.url == "https://site.example/feed"


SITES = ('title="Site" href="/feed/"', 'title="Site Comments" href="/comments/feed/"')


@pytest.mark.parametrize(
    ("path", "own", "chosen"),
    [
        ("/tag/aral/", 'title="Aral" href="/tag/aral/feed/"', "/tag/aral/feed/"),
        ("/tag/%D8%A2%D8%B1", 'href="/tag/%d8%a2%d8%b1/feed/"', "/tag/%d8%a2%d8%b1/feed/"),
        ("/tag/aral", 'href="/tag/aral-not/feed"', "/feed/"),
        ("/", 'href="/feed/all"', "/feed/"),
        ("/2026/late/", 'title="Late Comments Feed" href="/2026/late/feed/"', "/feed/"),
        ("/2026/late/", 'title="دیر » خوراک دیدگاه‌ها" href="/2026/late/feed/"', "/feed/"),
    ],
)
def test_of_the_feeds_that_a_page_names_its_own_comes_first(path, own, chosen):
    request, _ = begin("feed", f"https://site.example{path}")
    (feed,) = request.callback(answer(request, page_of(*SITES, own), "text/html; charset=utf-8"), **request.cb_kwargs)
    assert feed.url == f"https://site.example{chosen}"


UNREADABLE = [
    ("generic", {"item": "li", "text": ".msg"}, b"<ul><li><p>late</p></li><li><p>again</p></li></ul>", "text/html"),
    ("feed", {}, b"<rss version='2.0'><channel><title>t</title><item><guid/></item></channel></rss>", "text/xml"),
    (
        "hackernews",
        {},
        b'{"hits":[{"objectID":"1","story_title":"Aral","text":"late"},{"objectID":"2","text":"late"}],"nbPages":1}',
        "application/json",
    ),
    ("sitemap", {}, b"<urlset xmlns='x'><url><loc>http://[</loc></url></urlset>", "application/xml"),
]


@pytest.mark.parametrize(("kind", "options", "body", "content_type"), UNREADABLE, ids=[each[0] for each in UNREADABLE])
def test_entries_of_which_none_can_be_read_are_not_nothing(kind, options, body, content_type):
    url = "https://hn.algolia.com/?q=Aral" if kind == "hackernews" else "https://x.example/y"
    values, requests, run = visit(kind, url, body, content_type, options)
    report = run.report()
    assert (values, requests, report.state) == ([], [], SourceState.CHANGED)
    assert report.error.startswith("no entry can be read (")
