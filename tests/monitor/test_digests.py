import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from monitor import jobs
from monitor.brands import add_brand
from monitor.cases import case_of, move_case, open_cases
from monitor.channels import add_channel, edit_channel
from monitor.deliveries import deliver_waiting
from monitor.digest_pages import digest_document, render_digest
from monitor.digests import digest_facts, last_span, write_digests, write_due_digests
from monitor.documents import Bar, Bars, Document, Story, as_mail
from monitor.erasure import erase_author
from monitor.facts import Negative
from monitor.models import Alert, Brand, LossReading, Mention, UnsubscribeEvent
from monitor.printing import as_pdf
from monitor.sealing import Seal
from monitor.sources import add_source
from monitor.types import CaseState, Period
from monitor.wording import words
from tests.fakes import Outbox

TEHRAN = ZoneInfo("Asia/Tehran")
# Sunday the 22nd of November 2026, 09:00 in Tehran.
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("period", "language", "since", "until"),
    [
        (Period.DAY, "fa", "2026-11-21", "2026-11-22"),
        (Period.WEEK, "fa", "2026-11-14", "2026-11-21"),
        (Period.WEEK, "en", "2026-11-09", "2026-11-16"),
    ],
)
def test_the_week_begins_on_saturday_for_persian_teams(period, language, since, until):
    span = last_span(period, NOW, TEHRAN, language)
    assert (span.since.isoformat()[:10], span.until.isoformat()[:10]) == (since, until)
    assert span.since.hour == 0
    assert span.since.tzinfo == TEHRAN


def test_on_saturday_itself_the_week_before_is_whole():
    saturday = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    assert last_span(Period.WEEK, saturday, TEHRAN, "fa").until.date() == saturday.date()


@pytest.fixture
def brand_id(database):
    """A brand and a rival with a week behind them."""
    with database.write() as session:
        brand = add_brand(session, "دیدبان", NOW - 40 * DAY)
        rival = add_brand(session, "Rival & Co", NOW - 40 * DAY, is_rival=True)
        source = add_source(session, "feed", "https://down.example/", NOW - 40 * DAY, interval=60, brand_id=brand.id)
        source.state, source.state_since = "failing", NOW - 5 * DAY
        for number, (owner, ago, label, topic, story) in enumerate(
            [
                (brand, 30, "neutral", "other", "first"),
                (brand, 10, "negative", "price", "old"),
                (brand, 5, "negative", "delivery", "a"),
                (brand, 4.5, "negative", "delivery", "a"),
                (brand, 4, "negative", "price", "b"),
                (brand, 3, "negative", "price", "old"),
                (brand, 3, "positive", "price", "c"),
                (rival, 3, "negative", "price", "d"),
            ]
        ):
            session.add(
                Mention(
                    brand_id=owner.id,
                    key=f"{number}",
                    kind="review",
                    url=f"https://shop.example/{number}",
                    title=f"<b>عنوان {number}</b>",
                    text="متن",
                    seen_at=NOW - ago * DAY,
                    story=story,
                    label=label,
                    score=0.9,
                    topic=topic,
                    labelled_by="model",
                )
            )
        for days, negatives, share in ((10, 1, 22.0), (3, 3, 59.2)):
            session.add(
                LossReading(
                    brand_id=brand.id,
                    taken_at=NOW - days * DAY,
                    basis="search_results",
                    negatives=negatives,
                    results=10,
                    share=share,
                )
            )
        for number, days in enumerate((2, 3, 4, 12)):
            session.add(
                UnsubscribeEvent(
                    brand_id=brand.id,
                    key=f"{number}",
                    subscriber_hash="h",
                    left_at=NOW - days * DAY,
                    recorded_at=NOW,
                    reason="too_many" if days > 2 else "",
                )
            )
        session.flush()
        mention = session.query(Mention).filter_by(story="a").first()
        open_cases(session, brand.id, [Negative(mention.id, "a", "t", "x", "u", 0.9)], NOW - 5 * DAY)
        move_case(session, case_of(session, mention), CaseState.ANSWERED, NOW - 5 * DAY + timedelta(hours=3))
        return brand.id


def facts_of(database, settings, brand_id, period=Period.WEEK):
    with database.read() as session:
        span = last_span(period, NOW, settings.zone, "fa")
        return digest_facts(session, session.get(Brand, brand_id), span, settings, NOW)


