from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.brands import add_brand, edit_brand, get_brand
from monitor.errors import MentionNotFoundError
from monitor.mentions import (
    count_mentions,
    get_mention,
    relabel,
    save_article,
    save_mentions,
    save_ratings,
    waiting_pages,
)
from monitor.models import Mention, MentionVersion, Rating, Source
from monitor.search_results import save_page
from monitor.shares import Share
from monitor.sources import add_source, record_report
from monitor.types import (
    ArticleData,
    FetchReport,
    Kind,
    Label,
    MentionData,
    RatingData,
    SearchPageData,
    SearchResultData,
    SourceState,
)


@pytest.fixture
def ids(database, now):
    """Two brands and three sources: a feed for all, a page of reviews and a search of the first brand."""
    with database.write() as session:
        lookout = add_brand(session, "Lookout", now)
        rival = add_brand(session, "Rival", now, is_rival=True)

        def source(spider, matches_text):
            url = f"https://{spider}.example/"
            return add_source(session, spider, url, now, interval=60, brand_id=lookout.id, matches_text=matches_text).id

        return {
            "lookout": lookout.id,
            "rival": rival.id,
            "feed": source("feed", True),
            "reviews": source("reviews", False),
            "search": source("search", False),
        }


def article(ids, **more):
    data = MentionData(Kind.ARTICLE, "https://news.example/a", "About Lookout", title="Lookout", source_id=ids["feed"])
    return replace(data, **more)


def review(ids, **more):
    data = MentionData(Kind.REVIEW, "https://shop.example/p", "Fine", author="A", source_id=ids["reviews"])
    return replace(data, **more)


def save(database, now, *items):
    with database.write() as session:
        return save_mentions(session, items, now)


def all_mentions(database):
    with database.read() as session:
        return list(session.query(Mention).order_by(Mention.id))


def look(database, source_id, at, *items):
    """A good visit: what it found is saved, then that it went well."""
    save(database, at, *items)
    with database.write() as session:
        record_report(session, FetchReport(source_id, SourceState.OK, etag='"e"', last_modified="today"), at)


def test_what_a_new_name_is_found_in_first_is_history(database, ids, now):
    hour = timedelta(hours=1)

    def told(number, text):
        return article(ids, url=f"https://news.example/{number}", title="", text=text)

    there = [told(0, "Lookout"), told(1, "LKT is bad"), told(2, "Outlander is bad"), told(3, "Globex is bad")]
    look(database, ids["feed"], now, *there)
    with database.write() as session:
        edit_brand(session, get_brand(session, "Lookout"), aliases=["LKT"], now=now + hour)
        edit_brand(session, get_brand(session, "Lookout"), aliases=["LKT", "Outlander"], now=now + 2 * hour)
        globex = add_brand(session, "Globex", now + 2 * hour).id
        feed, reviews = session.get(Source, ids["feed"]), session.get(Source, ids["reviews"])
        assert (feed.etag, feed.last_modified, reviews.etag) == ("", "", "")
    # One that goes wrong has not looked.
    with database.write() as session:
        record_report(session, FetchReport(ids["feed"], SourceState.FAILING), now + 3 * hour)
    look(database, ids["feed"], now + 4 * hour, *there, told(4, "Lookout alias LKT, and Globex"))
    look(database, ids["feed"], now + 5 * hour, told(5, "LKT, Outlander and Globex again"))
    lookout = {mention.url[-1]: mention.history for mention in all_mentions(database) if mention.brand_id != globex}
    assert lookout == {"0": True, "1": True, "2": True, "4": False, "5": False}
    found = {mention.url[-1]: mention.history for mention in all_mentions(database) if mention.brand_id == globex}
    assert found == {"3": True, "4": True, "5": False}


def test_only_another_name_has_what_has_not_changed_read_again(database, ids, now):
    for source in ("feed", "reviews"):
        look(database, ids[source], now)
    with database.write() as session:
        edit_brand(session, get_brand(session, "Lookout"), aliases=[], exclude=["Lookout Point"], is_rival=True)
        assert session.get(Source, ids["feed"]).etag == '"e"'
        edit_brand(session, get_brand(session, "Lookout"), aliases=["LKT"])
        assert [session.get(Source, ids[source]).etag for source in ("feed", "reviews")] == ["", '"e"']


