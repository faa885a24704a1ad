from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitor.brands import remove_brand
from monitor.errors import SourceExistsError, SourceNotFoundError
from monitor.mentions import save_ratings
from monitor.models import Mention, Rating, SearchPage
from monitor.rules import add_rule, edit_rule, get_rule
from monitor.sealing import Seal
from monitor.search_results import save_page
from monitor.secrets import open_options
from monitor.shares import Share
from monitor.sources import (
    LEASE,
    add_source,
    claim_due,
    due_sources,
    find_sources,
    get_source,
    is_in_trouble,
    make_due,
    record_report,
    remove_source,
    renew_leases,
    set_options,
    set_paused,
)
from monitor.types import (
    SEARCH_SPIDERS,
    FetchReport,
    RatingData,
    RuleKind,
    SearchPageData,
    SearchResultData,
    SourceState,
    SourceTask,
)

URL = "https://a.example/feed"
HOUR = timedelta(hours=1)


@pytest.fixture
def source_id(database, now):
    with database.write() as session:
        return add_source(session, "feed", URL, now, interval=3600, options={"kind": "social"}).id


def report(database, source_id, state, now, **more):
    with database.write() as session:
        record_report(session, FetchReport(source_id, state, **more), now)
    with database.read() as session:
        return get_source(session, source_id)


def test_a_new_source_is_due_and_claimed_once(database, source_id, now):
    with database.write() as session:
        assert claim_due(session, now) == [SourceTask(source_id, "feed", URL, {"kind": "social"})]
    with database.write() as session:
        assert claim_due(session, now) == []
        assert due_sources(session, now) == [source_id]


def test_a_lease_runs_out_unless_it_is_renewed(database, source_id, now):
    with database.write() as session:
        claim_due(session, now)
        renew_leases(session, [source_id], now + LEASE / 2)
    with database.write() as session:
        assert claim_due(session, now + LEASE) == []
        assert len(claim_due(session, now + LEASE * 2)) == 1


def test_a_lease_that_was_given_back_is_not_renewed(database, source_id, now):
    with database.write() as session:
        claim_due(session, now)
        record_report(session, FetchReport(source_id, SourceState.OK), now)
        renew_leases(session, [source_id], now)
        assert get_source(session, source_id).leased_until is None


def test_claiming_can_be_narrowed_to_some(database, source_id, now):
    with database.write() as session:
        assert claim_due(session, now, ids=[source_id + 1]) == []
        assert len(claim_due(session, now, ids=[source_id])) == 1


def test_a_good_visit_sets_the_next_one_and_ends_the_first_look(database, source_id, now):
    source = report(
        database, source_id, SourceState.OK, now, found=3, warnings=("one",), etag='"e"', last_modified="yesterday"
    )
    assert (source.state, source.found, source.warnings, source.failures) == ("ok", 3, ["one"], 0)
    assert (source.etag, source.last_modified) == ('"e"', "yesterday")
    assert source.first_look_done_at == now
    assert abs(source.next_at - now - HOUR) <= HOUR * 0.05
    with database.write() as session:
        assert claim_due(session, now + HOUR * 2)[0].etag == '"e"'


def test_an_unchanged_answer_keeps_what_was_known(database, source_id, now):
    report(database, source_id, SourceState.OK, now, found=3, warnings=("one",), etag='"e"')
    source = report(database, source_id, SourceState.OK, now + HOUR, unchanged=True)
    assert (source.found, source.warnings, source.etag) == (3, ["one"], '"e"')
    assert source.state_since == now
    assert source.checked_at == now + HOUR


def test_what_held_nothing_is_read_whole_again(database, source_id, now):
    report(database, source_id, SourceState.OK, now, found=1, etag='"d"')
    source = report(database, source_id, SourceState.EMPTY, now + HOUR, etag='"e"', last_modified="yesterday")
    assert (source.state, source.etag, source.last_modified) == ("empty", "", "")


def test_a_site_is_watched_where_its_feed_was_read(database, source_id, now):
    source = report(database, source_id, SourceState.FAILING, now, url="https://a.example/other")
    assert source.url == URL
    source = report(database, source_id, SourceState.OK, now, url="https://a.example/other")
    assert source.url == "https://a.example/other"
    with database.write() as session:
        second = add_source(session, "feed", "https://a.example/", now, interval=3600).id
    assert report(database, second, SourceState.OK, now, url="https://a.example/other").url == "https://a.example/"


