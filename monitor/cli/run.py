"""didban run, serve, worker: the product as it stands all day."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.context import open_house

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST = "127.0.0.1"
SAMPLE_PATH = "/sample"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")
@click.option("--sample", is_flag=True, help="Show the sample brand at /sample/ too.")
@click.pass_context
def run(context: click.Context, port: int | None, sample: bool) -> None:
    """Collect, label, alert and show: everything in one process tree."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from monitor.cli.demo import live_sample
    from monitor.schedule import Clock
    from web import create_app

    with ExitStack() as stack:
        house = stack.enter_context(open_house(context))
        port = port or house.settings.port
        clock = Clock(house.settings, house.database)
        stack.enter_context(_on_signals(clock.request_stop))
        app: Any = create_app(house.settings, house.database, sample=SAMPLE_PATH if sample else "")
        if sample:
            app = DispatcherMiddleware(app, {SAMPLE_PATH: stack.enter_context(live_sample(house.settings, home="/"))})
        clock.start()
        stack.callback(clock.stop)
        stack.enter_context(served(app, port))
        click.echo(f"Didban is at http://{_HOST}:{port}/ (Ctrl-C stops it)")
        clock.wait()


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")
@click.pass_context
def serve(context: click.Context, port: int | None) -> None:
    """The dashboard only; a worker elsewhere does the work."""
    from web import create_app

    with open_house(context) as house:
        port = port or house.settings.port
        with served(create_app(house.settings, house.database), port):
            click.echo(f"Didban is at http://{_HOST}:{port}/ (Ctrl-C stops it)")
            until_signalled()


@click.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """The work only, without a dashboard; any number of them may share one database."""
    from monitor.schedule import Clock

    with open_house(context) as house:
        clock = Clock(house.settings, house.database)
        with _on_signals(clock.request_stop):
            clock.start()
            clock.wait()
            clock.stop()


def until_signalled() -> None:
    """Block until SIGTERM or Ctrl-C."""
    stopped = threading.Event()
    with _on_signals(stopped.set):
        stopped.wait()


@contextmanager
def _on_signals(act: "Callable[[], None]") -> Iterator[None]:
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
    from waitress import create_server

    from monitor.errors import ConfigError

    try:
        server = create_server(app, host=_HOST, port=port, threads=4, ident="didban")
    except OSError as e:
        raise ConfigError("cannot listen on port", port) from e
    thread = threading.Thread(target=server.run, name="dashboard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(2)