def test_saving_twice_changes_nothing(database, ids, now):
    items = [article(ids), review(ids), review(ids, author="B")]
    assert save(database, now, *items) == 3
    assert save(database, now + timedelta(hours=1), *items) == 0
    assert {mention.seen_at for mention in all_mentions(database)} == {now}


@pytest.mark.sqlite
def test_what_is_known_is_looked_up_in_an_index(database, ids, now, plans):
    save(database, now, article(ids), review(ids, author="somebody", text="long enough to be known by its words " * 2))
    steps = [step for statement, steps in plans if "mentions.rating" in statement for step in steps]
    assert [step.partition(" (")[0] for step in steps] == [
        "SEARCH mentions USING INDEX sqlite_autoindex_mentions_1",
        "SEARCH mentions USING INDEX ix_mentions_twin",
    ]


@pytest.mark.parametrize(
    "twin",
    [
        {"url": "http://www.news.example/a/?utm_source=feed"},
        {"title": "Lookout, edited"},
        {"external_id": "another"},
        {"source_id": None},
    ],
)
def test_a_twin_of_a_page_is_the_same_mention(database, ids, now, twin):
    assert save(database, now, article(ids), article(ids, **twin)) == 1


def test_the_texts_on_one_page_are_told_apart_by_their_places_and_a_tracker_is_none(database, ids, now):
    def comment(number, **more):
        return article(ids, url=f"https://news.example/a/#comment-{number}", external_id=f"c{number}", **more)

    comments = [comment(number, text=f"Lookout, {number}") for number in (1, 2, 3)]
    assert save(database, now, *comments, *comments) == 3
    assert len({mention.story for mention in all_mentions(database)}) == 3
    assert all(mention.body_at == now for mention in all_mentions(database))
    tracked = [article(ids, url=f"https://news.example/a#{fragment}", external_id=fragment) for fragment in TRACKERS]
    assert save(database, now, article(ids), *tracked) == 1


TRACKERS = ("xtor=RSS-1", "utm_source=feed2", ":~:text=week%201", "comments", "")


def test_reviews_of_one_page_are_told_apart_by_id_author_or_words(database, ids, now):
    items = [
        review(ids),
        review(ids, author="B"),
        review(ids, text="Poor"),
        review(ids, external_id="1"),
        review(ids, external_id="1", text="edited"),
        review(ids, text="Fine!"),
    ]
    assert save(database, now, *items) == 4


def test_a_text_counts_for_every_brand_it_names(database, ids, now):
    save(
        database,
        now,
        article(ids, text="Lookout and Rival"),
        article(ids, url="https://x.example/", text="", title="x"),
    )
    assert [mention.brand_id for mention in all_mentions(database)] == [ids["lookout"], ids["rival"]]


def test_all_that_a_review_page_gives_is_about_its_brand(database, ids, now):
    save(database, now, review(ids, text="Never again"))
    with database.read() as session:
        assert count_mentions(session, ids["lookout"]) == 1
        assert count_mentions(session, ids["rival"]) == 0


def test_items_of_a_removed_source_are_passed_over(database, ids, now):
    assert save(database, now, article(ids, source_id=999)) == 0


def test_a_time_in_the_future_is_no_time(database, ids, now):
    save(database, now, article(ids, published_at=now + timedelta(minutes=1)))
    assert all_mentions(database)[0].published_at is None


def test_what_the_first_look_finds_is_history(database, ids, now):
    save(database, now, article(ids))
    with database.write() as session:
        record_report(session, FetchReport(ids["feed"], SourceState.OK), now)
    save(database, now, article(ids, url="https://news.example/b"))
    assert [mention.history for mention in all_mentions(database)] == [True, False]


def test_what_is_older_than_the_first_look_is_history_however_late_it_is_found(database, ids, now):
    for source in ("feed", "reviews"):
        look(database, ids[source], now)

    def is_history(make, published_at):
        number = len(all_mentions(database))
        save(
            database,
            now + 3 * DAY,
            make(ids, url=f"https://x.example/{number}", external_id=f"{number}", published_at=published_at),
        )
        return all_mentions(database)[-1].history

    for make in (article, review):
        dates = (now - 2000 * DAY, now - 2 * DAY, now - DAY / 2, now + DAY, None)
        assert [is_history(make, at) for at in dates] == [True, True, False, False, False]


HEADLINE = "Lookout closes its oldest shop in the north"