def test_a_digest_says_what_the_week_was(database, settings, brand_id):
    facts = facts_of(database, settings, brand_id)
    assert json.loads(json.dumps(facts))["mentions"] == facts["mentions"]
    assert (facts["count"], facts["count_before"]) == (2, 1)
    assert [mention["id"] for mention in facts["mentions"]] == [3, 5]
    assert (facts["band"]["share"], facts["band_before"]["share"]) == (59.2, 22.0)
    assert facts["topics"] == [("delivery", 2, 0), ("price", 2, 1)]
    assert facts["reasons"] == [("too_many", 2, 1), ("", 1, 0)]
    assert facts["answers"] == {
        "opened": 1,
        "due": 1,
        "in_time": 1,
        "first_answer_hours": 3.0,
        "open": 1,
        "late": 0,
    }
    assert facts["brands"] == [
        {"name": "دیدبان", "texts": 5, "negatives": 4},
        {"name": "Rival & Co", "texts": 1, "negatives": 1},
    ]
    assert [count for _, count in facts["days"]] == [0, 0, 0, 2, 1, 1, 0]
    assert [source["hours"] for source in facts["sources"]] == [120]


def test_the_mail_is_right_to_left_and_shows_nothing_from_elsewhere(database, settings, brand_id):
    message = render_digest("دیدبان", facts_of(database, settings, brand_id), "fa")
    assert message.subject == "\u2068دیدبان\u2069، هفته‌ای که از ۲۳ آبان ۱۴۰۵ شروع شد: ۲ ماجرای منفی تازه"
    cells = re.findall(r"<td [^>]*style=\"padding[^>]*>", message.html)
    assert cells
    assert all('dir="rtl" align="right"' in cell for cell in cells)
    assert not re.search(r"<(img|link|script|style|svg)|url\(|@import", message.html)
    assert "<b>عنوان" not in message.html
    assert "تا ۵۹٫۲٪" in message.text
    assert "اول دوره تا ۲۲٪ بود." in message.text
    assert "ایمیل زیاد است: ۲، پیش از آن ۱" in message.text


def test_the_mail_in_english(database, settings, brand_id):
    message = render_digest("Lookout", facts_of(database, settings, brand_id), "en")
    assert message.subject == "\u2068Lookout\u2069, week from 14 November 2026: 2 new negative stories"
    assert "1 of 1 cases were answered in time: 100 %." in message.text
    assert "Half of the first answers came within 3 hours." in message.text
    assert "Rival &amp; Co" in message.html


def test_the_page_to_print_says_how(database, settings, brand_id):
    document = digest_document("دیدبان", facts_of(database, settings, brand_id), "fa")
    assert "@page" in as_mail(document, printable=True)
    assert "@page" not in as_mail(document)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_digest_as_a_pdf_says_what_the_mail_says(database, settings, brand_id, language):
    document = digest_document("دیدبان", facts_of(database, settings, brand_id), language)
    pdf = PdfReader(BytesIO(as_pdf(document, NOW.replace(microsecond=123456))))
    assert pdf.metadata.title == document.title
    assert pdf.metadata.creation_date == NOW
    assert pdf.root_object["/Lang"] == language
    fonts = {font.split("+")[-1] for page in pdf.pages for font in page_fonts(page)}
    assert fonts == {"Vazirmatn-Regular", "Vazirmatn-Bold"}
    links = [each.get_object()["/A"]["/URI"] for page in pdf.pages for each in page.get("/Annots", [])]
    # A line of two directions is several places to press.
    assert list(dict.fromkeys(links)) == [block.link for block in document.blocks if isinstance(block, Story)]


def page_fonts(page):
    fonts = page["/Resources"]["/Font"].get_object().values()
    return [font.get_object()["/BaseFont"].removeprefix("/") for font in fonts]


def test_a_title_full_of_markup_is_text_in_a_pdf():
    blocks = [
        Story('#panic("no") *_$ [x] <script>', "javascript:alert(1)"),
        Bars((Bar("a", None, "gap"), Bar("b", 0, "none")), "plain"),
    ]
    pdf = PdfReader(BytesIO(as_pdf(Document("# title", words("en"), blocks), NOW)))
    assert '#panic("no") *_$ [x] <script>' in pdf.pages[0].extract_text()
    assert "/Annots" not in pdf.pages[0]


@pytest.mark.parametrize(("letters", "left"), [(200, "۴۹۲"), (2000, "۴۹۸")])
def test_a_mail_stays_small_however_much_happened(database, settings, brand_id, letters, left):
    with database.write() as session:
        session.add_all(
            Mention(
                brand_id=brand_id,
                key=f"burst {number}",
                kind="review",
                url=f"https://shop.example/{number}" + "x" * letters,
                title="عنوان بلند " * 50,
                text="متن " * 500,
                seen_at=NOW - 3 * DAY,
                story=f"burst {number}",
                label="negative",
                score=0.9,
                labelled_by="model",
            )
            for number in range(500)
        )
    message = render_digest("دیدبان", facts_of(database, settings, brand_id), "fa")
    assert f"و {left} مورد دیگر" in message.text
    assert len(message.html.encode()) < 40_000


