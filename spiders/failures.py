"""Why a request gave nothing: one line for the owner, a state, and when to come back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from scrapy import exceptions
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from monitor.errors import FetchError
from monitor.types import SourceState
from spiders.addresses import AddressRefused
from spiders.middlewares import header
from spiders.robots import RobotsUnreadable

_BLOCKING = (401, 403, 429, 451)
# What a site says when it is not ready rather than unwilling.
_PASSING = (408, 425, 429, *range(500, 600))
_LONGEST_WAIT = 7 * 86400.0

_FAILING, _BLOCKED = SourceState.FAILING, SourceState.BLOCKED
# Exception, words of its message where Scrapy tells no more, our words, state; the first that fits counts.
_KNOWN: tuple[tuple[type[Exception], str, str, SourceState], ...] = (
    (AddressRefused, "", "address not allowed", _FAILING),
    (exceptions.IgnoreRequest, "Forbidden by robots.txt", "robots.txt forbids it", _BLOCKED),
    (RobotsUnreadable, "", "its robots.txt cannot be read, so it is not asked", _FAILING),
    (exceptions.IgnoreRequest, "max redirections", "too many redirects", _FAILING),
    (exceptions.IgnoreRequest, "DOWNLOAD_MAXSIZE", "answer is too large", _FAILING),
    (exceptions.DownloadTimeoutError, "", "no answer in time", _FAILING),
    (exceptions.CannotResolveHostError, "", "host not found", _FAILING),
    (exceptions.DownloadConnectionRefusedError, "", "connection refused", _FAILING),
    (exceptions.DownloadCancelledError, "", "answer is too large", _FAILING),
    (exceptions.ResponseDataLossError, "", "answer broke off", _FAILING),
    (exceptions.DownloadFailedError, "certificate verify failed", "certificate is not valid", _FAILING),
    (exceptions.DownloadFailedError, "", "connection failed", _FAILING),
    (exceptions.UnsupportedURLSchemeError, "", "not a web address", _FAILING),
)
# Of these, what an hour may mend.
_PASSING_ERRORS = (
    RobotsUnreadable,
    exceptions.DownloadTimeoutError,
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.ResponseDataLossError,
    exceptions.DownloadFailedError,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """``retry_after`` is in seconds, as the site asked; ``passes`` whether asking again may well go better."""

    state: SourceState
    line: str
    retry_after: float | None = None
    passes: bool = False


def explain(exception: BaseException, url: str, now: datetime | None = None) -> Trouble:
    """What ``exception``, raised for ``url``, means for its source."""
    if isinstance(exception, HttpError):
        return _of_status(exception.response, now or datetime.now(UTC))
    words = " ".join(str(exception).split())
    for kind, mark, message, state in _KNOWN:
        if isinstance(exception, kind) and mark in words:
            return Trouble(state, str(FetchError(message, url)), passes=isinstance(exception, _PASSING_ERRORS))
    reason = f"{type(exception).__name__}: {words}"[:200].rstrip(": ")
    return Trouble(_FAILING, f"{FetchError('no usable answer', url)}: {reason}")


def _of_status(response: Response, now: datetime) -> Trouble:
    try:
        phrase = f" {HTTPStatus(response.status).phrase}"
    except ValueError:
        phrase = ""
    state = _BLOCKED if response.status in _BLOCKING else _FAILING
    line = str(FetchError(f"the site answered {response.status}{phrase}", response.url))
    wait = retry_after(header(response, "Retry-After"), now)
    return Trouble(state, line, wait, passes=response.status in _PASSING)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, up to a week; None when it says nothing usable."""
    text = text.strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)
