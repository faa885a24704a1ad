from datetime import UTC, datetime

import pytest
from scrapy import exceptions
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from monitor.types import SourceState
from spiders.addresses import AddressRefused
from spiders.failures import explain, retry_after
from spiders.robots import RobotsUnreadable

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URL = "https://x.example/feed"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Fri, 20 Nov 2026 09:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 08:00:00 GMT", 0),
        ("999999999999", 7 * 86400),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (401, SourceState.BLOCKED),
        (403, SourceState.BLOCKED),
        (429, SourceState.BLOCKED),
        (451, SourceState.BLOCKED),
        (404, SourceState.FAILING),
        (500, SourceState.FAILING),
        (599, SourceState.FAILING),
    ],
)
def test_a_status_says_whether_we_are_unwanted(status, state):
    trouble = explain(HttpError(Response(URL, status=status, headers={"Retry-After": "60"})), URL, NOW)
    assert (trouble.state, trouble.retry_after) == (state, 60)
    assert trouble.line.startswith(f"the site answered {status}") and URL in trouble.line


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        *[(HttpError(Response(URL, status=status)), True) for status in (408, 429, 500, 503, 524)],
        *[(HttpError(Response(URL, status=status)), False) for status in (401, 403, 404, 410, 451)],
        (exceptions.DownloadTimeoutError(), True),
        (exceptions.CannotResolveHostError(), True),
        (exceptions.DownloadConnectionRefusedError(), True),
        (RobotsUnreadable(), True),
        (exceptions.IgnoreRequest("Forbidden by robots.txt"), False),
        (exceptions.UnsupportedURLSchemeError(), False),
        (AddressRefused(), False),
    ],
)
def test_it_is_known_what_may_pass(error, passes):
    assert explain(error, URL).passes is passes


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (exceptions.DownloadConnectionRefusedError(), f"connection refused: '{URL}'"),
        (
            exceptions.DownloadFailedError("[('SSL routines', '', 'certificate verify failed')]"),
            f"certificate is not valid: '{URL}'",
        ),
        (exceptions.DownloadFailedError("[<ConnectionDone>]"), f"connection failed: '{URL}'"),
        (
            exceptions.DownloadTimeoutError("Getting https://x.example/robots.txt took longer"),
            f"no answer in time: '{URL}'",
        ),
        (ValueError("a\nb"), f"no usable answer: '{URL}': ValueError: a b"),
        (OSError(), f"no usable answer: '{URL}': OSError"),
    ],
)
def test_an_error_is_one_line(error, line):
    assert explain(error, URL).line == line