def test_a_quiet_day_says_so(database, settings):
    with database.write() as session:
        brand_id = add_brand(session, "Lookout", NOW).id
        row = {"key": "k", "kind": "review", "url": "https://e.example/", "text": "lovely", "story": "s"}
        session.add(Mention(brand_id=brand_id, seen_at=NOW - DAY, label="positive", labelled_by="model", **row))
    message = render_digest("Lookout", facts_of(database, settings, brand_id, Period.DAY), "en")
    assert message.subject == "\u2068Lookout\u2069, 21 November 2026: 0 new negative stories"
    assert "Nothing new and negative." in message.text
    assert "There is no figure" in message.text
    assert message.text.count("not watched yet") == 6


def test_a_digest_goes_out_once_though_its_only_story_was_erased(database, settings, brand_id):
    with database.write() as session:
        session.query(Mention).filter(Mention.story.in_(("a", "b"))).update({"author": "Sara"})
        channel = add_channel(session, Seal(settings.key()), "a", "json://a.example/", "en", NOW)
        edit_channel(session, channel, NOW, digest=Period.WEEK)
    saturday = NOW + 6 * DAY
    assert write_due_digests(database, settings, saturday) == 1
    with database.write() as session:
        erase_author(session, "sara", saturday)
    assert write_due_digests(database, settings, saturday) == 0
    outbox = Outbox()
    assert deliver_waiting(database, settings, outbox, lambda: saturday).sent == 1
    ((_, message),) = outbox.sent
    assert message.subject.endswith(": 2 new negative stories")
    assert "Nothing new and negative." not in message.text and "and 2 more" in message.text


@pytest.mark.parametrize(
    ("period", "subject"),
    [
        (Period.DAY, "\u2068Lookout\u2069, 21 November 2026: not watched yet"),
        (Period.WEEK, "\u2068Lookout\u2069, week from 14 November 2026: not watched yet"),
    ],
)
def test_what_was_not_watched_is_no_good_news(database, settings, period, subject):
    with database.write() as session:
        brand_id = add_brand(session, "Lookout", NOW).id
    message = render_digest("Lookout", facts_of(database, settings, brand_id, period), "en")
    assert message.subject == subject
    assert "Nothing new and negative." not in message.text
    assert "It was not watched yet." in message.text


def test_another_time_zone_sends_no_digest_again(database, settings, brand_id):
    with database.write() as session:
        channel = add_channel(session, Seal(settings.key()), "a", "json://a.example/", "fa", NOW)
        edit_channel(session, channel, NOW, digest=Period.WEEK)
    assert write_due_digests(database, settings, NOW) == 1
    assert write_due_digests(database, replace(settings, time_zone="Europe/Berlin"), NOW + timedelta(hours=4)) == 0


def test_a_digest_goes_out_once_at_eight_in_the_morning(database, settings, brand_id):
    with database.write() as session:
        for name, language, period in (("a", "fa", "week"), ("b", "en", "week"), ("c", "fa", ""), ("d", "fa", "day")):
            channel = add_channel(session, Seal(settings.key()), name, f"json://{name}.example/", language, NOW)
            edit_channel(session, channel, NOW, digest=period)
    assert write_due_digests(database, settings, NOW - timedelta(hours=2)) == 0
    assert write_due_digests(database, settings, NOW) == 3
    assert write_due_digests(database, settings, NOW + timedelta(hours=9)) == 0
    outbox = Outbox()
    assert deliver_waiting(database, settings, outbox, lambda: NOW).sent == 3
    subjects = dict(sorted((host, message.subject) for host, message in outbox.sent))
    assert list(subjects) == ["a", "b", "d"]
    assert subjects["b"].startswith("\u2068دیدبان\u2069, week from 9 November 2026")
    assert write_due_digests(database, settings, NOW + DAY) == 2  # the day's, and the English week's


def test_a_house_that_lives_on_the_steps_alone_gets_its_digests(database, settings, brand_id, monkeypatch):
    with database.write() as session:
        channel = add_channel(session, Seal(settings.key()), "a", "json://a.example/", "fa", NOW)
        edit_channel(session, channel, NOW, digest=Period.WEEK)
    monkeypatch.setattr(jobs, "utcnow", lambda: NOW)
    jobs.decide(settings, database)
    with database.read() as session:
        assert session.query(Alert).filter_by(kind="digest").count() == 1


def test_one_that_is_asked_for_goes_to_every_channel_again(database, settings, brand_id):
    with database.write() as session:
        add_channel(session, Seal(settings.key()), "a", "json://a.example/", "fa", NOW)
        for seconds in range(2):
            later = NOW + timedelta(seconds=seconds)
            assert write_digests(session, brand_id, Period.WEEK, settings, later, again=True) == 1
    with database.read() as session:
        assert [len(alert.deliveries) for alert in session.query(Alert)] == [1, 1]
