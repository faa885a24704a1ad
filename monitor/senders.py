"""One message to one address: Apprise for nearly all of them, Bale and signed webhooks by ourselves.

Apprise and requests are imported where they are used: they are heavy, and the dashboard needs neither.
"""

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from monitor import webhooks
from monitor.errors import DeliveryError
from monitor.types import Message, MessageSender
from monitor.wording import shortened

if TYPE_CHECKING:
    import apprise
    import requests

BALE = "https://tapi.bale.ai"
# Seconds to connect and between two pieces of an answer; well inside a delivery's lease.
_TIMEOUT = (5.0, 15.0)
_LONGEST_TEXT = 4096
# Letters: whoever takes fewer at once, such as by SMS, is not sent dozens of them.
_LEAST_TO_SPLIT = 1000
# The address or the account is wrong; the same message will be refused again.
_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
_TOO_MANY = 429
# Seconds, where a service says "too many" and not for how long.
_UNTOLD_PAUSE = 60.0
# How Apprise begins what a mail server answered, and how Python writes that: the number, then the words.
_MAIL_SAYS = "Socket Exception: "
_MAIL_REPLY = re.compile(r"\((\d{3}), b['\"]")
_log = logging.getLogger(__name__)
_NOT_ACCEPTED = "the channel did not accept the message"


def check_address(address: str) -> None:
    """Calls nobody. Raises DeliveryError for an address to which nothing can ever be sent."""
    scheme = _scheme(address)
    if scheme in webhooks.SCHEMES:
        webhooks.read_address(address)
    elif scheme == "bale":
        _read_bale(address)
    else:
        _check_one_recipient(_instantiate(address))


def _check_one_recipient(channel: "apprise.NotifyBase") -> None:
    """Of several, those who have the message would get it again with every try that one of them refuses."""
    # Apprise counts what it sends, with its own tries.
    if len(channel) > channel.retry + 1:
        raise DeliveryError("one recipient a channel: add the others as channels of their own", permanent=True)


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()


class ChannelSender:
    """Sends by what the address begins with."""

    def __init__(self) -> None:
        own: dict[str, MessageSender] = {scheme: WebhookSender() for scheme in webhooks.SCHEMES}
        self._senders = {**own, "bale": BaleSender()}
        self._others = AppriseSender()

    def send(self, address: str, message: Message) -> None:
        self._senders.get(_scheme(address), self._others).send(address, message)


class WebhookSender:
    """Calls ``webhook+https://:SECRET@host/path`` with a signed JSON body; see :mod:`monitor.webhooks`."""

    def send(self, address: str, message: Message) -> None:
        webhook = webhooks.read_address(address)
        body, headers = webhooks.request_of(webhook, message, datetime.now(UTC))
        answer = _post(webhook.url, body, headers)
        if not 200 <= answer.status_code < 300:
            raise _refused(answer.status_code, answer.headers)


class BaleSender:
    """Sends through a Bale bot, ``bale://TOKEN/CHAT``; its interface is that of Telegram's bots."""

    def __init__(self, base: str = BALE) -> None:
        self._base = base

    def send(self, address: str, message: Message) -> None:
        token, chat = _read_bale(address)
        answer = _post(
            f"{self._base}/bot{token}/sendMessage",
            {"chat_id": chat, "text": shortened(message.text, _LONGEST_TEXT)},
            {},
        )
        try:
            told: Any = answer.json()
        except ValueError:
            told = {}
        told = told if isinstance(told, dict) else {}
        if answer.status_code == 200 and told.get("ok") is True:
            return
        seconds = (told.get("parameters") or {}).get("retry_after")
        after = float(seconds) if isinstance(seconds, int | float) else None
        raise _refused(int(told.get("error_code") or answer.status_code), answer.headers, after)


def _read_bale(address: str) -> tuple[str, str]:
    """The token and the chat. Raises DeliveryError."""
    token, _, chat = (unquote(part) for part in address.partition("://")[2].strip("/").partition("/"))
    if not token or not chat or "/" in chat:
        raise DeliveryError("a Bale address is bale://TOKEN/CHAT", permanent=True)
    return token, chat


