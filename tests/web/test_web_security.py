"""What must not happen: foreign hosts, forged forms, text that acts, pages that call out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import Settings
from tests.web import sample

ROOT = Path(__file__).parents[2]
PAGES = ["/", "/mentions", "/sources", "/unsubscribes", "/alerts", "/nowhere"]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8370", "localhost.evil.example", "127.0.0.1.evil.example"]
)
def test_a_foreign_host_is_refused(reader, host):
    answer = reader.get("/", 400, headers={"Host": host})
    assert "host not trusted" in answer.text
    assert "نیلگون" not in answer.text
    reader.get("/?lang=en", 400, headers={"Host": host})


@pytest.mark.parametrize("host", ["localhost", "localhost:8370", "127.0.0.1:8370"])
def test_this_machine_is_trusted(reader, host):
    reader.get("/healthz", headers={"Host": host})


def test_a_host_of_the_settings_is_trusted(tmp_path, database):
    from web import create_app

    settings = Settings(data_dir=tmp_path, secret_key="x", trusted_hosts=("board.example",))
    client = create_app(settings, database).test_client()
    assert client.get("/healthz", headers={"Host": "board.example"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/watch", "/mentions/1/label", "/sources/1/pause", "/sources/search", "/unsubscribes/import"]
)
@pytest.mark.parametrize("token", ["", "forged"])
def test_a_form_without_our_token_is_refused(reader, path, token):
    answer = reader.client.post(path, data={"csrf_token": token, "label": "neutral"})
    assert answer.status_code == 400
    assert "Open the page again and repeat the step." in answer.text


@pytest.mark.parametrize("path", ["/watch", "/mentions/1/label", "/sources/1/pause", "/unsubscribes/import"])
def test_looking_changes_nothing(reader, path):
    reader.get(path, 405)


@pytest.mark.parametrize("path", [*PAGES, "/static/didban.css", "/healthz"])
def test_every_answer_carries_the_guarding_headers(reader, path):
    headers = reader.client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_kept_by_nobody_and_assets_for_long(reader):
    assert reader.get("/").headers["Cache-Control"] == "no-store"
    assert "max-age=31536000" in reader.get("/static/didban.css", buffered=True).headers["Cache-Control"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(reader):
    cookie = reader.get("/?lang=fa", 302).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def hostile(session):
    brand = sample.fill(session)
    brand.name = f"B {HOSTILE}"
    for address in ("javascript:alert(3)", "data:text/html,x", "//evil.example/x", "http://", "http://[bad"):
        sample.make_mention(
            session, brand, HOSTILE, title=HOSTILE, author=HOSTILE, url=address, label="negative", score=0.99,
            seen_at=sample.NOW - sample.days(0.01), published_at=sample.NOW - sample.days(0.01),
        )  # fmt: skip
    sample.make_source(
        session, brand, "feed", "javascript:alert(4)", state="failing", error=HOSTILE, warnings=[HOSTILE]
    )


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_stays_text(reader_of, path):
    reader = reader_of(hostile)
    page = reader.client.get(path).text
    assert "<script>alert" not in page and "<img" not in page and "onerror=alert(2)>" not in page
    for attribute in re.findall(r'(?:href|src|action)="([^"]*)"', page):
        assert not attribute.lower().startswith(("javascript:", "data:", "//")), attribute


def test_links_to_what_was_collected_give_nothing_away(reader):
    outside = re.findall(r'<a [^>]*href="https?://[^>]+>', reader.get("/mentions").text)
    assert outside
    for link in outside:
        assert 'rel="noopener noreferrer nofollow"' in link


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_from_outside(reader, path):
    page = reader.client.get(path).text
    for address in re.findall(r'<(?:link|script|img|source|iframe)[^>]*?(?:href|src)="([^"]*)"', page):
        assert address.startswith("/static/")
    assert not re.search(r"<style|<script(?! src)|\sstyle=|\son\w+=", page)


def test_assets_name_no_address():
    for path in (ROOT / "web" / "static").glob("*.*"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(\s*[\"']?//", text), path


def test_the_dashboard_imports_neither_crawler_nor_model():
    heavy = ("nlp", "spiders", "scrapy", "twisted", "onnxruntime", "transformers", "numpy", "torch", "cryptography")
    code = f"import sys, web; print(sorted({set(heavy)!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_secrets_are_not_shown(reader):
    for path in PAGES:
        assert "a key for tests" not in reader.client.get(path).text


def test_an_error_of_ours_shows_a_page_without_its_insides(settings, database):
    from web import create_app

    app = create_app(settings, database, clock=lambda: 1 / 0, is_sample=True)
    with database.write() as session:
        sample.fill(session)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text and "اشکالی از سمت ما پیش آمد." in answer.text
