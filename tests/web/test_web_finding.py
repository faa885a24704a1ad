"""The inbox narrowed in every way, lists that are kept, one mention with its history, those who complain often."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from monitor.mentions import relabel
from monitor.models import Brand, Case, Mention, MentionVersion, SavedView
from monitor.types import Label
from tests.web import sample

JALALI_FIRST = "۱۴۰۵/۰۹/۰۱"  # 22 November 2026, the sample's today


def texts(reader, query):
    page = reader.read(f"/mentions?{query}")
    return re.findall(r'id="mention-(\d+)"', page)


def chips(page):
    return re.findall(r'class="chip"[^>]*>.*?<bdi>(.*?)</bdi>', page)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("label=uncertain", 2),
        ("label=negative&topic=delivery", 15),
        ("label=negative", 18),
        ("author=مریم", 1),
        ("author=مریم&site=shekayat.example", 1),
        ("author=مریم&site=elsewhere.example", 0),
        ("story=negative-1", 1),
        ("score=95&label=negative&topic=delivery", 2),
        ("case=new", 1),
        ("case=none&label=negative&topic=delivery", 11),
        ("case=nonsense&source=x&score=7&period=never", 25),
        ("words=%22%28*", 0),
        ("source=99999999999", 25),
    ],
)
def test_each_filter_narrows(reader, query, count):
    assert len(texts(reader, query)) == count


@pytest.mark.parametrize(
    "query",
    [
        f"from={JALALI_FIRST}",
        "from=1405-09-01",
        "from=2026-11-22",
        "from=2026/11/22&to=2026-11-22",
        "to=x&from=2026-11-22",
    ],
)
def test_dates_are_understood_on_both_calendars(reader, database, query):
    with database.read() as session:
        since = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
        today = set(session.scalars(select(Mention.story).where(Mention.said_at >= since, Mention.brand_id == 1)))
    assert len(texts(reader, query)) == len(today) > 0


def test_a_month_is_picked_on_the_readers_calendar(reader_of):
    reader = reader_of(sample.fill, language="fa")
    page = reader.read("/mentions?period=1405-08")
    assert '<option value="1405-08" selected>آبان ۱۴۰۵</option>' in page and chips(page) == ["آبان ۱۴۰۵"]
    reader.speak("en")
    page = reader.read("/mentions?period=2026-10")
    assert chips(page) == ["October 2026"] and '<option value="2025-12">December 2025</option>' in page
    assert texts(reader, "period=2026-12") == texts(reader, "period=1405-12") == []


def test_what_is_no_date_is_said_so_beside_its_field(reader):
    page = reader.read("/mentions?from=1405-13-01&label=negative")
    assert "Not a date: write it like 2026-10-23." in page and 'value="1405-13-01"' in page
    assert chips(page) == ["negative"] and "Save this list" not in page


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("typed", ["9999-12-31", "9999-03-21", "۹۹۹۹/۱۲/۳۱"])
def test_a_day_that_only_one_calendar_has_is_no_date(reader_of, language, typed):
    reader = reader_of(sample.fill, language=language)
    said = {"en": "Not a date: write it like 2026-10-23.", "fa": "تاریخ نیست؛ آن را مانند ۱۴۰۵/۰۸/۰۱ بنویسید."}
    for name in ("from", "to"):
        page = reader.read(f"/mentions?label=negative&{name}={typed}")
        assert said[language] in page and len(chips(page)) == 1


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_last_day_of_both_calendars_is_one(reader_of, language):
    reader = reader_of(sample.fill, language=language)
    assert len(chips(reader.read("/mentions?to=9999-03-20"))) == 1
    assert texts(reader, "to=9999-03-20&label=negative") == texts(reader, "label=negative")


def test_chips_say_what_is_narrowed_and_each_leads_out(reader):
    page = reader.read(
        "/mentions?words=نیلگون&label=uncertain&case=none&score=75&story=x&from=2026-11-01&source=2&lang2=x"
    )
    sure = "at least 75\N{NO-BREAK SPACE}% sure"
    assert chips(page)[:4] == ["نیلگون", "uncertain", "feed · khabar.example", "no case"]
    assert chips(page)[4:] == [sure, "one story", "from 1 November 2026"]
    assert 'href="/mentions?words=%D9%86%DB%8C%D9%84%DA%AF%D9%88%D9%86&label=uncertain&case=none&score=75' in page


def test_a_list_is_kept_found_and_forgotten(reader, database):
    page = "/mentions?topic=delivery&label=negative"
    query = re.search(r'name="query" value="([^"]+)"', reader.read(page))[1]
    answer = reader.press("/mentions/views", {"name": " Late  parcels ", "query": query}, page=page)
    assert answer.headers["Location"] == "/mentions?label=negative&topic=delivery"
    shown = reader.read("/mentions?label=negative&topic=delivery")
    assert 'aria-current="page"><bdi>Late parcels</bdi>' in shown and "Delete this saved list" in shown
    reader.press("/mentions/views", {"name": "Late parcels", "query": "label=negative"}, page=page)
    with database.read() as session:
        (view,) = session.scalars(select(SavedView))
    assert view.query == "label=negative"
    reader.press(f"/mentions/views/{view.id}/remove", page="/mentions")
    assert "Late parcels" not in reader.read("/mentions?x=1")


@pytest.mark.parametrize(("name", "query"), [("", "label=negative"), ("x" * 81, "label=negative"), ("all", "")])
def test_a_list_that_cannot_be_kept_is_one_line(reader, name, query):
    reader.press("/mentions/views", {"name": name, "query": query}, page="/mentions")
    assert "This list could not be saved." in reader.read("/mentions")


@pytest.mark.parametrize("query", ["x=1\r\nSet-Cookie: a=b", "words=a b", "words=نیلگون", "x=\\"])
def test_a_list_that_is_no_part_of_an_address_is_refused(reader, database, query):
    reader.press("/mentions/views", {"name": "all", "query": query}, page="/mentions", status=400)
    with database.read() as session:
        assert session.scalars(select(SavedView)).all() == []


def test_many_stories_are_handled_at_once_and_taken_back(reader, database):
    with database.read() as session:
        chosen = session.scalars(select(Mention.id).where(Mention.story.in_(["negative-1", "negative-2"]))).all()
        before = {case.story: case.state for case in session.scalars(select(Case))}
    reader.press("/mentions/handled", {"mention": chosen, "next": "/mentions"}, page="/mentions")
    page = reader.read("/mentions")
    assert "2 stories are handled." in page
    states = select(Case.state).where(Case.story.in_(["negative-1", "negative-2"]))
    with database.read() as session:
        assert set(session.scalars(states)) == {"resolved"}
    reader.press("/mentions/undo", {"case": re.findall(r'name="case" value="([^"]+)"', page)}, page="/mentions")
    with database.read() as session:
        after = {case.story: case.state for case in session.scalars(select(Case))}
    assert {story: after[story] for story in before} == before
    reader.press("/mentions/handled", {"next": "/mentions"}, page="/mentions")
    assert "Choose some mentions first." in reader.read("/mentions")
    reader.press("/mentions/handled", {"mention": list(range(1, 27))}, page="/mentions", status=400)
    reader.press("/mentions/undo", {"case": ["1:eaten"]}, page="/mentions", status=400)


def test_one_mention_shows_all_that_is_known_of_it(reader, database):
    with database.write() as session:
        mention = session.scalar(select(Mention).where(Mention.story == "negative-1").order_by(Mention.id))
        mention.words, mention.body = ["شکسته"], "متن کامل خبر"
        session.add(MentionVersion(mention_id=mention.id, title="تیتر پیشین", text="x", until=sample.NOW))
    with database.write() as session:
        relabel(session, mention.id, Label.NEUTRAL, sample.NOW - timedelta(hours=1), "the desk")
    page = reader.read(f"/mentions/{mention.id}")
    assert "<u>شکسته</u>" in page and "تیتر پیشین" in page and "متن کامل خبر" in page
    assert "3 more copies" in page and "copy2.example" in page and 'href="/cases/1"' in page
    assert page.index("<bdi>the desk</bdi>") < page.index("the model <bdi>didban-small</bdi> · 95")
    assert 'href="https://khabar.example/economy/55120"' in page
    reader.get("/mentions/999999", 404)
    reader.get("/mentions/99999999999", 404)


def test_what_leads_on_from_a_mention_stays_with_its_brand(reader, database):
    reader.get("/?brand=2")
    with database.write() as session:
        mention = session.scalar(select(Mention).where(Mention.author == "sara_k"))
        rival = session.scalar(select(Brand).where(Brand.is_rival))
        other = sample.make_mention(session, rival, "کاشانه دیر فرستاد", author="نگار", topic="delivery")
    for number, whose in ((mention.id, "brand=1"), (other.id, f"rival={rival.id}")):
        main = reader.read(f"/mentions/{number}").split("<main")[1]
        addresses = re.findall(r'href="(/mentions\?[^"]*)"', main)
        assert len(addresses) == 3 and all(whose in address for address in addresses)
        assert all(f'id="mention-{number}"' in reader.read(address) for address in addresses)
        reader.get("/?brand=2")


def test_a_correction_keeps_the_readers_name(reader):
    reader.press("/mentions/11/label", {"label": "positive"}, page="/mentions/11")
    assert "<bdi>The admin</bdi>" in reader.read("/mentions/11")


def test_a_viewer_reads_without_buttons(reader_of):
    reader = reader_of(sample.fill, role="viewer")
    for page in (reader.read("/mentions?label=negative"), reader.read("/mentions/11")):
        assert '/label"' not in page and "Handled" not in page and "Save this list" not in page


def test_authors_lead_to_their_mentions(reader, database):
    with database.write() as session:
        for mention in session.scalars(select(Mention).where(Mention.story.in_([f"negative-{n}" for n in (6, 7)]))):
            mention.author = "نگار"
        session.scalar(select(Mention).where(Mention.story == "negative-2")).author = "ناشناس"
    page = reader.read("/authors")
    first = re.search(r'<li class="author">.*?</li>', page, re.S)[0]
    assert "نگار" in first and '<strong class="is-negative">2</strong> negative stories' in first
    # The count is told once, and whoever complained once does not complain often.
    assert "mark-negative" not in first and page.count('<li class="author">') == 1
    assert "ناشناس" not in page and "مریم" not in page
    address = re.search(r'<h2><a href="([^"]+)"', first)[1]
    assert len(re.findall(r'id="mention-', reader.read(address))) == 2
    assert "Nobody has complained more than once" in reader.read("/authors?brand=2&days=90")


def test_the_figures_about_an_author_are_those_of_the_lists_they_lead_to(reader, database):
    with database.write() as session:
        brand = session.get_one(Brand, 1)
        # The first day of the thirty begins at midnight in Tehran, 20:30 in Greenwich.
        first = datetime(2026, 10, 22, 20, 30, tzinfo=UTC)
        addresses = [
            "https://www.x.example:8080/1",
            "https://X.example?p=2",
            "http://x.example/3",
            "https://x.example/4",
        ]
        for url, moment in zip(addresses, (sample.NOW, sample.NOW, first, first - timedelta(seconds=1)), strict=True):
            values = {"label": "negative", "kind": "review", "author": "ann", "published_at": moment}
            sample.make_mention(session, brand, url, url=url, seen_at=moment, **values)
    page = reader.read("/authors")
    address, count = re.search(r'author-count"><a href="([^"]*)"><strong class="is-negative">(\d+)', page).groups()
    assert int(count) == len(re.findall(r'id="mention-', reader.read(address))) == 3


def test_each_figure_of_the_overview_leads_to_its_rows(reader):
    page = reader.read("/")
    days = re.findall(r'href="(/mentions\?label=negative&to=[^"]+)">(\d+)</a></td>', page)
    assert days
    for address, count in days:
        assert len(re.findall(r'id="mention-', reader.read(address))) == int(count)
    assert '<a class="is-negative" href="#results"><strong>3</strong></a>' in page
    assert 'href="/cases?view=due"' in page
    assert re.search(r'href="/mentions/\d+#copies">4 copies</a>', page)
    rival = re.search(r'href="(/mentions\?period=30d&rival=\d+)"', page)
    assert rival is None or reader.read(rival[1])


def test_a_rivals_mentions_are_listed_under_its_name(reader, database):
    with database.write() as session:
        rival = session.scalar(select(Brand).where(Brand.is_rival))
        sample.make_mention(session, rival, "کاشانه دیر فرستاد")
    page = reader.read(f"/mentions?rival={rival.id}")
    assert chips(page) == ["کاشانه"] and page.count('<li class="mention"') == 1
    assert f'href="/mentions?period=30d&rival={rival.id}"' in reader.read("/")
    assert chips(reader.read("/mentions?rival=1")) == []