def _post(url: str, body: bytes | dict[str, str], headers: Mapping[str, str]) -> "requests.Response":
    """Raises DeliveryError without its cause, which would name the address, and that holds a secret."""
    import requests

    data, fields = (body, None) if isinstance(body, bytes) else (None, body)
    try:
        # A redirect would carry the message where the owner never sent it.
        return requests.post(url, data=data, json=fields, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
    except requests.Timeout:
        raise DeliveryError("the channel did not answer in time") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise DeliveryError("the channel's address cannot be used", permanent=True) from None
    except requests.RequestException:
        raise DeliveryError("the channel cannot be reached") from None


def _refused(status: int, headers: Mapping[str, str], after: float | None = None) -> DeliveryError:
    after = after if after is not None else read_retry_after(headers.get("Retry-After", ""), datetime.now(UTC))
    return DeliveryError(
        f"{_NOT_ACCEPTED} (status {status})", permanent=status in _PERMANENT and after is None, retry_after=after
    )


def read_retry_after(value: str, now: datetime) -> float | None:
    """Seconds, or a date, as HTTP writes it; None for anything else."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


class AppriseSender:
    """Sends through Apprise, which knows e-mail, Telegram, Slack, SMS gateways and many more."""

    def send(self, address: str, message: Message) -> None:
        import apprise
        from apprise.plugins.email import NotifyEmail

        channel = _instantiate(address)
        # Chat services call their own small tag set HTML; only mail takes a whole document.
        is_mail = isinstance(channel, NotifyEmail)
        with _listening() as complaints:
            try:
                accepted = channel.notify(
                    title=message.subject,
                    body=message.html if is_mail else message.text,
                    body_format=apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.TEXT,
                    notify_type=apprise.NotifyType.WARNING,
                    overflow=None if is_mail else _overflow(channel),
                )
            # A mistake in one of its 150 plugins must not stop the other channels.
            except Exception as e:
                _log.exception("apprise failed")
                raise DeliveryError(f"apprise failed ({type(e).__name__})") from None
        if not accepted:
            raise _apprise_error(complaints, address)


def _overflow(channel: "apprise.NotifyBase") -> "apprise.OverflowMode":
    """What is longer than the service takes comes in parts, or as its beginning where the parts would be many."""
    import apprise

    return apprise.OverflowMode.SPLIT if channel.body_maxlen >= _LEAST_TO_SPLIT else apprise.OverflowMode.TRUNCATE


def _instantiate(address: str) -> "apprise.NotifyBase":
    import apprise

    with _listening():
        channel = apprise.Apprise.instantiate(address)
    if not isinstance(channel, apprise.NotifyBase):
        raise DeliveryError("apprise does not know this kind of address", permanent=True)
    return channel


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What Apprise logs meanwhile, of this thread only: channels are sent to side by side."""
    lines: list[str] = []
    ear = _Ear(lines, threading.get_ident())
    logger = logging.getLogger("apprise")
    # Only so does it tell what a mail server answered.
    logger.setLevel(logging.DEBUG)
    logger.addFilter(ear)
    try:
        yield lines
    finally:
        logger.removeFilter(ear)


class _Ear(logging.Filter):
    """Hears all that one thread says, and passes on what belongs into a log: the rest holds secrets."""

    def __init__(self, lines: list[str], thread: int) -> None:
        super().__init__()
        self._lines, self._thread = lines, thread

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread != self._thread:
            return True
        is_for_all = record.levelno >= logging.WARNING
        if is_for_all or record.getMessage().startswith(_MAIL_SAYS):
            self._lines.append(record.getMessage())
        return is_for_all


def _apprise_error(complaints: list[str], address: str) -> DeliveryError:
    """Apprise keeps the answer to itself; its log lines hold the status, and Telegram's its pause."""
    said = " ".join(complaints)
    answered = [line for line in complaints if line.startswith(_MAIL_SAYS)]
    if answered and (reply := _MAIL_REPLY.search(answered[-1])) is not None:
        return DeliveryError(f"{_NOT_ACCEPTED} (status {reply[1]})", permanent=reply[1].startswith("5"))
    status = next((int(number) for number in re.findall(r"error=(\d{3})\b", said)), None)
    pause = next((float(seconds) for seconds in re.findall(r"retry after (\d+)", said)), None)
    if status == _TOO_MANY and pause is None:
        pause = _UNTOLD_PAUSE
    return DeliveryError(
        _last_words(complaints, address), permanent=status in _PERMANENT and pause is None, retry_after=pause
    )


def _last_words(complaints: list[str], address: str) -> str:
    """Apprise's last line, unless it repeats part of the address, which is a secret."""
    said = [line for line in complaints if not line.startswith(_MAIL_SAYS)]
    line = said[-1].strip().rpartition(" - ")[2] if said else ""
    secrets = [part for part in address.replace("@", "/").replace("?", "/").split("/") if len(part) > 5]
    if not line or any(secret in line for secret in secrets):
        return _NOT_ACCEPTED
    return f"{_NOT_ACCEPTED} ({line})"
