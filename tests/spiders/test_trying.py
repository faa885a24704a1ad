"""A link on the command line: recognised, tried, shown, kept; keys stay out of every place that is read."""

import json
import logging
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner

from monitor.brands import add_brand
from monitor.cli import cli
from monitor.config import as_environ
from monitor.models import Source
from monitor.recognise import recognise
from monitor.sealing import Seal
from monitor.secrets import hide, open_options, seal_options
from monitor.sources import add_source
from monitor.trying import try_link, try_source
from monitor.types import SourceState
from spiders import logs
from spiders.logs import hide_secrets, keep_out_of_logs

FEED = "<rss version='2.0'><channel><title>t</title>{}</channel></rss>"
ITEM = "<item><title>Text {0}</title><link>/{0}</link></item>"
PAGE = b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/named.rss">'


@pytest.fixture(scope="module")
def pages(site):
    site.pages["/named.rss"] = (200, {}, FEED.format("".join(map(ITEM.format, range(5)))).encode())
    site.pages["/site"] = (200, {"Content-Type": "text/html"}, PAGE)
    site.pages["/nothing"] = (200, {"Content-Type": "text/html"}, b"<!doctype html>")
    review = b'<script type="application/ld+json">{"@type":"Review","name":"Late","reviewBody":"It came late"}</script>'
    site.pages["/shop"] = (200, {"Content-Type": "text/html"}, b"<!doctype html>" + review)
    site.pages["/shop-with-feed"] = (200, {"Content-Type": "text/html"}, PAGE + review)
    site.pages["/"] = (200, {"Content-Type": "text/html"}, b"<!doctype html><p>Hello</p>")
    site.pages["/empty.rss"] = (200, {}, FEED.format("").encode())