def test_copies_of_one_text_are_one_story(database, ids, now):
    long = "The parcel never came and nobody answered the telephone for three weeks."
    save(
        database,
        now,
        article(ids, title=HEADLINE),
        article(ids, title=HEADLINE, url="https://copy.example/a", text="Lookout, shortened"),
        review(ids, text=long),
        review(ids, text=long + " ", author="B"),
        review(ids, text="Fine", author="C"),
        review(ids, text="Fine", author="D"),
    )
    stories = [mention.story for mention in all_mentions(database)]
    assert stories[0] == stories[1]
    assert stories[2] == stories[3]
    assert len(set(stories)) == 4


def test_a_headline_that_names_no_event_or_returns_after_weeks_is_another_story(database, ids, now):
    def told(title, *days):
        for day in days:
            url = f"https://news.example/{title}/{day}"
            save(database, now + timedelta(days=day), article(ids, title=title, url=url, text=f"Lookout on day {day}"))
        stories = [mention.story for mention in all_mentions(database) if mention.title == title]
        return [stories.index(story) for story in stories]

    assert told("اطلاعیه", 0, 1) == [0, 1]
    assert told("Weekly update", 0, 7) == [0, 1]
    # Copies within days, wherever a window ends; a story that goes on and on ends after two weeks.
    assert told(HEADLINE, *range(28)) == [0] * 14 + [14] * 14
    assert told("دیده‌بان فروشگاه خود را در شمال بست و رفت", 0, 13, 30) == [0, 0, 2]


def test_a_page_waits_for_its_body_and_is_labelled_anew_with_it(database, ids, now):
    save(database, now, article(ids), review(ids))
    with database.write() as session:
        assert waiting_pages(session, 10, Share(), now) == ["https://news.example/a"]
        mention = session.get(Mention, 1)
        mention.labelled_at = mention.decided_at = now
        mention.labelled_by = "a model"
        save_article(session, ArticleData("https://news.example/a", text="All of it", published_at=now), now)
    with database.read() as session:
        assert waiting_pages(session, 10, Share(), now) == []
        mention = get_mention(session, 1)
        assert (mention.body, mention.published_at) == ("All of it", now)
        assert (mention.labelled_at, mention.decided_at) == (None, None)


def test_a_body_does_not_undo_a_persons_label(database, ids, now):
    save(database, now, article(ids))
    with database.write() as session:
        relabel(session, 1, Label.POSITIVE, now)
        save_article(session, ArticleData("https://news.example/a", text="All of it"), now)
    assert all_mentions(database)[0].labelled_at == now


def test_a_page_without_a_text_is_not_asked_again(database, ids, now):
    save(database, now, article(ids))
    with database.write() as session:
        save_article(session, ArticleData("https://news.example/a", error="gone"), now)
        assert waiting_pages(session, 10, Share(), now) == []


def test_a_page_that_could_not_be_had_for_now_is_asked_again_ever_later_and_then_given_up(database, ids, now):
    save(database, now, article(ids))
    later = ArticleData("https://news.example/a", error="the site answered 503", again_in=0.0)
    for minutes in (0, 1, 4, 16, 64, 256, 1024, 4096):
        at = now + timedelta(minutes=minutes)
        with database.write() as session:
            assert not minutes or not waiting_pages(session, 10, Share(), at - timedelta(seconds=1))
            assert waiting_pages(session, 10, Share(), at)
            save_article(session, later, at)
    assert all_mentions(database)[0].body_at == at


def test_a_page_is_not_asked_again_before_its_site_said_and_is_labelled_anew_with_its_text(database, ids, now):
    save(database, now, article(ids))
    with database.write() as session:
        session.get(Mention, 1).labelled_at = now
        save_article(session, ArticleData("https://news.example/a", error="503", again_in=7200.0), now)
        assert not waiting_pages(session, 10, Share(), now + timedelta(hours=1))
        assert waiting_pages(session, 10, Share(), now + timedelta(hours=2))
        assert session.get(Mention, 1).labelled_at == now
        save_article(session, ArticleData("https://news.example/a", text="All of it"), now)
        mention = session.get(Mention, 1)
        assert (mention.body, mention.labelled_at, mention.body_due_at) == ("All of it", None, None)


def test_a_persons_label_holds_for_every_copy(database, ids, now):
    save(database, now, article(ids, title=HEADLINE), article(ids, title=HEADLINE, url="https://copy.example/a"))
    with database.write() as session:
        relabel(session, 1, Label.NEUTRAL, now)
    assert [(m.label, m.score, m.labelled_by) for m in all_mentions(database)] == [("neutral", 1.0, "person")] * 2