def test_with_other_options_what_has_not_changed_is_read_again(database, source_id, now):
    report(database, source_id, SourceState.OK, now, etag='"e"', last_modified="yesterday")
    with database.write() as session:
        set_options(session, source_id, {"kind": "review"}, Seal("a key for tests"))
    with database.read() as session:
        source = get_source(session, source_id)
    assert (source.options, source.etag, source.last_modified) == ({"kind": "review"}, "", "")


def test_options_that_are_not_given_stay_and_an_empty_one_goes(database, now):
    seal, given = Seal("a key for tests"), {"api_key": "secret", "language": "en", "pages": "2"}
    with database.write() as session:
        source = add_source(session, "brave", URL, now, interval=3600, options=given, seal=seal)
        set_options(session, source.id, {"language": "fa", "pages": ""}, seal)
    with database.read() as session:
        options = get_source(session, source.id).options
    assert "secret" not in options["api_key"]
    assert open_options(options, seal) == {"api_key": "secret", "language": "fa"}


def test_failures_double_the_pause_and_a_success_ends_it(database, source_id, now):
    pauses = []
    for _ in range(3):
        source = report(database, source_id, SourceState.FAILING, now, error="no answer")
        pauses.append((source.next_at - now) / HOUR)
    assert [round(pause / 2) for pause in pauses] == [1, 2, 4]
    assert (source.error, source.failures, source.first_look_done_at) == ("no answer", 3, None)
    source = report(database, source_id, SourceState.EMPTY, now)
    assert (source.error, source.failures) == ("", 0)


def test_a_place_that_shows_nothing_was_not_looked_at_and_is_visited_less_and_less(database, source_id, now):
    for _ in range(2):
        source = report(database, source_id, SourceState.NO_PREVIEW, now, error="no preview")
    assert (source.failures, source.first_look_done_at, source.good_at) == (2, None, None)
    assert round((source.next_at - now) / HOUR) == 4
    assert report(database, source_id, SourceState.EMPTY, now).first_look_done_at == now


def test_a_source_that_keeps_failing_is_still_tried_once_a_day(database, source_id, now):
    for _ in range(20):
        source = report(database, source_id, SourceState.BLOCKED, now)
    assert source.next_at - now == timedelta(days=1)


def test_trouble_lasts_while_it_changes_its_kind(database, source_id, now):
    report(database, source_id, SourceState.OK, now - 2 * HOUR)
    states = (SourceState.FAILING, SourceState.BLOCKED, SourceState.CHANGED)
    for hours, state in enumerate(states):
        source = report(database, source_id, state, now + hours * HOUR)
        assert (source.state, source.state_since) == (state, now)
    assert report(database, source_id, SourceState.OK, now + 3 * HOUR).state_since == now + 3 * HOUR


def test_a_pause_the_site_asks_for_is_kept(database, source_id, now):
    source = report(database, source_id, SourceState.BLOCKED, now, retry_after=200_000)
    assert source.next_at - now == timedelta(seconds=200_000)


def test_a_report_of_a_removed_source_is_passed_over(database, source_id, now):
    with database.write() as session:
        remove_source(session, source_id)
    with database.write() as session:
        record_report(session, FetchReport(source_id, SourceState.OK), now)
        with pytest.raises(SourceNotFoundError, match=f"no such source: {source_id}"):
            get_source(session, source_id)


def test_a_paused_source_is_left_alone_and_a_resumed_one_is_due(database, source_id, now):
    with database.write() as session:
        set_paused(session, source_id, True, now)
        assert due_sources(session, now) == []
        assert make_due(session, now) == []
        set_paused(session, source_id, False, now + HOUR)
        assert due_sources(session, now + HOUR) == [source_id]


def test_sources_can_be_made_due(database, source_id, now):
    report(database, source_id, SourceState.OK, now)
    with database.write() as session:
        assert due_sources(session, now) == []
        assert make_due(session, now, [source_id]) == [source_id]
        assert due_sources(session, now) == [source_id]
        assert make_due(session, now, [source_id + 1]) == []


