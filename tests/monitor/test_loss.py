from datetime import timedelta

import pytest

from monitor.brands import add_brand
from monitor.loss import LossScale, current_figure, is_first_look
from monitor.models import LossReading, Mention, SearchPage, SearchResult
from monitor.sources import add_source, set_paused
from monitor.types import Basis

SCALE = LossScale()


@pytest.mark.parametrize(("negatives", "share"), [(0, 0.0), (1, 22.0), (2, 22.0), (3, 59.2), (4, 70.0), (10, 70.0)])
def test_the_bands_of_the_study(negatives, share):
    assert SCALE.share(negatives) == share


def test_a_count_below_zero_is_a_bug():
    with pytest.raises(ValueError, match="below zero"):
        SCALE.share(-1)


@pytest.mark.parametrize(("negatives", "reach"), [(0, 0.0), (1, 22.0), (2, 59.2), (3, 59.2), (4, 70.0), (7, 70.0)])
def test_two_results_reach_up_to_the_next_band(negatives, reach):
    assert SCALE.reach(negatives) == reach


@pytest.mark.parametrize(("negatives", "answer"), [(0, None), (1, 1), (2, 2), (3, 1), (4, 1), (6, 3)])
def test_how_many_to_answer_for_a_lower_band(negatives, answer):
    assert SCALE.next_better(negatives) == answer


def test_the_table_is_a_setting():
    scale = LossScale((0, 10, 44, 60))
    assert [scale.share(count) for count in range(5)] == [0, 10, 44, 60, 60]
    assert scale.reach(2) == 44


@pytest.fixture
def house(database, now):
    """A brand with a search source; a function that keeps a page, and one that reads the figure."""

    class House:
        def __init__(self):
            with database.write() as session:
                self.brand_id = add_brand(session, "Lookout", now).id
                self.source_id = self.add_search(session, "https://s.example/search?q=1")

        def add_search(self, session, url):
            return add_source(session, "search", url, now, interval=60, brand_id=self.brand_id).id

        def mention(self, key, label, score=0.9, story=None, published_at=now, by="words"):
            return Mention(
                brand_id=self.brand_id,
                key=key,
                kind="article",
                url=f"https://e.example/{key}",
                text=key,
                seen_at=now,
                story=story or key,
                label=label,
                score=score,
                labelled_by=by,
                labelled_at=now if label else None,
                published_at=published_at,
            )

        def page(self, labels, *, at=now, error="", source_id=None, score=0.9, query="q", decided_at=None):
            with database.write() as session:
                source_id = source_id or self.source_id
                page = SearchPage(
                    brand_id=self.brand_id,
                    source_id=source_id,
                    query=query,
                    engine="e",
                    taken_at=at,
                    error=error,
                    decided_at=decided_at,
                )
                for place, label in enumerate(labels, 1):
                    mention = self.mention(f"{source_id}-{query}-{at}-{place}", label, score)
                    page.results.append(SearchResult(position=place, title="t", mention=mention))
                session.add(page)

        def figure(self):
            with database.read() as session:
                return current_figure(session, self.brand_id, SCALE, 0.55, now)

    return House()


def test_the_newest_page_counts(house, now):
    house.page(["negative"] * 4)
    house.page(["negative"] * 3 + ["positive"] * 7, at=now + timedelta(hours=1))
    figure = house.figure()
    assert (figure.basis, figure.negatives, figure.results, figure.share) == (Basis.SEARCH_RESULTS, 3, 10, 59.2)


def test_an_unsure_label_is_no_negative_result(house):
    house.page(["negative"], score=0.5)
    figure = house.figure()
    assert (figure.negatives, figure.uncertain) == (0, 1)


def test_a_failed_search_gives_no_figure(house, now):
    house.page(["negative"])
    house.page([], at=now + timedelta(hours=1), error="all engines were silent")
    figure = house.figure()
    assert (figure.basis, figure.negatives, figure.share) == (Basis.SEARCH_RESULTS, None, None)
    assert figure.error == "all engines were silent"


def test_a_page_still_being_labelled_gives_no_figure_yet(house):
    house.page(["negative", ""])
    figure = house.figure()
    assert (figure.negatives, figure.error) == (None, "")


