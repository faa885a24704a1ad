"""DECIDE on a real database; the pure part has its table in test_alerts."""

from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.channels import add_channel, find_rules, set_rule
from monitor.deciding import decide_waiting
from monitor.mentions import relabel, save_article, save_mentions
from monitor.models import Alert, Delivery, LossReading, Mention
from monitor.scoring import score_waiting
from monitor.sealing import Seal
from monitor.search_results import save_page
from monitor.sources import add_source, record_report
from monitor.types import (
    ArticleData,
    FetchReport,
    Kind,
    Label,
    MentionData,
    SearchPageData,
    SearchResultData,
    SourceState,
)
from tests.fakes import WordLabeller


class House:
    """A brand with a feed and a search, and a clock that moves an hour with every round."""

    def __init__(self, database, settings, now):
        self.database, self.settings, self.now = database, settings, now
        with database.write() as session:
            self.brand_id = add_brand(session, "Lookout", now).id
            add_channel(session, Seal("k"), "mail", "mailto://x", "en", now)
            self.feed = self._source(session, "feed", False)
        self.search = None

    def _source(self, session, spider, matches_text):
        return add_source(
            session,
            spider,
            f"https://{spider}.example/",
            self.now,
            interval=60,
            brand_id=self.brand_id,
            matches_text=matches_text,
        ).id

    def add_search(self):
        with self.database.write() as session:
            self.search = self._source(session, "search", False)

    def look_done(self, source_id):
        with self.database.write() as session:
            record_report(session, FetchReport(source_id, SourceState.OK), self.now)

    def found(self, *texts):
        items = [
            MentionData(Kind.REVIEW, "https://shop.example/", text, external_id=f"{self.now}{n}", source_id=self.feed)
            for n, text in enumerate(texts)
        ]
        with self.database.write() as session:
            save_mentions(session, items, self.now)

    def page(self, negatives, error=""):
        names = [("terrible" if n < negatives else "plain") for n in range(0 if error else 10)]
        results = tuple(
            SearchResultData(n + 1, f"https://r.example/{name}/{n}", f"A {name} result {n}")
            for n, name in enumerate(names)
        )
        with self.database.write() as session:
            save_page(
                session, SearchPageData("q", "e", self.now, results, error=error, source_id=self.search), self.now
            )
            for result in results:
                save_article(session, ArticleData(result.url), self.now)
        self.look_done(self.search)

    def decide(self):
        for _ in score_waiting(self.database, WordLabeller(), self.now):
            pass
        count = decide_waiting(self.database, self.settings, self.now)
        self.now += timedelta(hours=1)
        return count

    def alerts(self):
        with self.database.read() as session:
            return [(alert.kind, alert.facts["count"]) for alert in session.query(Alert).order_by(Alert.id)]

    def readings(self):
        with self.database.read() as session:
            return [reading.negatives for reading in session.query(LossReading).order_by(LossReading.id)]


@pytest.fixture
def house(database, settings, now):
    return House(database, settings, now)


def test_history_alerts_nobody(house):
    house.found("a terrible thing")
    assert house.decide() == 0


def test_a_new_negative_is_told_once(house):
    house.look_done(house.feed)
    house.found("a terrible thing", "a lovely thing")
    assert (house.decide(), house.decide()) == (1, 0)
    assert house.alerts() == [("new_negative", 1)]
    with house.database.read() as session:
        assert [delivery.state for delivery in session.query(Delivery)] == ["waiting"]


def test_a_burst_is_one_alert_that_names_the_count(house):
    house.look_done(house.feed)
    house.found(*(f"terrible thing number {n}" for n in range(300)))
    house.decide()
    assert house.alerts() == [("new_negative", 300)]
    with house.database.read() as session:
        assert len(session.get(Alert, 1).facts["mentions"]) == 10


def test_a_later_copy_of_a_story_is_not_told_again(house):
    text = "A terrible story that is long enough to be copied word by word"
    house.look_done(house.feed)
    house.found(text)
    house.decide()
    house.found(text, text)
    assert house.decide() == 0


def test_a_copy_of_an_old_story_is_not_news(house):
    text = "A terrible story that is long enough to be copied word by word"
    house.found(text)
    house.decide()
    house.look_done(house.feed)
    house.found(text)
    assert house.decide() == 0


def test_an_unsure_negative_is_not_told(house):
    house.look_done(house.feed)
    house.found("perhaps terrible")
    assert house.decide() == 0


def test_a_negative_that_a_person_set_is_not_told_to_them(house):
    house.look_done(house.feed)
    house.found("a plain thing")
    house.decide()
    with house.database.write() as session:
        relabel(session, 1, Label.NEGATIVE, house.now)
    assert house.decide() == 0


def test_a_rule_switched_off_tells_nothing(house):
    house.look_done(house.feed)
    with house.database.write() as session:
        for rule in find_rules(session):
            set_rule(session, rule.id, False)
    house.found("a terrible thing")
    assert house.decide() == 0


def test_the_first_page_of_results_crosses_no_band(house):
    house.add_search()
    house.page(4)
    assert house.decide() == 0
    assert house.readings() == [4]


def test_a_band_crossed_is_one_alert_that_tells_its_results(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(3)
    assert (house.decide(), house.decide()) == (1, 0)
    assert house.alerts() == [("band_crossed", 3)]
    with house.database.read() as session:
        facts = session.get(Alert, 1).facts
    assert (facts["share_before"], facts["share"]) == (22.0, 59.2)
    # The two new ones first: they are the news.
    assert [mention["title"] for mention in facts["mentions"]] == [f"A terrible result {n}" for n in (1, 2, 0)]


def test_a_new_negative_result_inside_its_band_is_told_as_one(house):
    house.add_search()
    house.page(4)
    house.decide()
    house.page(5)
    house.decide()
    assert house.alerts() == [("new_negative", 1)]


def test_a_band_is_crossed_downwards_too(house):
    house.add_search()
    house.page(3)
    house.decide()
    house.page(0)
    house.decide()
    assert house.alerts() == [("band_crossed", 0)]


def test_a_failed_search_is_a_gap_and_the_next_good_one_is_compared_with_the_last_good_one(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(0, error="silent engines")
    assert house.decide() == 0
    house.page(1)
    assert house.decide() == 0
    assert house.readings() == [1, None, 1]


def test_the_stand_in_from_mentions_is_read_but_crosses_no_band(house):
    house.found("a plain thing")
    house.decide()
    house.look_done(house.feed)
    house.found("terrible one", "terrible two", "terrible three")
    house.decide()
    assert house.readings() == [0, 3]
    assert house.alerts() == [("new_negative", 3)]


def test_moving_from_mentions_to_searches_crosses_nothing(house):
    house.found("terrible one", "terrible two", "terrible three")
    house.decide()
    house.add_search()
    house.page(0)
    assert house.decide() == 0


def test_a_correction_moves_the_band(house):
    house.add_search()
    house.page(1)
    house.decide()
    with house.database.write() as session:
        relabel(session, 1, Label.NEUTRAL, house.now)
    assert house.decide() == 1
    assert house.readings() == [1, 0]


def test_a_body_that_keeps_a_label_does_not_tell_it_again(house):
    house.add_search()
    house.page(4)
    house.decide()
    house.page(5)
    house.decide()
    with house.database.write() as session:
        for mention in session.query(Mention):
            mention.body_at = None
            session.flush()
            save_article(session, ArticleData(mention.url, text="terrible at length"), house.now)
    assert house.decide() == 0