def test_a_mention_that_is_not_there(database, ids, now):
    with database.write() as session, pytest.raises(MentionNotFoundError, match="no such mention: 7"):
        relabel(session, 7, Label.NEUTRAL, now)


def test_a_rating_is_kept_when_it_changes(database, ids, now):
    data = RatingData("https://shop.example/p", 0.8, 12, source_id=ids["reviews"])
    with database.write() as session:
        save_ratings(session, [data, data, replace(data, count=13), replace(data, source_id=None)], now)
    with database.read() as session:
        assert [rating.count for rating in session.query(Rating)] == [12, 13]


def search_page(ids, now, **more):
    results = tuple(SearchResultData(n, f"https://r.example/{n}", f"Result {n}", "…") for n in range(1, 13))
    return replace(SearchPageData("Lookout", "searxng", now, results, source_id=ids["search"]), **more)


def test_a_page_of_results_is_kept_once_with_ten_results(database, ids, now):
    for _ in range(2):
        with database.write() as session:
            save_page(session, search_page(ids, now), now)
    with database.read() as session:
        assert count_mentions(session, ids["lookout"]) == 10
        assert session.get(Mention, 1).kind == "search_result"


def test_a_result_that_is_known_already_is_not_made_again(database, ids, now):
    save(database, now, article(ids, url="https://r.example/3"))
    with database.write() as session:
        assert save_page(session, search_page(ids, now), now) == 9
        assert save_page(session, search_page(ids, now + timedelta(hours=1)), now) == 0


def test_a_page_without_a_brand_or_source_is_passed_over(database, ids, now):
    with database.write() as session:
        stray = add_source(session, "search", "https://stray.example/", now, interval=60).id
        for source_id in (None, 999, stray):
            assert save_page(session, search_page(ids, now, source_id=source_id), now) == 0


LONG = "The parcel never came and nobody answered the telephone for three weeks."
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "url",
    [
        "https://m.news.example/a",
        "https://amp.news.example/a/",
        "https://news.example/a/amp",
        "https://news.example/amp/a?usqp=x",
        "https://news.example/a?amp=1",
        "https://www.google.com/amp/s/news.example/a",
        "https://news-example.cdn.ampproject.org/c/s/www.news.example/a",
    ],
)
def test_every_edition_of_a_page_is_the_same_mention(database, ids, now, url):
    assert save(database, now, article(ids), article(ids, url=url)) == 1


def test_a_post_that_comes_back_under_another_id_is_the_same_mention(database, ids, now):
    assert save(database, now, review(ids, external_id="1", text=LONG), review(ids, external_id="2", text=LONG)) == 1
    assert save(database, now, review(ids, external_id="3", text=LONG)) == 0
    assert save(database, now, review(ids, external_id="4", text=LONG, author="")) == 1
    assert save(database, now, review(ids, external_id="5"), review(ids, external_id="6")) == 2


def test_a_post_that_is_said_again_after_weeks_is_a_mention_of_its_own(database, ids, now):
    def visit(day, *posts):
        items = [
            review(
                ids, external_id=f"chan/{number}", text=LONG, published_at=None if said is None else now + said * DAY
            )
            for number, said in posts
        ]
        return save(database, now + day * DAY, *items)

    assert visit(0, (2, 0), (1, 0)) == 1
    # What still stands there, under whatever id, is nothing new.
    assert visit(45, (2, 0), (1, 0)) == 0
    assert visit(45, (900, 45), (3, 13), (2, 0), (1, 0)) == 1
    assert visit(46, (901, 46), (900, 45), (3, 13), (1, 0)) == 0
    # One without a date may have stood there all along; the date of one that is months old may be a rounded one.
    assert visit(90, (5, None), (6, 60)) == 0
    assert visit(90, (902, 90)) == 1


def test_the_long_words_of_nobody_in_particular_are_told_by_their_ids(database, ids, now):
    for author in ("", "کاربر دیجی‌کالا", "A Google user", "[deleted]"):
        items = [review(ids, external_id=f"{author} {number}", text=LONG, author=author) for number in range(2)]
        assert save(database, now, *items) == 2


