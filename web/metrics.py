"""Figures for Prometheus at /metrics: for this machine, and for others with a token."""

from collections.abc import Iterable, Mapping
from http import HTTPMethod
from ipaddress import ip_address
from time import monotonic
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.measures import find_measures
from monitor.standing import find_standing
from monitor.types import Scope
from web.api.access import token_shown
from web.scope import db, now, settings

blueprint = Blueprint("metrics", __name__)

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Whoever asks may invent another, and each would be a series for as long as we run.
_METHODS = frozenset(HTTPMethod)
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class _Didban(Collector):
    """Reads the database each time it is asked; no figure is kept between."""

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        info = InfoMetricFamily("didban", "What runs here.")
        info.add_metric([], {"version": __version__})
        yield info
        yield from _standing()
        measures = find_measures(db())
        yield _gauge("mentions", "Mentions kept.", ["brand", "label"], measures.mentions)
        yield _gauge("alerts", "Alerts written.", ["brand", "kind"], measures.alerts)
        yield _gauge("unsubscribes", "People who left and did not come back.", ["brand"], measures.unsubscribes)
        yield _gauge("sources", "Sources by how their last visit went.", ["state"], measures.sources)
        yield _gauge("waiting", "Rows that wait for a step.", ["step"], measures.waiting)
        if measures.collected_at is not None:
            visited = {(): measures.collected_at.timestamp()}
            yield _gauge("last_collect_timestamp_seconds", "When a source was visited last.", [], visited)


def _standing() -> Iterable[Metric]:
    standing = find_standing(db(), settings(), now())
    rows = standing["brands"]
    # No figure is no sample: a gap must not look like zero.
    known = [row for row in rows if row["negatives"] is not None]
    negatives = {(row["brand"], row["basis"]): row["negatives"] for row in known}
    shares = {(row["brand"], row["basis"]): row["share_lost"] for row in known}
    yield _gauge("negatives", "Negative results on page one.", ["brand", "basis"], negatives)
    yield _gauge("share_lost_percent", "Up to how many prospects may turn away.", ["brand", "basis"], shares)
    yield _gauge("open_cases", "Cases to be settled.", ["brand"], {row["brand"]: row["open_cases"] for row in rows})
    yield _gauge("late_cases", "Cases past their time.", ["brand"], {row["brand"]: row["late_cases"] for row in rows})
    yield _gauge("seconds_behind", "Age of the oldest thing that waits.", ["step"], standing["seconds_behind"])


def _gauge(name: str, about: str, labels: list[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"didban_{name}", about, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family


def init_app(app: Flask) -> None:
    registry = CollectorRegistry()
    registry.register(_Didban())
    durations = Histogram(
        "didban_http_request_duration_seconds",
        "Time from a request to its answer.",
        # Views, never addresses: those have no end.
        ["method", "view", "status"],
        registry=registry,
        buckets=_BUCKETS,
    )
    app.extensions["didban_metrics"] = registry

    def begin() -> None:
        g.began = monotonic()

    def end(response: Response) -> Response:
        method = request.method if request.method in _METHODS else "other"
        labels = (method, request.endpoint or "", f"{response.status_code // 100}xx")
        durations.labels(*labels).observe(monotonic() - g.get("began", monotonic()))
        return response

    app.before_request(begin)
    app.after_request(end)


@blueprint.get("/metrics")
def metrics() -> Response:
    """In the format that the caller asks for."""
    if not _is_this_machine():
        token = token_shown()
        if token is None or Scope.METRICS not in token.scopes:
            abort(404)
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(current_app.extensions["didban_metrics"]), content_type=content_type)


def _is_this_machine() -> bool:
    """Asked from here and not on behalf of somebody: where we are reached from outside, a proxy asks from here too."""
    reached_from_outside = settings().trusted_hosts or settings().public_url
    passed_on = any(name in request.headers for name in _FORWARDED)
    return bool(
        request.remote_addr
        and ip_address(request.remote_addr).is_loopback
        and not reached_from_outside
        and not passed_on
    )