@pytest.fixture
def didban(collector, pages, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in as_environ(collector.settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments, input=""):
        return CliRunner().invoke(cli, list(map(str, arguments)), input=input)

    return run


def test_a_site_is_tried_through_the_feed_it_names(collector, site, pages):
    trial = try_source(collector.settings, "feed", site.url("/site"), {})
    assert (trial.failed, trial.texts) == (False, tuple(f"Text {number}" for number in range(5)))
    assert json.loads(trial.lines[-1])["found"] == 5


@pytest.mark.parametrize("path", ["/shop", "/shop-with-feed"])
def test_a_page_with_reviews_is_read_for_those_whatever_feed_it_names(collector, site, pages, path):
    found, trial = try_link(collector.settings, recognise(site.url(path)), {})
    assert (found.spider, found.url, found.matches_text) == ("reviews", site.url(path), False)
    assert trial.texts == ("Late: It came late",)


def test_a_page_without_reviews_is_the_feed_it_names(collector, site, pages):
    found, trial = try_link(collector.settings, recognise(site.url("/site")), {})
    assert (found.spider, found.url, len(trial.texts)) == ("feed", site.url("/named.rss"), 5)


def test_a_page_of_neither_stays_what_it_was_taken_for(collector, site, pages):
    found, trial = try_link(collector.settings, recognise(site.url("/nothing")), {})
    assert (found.spider, trial.failed) == ("feed", True)
    found, trial = try_link(collector.settings, recognise(site.url("/")), {})
    assert (found.spider, trial.failed, trial.state) == ("feed", False, SourceState.EMPTY)
    assert trial.error.startswith("a web page, not a feed")


def test_a_trial_that_fails_says_why(collector, site, pages):
    trial = try_source(collector.settings, "feed", site.url("/nothing"), {"kind": "social"})
    assert trial.failed and trial.error.startswith("a web page, not a feed")
    trial = try_source(collector.settings, "no-such", site.url("/nothing"), {})
    assert (trial.state, trial.error) == (SourceState.FAILING, "the visit ended without a report")


def test_source_test_ends_with_status_1_when_the_source_failed(didban, site):
    good = didban("source", "test", site.url("/named.rss"), "--option", "kind=social")
    assert good.exit_code == 0
    assert {json.loads(line).get("kind") for line in good.stdout.splitlines()[:-1]} == {"social"}
    assert didban("source", "test", site.url("/empty.rss")).exit_code == 0
    assert didban("source", "test", site.url("/nothing")).exit_code == 1
    assert didban("source", "test", site.url("/named.rss"), "--spider", "reviews").exit_code == 0


def test_a_recognised_link_is_shown_before_it_is_kept(didban, site, collector):
    added = didban("source", "add", site.url("/site"))
    assert added.stdout.splitlines()[:3] == ["  Text 0", "  Text 1", "  Text 2"]
    assert added.stdout.splitlines()[3].endswith(f": feed {site.url('/named.rss')}")
    assert "this needs --brand" in didban("source", "add", site.url("/shop")).stderr
    assert "holds nothing yet (a web page, not a feed" in didban("source", "add", site.url("/")).stderr
    refused = didban("source", "add", site.url("/nothing"))
    assert refused.exit_code == 1 and "not kept (a web page, not a feed" in refused.stderr
    assert didban("source", "add", site.url("/nothing"), "--untried").exit_code == 0
    with collector.database.read() as session:
        kept = {source.url for source in session.query(Source)}
    assert kept == {site.url("/named.rss"), site.url("/"), site.url("/nothing")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["source", "add", "a", "b", "c"], "one URL, or SPIDER and URL"),
        (["source", "add", "https://myket.ir/app/x", "--untried"], "this needs --brand"),
    ],
)
def test_wrong_use_is_one_line(didban, arguments, message):
    result = didban(*arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_a_missing_key_is_asked_for_and_kept_sealed(didban, collector):
    with collector.database.write() as session:
        add_brand(session, "Aral", datetime.now(UTC))
    url = "https://www.trustpilot.com/review/aral.example"
    added = didban("source", "add", url, "--brand", "Aral", "--untried", input="the k3y\n")
    assert added.exit_code == 0 and "the k3y" not in added.output
    with collector.database.read() as session:
        (source,) = session.query(Source).where(Source.spider == "trustpilot")
    assert "the k3y" not in str(source.options)
    seal = Seal(collector.settings.key())
    assert open_options(source.options, seal) == {"api_key": "the k3y"}
    changed = didban("source", "edit", source.id, "--option", "api_key=another", "--option", "pages=2")
    assert changed.exit_code == 0
    with collector.database.read() as session:
        options = session.get(Source, source.id).options
    assert options["pages"] == "2" and "another" not in str(options)
    assert open_options(options, seal)["api_key"] == "another"


def test_a_source_whose_key_was_sealed_with_another_key_says_so(collector):
    with collector.database.write() as session:
        now = datetime.now(UTC)
        options = {"api_key": "x"}
        url = "https://www.youtube.com/watch?v=abcdefghijk"
        id = add_source(session, "youtube", url, now, interval=60, options=options, seal=Seal("another key")).id
    collector.run("--source", str(id))
    with collector.database.read() as session:
        source = session.get(Source, id)
    assert (source.state, "kept under another key" in source.error) == (SourceState.FAILING, True)


def test_a_secret_without_a_seal_is_a_bug():
    with pytest.raises(TypeError):
        seal_options({"api_key": "x"}, None)
    assert seal_options({"pages": "2"}, None) == {"pages": "2"}


def test_no_line_of_the_log_holds_a_secret(monkeypatch):
    monkeypatch.setattr(logs, "_hidden", {"s3"})
    lines = []

    class Keeping(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    logger = logging.Logger("apart")
    logger.addHandler(Keeping())
    keep_out_of_logs(["s3cret"])
    hide_secrets(logger)
    logger.error("asked %s", "https://x.example/?api_key=s3cret")
    try:
        raise ValueError("s3cret")
    except ValueError:
        logger.exception("bug")
    assert "3cret" not in "".join(lines)
    assert "api_key=…" in lines[0]


@pytest.mark.parametrize("encode", [str, quote, quote_plus, partial(quote, safe="")])
def test_a_secret_is_hidden_as_it_stands_in_an_address(encode):
    secrets = ("ab/cd+ef= گ", "\ud83d%")
    given = encode(secrets[0])
    assert hide(f"no usable answer: 'https://x.example/?api_key={given}&q=1'", secrets).endswith("?api_key=…&q=1'")
