"""What the buttons and forms do."""

from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import func, select

from monitor.brands import get_brand
from monitor.models import Brand, Mention, Source
from tests.web import sample


def scalar(database, query):
    with database.read() as session:
        return session.scalar(query)


def test_not_negative_is_a_persons_label_for_every_copy_and_can_be_taken_back(reader, database):
    copies = select(func.count()).where(Mention.story == "negative-1", Mention.label == "neutral")
    first = scalar(database, select(Mention.id).where(Mention.story == "negative-1").limit(1))
    answer = reader.press(f"/mentions/{first}/label", {"label": "neutral", "next": "/#negatives"})
    assert answer.headers["Location"] == "/#negatives"
    assert scalar(database, copies) == 4
    assert scalar(database, select(Mention.labelled_by).where(Mention.id == first)) == "person"
    page = reader.read("/")
    assert "Noted: neutral." in page and "Undo" in page and "4 copies" not in page
    reader.press(f"/mentions/{first}/label", {"label": "negative"})
    assert scalar(database, copies) == 0


@pytest.mark.parametrize("label", ["", "awful", "unsubscribe"])
def test_an_unknown_label_is_refused(reader, label):
    reader.press("/mentions/1/label", {"label": label}, status=400)


def test_a_mention_that_is_gone_is_missing(reader):
    reader.press("/mentions/99999/label", {"label": "neutral"}, status=404)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http://[x",
    ],
)
def test_a_form_leads_to_no_other_site(reader, elsewhere):
    answer = reader.press("/mentions/1/label", {"label": "neutral", "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_a_source_is_paused_and_resumed(reader, database):
    paused = select(Source.paused).where(Source.id == 2)
    answer = reader.press("/sources/2/pause", {"next": "/sources"}, page="/sources")
    assert answer.headers["Location"] == "/sources#source-2"
    assert scalar(database, paused) is True
    reader.press("/sources/2/resume", page="/sources")
    assert scalar(database, paused) is False
    reader.press("/sources/77/pause", page="/sources", status=404)


def test_a_search_engine_is_added(reader_of, database, settings):
    from monitor.watch import watch_brand

    reader = reader_of(lambda session: watch_brand(session, settings, "Nilgoon", sample.NOW))
    assert 'id="engine"' in reader.read("/sources")
    reader.press("/sources/search", {"search_engine": "searx.example", "next": "/sources"}, page="/sources")
    url = scalar(database, select(Source.url).where(Source.spider == "search"))
    assert url.startswith("https://searx.example/search?q=Nilgoon&format=json")
    assert 'id="engine"' not in reader.read("/sources")


def test_an_address_that_is_none_is_said_beside_it_and_stays(reader_of, database, settings):
    from monitor.watch import watch_brand

    reader = reader_of(lambda session: watch_brand(session, settings, "Nilgoon", sample.NOW))
    before = scalar(database, select(func.count(Source.id)))
    page = reader.press("/sources/search", {"search_engine": "https://"}, page="/sources", status=422).text
    assert "This address cannot be watched." in page and 'value="https://"' in page
    assert 'id="search_engine-error"' in page and scalar(database, select(func.count(Source.id))) == before


def test_a_brand_is_watched_at_once(reader_of, database):
    reader = reader_of()
    reader.press(
        "/watch", {"name": " Nilgoon ", "aliases": "نیلگون، nil-goon", "site": "https://nilgoon.example/reviews"}
    )
    with database.read() as session:
        assert get_brand(session, "Nilgoon").aliases == ["نیلگون", "nil-goon"]
        # Two spellings at two places, the page and its site.
        assert session.scalar(select(func.count(Source.id))) == 6
    assert "We have begun to watch" in reader.read("/")


def test_a_nameless_brand_is_asked_for_again(reader_of):
    page = reader_of().press("/watch", {"name": " ", "aliases": "kept"}, status=422).text
    assert "Write the name people use for you." in page and 'value="kept"' in page and 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "***"}, "it needs a letter or a digit"),
        ({"name": "Nilgoon", "aliases": "nil-goon, ***"}, "it needs a letter or a digit"),
        ({"name": "Nilgoon", "site": "https://"}, "This address cannot be watched."),
        ({"name": "Nilgoon", "search_engine": "http://x:y"}, "This address cannot be watched."),
    ],
)
def test_what_cannot_be_watched_is_asked_for_again_and_nothing_is_kept(reader_of, database, form, sentence):
    given = {"aliases": "kept", "site": "kept.example", **form}
    page = unescape(reader_of().press("/watch", given, status=422).text)
    assert page.count(sentence) == 1 and all(f'value="{value}"' in page for value in given.values())
    assert f'aria-describedby="{list(form)[-1]}-help {list(form)[-1]}-error"' in page
    assert scalar(database, select(func.count(Brand.id))) == 0


def test_what_is_watched_already_is_asked_for_again(reader, database):
    page = reader.press("/watch", {"name": "نیلگون", "aliases": "kept"}, status=422).text
    assert "This brand is watched already." in page and 'value="kept"' in page
    with database.write() as session:
        brand = session.get(Brand, 1)
        sample.make_source(session, brand, "reviews", "https://shop.example/")
    page = reader.press("/watch", {"name": "Harbour", "site": "https://shop.example/"}, status=422).text
    assert "source exists already" in page and 'value="Harbour"' in page
    assert scalar(database, select(func.count()).where(Brand.name == "Harbour")) == 0


def test_an_upload_too_large_is_refused(reader):
    answer = reader.client.post(
        "/unsubscribes/import",
        input_stream=BytesIO(b"x" * 21_000_000),
        content_length=21_000_000,
        content_type="multipart/form-data; boundary=y",
    )
    assert answer.status_code == 413