def on_page(ids, number, author, text, **more):
    return review(ids, url=f"https://shop.example/p/{number}", external_id="1", author=author, text=text, **more)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("authors", [("Ali", "Sara"), ("", ""), ("Ali", "Guest")])
def test_an_id_that_each_page_counts_from_one_names_as_many_reviews(database, ids, now, together, authors):
    items = [on_page(ids, 1, authors[0], "broke at once"), on_page(ids, 2, authors[1], "lovely, works well")]
    for batch in [items] if together else [[item] for item in items]:
        save(database, now, *batch)
    assert save(database, now + DAY, *reversed(items)) == 0
    save(database, now + DAY, replace(items[1], text="lovely"), items[0])
    items[1] = replace(items[1], text="lovely")
    kept = [(mention.url, mention.author, mention.text) for mention in all_mentions(database)]
    assert kept == [(item.url, item.author, item.text) for item in items]
    assert len({mention.story for mention in all_mentions(database)}) == 2
    with database.read() as session:
        assert [version.text for version in session.query(MentionVersion)] == ["lovely, works well"]


@pytest.mark.parametrize(
    "later",
    [
        # Moved to another page, edited there, edited by one who has another name now, or none.
        {"url": "https://shop.example/p/2"},
        {"url": "https://shop.example/p/2", "text": "edited"},
        {"author": "Ali the Second", "text": "edited"},
        {"url": "https://www.shop.example/p/1?utm_source=x", "author": "", "text": "edited"},
    ],
)
def test_an_id_stays_that_of_its_review(database, ids, now, later):
    first = on_page(ids, 1, "Ali", "broke at once")
    assert save(database, now, first) == 1
    assert save(database, now + DAY, replace(first, **later)) == 0
    assert all_mentions(database)[0].text == later.get("text", "broke at once")


def test_other_stars_are_kept_whatever_the_words(database, ids, now):
    first = review(ids, external_id="1", rating=1.0)
    save(database, now, first)
    with database.write() as session:
        session.get(Mention, 1).labelled_at = now
        add_source(session, "reviews", "https://other.example/", now, interval=60, brand_id=ids["lookout"])

    def rating_after(**later):
        save(database, now + DAY, replace(first, **later))
        return all_mentions(database)[0].rating

    assert rating_after(rating=0.2) == 0.2
    assert rating_after(rating=0.4, text="Fine!") == 0.4
    # Another source, or one that shows no stars today, takes none away.
    assert rating_after(rating=0.8, source_id=4) == 0.4
    assert rating_after(rating=None) == 0.4
    assert (len(all_mentions(database)), all_mentions(database)[0].labelled_at) == (1, now)


def test_an_edit_is_kept_as_a_version_and_labelled_anew(database, ids, now):
    save(database, now, review(ids, external_id="1"))
    with database.write() as session:
        mention = session.get(Mention, 1)
        mention.labelled_at = mention.decided_at = now
        mention.labelled_by = "a model"
    later = now + timedelta(hours=1)
    assert save(database, later, review(ids, external_id="1", text="Fine!")) == 0
    assert all_mentions(database)[0].labelled_at == now
    save(database, later, review(ids, external_id="1", text="Poor after all", rating=0.2))
    save(database, later, review(ids, external_id="1", text="Poor after all", rating=0.2))
    mention = all_mentions(database)[0]
    assert (mention.text, mention.rating, mention.labelled_at) == ("Poor after all", 0.2, None)
    with database.read() as session:
        assert [(v.mention_id, v.text, v.until) for v in session.query(MentionVersion)] == [(1, "Fine", later)]


def test_a_persons_label_outlives_an_edit_and_another_source_edits_nothing(database, ids, now):
    save(database, now, article(ids))
    with database.write() as session:
        relabel(session, 1, Label.POSITIVE, now)
        add_source(session, "feed", "https://other.example/", now, interval=60)
    save(database, now, article(ids, text="Lookout, another excerpt", source_id=4))
    assert all_mentions(database)[0].text == "About Lookout"
    save(database, now, article(ids, text="Lookout, edited"))
    assert (all_mentions(database)[0].text, all_mentions(database)[0].labelled_at) == ("Lookout, edited", now)


def test_a_text_that_never_stays_the_same_is_not_kept_for_ever(database, ids, now):
    for number in range(25):
        save(database, now, review(ids, external_id="1", text=f"{number} minutes ago"))
    with database.read() as session:
        assert session.query(MentionVersion).count() == 20
