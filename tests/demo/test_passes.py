"""What the sample web must give in each pass, held against what it says in expected.json."""

from urllib.parse import urlsplit

import feedparser
import pytest

from monitor.brands import BrandMatcher
from monitor.folding import canonical_url
from tests.demo.test_places import reviews_on
from web.demo import ALIASES, BRAND, RIVAL, RIVAL_ALIASES, content, sources

BASE = "http://localhost"
BOTH = pytest.mark.parametrize("number", content.PASSES)


def path_of(url):
    return url.removeprefix(BASE)


def results(client):
    return client.get(path_of(sources(BASE)[-1].url)).json["results"]


def labels(client):
    by_path = {row.path: row.label for row in content.search_rows()}
    return [by_path[urlsplit(result["url"]).path] for result in results(client)]


def named_links(entries, matcher):
    whole = [entry for entry in entries if entry.get("link")]
    return [canonical_url(entry.link) for entry in whole if matcher.matches(f"{entry.title}\n{entry.summary}")]


def shown_reviews(world, client, slug):
    product = next(product for product in content.products() if product.slug == slug)
    pages = range(1, len(world.reviews(slug)) // content.PAGE_SIZE + 2) if product.paged else [1]
    return [review for page in pages for review in reviews_on(client, f"/shop/{slug}?page={page}")["review"]]


def author_of(review):
    return review["author"]["name"] if isinstance(review["author"], dict) else review["author"]


def look(world, client):
    """What a reader of all sources finds now: counts by path, our mentions, the rival's."""
    found, mentions, rival = {}, set(), set()
    for source in sources(BASE):
        path = path_of(source.url).partition("?")[0]
        broken = 0
        if source.spider == "feed":
            entries = feedparser.parse(client.get(path).data).entries
            named = named_links(entries, BrandMatcher(BRAND, ALIASES))
            rival.update(named_links(entries, BrandMatcher(RIVAL, RIVAL_ALIASES)))
            broken = sum("link" not in entry for entry in entries)
        elif source.spider == "reviews":
            entries = shown_reviews(world, client, path.rpartition("/")[2])
            named = [(path, author_of(review), review["reviewBody"]) for review in entries]
        else:
            entries = results(client)
            named = [canonical_url(result["url"]) for result in entries]
        mentions.update(named)
        found[path] = {"spider": source.spider, "entries": len(entries), "warnings": broken, "named": len(named)}
    return found, mentions, rival


def test_the_counts_are_as_written(world, client, expected):
    kept = set()
    for facts in expected["passes"]:
        world.pass_number = facts["number"]
        found, mentions, rival = look(world, client)
        for path, written in facts["sources"].items():
            assert found[path] | {"unchanged": written["unchanged"]} == written
        assert len(mentions - kept) == facts["new_mentions"]
        kept |= mentions
        assert len(kept) == facts["mentions"]
        assert len(rival) == facts["rival_mentions"]
        assert sum(source["warnings"] for source in found.values()) == facts["warnings"]


@BOTH
def test_page_one_has_ten_results_with_the_labels_of_its_pass(world, client, expected, number):
    world.pass_number = number
    facts = expected["passes"][number - 1]
    found = labels(client)
    assert len(found) == facts["results"] == 10
    assert found.count("negative") == facts["negatives"]
    assert found.count("positive") == facts["positives"]


def test_the_second_pass_brings_two_negatives_and_pushes_two_neutrals_out(world, client):
    before = {urlsplit(result["url"]).path for result in results(client)}
    world.pass_number = 2
    after = {urlsplit(result["url"]).path for result in results(client)}
    by_path = {row.path: row.label for row in content.search_rows()}
    assert [by_path[path] for path in after - before] == ["negative", "negative"]
    assert [by_path[path] for path in before - after] == ["neutral", "neutral"]


def test_the_new_negatives_are_in_no_feed(world, client):
    world.pass_number = 2
    fed = "".join(client.get(path).text for path in ("/news/feed.xml", "/blog/feed.atom", "/news/", "/blog/"))
    for row in content.search_rows():
        if row.positions[0] is None:
            assert row.path not in fed


def test_nothing_of_the_second_pass_shows_in_the_first(client):
    for thing in [*content.articles(), *content.comments()]:
        assert client.get(thing.path).status_code == (200 if thing.since == 1 else 404)


def test_only_what_changed_is_sent_again(world, client, expected):
    paths = {path for path in expected["passes"][1]["sources"] if path != "/search"}
    known = {path: client.get(path).headers["ETag"] for path in paths}
    world.pass_number = 2
    for path in paths:
        answer = client.get(path, headers={"If-None-Match": known[path]})
        assert (answer.status_code == 304) == expected["passes"][1]["sources"][path]["unchanged"]


@BOTH
def test_every_link_in_feeds_and_results_leads_somewhere(world, client, number):
    world.pass_number = number
    links = [result["url"] for result in results(client)]
    for source in sources(BASE):
        if source.spider == "feed":
            entries = feedparser.parse(client.get(path_of(source.url)).data).entries
            links += [entry.link for entry in entries if "link" in entry]
    assert len(links) > 40
    for link in links:
        assert client.get(path_of(link)).status_code == 200


def test_the_unsubscribes_are_as_written(expected):
    kept = [leaver for leaver in content.leavers() if leaver.address]
    facts = expected["unsubscribes"]
    assert (len(content.leavers()), len(kept)) == (facts["rows"], facts["kept"])
    assert len({leaver.address for leaver in kept}) == len(kept)


def test_there_is_enough_to_read():
    told = [*content.articles(), *content.comments(), *content.reviews()]
    assert len(told) >= 60
    assert {thing.language for thing in told} == {"fa", "en", "fa-latn"}


def test_a_third_day_never_comes(world):
    with pytest.raises(ValueError, match="not 3"):
        world.pass_number = 3
