"""DECIDE on a real database; the pure part has its table in test_alerts."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, update

from monitor.brands import add_brand, edit_brand, get_brand
from monitor.cases import move_case
from monitor.channels import add_channel
from monitor.deciding import decide_waiting
from monitor.explaining import explain_waiting
from monitor.label_history import find_history
from monitor.mentions import relabel, save_article, save_mentions
from monitor.models import Alert, Case, Delivery, LossReading, Mention, SearchPage, UnsubscribeEvent
from monitor.outbox import mark_sent
from monitor.regrouping import merge_stories
from monitor.rules import find_rules, set_rule
from monitor.scoring import score_waiting
from monitor.sealing import Seal
from monitor.search_results import save_page
from monitor.sources import add_source, record_report, set_paused
from monitor.types import (
    ArticleData,
    CaseState,
    FetchReport,
    Kind,
    Label,
    MentionData,
    SearchPageData,
    SearchResultData,
    SourceState,
)
from monitor.withdrawing import still_told, take_back_correction, withdraw_corrected
from tests.fakes import WordLabeller


class House:
    """A brand with a feed and a search, and a clock that moves an hour with every round."""

    def __init__(self, database, settings, now):
        self.database, self.settings, self.now = database, settings, now
        with database.write() as session:
            self.brand_id = add_brand(session, "Lookout", now).id
            add_channel(session, Seal("k"), "mail", "json://x.example", "en", now)
            self.feed = self._source(session, "feed", "feed.example")
        self.search = None

    def _source(self, session, spider, host):
        return add_source(
            session, spider, f"https://{host}/", self.now, interval=60, brand_id=self.brand_id, matches_text=False
        ).id

    def add_search(self, host="search.example"):
        with self.database.write() as session:
            self.search = self._source(session, "search", host)

    def first_look_beside_a_failure(self):
        """A second search is looked at first while the first one fails; then that gives results again."""
        self.add_search()
        self.page(0)
        self.decide()
        self.page(0, error="silent engines")
        first = self.search
        self.add_search("two.example")
        self.page(3, host="two.example")
        self.decide()
        self.search = first
        self.page(0)

    def look_done(self, source_id):
        with self.database.write() as session:
            record_report(session, FetchReport(source_id, SourceState.OK), self.now)

    def found(self, *texts, author="", url="https://shop.example/"):
        items = [
            MentionData(
                Kind.REVIEW, url.format(n), text, external_id=f"{self.now}{n}", author=author, source_id=self.feed
            )
            for n, text in enumerate(texts)
        ]
        with self.database.write() as session:
            save_mentions(session, items, self.now)

    def headline(self, title, text):
        url = f"https://news.example/{self.now.timestamp()}"
        with self.database.write() as session:
            save_mentions(session, [MentionData(Kind.ARTICLE, url, text, title=title, source_id=self.feed)], self.now)
            save_article(session, ArticleData(url), self.now)

    def page(self, negatives, error="", host="r.example"):
        names = [("terrible" if n < negatives else "plain") for n in range(0 if error else 10)]
        results = tuple(
            SearchResultData(n + 1, f"https://{host}/{name}/{n}", f"A {name} result {n}")
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


def test_a_complaint_and_its_forwarded_copy_are_one_alert_and_one_case(house):
    words = "A terrible story of a parcel that came late, and of a shop that did not answer any of my letters"
    house.look_done(house.feed)
    house.found(words, f"Forwarded by a friend of mine: {words}")
    assert house.decide() == 1
    assert house.alerts() == [("new_negative", 1)]
    house.found(f"{words}, as I read elsewhere")
    assert house.decide() == 0
    with house.database.read() as session:
        assert session.query(Case).count() == 1


def meanwhile(house, beginning, change):
    """Make a change, as another process may on PostgreSQL, right before the first statement with that beginning."""
    waiting = [change]

    def step_in(connection, _cursor, statement, *_):
        if waiting and statement.startswith(beginning):
            connection.execute(waiting.pop())

    event.listen(house.database.engine, "before_cursor_execute", step_in)


def test_a_copy_waits_for_its_story(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    meanwhile(house, "SELECT loss_readings", update(Mention).values(grouped_at=None))
    assert (house.decide(), house.decide()) == (0, 1)


def test_a_text_that_is_labelled_while_others_are_judged_is_told_the_next_time(house):
    house.look_done(house.feed)
    house.found("a terrible thing", "another terrible thing")
    for _ in score_waiting(house.database, WordLabeller(), house.now):
        pass
    with house.database.write() as session:
        session.get(Mention, 2).labelled_at = None

    meanwhile(house, "UPDATE mentions SET decided_at", update(Mention).filter_by(id=2).values(labelled_at=house.now))
    counts = []
    for _ in range(2):
        counts.append(decide_waiting(house.database, house.settings, house.now))
        house.now += timedelta(hours=1)
    assert counts == [1, 1]
    assert house.alerts() == [("new_negative", 1)] * 2


def test_a_page_that_comes_while_another_is_judged_is_read_the_next_time(house):
    house.add_search()
    house.page(1)
    late = {
        "brand_id": house.brand_id,
        "source_id": house.search,
        "query": "q",
        "engine": "e",
        "error": "silent engines",
    }
    late |= {"taken_at": house.now + timedelta(minutes=1)}
    meanwhile(house, "UPDATE search_pages", insert(SearchPage).values(late))
    house.decide()
    with house.database.read() as session:
        assert [page.decided_at is None for page in session.query(SearchPage).order_by(SearchPage.id)] == [False, True]
    house.decide()
    assert house.readings() == [1, None]


def test_a_story_merged_by_hand_is_not_told_again_under_the_name_it_had(house):
    house.look_done(house.feed)
    for number, title in enumerate(["Lookout closes all of its shops", "Customers of Lookout are waiting"]):
        house.headline(title, f"a terrible report number {number}")
        assert house.decide() == 1
    with house.database.write() as session:
        merge_stories(session, [1, 2])
    house.headline("Lookout closes all of its shops", "in other words, and as terrible")
    house.headline("Customers of Lookout are waiting", "told by somebody else, and as terrible")
    assert house.decide() == 0
    with house.database.read() as session:
        assert len({mention.story for mention in session.query(Mention)}) == 1


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


def test_what_a_search_finds_after_silence_only_is_its_first_look(house):
    house.add_search()
    for _ in range(2):
        with house.database.write() as session:
            silent = SearchPageData("q", "e", house.now, (), error="no results", source_id=house.search)
            save_page(session, silent, house.now)
            record_report(session, FetchReport(house.search, SourceState.EMPTY, error="no results"), house.now)
        assert house.decide() == 0
    house.page(4)
    assert house.decide() == 0
    with house.database.read() as session:
        assert all(mention.history for mention in session.query(Mention))


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
    assert house.alerts() == [("page_one", 1)]


def test_a_page_still_being_read_holds_back_what_is_known_of_it(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(3)
    with house.database.write() as session:
        late = session.get(Mention, 12)
        late.body_at, late.seen_at = None, house.now
    assert house.decide() == 0
    with house.database.write() as session:
        save_article(session, ArticleData(session.get(Mention, 12).url), house.now)
    assert house.decide() == 1
    assert house.alerts() == [("band_crossed", 3)]


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


def test_a_crossing_is_told_though_the_search_was_paused_between(house):
    house.add_search()
    house.page(3)
    house.decide()
    with house.database.write() as session:
        set_paused(session, house.search, True, house.now)
    house.found("a plain thing")
    house.decide()
    with house.database.write() as session:
        set_paused(session, house.search, False, house.now)
    house.page(0)
    assert house.decide() == 1
    assert house.alerts() == [("band_crossed", 0)]


def test_one_of_two_searches_that_fails_makes_nothing_better(house):
    house.add_search()
    house.page(3)
    first = house.search
    house.add_search("two.example")
    house.page(0)
    house.decide()
    house.search = first
    house.page(0, error="silent engines")
    assert house.decide() == 0
    assert house.readings() == [3, None]


def test_the_first_look_of_another_search_crosses_no_band(house):
    house.add_search()
    house.page(0)
    house.decide()
    first = house.search
    house.add_search("two.example")
    house.page(4, host="two.example")
    assert house.decide() == 0
    assert house.readings() == [0, 4]
    second, house.search = house.search, first
    house.page(0)
    assert house.decide() == 0
    house.search = second
    house.page(0, host="two.example")
    assert house.decide() == 1
    assert house.alerts() == [("band_crossed", 0)]


def test_a_first_look_that_came_while_another_search_failed_crosses_no_band(house):
    house.first_look_beside_a_failure()
    assert house.decide() == 0
    assert house.readings() == [0, None, 3]


def test_a_rival_is_never_told_of_though_it_was_our_own(house):
    house.look_done(house.feed)
    with house.database.write() as session:
        edit_brand(session, get_brand(session, "Lookout"), is_rival=True)
        record_report(session, FetchReport(house.feed, SourceState.FAILING, error="no answer"), house.now)
    house.found("a terrible thing")
    assert [house.decide() for _ in range(8)] == [0] * 8
    with house.database.write() as session:
        assert session.query(LossReading).count() == 1
        edit_brand(session, get_brand(session, "Lookout"), is_rival=False)
    house.found("another terrible thing")
    assert house.decide() == 2
    assert house.alerts() == [("new_negative", 1), ("source_trouble", 1)]


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


STORY = "A terrible story that is long enough to be copied word by word"


def test_a_story_that_spreads_to_many_addresses_is_told_again(house):
    house.look_done(house.feed)
    house.found(STORY)
    house.decide()
    house.found(STORY, STORY, url="https://copy{}.example/a")
    assert house.decide() == 0
    house.found(STORY, STORY, url="https://more{}.example/a")
    assert house.decide() == 1
    with house.database.read() as session:
        assert session.query(Alert).order_by(Alert.id.desc()).first().facts["mentions"][0]["reach"] == 5
    house.found(STORY, STORY, STORY, url="https://late{}.example/a")
    assert house.decide() == 0


def test_the_third_complaint_of_one_author_is_told_with_the_name(house):
    house.look_done(house.feed)
    for number in range(3):
        house.found(f"a terrible thing {number}", author="Sara")
        house.decide()
    assert [kind for kind, _ in house.alerts()] == ["new_negative", "new_negative", "repeat_author"]


@pytest.mark.parametrize("name", ["ناشناس", "کاربر دیجی‌کالا", "A Google user", "[deleted]"])
def test_nobody_in_particular_is_no_author(house, name):
    house.look_done(house.feed)
    for number in range(3):
        house.found(f"a terrible thing {number}", author=name)
        house.decide()
    assert {kind for kind, _ in house.alerts()} == {"new_negative"}


def test_abuse_is_told_though_the_model_is_not_sure(house):
    house.look_done(house.feed)
    house.found("perhaps terrible: you are all bastards")
    house.decide()
    assert house.alerts() == [("abuse", 1)]
    with house.database.read() as session:
        assert session.query(Case).one().mention_id == 1


def test_a_source_in_trouble_for_hours_is_told_once_without_any_news(house):
    house.look_done(house.feed)
    with house.database.write() as session:
        record_report(session, FetchReport(house.feed, SourceState.FAILING, error="no answer"), house.now)
    assert [house.decide() for _ in range(12)] == [0] * 6 + [1] + [0] * 5
    assert house.alerts() == [("source_trouble", 1)]


def test_rules_that_time_makes_true_are_judged_every_ten_minutes(house):
    house.decide()
    with house.database.read() as session:
        before = [rule.looked_at for rule in find_rules(session)]
    house.now -= timedelta(minutes=55)
    house.decide()
    with house.database.read() as session:
        assert [rule.looked_at for rule in find_rules(session)] == before


def test_a_correction_withdraws_what_was_not_sent(house):
    house.look_done(house.feed)
    house.found("a terrible thing", "another terrible thing")
    house.decide()
    with house.database.write() as session:
        relabel(session, 1, Label.NEUTRAL, house.now)
        assert withdraw_corrected(session, house.now) == 0
        told = still_told(session, session.get(Alert, 1))
        assert ([fact["id"] for fact in told["mentions"]], told["count"]) == ([2], 1)
    with house.database.write() as session:
        relabel(session, 2, Label.POSITIVE, house.now)
        assert withdraw_corrected(session, house.now) == 1
        assert [delivery.state for delivery in session.query(Delivery)] == ["withdrawn"]


@pytest.mark.parametrize("was_history", [False, True])
@pytest.mark.parametrize("label", [Label.NEUTRAL, Label.NEGATIVE])
@pytest.mark.parametrize("wording", ["{}", "{} They are sorry."])
def test_a_correction_holds_for_the_copies_that_come_later(house, was_history, label, wording):
    text = "This terrible story is long enough to be copied, nearly letter by letter, in many a place."
    if not was_history:
        house.look_done(house.feed)
    house.found(text)
    house.decide()
    house.look_done(house.feed)
    with house.database.write() as session:
        corrected_at = house.now
        relabel(session, 1, label, corrected_at, "the desk")
    house.decide()
    with house.database.read() as session:
        before = session.query(Alert).count(), session.query(Case).count()
    house.found(wording.format(text), url="https://other.example/")
    assert house.decide() == 0
    with house.database.read() as session:
        assert (session.query(Alert).count(), session.query(Case).count()) == before
        first, copy = session.query(Mention).order_by(Mention.id)
        assert (copy.story, copy.label, copy.labelled_by) == (first.story, label, "person")
        assert [step.person for step in find_history(session, copy)] == ["", "the desk"]
    with house.database.write() as session:
        assert take_back_correction(session, 1, corrected_at, house.now) == 2
        assert [mention.labelled_by for mention in session.query(Mention)] == ["words", "words"]


def test_a_correction_taken_back_brings_back_the_alert_and_the_case(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    with house.database.write() as session:
        at = house.now
        relabel(session, 1, Label.NEUTRAL, at)
        withdraw_corrected(session, at)
    house.decide()
    with house.database.write() as session:
        assert take_back_correction(session, 1, at, house.now) == 1
    assert house.decide() == 0
    with house.database.read() as session:
        assert [delivery.state for delivery in session.query(Delivery)] == ["waiting"]
        assert still_told(session, session.get(Alert, 1))["count"] == 1
        case = session.query(Case).one()
        assert (case.state, case.acknowledged_at, case.closed_at) == ("new", None, None)


def decide_after_a_correction_that_came_too_late(house):
    """The first text is corrected while its alert goes out, and the correction is then taken back."""
    house.decide()
    with house.database.write() as session:
        at = house.now
        relabel(session, 1, Label.NEUTRAL, at)
        mark_sent(session.query(Delivery).one(), at + timedelta(minutes=1))
    house.decide()
    with house.database.write() as session:
        take_back_correction(session, 1, at, house.now)
    return house.decide()


def test_what_went_out_without_a_text_tells_it_when_its_correction_is_taken_back(house):
    house.look_done(house.feed)
    house.found("a terrible thing", "another terrible thing")
    assert decide_after_a_correction_that_came_too_late(house) == 1
    with house.database.read() as session:
        alert = session.query(Alert).order_by(Alert.id.desc()).first()
        assert [fact["id"] for fact in alert.facts["mentions"]] == [1]


def test_what_was_in_somebody_s_hands_is_told_again_when_its_correction_is_taken_back(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    assert decide_after_a_correction_that_came_too_late(house) == 1


def test_a_case_put_aside_by_hand_stays_so_when_a_correction_is_taken_back(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    with house.database.write() as session:
        move_case(session, session.query(Case).one(), CaseState.IGNORED, house.now - timedelta(minutes=1))
        relabel(session, 1, Label.NEUTRAL, house.now)
        take_back_correction(session, 1, house.now, house.now)
        assert session.query(Case).one().state == "ignored"


def test_a_delivery_in_somebody_s_hands_is_not_withdrawn(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    with house.database.write() as session:
        session.query(Delivery).one().leased_until = house.now + timedelta(minutes=1)
        relabel(session, 1, Label.NEUTRAL, house.now)
        assert withdraw_corrected(session, house.now) == 0


def test_a_band_alert_nobody_got_is_taken_back_and_its_texts_are_told_by_themselves(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(3)
    house.decide()
    house.page(1)
    assert house.decide() == 1
    with house.database.read() as session:
        assert [(row.alert.kind, row.alert.facts["count"], row.state) for row in session.query(Delivery)] == [
            ("band_crossed", 3, "withdrawn"),
            ("new_negative", 2, "waiting"),
        ]


def test_a_band_alert_nobody_got_gives_way_to_the_next(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(3)
    house.decide()
    house.page(4)
    assert house.decide() == 1
    with house.database.read() as session:
        first, second = session.query(Alert).order_by(Alert.id)
        assert [delivery.state for delivery in (*first.deliveries, *second.deliveries)] == ["withdrawn", "waiting"]
        assert (second.facts["negatives_before"], second.facts["negatives"]) == (1, 4)


def test_a_band_alert_that_is_still_so_waits_on(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(3)
    house.decide()
    house.page(3)
    assert house.decide() == 0
    with house.database.read() as session:
        assert [delivery.state for delivery in session.query(Delivery)] == ["waiting"]


def test_a_band_alert_that_waits_tells_the_results_of_now(house):
    house.add_search()
    house.page(1)
    house.decide()
    house.page(5)
    house.decide()
    with house.database.write() as session:
        corrected = session.get(Alert, 1).facts["mentions"][0]["id"]
        relabel(session, corrected, Label.NEUTRAL, house.now)
    assert house.decide() == 0
    with house.database.read() as session:
        facts = session.get(Alert, 1).facts
    assert (facts["negatives"], facts["count"], facts["band"]["negatives"]) == (4, 4, 4)
    assert corrected not in [fact["id"] for fact in facts["mentions"]]


def test_a_warning_is_known_to_a_rule_that_is_judged_at_another_time(house, brand_rules):
    with house.database.write() as session:
        alert = Alert(
            rule_id=brand_rules["early_warning"],
            brand_id=house.brand_id,
            kind="early_warning",
            key="k",
            facts={"subject": "before reviews", "mentions": [], "count": 6},
            created_at=house.now,
        )
        session.add(alert)
        for rule in find_rules(session):
            rule.looked_at = house.now + timedelta(hours=1) if rule.kind == "early_warning" else None
        session.add_all(
            UnsubscribeEvent(
                brand_id=house.brand_id,
                key=f"{number}",
                subscriber_hash="h",
                left_at=house.now if number else house.now - timedelta(days=8),
                recorded_at=house.now - timedelta(days=40),
                reason="bad_experience",
                labelled_at=house.now,
            )
            for number in range(10)
        )
    assert house.decide() == 0


@pytest.fixture
def brand_rules(house):
    with house.database.read() as session:
        return {rule.kind: rule.id for rule in find_rules(session)}


def test_a_negative_story_opens_one_case_due_in_a_day(house):
    house.look_done(house.feed)
    house.found(STORY, STORY, "a lovely thing")
    house.decide()
    house.found(STORY)
    house.decide()
    with house.database.read() as session:
        (case,) = session.query(Case)
        assert (case.state, case.due_at - case.opened_at) == ("new", timedelta(hours=24))


def test_a_correction_puts_the_case_aside(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    with house.database.write() as session:
        relabel(session, 1, Label.NEUTRAL, house.now)
    house.decide()
    with house.database.read() as session:
        assert session.query(Case).one().state == "ignored"


def test_what_a_person_calls_negative_has_a_case_and_no_alert(house):
    house.look_done(house.feed)
    house.found("a plain thing")
    house.decide()
    with house.database.write() as session:
        relabel(session, 1, Label.NEGATIVE, house.now)
    assert house.decide() == 0
    with house.database.read() as session:
        assert session.query(Case).one().mention_id == 1


# PostgreSQL, before it has counted what came, takes most of a minute.
@pytest.mark.sqlite
def test_a_burst_of_ten_thousand_is_one_alert_and_one_message_a_channel(house):
    row = {"brand_id": house.brand_id, "kind": "review", "url": "https://shop.example/", "text": "terrible"}
    row |= {"label": "negative", "score": 0.9, "labelled_by": "words"}
    row |= dict.fromkeys(("seen_at", "body_at", "labelled_at"), house.now)
    with house.database.write() as session:
        session.execute(insert(Mention), [row | dict.fromkeys(("key", "story"), f"{n}") for n in range(10_000)])
    assert house.decide() == 1
    assert house.alerts() == [("new_negative", 10_000)]
    with house.database.read() as session:
        assert session.query(Delivery).count() == 1
        assert session.query(Mention).filter(Mention.alert_id.is_(None)).count() == 0


def test_the_message_says_what_the_band_is_now(house):
    house.look_done(house.feed)
    house.found("a terrible thing")
    house.decide()
    with house.database.read() as session:
        assert session.get(Alert, 1).facts["band"] == {"basis": "mentions", "negatives": 1, "share": 22.0}


def leave(house, count, **more):
    with house.database.write() as session:
        session.add_all(
            UnsubscribeEvent(
                brand_id=house.brand_id,
                key=f"{house.now}{number}",
                subscriber_hash="h",
                left_at=house.now,
                recorded_at=house.now,
                reason="spam",
                labelled_at=house.now,
                **more,
            )
            for number in range(count)
        )


def test_a_reason_that_rises_is_told_once_there_was_a_week_to_compare_with(house):
    leave(house, 6)
    assert house.decide() == 0
    house.now += timedelta(days=13)
    leave(house, 6)
    assert house.decide() == 0
    house.now += timedelta(days=2)
    assert house.decide() == 1
    assert house.decide() == 0
    assert house.alerts() == [("reason_rise", 6)]


def test_a_usual_week_is_one_of_those_that_were_watched(house):
    leave(house, 1)
    house.now += timedelta(days=3)
    leave(house, 4)
    house.now += timedelta(days=12)
    leave(house, 7)
    assert house.decide() == 0
    leave(house, 1)
    assert house.decide() == 1
    with house.database.read() as session:
        assert session.get(Alert, 1).facts["usual"] == 4


def test_who_took_it_back_has_not_left(house):
    leave(house, 1)
    house.now += timedelta(days=15)
    leave(house, 9, stayed="undo")
    assert house.decide() == 0


def test_a_message_names_the_words_that_decided(house):
    asked = []

    def explain(text):
        asked.append(text.text)
        return [("terrible", 2.0), ("thing", 0.1), ("terrible", 0.9), ("a", -1.0)]

    house.found("a terrible thing of long ago")
    house.decide()
    house.look_done(house.feed)
    house.found("a terrible thing", "a lovely thing", "perhaps terrible")
    for _ in score_waiting(house.database, WordLabeller(), house.now):
        pass
    explained = [explain_waiting(house.database, explain, house.settings.uncertain_below) for _ in range(2)]
    assert explained == [1, 0]
    assert asked == ["a terrible thing"]
    assert house.decide() == 1
    with house.database.read() as session:
        assert session.get(Alert, 1).facts["mentions"][0]["words"] == ["terrible"]
