"""Serve a WSGI app until somebody asks us to stop."""

import ipaddress
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.config import Settings

LOOPBACK = "127.0.0.1"
# Calls of hooks that arrive together share one write to the disk: as many as there are threads to wait for it.
_THREADS = 12


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local(settings: "Settings", host: str) -> bool:
    """Whether the dashboard is meant for this machine alone: nothing leads to it from elsewhere."""
    return is_loopback(host) and not settings.trusted_hosts and not settings.proxies


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
def served(app: Any, host: str, port: int) -> Iterator[None]:
    """Serve ``app`` in a thread of its own. Raises ConfigError when it cannot listen there."""
    from waitress.server import create_server

    from monitor.errors import ConfigError

    # A queue of a few is how waiting together looks; a line for each would cost more than the call.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = create_server(
            # What a proxy says is believed or not by the application, which knows the setting.
            app,
            host=host,
            port=port,
            threads=_THREADS,
            ident="didban",
            clear_untrusted_proxy_headers=False,
        )
    # A name that nobody has is a ValueError.
    except (OSError, ValueError) as e:
        raise ConfigError("cannot listen on", f"{host}:{port}") from e
    thread = threading.Thread(target=server.run, name="dashboard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(2)
