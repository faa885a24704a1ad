"""The first page in each state its figure can be in."""

import re

import pytest
from sqlalchemy import delete, select, update

from monitor.models import Mention, SearchPage, Source
from monitor.preferences import keep
from monitor.watch import watch_brand
from tests.web import sample

PERCENT = "\N{NO-BREAK SPACE}%"


def words(page):
    """The page's words on one line, without its tags."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", "", page)).replace(" .", ".")


def lead(page):
    return words(re.search(r"<h1.*?</h1>", page, re.S)[0]).strip()


def with_negatives(count):
    """The sample with this many certain negatives on page one."""

    def fill(session):
        sample.fill(session)
        on_page = session.scalars(select(Mention).where(Mention.kind == "search_result").order_by(Mention.id)).all()
        for place, mention in enumerate(on_page):
            mention.label, mention.score = ("negative", 0.9) if place < count else ("neutral", 0.9)

    return fill


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "No bad news today: page one of the search has no negative result."),
        (1, f"1 negative result on page one: up to 22{PERCENT} of prospects may turn away."),
        (2, f"2 negative results on page one: between 22 and 59.2{PERCENT} of prospects may turn away."),
        (3, f"3 negative results on page one: up to 59.2{PERCENT} of prospects may turn away."),
        (4, f"4 negative results on page one: up to 70{PERCENT} of prospects may turn away."),
        (7, f"7 negative results on page one: up to 70{PERCENT} of prospects may turn away."),
    ],
)
def test_the_sentence_says_the_band(reader_of, count, sentence):
    page = reader_of(with_negatives(count)).read("/")
    assert lead(page) == sentence
    assert page.count('class="step is-here') == 1
    assert "Study: Go Fish Digital" in page


def test_a_band_of_more_than_two_counts_names_its_ends(reader_of, database, settings):
    with database.write() as session:
        keep(session, settings, {"loss_table": [0, 10, 10, 10, 20, 20, 30]})
    counts = re.findall(r'class="step-count">\s*([^<]+)</span>', reader_of(sample.fill).read("/"))
    assert counts == ["0", "1 to 3", "4 or 5", "6 or more"]


def test_the_sentence_in_persian(reader_of):
    page = reader_of(with_negatives(2), language="fa").read("/")
    assert lead(page) == (
        "۲ نتیجهٔ منفی در صفحهٔ اول جست‌وجو؛ ۲۲ تا \N{ARABIC LETTER MARK}۵۹٫۲٪ از مشتریان احتمالی ممکن است منصرف شوند."
    )


@pytest.mark.parametrize(
    ("count", "step"),
    [
        (1, "Once it leaves page one, nothing negative is left there."),
        (2, "Once 2 of them are gone, nothing negative is left there."),
        (3, f"Once it leaves page one, you are back in the band “up to 22{PERCENT}”."),
        (5, f"Once 2 of them are gone, you are back in the band “up to 59.2{PERCENT}”."),
    ],
)
def test_the_next_step_names_what_it_takes(reader_of, count, step):
    assert step in words(reader_of(with_negatives(count)).read("/"))


def test_the_ten_results_stand_in_rank_order_and_say_what_if(reader):
    page = reader.read("/")
    assert re.findall(r'id="result-(\d+)"', page) == [str(rank) for rank in range(1, 11)]
    assert page.count(f"If this were gone: up to 22{PERCENT} instead of up to 59.2{PERCENT}.") == 3
    assert page.count("If this were gone, nothing would change.") == 7
    assert "1 uncertain result is not counted" in page


def test_a_failed_search_gives_no_figure(reader_of):
    def fill(session):
        sample.fill(session)
        session.execute(update(SearchPage).values(error="the search engine answered 503"))

    page = reader_of(fill).read("/")
    assert lead(page) == "No figure: the last search failed."
    assert "the search engine answered 503" in page
    assert "is-here" not in page and "prospects may turn away." not in page


def test_results_without_a_label_are_being_read(reader_of):
    def fill(session):
        sample.fill(session)
        session.execute(update(Mention).where(Mention.kind == "search_result").values(label="", labelled_at=None))

    assert "its results are being read now" in lead(reader_of(fill).read("/"))


def test_a_page_that_is_half_read_has_neither_a_figure_nor_a_next_step(reader_of):
    def fill(session):
        sample.fill(session)
        on_page = select(Mention).where(Mention.kind == "search_result", Mention.label == "neutral")
        session.scalars(on_page).first().label = ""

    page = reader_of(fill).read("/?brand=1")
    assert "its results are being read now" in lead(page)
    assert page.count('id="result-') == 10 and "mark-negative" in page
    assert "If this were gone" not in page and "Next step" not in page


def test_without_a_search_the_figure_is_marked_as_a_rough_stand_in(reader_of):
    def fill(session):
        sample.fill(session)
        session.execute(delete(Source).where(Source.spider == "search"))

    page = reader_of(fill).read("/")
    assert lead(page).startswith("15 negative stories in 30 days: roughly up to 70")
    assert "a rough stand-in for page one of a search" in page
    assert "gauge is-rough" in page and 'id="results"' not in page


def test_the_first_page_asks_for_a_name(reader_of):
    page = reader_of().read("/")
    assert "Which name shall we watch?" in page and 'action="/watch"' in page


def test_a_first_collect_tells_what_was_found_so_far(reader_of, settings):
    def fill(session):
        brand = watch_brand(session, settings, "Nilgoon", sample.NOW)
        first = session.scalars(select(Source)).first()
        first.checked_at, first.state, first.found = sample.NOW, "ok", 7
        sample.make_mention(session, brand, "Nilgoon opens a shop", label="", labelled_at=None)

    page = reader_of(fill).read("/")
    assert lead(page) == "We have begun to watch Nilgoon."
    assert "1 of 2 sources visited · 1 text found · 0 read" in words(page)
    assert "Nilgoon opens a shop" in page
    assert 'http-equiv="refresh"' in page and 'data-refresh="4"' in page


def test_an_unsure_label_of_a_first_collect_is_called_uncertain(reader_of, settings):
    def fill(session):
        brand = watch_brand(session, settings, "Nilgoon", sample.NOW)
        sample.make_mention(session, brand, "Nilgoon opens a shop", label="negative", score=0.4)

    found = reader_of(fill).read("/").partition('class="first-found"')[2].partition("</ul>")[0]
    assert "mark-uncertain" in found and "mark-negative" not in found


def test_nothing_found_yet_says_when_the_next_collect_is(reader_of, settings):
    def fill(session):
        brand = watch_brand(session, settings, "Nilgoon", sample.NOW)
        brand.created_at = sample.NOW - sample.days(2)
        for source in session.scalars(select(Source)):
            source.checked_at = sample.NOW - sample.days(1)
            source.next_at = sample.NOW + sample.days(2 / 24 / 60)

    page = reader_of(fill).read("/")
    assert lead(page) == "Nothing has been found yet."
    assert "The next collect is in 2 minutes." in words(page)
    assert "data-refresh" not in page


def test_negatives_are_told_once_for_a_story_newest_first(reader):
    page = reader.read("/")
    part = page[page.index('id="negatives"') : page.index('id="trend"')]
    assert part.count('class="story"') == 3
    assert part.count("افزایش شکایت‌ها") == 1 and "4 copies" in part
    assert part.index("Az nilgoon") < part.index("افزایش شکایت‌ها") < part.index("سه ماه بدون پاسخ")
    assert "Bad nist" not in part


def test_gaps_are_drawn_as_gaps_and_trouble_stands_below(reader):
    page = reader.read("/")
    assert page.count('class="trend-gap"') == 2
    assert page.index("</svg>", page.index('class="trend"')) < page.index("Missing from these figures")
    assert "reviews.example" in page[page.index("Missing from these figures") :]


def test_time_runs_with_the_reading(reader_of):
    def place_of_today(page):
        return float(re.search(r'<text class="trend-date is-today" x="([\d.]+)%"', page)[1])

    reader = reader_of(sample.fill)
    assert place_of_today(reader.get("/").text) > 98
    reader.speak("fa")
    assert place_of_today(reader.get("/").text) < 2


def test_reasons_come_with_their_change_and_advice(reader):
    page = reader.read("/")
    part = words(page[page.index('id="reasons"') :])
    assert "more than in the 30 days before:13" in part
    assert "Send less often, or let people choose how often." in part
