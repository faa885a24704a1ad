"""What Prometheus reads, and who may read it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.models import Brand, Delivery, Mention, SearchPage
from monitor.tokens import add_token
from monitor.types import DeliveryState, Scope
from tests.web import sample
from web import create_app

OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def app_of(settings, database):
    with database.write() as session:
        sample.fill(session)

    def build(**changes):
        return create_app(replace(settings, **changes), database, clock=lambda: sample.NOW, is_local=True)

    return build


def read(app, status=200, **arguments):
    answer = app.test_client().get("/metrics", **arguments)
    assert answer.status_code == status, answer.text
    return answer


def samples(app):
    """{(name, values in the order of their labels' names): value} of all that is told."""
    families = text_string_to_metric_families(read(app).text)
    found = [each for family in families for each in family.samples]
    return {(each.name, *(each.labels[label] for label in sorted(each.labels))): each.value for each in found}


def test_every_figure_is_that_of_the_pages(app_of, database):
    told = samples(app_of())
    with database.read() as session:
        for label in ("negative", "neutral", "positive"):
            count = session.query(Mention).filter_by(brand_id=1, label=label).count()
            assert told["didban_mentions", "نیلگون", label] == count > 0
        waiting = session.query(Delivery).filter_by(state=DeliveryState.WAITING).count()
        assert told["didban_waiting", "deliver"] == waiting
    assert told["didban_negatives", "search_results", "نیلگون"] == 3
    assert told["didban_share_lost_percent", "search_results", "نیلگون"] == 59.2
    assert told["didban_sources", "blocked"] == 1
    assert told["didban_late_cases", "نیلگون"] > 0
    assert told["didban_last_collect_timestamp_seconds",] <= sample.NOW.timestamp()
    assert {key[1] for key in told if key[0] == "didban_seconds_behind"} == {"collect", "label", "decide", "deliver"}


def test_a_search_that_failed_has_no_figure_instead_of_zero(app_of, database):
    with database.write() as session:
        page = SearchPage(brand_id=1, source_id=1, query="q", engine="e", taken_at=sample.NOW, error="timed out")
        session.add(page)
    told = samples(app_of())
    assert not [key for key in told if key[0] == "didban_negatives" and "نیلگون" in key]
    assert not [key for key in told if key[0] == "didban_share_lost_percent" and "نیلگون" in key]


def test_how_long_answers_take_is_told_by_view_and_never_by_address(app_of):
    app = app_of()
    for path in ("/nowhere/1", "/nowhere/2", "/cases/1", "/cases/2", "/healthz"):
        app.test_client().get(path)
    told = samples(app)
    name = "didban_http_request_duration_seconds_count"
    assert told[name, "GET", "4xx", ""] == 2
    assert told[name, "GET", "3xx", "cases.one"] == 2
    assert "nowhere" not in read(app).text


def test_a_method_that_nobody_knows_is_no_series_of_its_own(app_of):
    app = app_of()
    for method in ("EVIL0", "EVIL1", "DELETE"):
        app.test_client().open("/nowhere", method=method)
    told = samples(app)
    name = "didban_http_request_duration_seconds_count"
    assert told[name, "other", "4xx", ""] == 2
    assert {key[1] for key in told if key[0] == name} == {"other", "DELETE"}


def test_a_name_cannot_break_the_format(app_of, database):
    with database.write() as session:
        session.get(Brand, 1).name = 'a"b\\c\nd'
    assert samples(app_of())["didban_negatives", "search_results", 'a"b\\c\nd'] == 3


def test_openmetrics_is_spoken_too(app_of):
    answer = read(app_of(), headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.mimetype == "application/openmetrics-text" and answer.text.endswith("# EOF\n")


def test_others_need_a_token_with_this_scope(app_of, database):
    app = app_of()
    read(app, 404, environ_overrides=OUTSIDE)
    for scope, status in ((Scope.READ, 404), (Scope.METRICS, 200)):
        with database.write() as session:
            _, secret = add_token(session, "prometheus", [scope], sample.NOW)
        read(app, status, headers={"Authorization": f"Bearer {secret}"}, environ_overrides=OUTSIDE)


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({}, {"X-Forwarded-For": "203.0.113.7"}),
        ({}, {"Forwarded": "for=203.0.113.7"}),
        ({"trusted_hosts": ("board.example",)}, {}),
        ({"public_url": "https://news.example.com"}, {}),
    ],
)
def test_a_proxy_on_this_machine_is_not_this_machine(app_of, changes, headers):
    read(app_of(**changes), 404, headers=headers)


def test_every_figure_is_documented(app_of):
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
    told = {family.name for family in text_string_to_metric_families(read(app_of()).text)}
    documented = set(re.findall(r"`(didban_[a-z_]+)`", page))
    assert {name.removesuffix("_info") for name in documented} == {name.removesuffix("_info") for name in told}
