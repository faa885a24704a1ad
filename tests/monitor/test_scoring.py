from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.mentions import get_mention, relabel, save_article, save_mentions
from monitor.models import UnsubscribeEvent
from monitor.scoring import BODY_PATIENCE, is_waiting, score_waiting, text_of
from monitor.sealing import Seal
from monitor.sources import add_source
from monitor.types import ArticleData, Kind, Label, MentionData, Text, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.fakes import WordLabeller


@pytest.fixture
def collected(database, now):
    with database.write() as session:
        brand = add_brand(session, "Lookout", now)
        source = add_source(
            session, "feed", "https://a.example/", now, interval=60, brand_id=brand.id, matches_text=False
        )
        items = [
            MentionData(Kind.ARTICLE, f"https://a.example/{n}", "terrible" if n % 2 else "lovely", source_id=source.id)
            for n in range(150)
        ]
        save_mentions(session, items, now - BODY_PATIENCE)


def test_a_page_waits_for_its_main_text_but_not_for_ever(database, collected, now):
    before = now - timedelta(seconds=1)
    assert not is_waiting(database, before)
    with database.write() as session:
        save_article(session, ArticleData("https://a.example/1", error="gone"), before)
    assert is_waiting(database, before)
    assert list(score_waiting(database, WordLabeller(), before)) == [1]
    assert is_waiting(database, now)


def test_every_waiting_text_is_labelled_once(database, collected, now):
    assert list(score_waiting(database, WordLabeller(), now)) == [64, 64, 22]
    assert list(score_waiting(database, WordLabeller(), now)) == []
    with database.read() as session:
        mention = get_mention(session, 2)
    assert (mention.label, mention.score, mention.language, mention.labelled_by) == ("negative", 0.9, "en", "words")


def test_a_label_set_by_a_person_meanwhile_stays(database, collected, now):
    class Interrupted(WordLabeller):
        def label(self, texts):
            with database.write() as session:
                relabel(session, 2, Label.POSITIVE, now)
            return super().label(texts)

    next(score_waiting(database, Interrupted(), now))
    with database.read() as session:
        assert get_mention(session, 2).label == "positive"


def test_a_body_that_comes_meanwhile_is_read_the_next_time(database, collected, now):
    class Interrupted(WordLabeller):
        def label(self, texts):
            with database.write() as session:
                save_article(session, ArticleData("https://a.example/1", text="lovely after all"), now)
            return super().label(texts)

    next(score_waiting(database, Interrupted(), now))
    list(score_waiting(database, WordLabeller(), now))
    with database.read() as session:
        assert get_mention(session, 2).label == "positive"


class Counting(WordLabeller):
    def __init__(self):
        self.read = []

    def comments(self, comments):
        self.read.append(list(comments))
        return super().comments(comments)


def test_a_wording_that_many_use_is_read_once(database, now):
    seal, labeller = Seal("k"), Counting()
    words = ["the price", "your support", "nothing much"]
    told = [
        UnsubscribeData(f"p{number}@example.org", now, comment=words[number % 3] if number < 500 else f"word {number}")
        for number in range(600)
    ]
    with database.write() as session:
        brand_id = add_brand(session, "Lookout", now).id
        record_events(session, brand_id, told, seal, now)
    assert list(score_waiting(database, labeller, now)) == [500, 64, 36]
    assert labeller.read[0] == words and [len(batch) for batch in labeller.read] == [3, 64, 36]
    with database.read() as session:
        rows = session.query(UnsubscribeEvent.reason, UnsubscribeEvent.topic).distinct().order_by("topic").all()
    assert [tuple(row) for row in rows] == [("other", "other"), ("price", "price"), ("other", "support")]


def test_what_is_read_is_the_title_with_the_body_or_the_text(database, collected):
    with database.read() as session:
        mention = get_mention(session, 1)
        assert text_of(mention) == Text("lovely", Kind.ARTICLE)
        mention.title, mention.body = "Title", "Body"
        assert text_of(mention) == Text("Title\nBody", Kind.ARTICLE)