def test_no_page_yet_gives_no_figure_and_no_stand_in(house, database):
    with database.write() as session:
        session.add(house.mention("m", "negative"))
    assert house.figure().basis == Basis.SEARCH_RESULTS
    assert house.figure().negatives is None


def test_of_several_searches_the_worst_counts_and_a_failed_one_does_not_hide_it(house, database, now):
    with database.write() as session:
        second = house.add_search(session, "https://s.example/search?q=2")
        third = house.add_search(session, "https://s.example/search?q=3")
    house.page(["negative"])
    house.page(["negative"] * 4, source_id=second)
    house.page([], source_id=third, error="down")
    assert house.figure().negatives == 4


def test_a_search_that_worked_before_and_fails_now_may_hide_the_worst(house, database, now):
    with database.write() as session:
        second = house.add_search(session, "https://s.example/search?q=2")
    house.page(["negative"] * 3)
    house.page(["positive"], source_id=second)
    house.page([], at=now + timedelta(hours=1), error="down")
    assert (house.figure().negatives, house.figure().error) == (None, "down")
    house.page(["negative"] * 4, at=now + timedelta(hours=1), source_id=second)
    assert house.figure().negatives == 4


def test_without_a_search_source_distinct_recent_stories_stand_in(house, database, now):
    with database.write() as session:
        set_paused(session, house.source_id, True, now)
        session.add_all(
            [
                house.mention("a", "negative", story="one"),
                house.mention("b", "negative", story="one"),
                house.mention("c", "negative", by="person", score=0.1),
                house.mention("d", "negative", score=0.5),
                house.mention("e", "negative", published_at=now - timedelta(days=31)),
                house.mention("f", "positive"),
            ]
        )
    figure = house.figure()
    assert (figure.basis, figure.negatives, figure.results, figure.share) == (Basis.MENTIONS, 2, 4, 22.0)


@pytest.fixture
def files(house, database, now):
    """The house without a search of its own, and what stands for its files."""
    with database.write() as session:
        set_paused(session, house.source_id, True, now)
        source = add_source(session, "file", "import:search-results:1", now, interval=60, brand_id=house.brand_id)
        source.paused = True
        session.add(house.mention("m", "negative"))
        return source.id


def test_the_newest_page_of_each_query_in_files_counts_and_shows_its_age(house, files, now):
    house.page(["negative"] * 4, at=now - timedelta(days=3), source_id=files)
    house.page(["negative"] * 3, at=now - timedelta(days=2), source_id=files)
    house.page(["negative"], at=now - timedelta(days=1), source_id=files, query="another")
    figure = house.figure()
    assert (figure.basis, figure.negatives, figure.taken_at) == (Basis.SEARCH_RESULTS, 3, now - timedelta(days=2))


def test_a_page_in_a_file_counts_beside_a_search(house, files, database, now):
    house.page(["negative"])
    house.page(["negative"] * 3, source_id=files)
    assert house.figure().negatives == 3
    with database.write() as session:
        set_paused(session, house.source_id, False, now)
    assert house.figure().negatives == 3
    house.page(["negative"] * 4, at=now + timedelta(hours=1))
    assert house.figure().negatives == 4


def test_an_old_page_in_a_file_counts_no_more(house, files, now):
    house.page(["negative"] * 4, at=now - timedelta(days=31), source_id=files)
    assert house.figure().basis == Basis.MENTIONS


def test_the_first_page_of_a_query_in_files_is_compared_with_none(house, files, database, now):
    house.page(["negative"], at=now - timedelta(hours=2), source_id=files, decided_at=now - timedelta(hours=2))
    before = LossReading(brand_id=house.brand_id, taken_at=now - timedelta(hours=1), basis=Basis.SEARCH_RESULTS)
    house.page(["negative"] * 2, at=now, source_id=files)
    with database.read() as session:
        assert not is_first_look(session, house.figure(), before)
    house.page(["negative"] * 3, at=now, source_id=files, query="another")
    with database.read() as session:
        assert is_first_look(session, house.figure(), before)


def test_nothing_known_is_no_figure(house, database, now):
    with database.write() as session:
        set_paused(session, house.source_id, True, now)
    assert house.figure().basis == Basis.NONE
    assert house.figure().share is None
