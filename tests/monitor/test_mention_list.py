"""How the list is found: in the order of an index, whatever narrows it."""

import pytest

from monitor.hosts import host_of
from monitor.mention_list import MentionFilter, find_copies, find_mentions
from monitor.models import Brand
from tests.web.sample import NOW, days, make_mention


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "ix_mentions_said (brand_id=?)"),
        ({"said_from": NOW, "said_before": NOW}, "ix_mentions_said (brand_id=? AND said_at>? AND said_at<?)"),
        ({"label": "negative"}, "ix_mentions_label (brand_id=? AND label=?)"),
        ({"topic": "privacy"}, "ix_mentions_topic (brand_id=? AND topic=?)"),
        ({"author": "x", "site": "a.example"}, "ix_mentions_author (brand_id=? AND author=?)"),
        ({"source_id": 1, "least_score": 0.9}, "ix_mentions_source (brand_id=? AND source_id=?)"),
        ({"case": "new", "unsure_below": 0.5}, "ix_mentions_said (brand_id=?)"),
        ({"label": "negative", "language": "en"}, "ix_mentions_language (brand_id=? AND language=?)"),
    ],
)
def test_the_list_runs_along_an_index(database, brand_id, plans, wanted, index):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        for number in range(3):
            make_mention(session, brand, f"text {number}", label="negative")
        make_mention(session, brand, "text", label="negative", language="en")
    with database.read() as session:
        find_mentions(session, brand_id, MentionFilter(**wanted))
    ((first, *others),) = [steps for asked, steps in plans if asked.startswith("SELECT mentions.said_at")]
    assert first.endswith(index) and "SEARCH mentions" in first
    assert not [step for step in others if "TEMP B-TREE" in step or "SCAN" in step]


@pytest.mark.parametrize(
    "url",
    ["https://a.example/1", "http://a.example", "https://www.a.example:8080/1", "https://A.Example?p=2",
     "https://a.example#3", "https://reader@a.example/4"],
)  # fmt: skip
def test_a_site_is_what_its_addresses_share_however_they_are_written(database, brand_id, url):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        wanted = make_mention(session, brand, "text", url=url).id
        for other in ("https://b.example/?to=https://a.example/", "https://a.example.org/", "https://na.example/",
                      "https://a.example:1@b.example/", "http://[bad", ""):  # fmt: skip
            make_mention(session, brand, "other", url=other)
    assert host_of(url) == "a.example"
    with database.read() as session:
        for site in ("a.example", "www.A.example"):
            found, _ = find_mentions(session, brand_id, MentionFilter(site=site))
            assert [mention.id for mention in found] == [wanted]


def test_pages_follow_each_other_by_what_was_said_last(database, brand_id):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        for number in range(7):
            make_mention(session, brand, f"lamp {number}", seen_at=NOW, published_at=NOW - days(number % 4))
        for number in range(30):
            make_mention(session, brand, f"copy {number}", story="one", seen_at=NOW - days(20 + number))
    for words in ("", "lamp"):
        seen, place = [], None
        with database.read() as session:
            while True:
                rows, place = find_mentions(session, brand_id, MentionFilter(words=words), place, limit=3)
                seen += [(row.said_at, row.id) for row in rows]
                if place is None:
                    break
        assert seen == sorted(seen, reverse=True) and len(set(seen)) == (7 if words else 8)
    with database.read() as session:
        rows, _ = find_mentions(session, brand_id, MentionFilter(story="one"))
        (copies,) = find_copies(session, brand_id, rows).values()
    assert len(copies) == 20 and copies[0].text == "copy 1"
