"""How the list is found: in the order of an index, whatever narrows it."""

import pytest

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
