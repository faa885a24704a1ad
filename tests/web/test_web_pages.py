"""Every page, in both languages, with and without anything to show."""

import re
from dataclasses import replace

import pytest

from monitor.brands import add_brand
from monitor.errors import StorageError
from tests.web import sample
from web import create_app

PAGES = ["/", "/mentions", "/cases", "/sources", "/unsubscribes", "/alerts"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_a_page_shows_in_its_language_and_direction(reader, path, language, direction):
    reader.speak(language)
    answer = reader.get(path)
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert answer.headers["Content-Language"] == language
    assert ("نیلگون" in answer.text) and ("Overview" in answer.text) == (language == "en")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_brand_nobody_spoke_of_shows_too(reader_of, path):
    reader = reader_of(lambda session: add_brand(session, "Silent", sample.NOW - sample.days(3)))
    assert "Silent" in reader.read(path)


@pytest.mark.parametrize("path", PAGES[1:])
def test_without_a_brand_the_inner_pages_are_missing(reader_of, path):
    assert "There is nothing at this address." in reader_of().read(path, 404)


def test_persian_is_the_first_language_and_has_its_own_digits(reader_of, settings):
    reader = reader_of(sample.fill)
    with reader.client.session_transaction() as session:
        del session["language"]
    page = reader.read("/")
    assert 'تا <strong class="is-negative">\N{ARABIC LETTER MARK}۵۹٫۲٪</strong>' in page
    # Digits in the words of the page; what was collected keeps its own.
    words = re.sub(r"<[^>]+>|Go Fish Digital|N20|Nilgoon.*?shop\)|Az nilgoon.*?kharid…", "", page)
    assert not re.search(r"[0-9] (نتیجه|ساعت|روز)", words)


def test_the_chosen_language_is_remembered_and_leaves_the_address(reader):
    answer = reader.get("/mentions?label=negative&lang=fa", 302)
    assert answer.headers["Location"] == "/mentions?label=negative"
    assert 'lang="fa"' in reader.get("/mentions").text


@pytest.mark.parametrize("path", ["/hooks/x/y%0D%0Az", "/u/a%0D%0Ab", "/u/a%3Fb", "/calendar/a%0Ab.ics"])
def test_what_is_quoted_in_an_address_stays_so_without_its_language(reader_of, path):
    assert reader_of(role=None).get(f"{path}?lang=en", 302).headers["Location"] == path


def test_an_unknown_language_changes_nothing(reader):
    reader.get("/?lang=xx", 302)
    assert 'lang="en"' in reader.get("/").text


def test_the_brand_in_the_address_is_remembered(reader, database):
    page = reader.read("/?brand=2")
    assert "<bdi>Nilgoon Kids</bdi></summary>" in page
    assert "<bdi>Nilgoon Kids</bdi></summary>" in reader.read("/mentions")
    reader.get("/?brand=77", 404)


def test_healthz_answers_a_supervisor(reader):
    assert reader.get("/healthz").json["status"] == "ok"


def test_healthz_says_when_the_database_is_gone(reader, database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE deliveries")
    assert "The database did not answer." in reader.read("/healthz", 503)


@pytest.mark.parametrize("path", ["/login", "/healthz", "/u/abc", "/"])
@pytest.mark.parametrize(("language", "sentence"), [("fa", "پایگاه داده"), ("en", "The database did not answer.")])
def test_the_error_page_needs_no_database(settings, database, monkeypatch, path, language, sentence):
    app = create_app(replace(settings, language=language), database)
    asked = []

    def gone():
        asked.append(path)
        raise StorageError("database", "sqlite:///gone.db")

    monkeypatch.setattr(database, "read", gone)
    answer = app.test_client().get(path)
    assert answer.status_code == 503 and sentence in answer.text
    assert answer.headers["Content-Language"] == language
    # A database may take long to say that it is gone: the page asks once for the language.
    assert len(asked) == 2


def test_a_missing_page_needs_no_database(settings, database, monkeypatch):
    app = create_app(replace(settings, language="en"), database)

    def gone():
        raise StorageError("database", "sqlite:///gone.db")

    monkeypatch.setattr(database, "read", gone)
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404 and "There is nothing at this address." in answer.text


def test_mentions_are_narrowed(reader):
    page = reader.read("/mentions?label=positive&kind=review")
    assert "بسته‌بندی عالی بود" in page
    assert page.count('<li class="mention"') == 1
    assert "نیلگون در نمایشگاه" not in reader.read("/mentions?period=1d")
    assert "Nothing matches these filters." in reader.read("/mentions?label=positive&language=other")
    assert reader.read("/mentions?label=nonsense").count('<li class="mention"') == 25


def test_pages_of_a_list_follow_each_other_without_loss_or_repetition(reader):
    seen, path = [], "/mentions"
    while path:
        page = reader.read(path)
        seen += re.findall(r'id="mention-(\d+)"', page)
        following = re.search(r'href="(/mentions\?after=[^"&]+)"', page)
        path = following and following[1]
    assert len(seen) == len(set(seen)) == 28


@pytest.mark.parametrize("after", ["x", "1-2-3", "99999999999999999999999-1", "-"])
def test_an_invented_place_in_a_list_is_missing(reader, after):
    reader.get(f"/mentions?after={after}", 404)


def test_sources_tell_their_trouble_first(reader):
    page = reader.read("/sources")
    assert "1 source is in trouble" in page
    assert page.index("it turns us away") < page.index("in order")
    assert "403 Forbidden" in page and "2 entries were left out" in page and "paused" in page


def test_unsubscribes_show_reasons_and_words(reader):
    page = reader.read("/unsubscribes?reason=too_many")
    assert "kheili ziad email midid" in page
    assert "I bought one kettle" not in page
    assert "too many e-mails" in page


def test_alerts_show_what_was_told_and_whether_it_arrived(reader):
    page = reader.read("/alerts")
    assert "Loss band: up to 59.2\N{NO-BREAK SPACE}% now, up to 22\N{NO-BREAK SPACE}% before" in page
    assert "chat not found" in page and "given up" in page and "tried 3 times" in page
    assert "sealed" not in page


def test_a_sample_says_so_and_leads_home(reader_of):
    page = reader_of(sample.fill, is_sample=True, home="/home").read("/")
    assert "A sample: an invented brand" in page and 'href="/home"' in page


def test_the_first_page_leads_to_the_sample(reader_of):
    assert 'href="/sample/"' in reader_of(sample="/sample").read("/")


def test_a_dashboard_below_a_path_keeps_to_it(reader):
    below = {"environ_overrides": {"SCRIPT_NAME": "/sample"}}
    page = reader.get("/mentions", **below).text
    for address in re.findall(r'(?:href|src|action|name="next" value)="(/[^"]*)"', page):
        assert address.startswith("/sample/"), address
    assert reader.get("/mentions?lang=fa&label=negative", 302, **below).headers["Location"] == (
        "/sample/mentions?label=negative"
    )


def test_the_first_page_is_light(reader):
    page = len(reader.get("/").data)
    assets = re.findall(r'"(/static/[^"]+)"', reader.get("/").text)
    weight = page + sum(len(reader.get(asset, buffered=True).data) for asset in assets)
    assert len(assets) == 4 and weight < 250_000