def test_the_same_place_twice_is_refused(database, source_id, now):
    with pytest.raises(SourceExistsError, match="source exists already"):
        with database.write() as session:
            add_source(session, "feed", URL, now, interval=60)
    with database.read() as session:
        assert len(find_sources(session)) == 1
        assert len(find_sources(session, brand_id=7)) == 1  # it serves every brand


@pytest.mark.parametrize(
    ("state", "trouble"), [("ok", False), ("empty", False), ("no_preview", True), ("failing", True)]
)
def test_trouble(database, source_id, now, state, trouble):
    assert is_in_trouble(report(database, source_id, SourceState(state), now)) is trouble


@pytest.mark.parametrize("spider", sorted(SEARCH_SPIDERS))
def test_a_search_without_results_is_in_trouble_and_was_not_looked_at(database, brand_id, now, spider):
    with database.write() as session:
        source_id = add_source(session, spider, f"{URL}?q=x", now, interval=3600, brand_id=brand_id).id
    for hours in range(2):
        source = report(database, source_id, SourceState.EMPTY, now + hours * HOUR, error="no results")
    assert is_in_trouble(source) and (source.state_since, source.failures) == (now, 2)
    assert (source.first_look_done_at, source.good_at, source.error) == (None, None, "no results")
    assert report(database, source_id, SourceState.OK, now + 2 * HOUR).first_look_done_at == now + 2 * HOUR


def test_what_a_removed_source_gave_stays_until_its_brand_is_removed(database, brand_id, now):
    with database.write() as session:
        source_id = add_source(session, "search", URL, now, interval=3600, brand_id=brand_id).id
        results = (SearchResultData(1, "https://r.example/", "A result"),)
        save_page(session, SearchPageData("q", "searxng", now, results, source_id=source_id), now)
        save_ratings(session, [RatingData(URL, 0.8, 9, source_id)], now)
    with database.write() as session:
        assert remove_source(session, source_id) == []
    with database.read() as session:
        (page,) = session.scalars(select(SearchPage))
        (rating,) = session.scalars(select(Rating))
        assert (page.source_id, page.query, page.results[0].mention.source_id) == (None, "q", None)
        assert (rating.source_id, rating.rating) == (None, 0.8)
    with database.write() as session:
        remove_brand(session, "Lookout")
        assert [session.scalar(select(func.count(kind.id))) for kind in (SearchPage, Rating, Mention)] == [0, 0, 0]


def test_no_rule_waits_for_a_source_that_was_removed(database, source_id, brand_id, now):
    with database.write() as session:
        other = add_source(session, "feed", f"{URL}/2", now, interval=60).id
        rules = [
            add_rule(session, brand_id, RuleKind.SPIKE, {"sources": sources, "least": 9}, now, enabled=enabled).id
            for sources, enabled in (([source_id, other], True), ([source_id], True), ([source_id], False), ([], True))
        ]
        silenced = remove_source(session, source_id)
        assert [rule.id for rule in silenced] == [rules[1]]
    with database.read() as session:
        kept = [get_rule(session, rule_id) for rule_id in rules]
    assert [rule.options for rule in kept] == [{"least": 9, "sources": [other]}, *[{"least": 9}] * 3]
    assert [(rule.enabled, rule.lost_sources) for rule in kept] == [
        (True, False),
        (False, True),
        (False, True),
        (True, False),
    ]
    with database.write() as session:
        assert edit_rule(session, rules[1], enabled=True).lost_sources is False


def test_hosts_are_divided_among_those_who_claim(database, now):
    urls = [f"https://site{number}.example/{path}" for number in range(20) for path in ("a", "b")]
    with database.write() as session:
        for url in urls:
            add_source(session, "feed", url, now, interval=60)
        shares = [claim_due(session, now, share=Share(number, 3)) for number in range(3)]
    assert sorted(task.url for tasks in shares for task in tasks) == sorted(urls)
    hosts = [{task.url.rpartition("/")[0] for task in tasks} for tasks in shares]
    assert all(hosts) and not (hosts[0] & hosts[1] | hosts[1] & hosts[2] | hosts[0] & hosts[2])
    assert Share(0, 1).has("http://[broken")
