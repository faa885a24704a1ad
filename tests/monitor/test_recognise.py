"""A pasted link, as people copy it, and the source it becomes."""

import pytest

from monitor.errors import SourceError
from monitor.recognise import recognise

LINKS = [
    ("https://www.digikala.com/product/dkp-123456/گوشی?variant_id=9#/tab", "digikala", "https://www.digikala.com/product/dkp-123456/"),
    ("cafebazaar.ir/app/ir.divar/?l=fa", "bazaar", "https://cafebazaar.ir/app/ir.divar"),
    ("https://play.google.com/store/apps/details?hl=fa&id=ir.aral_1", "googleplay", "https://play.google.com/store/apps/details?id=ir.aral_1"),
    ("https://play.google.com/store/apps/details?id=a%22b", "feed", "https://play.google.com/store/apps/details?id=a%22b"),
    ("https://myket.ir/app/com.aral", "myket", "https://myket.ir/app/com.aral"),
    ("https://snappfood.ir/restaurant/menu/kebab_house-r-3d5wy0/", "snappfood", "https://snappfood.ir/restaurant/menu/kebab_house-r-3d5wy0/"),
    ("t.me/khabar_channel", "telegram", "https://t.me/s/khabar_channel"),
    ("https://t.me/s/khabar_channel/118", "telegram", "https://t.me/s/khabar_channel"),
    ("https://telegram.me/khabar_channel", "telegram", "https://t.me/s/khabar_channel"),
    ("https://apps.apple.com/ae/app/aral-shop/id123456?l=ar", "appstore", "https://apps.apple.com/ae/app/id123456"),
    ("https://apps.apple.com/app/id123456", "appstore", "https://apps.apple.com/us/app/id123456"),
    ("https://uk.trustpilot.com/review/Aral.example?stars=1", "trustpilot", "https://www.trustpilot.com/review/aral.example"),
    ("https://m.youtube.com/watch?v=abcdefghijk&t=3", "youtube", "https://www.youtube.com/watch?v=abcdefghijk"),
    ("https://youtu.be/abcdefghijk?si=x", "youtube", "https://www.youtube.com/watch?v=abcdefghijk"),
    ("https://www.youtube.com/shorts/abcdefghijk", "youtube", "https://www.youtube.com/watch?v=abcdefghijk"),
    ("https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa/videos", "youtube", "https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa"),
    ("https://old.reddit.com/r/iran/", "reddit", "https://www.reddit.com/r/iran"),
    ("https://www.reddit.com/search/?q=aral&sort=new", "reddit", "https://www.reddit.com/search?q=aral&sort=new"),
    ("https://hn.algolia.com/?dateRange=all&q=aral", "hackernews", "https://hn.algolia.com/?q=aral"),
    ("https://search.brave.com/search?q=آرال&source=web", "brave", "https://search.brave.com/search?q=%D8%A2%D8%B1%D8%A7%D9%84"),
    ("https://serpapi.com/search?engine=google&q=aral", "serpapi", "https://serpapi.com/search?q=aral"),
    ("https://bsky.app/search?q=aral", "bluesky", "https://bsky.app/search?q=aral"),
    ("https://mastodon.example/tags/آرال", "mastodon", "https://mastodon.example/tags/آرال"),
    ("https://social.example/tags/آرال", "feed", "https://social.example/tags/آرال"),
    ("https://aral.social/tags/x", "mastodon", "https://aral.social/tags/x"),
    ("https://mstdn.party/tags/x/", "mastodon", "https://mstdn.party/tags/x"),
    ("https://shop.example/tags/phones", "feed", "https://shop.example/tags/phones"),
    ("https://shop.example/search?q=aral", "feed", "https://shop.example/search?q=aral"),
    ("https://community.aral.example/search?q=aral", "discourse", "https://community.aral.example/search?q=aral"),
    ("https://news.google.com/search?q=آرال&hl=en-US", "feed", "https://news.google.com/rss/search?q=%D8%A2%D8%B1%D8%A7%D9%84&hl=fa&gl=IR&ceid=IR:fa"),
    ("https://news.google.com/rss/search?q=x&hl=en", "feed", "https://news.google.com/rss/search?q=x&hl=en"),
    ("https://searx.example/search?q=x&format=json", "search", "https://searx.example/search?q=x&format=json"),
    ("https://forum.example/search?expanded=true&q=aral", "discourse", "https://forum.example/search?q=aral"),
    ("https://shop.example/sitemap_products.xml.gz", "sitemap", "https://shop.example/sitemap_products.xml.gz"),
    ("https://us6.admin.mailchimp.com/reports/", "mailchimp", "https://us6.api.mailchimp.com/"),
    ("https://us6.api.mailchimp.com", "mailchimp", "https://us6.api.mailchimp.com/"),
    ("https://mailchimp.com/blog", "feed", "https://mailchimp.com/blog"),
    ("blog.example", "feed", "https://blog.example"),
    ("https://blog.example/feed/", "feed", "https://blog.example/feed/"),
    ("https://t.me/joinchat/AAAA", "feed", "https://t.me/joinchat/AAAA"),
    ("https://www.youtube.com/watch?v=short", "feed", "https://www.youtube.com/watch?v=short"),
    ("https://bsky.app/search", "feed", "https://bsky.app/search"),
    ("https://notdigikala.com/product/dkp-1/", "feed", "https://notdigikala.com/product/dkp-1/"),
]  # fmt: skip


@pytest.mark.parametrize(("link", "spider", "url"), LINKS)
def test_a_pasted_link_becomes_a_source(link, spider, url):
    found = recognise(link)
    assert (found.spider, found.url) == (spider, url)


@pytest.mark.parametrize(("link", "spider", "url"), LINKS)
def test_what_a_link_became_is_recognised_again(link, spider, url):
    assert recognise(url).url == url


def test_what_is_said_of_a_kind_is_what_the_kind_says():
    from spiders import load_spiders

    kinds = load_spiders()
    for link, _, _ in LINKS:
        found = recognise(link)
        assert found.matches_text is kinds[found.spider].matches_text
        assert found.needs == kinds[found.spider].needs


@pytest.mark.parametrize("link", ["https://www.instagram.com/aral/", "https://x.com/aral"])
def test_a_place_that_cannot_be_collected_says_what_to_do(link):
    with pytest.raises(SourceError, match="didban import mentions"):
        recognise(link)


@pytest.mark.parametrize("link", ["", "not a link", "ftp://x.example/", "javascript:alert(1)", "https://"])
def test_what_is_no_address_is_refused(link):
    with pytest.raises(SourceError, match="not a web address"):
        recognise(link)
