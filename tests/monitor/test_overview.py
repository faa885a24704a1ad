"""What the pages show: results, stories, the trend with its gaps, reasons, lists that go on."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from monitor.brands import add_brand
from monitor.loss import LossScale
from monitor.mention_list import MentionFilter, find_mentions
from monitor.models import (
    Alert,
    AlertRule,
    Channel,
    Delivery,
    LossReading,
    Mention,
    SearchPage,
    SearchResult,
    Source,
    UnsubscribeEvent,
)
from monitor.overview import (
    CollectProgress,
    collect_progress,
    compare_reasons,
    daily_trend,
    find_alerts,
    find_comments,
    find_negative_stories,
    find_results,
)
from monitor.types import Basis, Label

TEHRAN = ZoneInfo("Asia/Tehran")
SURE = 0.55
DAY = timedelta(days=1)


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


@pytest.fixture
def brand(session, now):
    return add_brand(session, "Nilgoon", now - 20 * DAY)


@pytest.fixture
def mention(session, brand, now):
    made = []

    def make(**values):
        number = len(made)
        given = {
            "key": f"key {number}",
            "story": f"story {number}",
            "kind": "article",
            "url": f"https://a.example/{number}",
            "text": f"text {number}",
            "seen_at": now,
            "label": Label.NEGATIVE,
            "score": 0.9,
            "labelled_by": "model",
            "labelled_at": now,
            **values,
        }
        made.append(Mention(brand_id=brand.id, **given))
        session.add(made[-1])
        session.flush()
        return made[-1]

    return make


def reading(session, brand, taken_at, negatives, basis=Basis.SEARCH_RESULTS):
    share = None if negatives is None else LossScale().share(negatives)
    session.add(LossReading(brand_id=brand.id, taken_at=taken_at, basis=basis, negatives=negatives, share=share))
    session.flush()


def test_results_say_what_would_be_without_each(session, brand, mention, now):
    source = Source(
        brand_id=brand.id, spider="search", url="u", interval=60, created_at=now, state_since=now, next_at=now
    )
    session.add(source)
    session.flush()
    page = SearchPage(brand_id=brand.id, source_id=source.id, query="q", engine="e", taken_at=now)
    texts = [
        mention(),
        mention(label="neutral"),
        mention(score=0.4),
        mention(),
        mention(labelled_by="person", score=0.1),
    ]
    page.results = [
        SearchResult(mention=text, position=place, title=f"t{place}")
        for place, text in reversed(list(enumerate(texts, 1)))
    ]
    session.add(page)
    session.flush()
    rows = find_results(session, page.id, LossScale(), SURE)
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert [row.share_without for row in rows] == [22.0, None, None, 22.0, 22.0]
    assert [row.certain for row in rows] == [True, True, False, True, True]
    assert [row.by_person for row in rows] == [False, False, False, False, True]
    page.results[1].mention.label = ""
    half_read = find_results(session, page.id, LossScale(), SURE)
    assert [row.share_without for row in half_read] == [None] * 5


def test_a_story_is_told_once_by_its_newest_telling(session, brand, mention, now):
    mention(story="same", published_at=now - 3 * DAY)
    newest = mention(story="same", published_at=now - DAY, title="newest")
    mention(story="same", label="neutral")
    other = mention(seen_at=now - 2 * DAY)
    stories = find_negative_stories(session, brand.id, SURE, now)
    assert [(story.mention_id, story.tellings) for story in stories] == [(newest.id, 3), (other.id, 1)]
    assert stories[0].said_at == now - DAY


def test_old_unsure_and_foreign_negatives_are_no_news(session, brand, mention, now):
    rival = add_brand(session, "Rival", now, is_rival=True)
    mention(score=0.5)
    mention(seen_at=now - 31 * DAY)
    mention(published_at=now - 31 * DAY)
    mention().brand_id = rival.id
    session.flush()
    assert find_negative_stories(session, brand.id, SURE, now) == []


def test_a_flood_of_copies_hides_no_other_story(session, brand, mention, now):
    other = mention(seen_at=now - 2 * DAY)
    copies = [mention(story="flood", seen_at=now - DAY) for _ in range(450)]
    stories = find_negative_stories(session, brand.id, SURE, now)
    # Of those told at the same moment the last one kept.
    assert [(story.mention_id, story.tellings) for story in stories] == [(copies[-1].id, 450), (other.id, 1)]


def test_stories_are_as_many_as_asked(session, brand, mention, now):
    for number in range(8):
        mention(seen_at=now - number * DAY)
    assert len(find_negative_stories(session, brand.id, SURE, now, limit=3)) == 3


def trend_by_day(session, brand, now):
    return {day.day: day for day in daily_trend(session, brand, SURE, TEHRAN, now)}


def test_the_trend_has_thirty_days_that_begin_in_the_owners_zone(session, brand, mention, now):
    # 21:00 in Greenwich is the next day in Tehran.
    mention(published_at=(now - 2 * DAY).replace(hour=21))
    mention(published_at=now - 3 * DAY)
    mention(story="twice", published_at=now - 3 * DAY)
    mention(story="twice", published_at=now - 2 * DAY)
    trend = daily_trend(session, brand, SURE, TEHRAN, now)
    assert len(trend) == 30 and trend[-1].day == date(2026, 11, 20)
    assert {day.day.day: day.negatives for day in trend if day.negatives} == {17: 2, 18: 1, 19: 1}


def test_a_day_shows_its_worst_reading(session, brand, now):
    for hours, negatives in ((1, 1), (2, 3), (3, None)):
        reading(session, brand, now - timedelta(hours=hours), negatives)
    assert trend_by_day(session, brand, now)[date(2026, 11, 20)].share == 59.2


def test_a_failed_or_missing_search_is_a_gap_and_never_zero(session, brand, now):
    reading(session, brand, now - 3 * DAY, 1)
    reading(session, brand, now - 2 * DAY, None)
    days = trend_by_day(session, brand, now)
    assert days[date(2026, 11, 17)].share == 22.0
    assert days[date(2026, 11, 18)].gap and days[date(2026, 11, 18)].share is None
    assert days[date(2026, 11, 19)].gap


def test_this_morning_is_no_gap_before_the_first_search_of_the_day(session, brand, now):
    reading(session, brand, now - DAY, 3)
    assert trend_by_day(session, brand, now)[date(2026, 11, 20)].share == 59.2


def test_a_stand_in_holds_until_it_changes(session, brand, now):
    brand.created_at = now - 60 * DAY
    reading(session, brand, now - 40 * DAY, 1, Basis.MENTIONS)
    reading(session, brand, now - 5 * DAY, 3, Basis.MENTIONS)
    days = trend_by_day(session, brand, now)
    assert days[date(2026, 10, 25)].share == 22.0
    assert days[date(2026, 11, 18)].share == 59.2
    assert not any(day.gap for day in days.values())


def test_days_before_we_watched_are_no_gaps(session, brand, now):
    days = trend_by_day(session, brand, now)
    assert not days[date(2026, 10, 30)].watched and not days[date(2026, 10, 30)].gap
    assert days[date(2026, 10, 31)].watched and days[date(2026, 10, 31)].gap


def leave(session, brand, now, days_ago, reason="", comment=""):
    number = session.query(UnsubscribeEvent).count()
    session.add(
        UnsubscribeEvent(
            brand_id=brand.id,
            key=str(number),
            subscriber_hash=str(number),
            left_at=now - days_ago * DAY,
            recorded_at=now,
            labelled_at=now,
            reason=reason,
            comment=comment,
        )
    )
    session.flush()


def test_reasons_are_compared_with_the_period_before(session, brand, now):
    for days_ago, reason in (
        (1, "price"),
        (2, "spam"),
        (3, "spam"),
        (31, "price"),
        (32, "price"),
        (61, "other"),
        (1, ""),
    ):
        leave(session, brand, now, days_ago, reason)
    found = compare_reasons(session, brand.id, now)
    assert [(reason.code, reason.count, reason.before, reason.change) for reason in found] == [
        ("spam", 2, 0, 2),
        ("price", 1, 2, -1),
        ("", 1, 0, 1),
    ]


def test_who_waits_to_be_read_did_not_stay_silent(session, brand, now):
    leave(session, brand, now, 1, comment="too dear")
    session.query(UnsubscribeEvent).one().labelled_at = None
    session.flush()
    assert compare_reasons(session, brand.id, now) == []
    leave(session, brand, now, 1)
    assert [(reason.code, reason.count) for reason in compare_reasons(session, brand.id, now)] == [("", 1)]


def test_a_day_that_has_not_brought_its_reading_yet_is_no_gap(session, brand, now):
    brand.created_at = now
    assert not trend_by_day(session, brand, now)[date(2026, 11, 20)].gap
    reading(session, brand, now, None)
    assert trend_by_day(session, brand, now)[date(2026, 11, 20)].gap


@pytest.mark.parametrize(
    ("visited", "found", "labelled", "first"),
    [(0, 0, 0, True), (1, 5, 5, True), (2, 5, 0, True), (2, 5, 3, False), (2, 0, 0, False)],
)
def test_the_first_collect_ends_when_all_were_visited_and_something_was_read(visited, found, labelled, first):
    assert CollectProgress(2, visited, 0, found, labelled, None).is_first is first


def test_progress_counts_what_is_active(session, brand, mention, now):
    def source(number, **values):
        return Source(
            brand_id=brand.id, spider="feed", url=str(number), interval=60, created_at=now, state_since=now,
            **{"next_at": now, "paused": False, **values},
        )  # fmt: skip

    sources = [
        source(1, checked_at=now, next_at=now + DAY),
        source(2, leased_until=now + DAY, next_at=now + 2 * DAY),
        source(3, paused=True),
    ]
    mention()
    mention(labelled_at=None)
    progress = collect_progress(session, brand.id, sources, now)
    assert progress == CollectProgress(2, 1, 1, found=2, labelled=1, next_at=now + 2 * DAY)
    assert collect_progress(session, brand.id, [], now).next_at is None


def test_a_list_goes_on_after_its_last_row_even_at_equal_moments(session, brand, mention, now):
    made = [mention().id for _ in range(5)]
    first, cursor = find_mentions(session, brand.id, MentionFilter(), limit=2)
    second, cursor = find_mentions(session, brand.id, MentionFilter(), cursor, limit=2)
    third, end = find_mentions(session, brand.id, MentionFilter(), cursor, limit=2)
    assert [row.id for row in first + second + third] == made[::-1]
    assert end is None


def test_a_list_is_narrowed_by_each_field(session, brand, mention):
    wanted = mention(label="positive", kind="review", language="fa")
    mention(label="positive", kind="review", language="en")
    rows, _ = find_mentions(session, brand.id, MentionFilter("positive", "review", "fa"))
    assert rows == [wanted]
    assert not MentionFilter() and MentionFilter(source_id=1)


def test_only_who_wrote_something_is_read(session, brand, now):
    leave(session, brand, now, 2, "price", "older")
    leave(session, brand, now, 1, "spam", "newer")
    leave(session, brand, now, 1, "spam")
    comments, cursor = find_comments(session, brand.id, limit=1)
    assert [event.comment for event in comments] == ["newer"]
    rest, end = find_comments(session, brand.id, after=cursor, limit=1)
    assert [event.comment for event in rest] == ["older"] and end is None
    assert [event.comment for event in find_comments(session, brand.id, "price")[0]] == ["older"]


def test_alerts_come_with_their_deliveries_newest_first(session, brand, now):
    rule = session.scalars(select(AlertRule)).first()
    channel = Channel(name="mail", address="sealed", language="en", created_at=now)
    for number in range(3):
        alert = Alert(
            rule_id=rule.id, brand_id=brand.id, kind=rule.kind, key=str(number), facts={}, created_at=now - number * DAY
        )
        alert.deliveries = [Delivery(channel=channel, state="sent", next_at=now)]
        session.add(alert)
    session.flush()
    first, cursor = find_alerts(session, brand.id, limit=2)
    rest, end = find_alerts(session, brand.id, cursor, limit=2)
    assert [alert.key for alert in first + rest] == ["0", "1", "2"] and end is None
    assert first[0].deliveries[0].channel.name == "mail"
