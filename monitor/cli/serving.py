"""Serve a WSGI app on loopback until somebody asks us to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

HOST = "127.0.0.1"


def until_signalled() -> None:
    """Block until SIGTERM or Ctrl-C."""
    stopped = threading.Event()
    with on_signals(stopped.set):
        stopped.wait()


@contextmanager
def on_signals(act: Callable[[], None]) -> Iterator[None]:
    """Do ``act`` on SIGTERM and Ctrl-C instead of dying in mid-step."""
    before = {number: signal.signal(number, lambda *_: act()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """Serve ``app`` on loopback in a thread of its own. Raises ConfigError when the port is taken."""
    from waitress.server import create_server

    from monitor.errors import ConfigError

    try:
        server = create_server(app, host=HOST, port=port, threads=4, ident="didban")
    except OSError as e:
        raise ConfigError("cannot listen on port", port) from e
    thread = threading.Thread(target=server.run, name="dashboard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(2)
