"""Secrets kept out of the log, whoever writes it."""

import logging
from collections.abc import Iterable

from monitor.secrets import hide

_hidden: set[str] = set()


def keep_out_of_logs(values: Iterable[str]) -> None:
    """Lines that :func:`hide_secrets` watches over will not hold ``values``."""
    _hidden.update(values)


class _Hiding(logging.Formatter):
    """Another formatter's lines and tracebacks without the secrets of this process."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return hide(self._inner.format(record), _hidden)


def hide_secrets(logger: logging.Logger) -> None:
    """Let every handler of ``logger`` leave the secrets out."""
    for handler in logger.handlers:
        handler.setFormatter(_Hiding(handler.formatter or logging.Formatter()))
