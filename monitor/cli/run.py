"""didban run, serve, worker: the product as it stands all day."""

from contextlib import ExitStack
from typing import Any

import click

from monitor.cli.context import open_house
from monitor.cli.serving import is_local, on_signals, served, until_signalled

SAMPLE_PATH = "/sample"

_host = click.option("--host", help="Address to listen on instead of the setting; 0.0.0.0 is every one.")
_port = click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")


@click.command()
@_host
@_port
@click.option("--sample", is_flag=True, help="Show the sample brand at /sample/ too.")
@click.pass_context
def run(context: click.Context, host: str | None, port: int | None, sample: bool) -> None:
    """Collect, label, alert and show: everything in one process tree."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from monitor.cli.demo import live_sample
    from monitor.schedule import Clock
    from web import create_app

    with ExitStack() as stack:
        house = stack.enter_context(open_house(context))
        host, port = host or house.settings.host, port or house.settings.port
        local = is_local(house.settings, host)
        if sample and not local:
            raise click.UsageError(
                "--sample is for this machine alone: it asks for no login; leave it out, or listen on 127.0.0.1 "
                "without trusted_hosts and proxies"
            )
        clock = Clock(house.given, house.database)
        stack.enter_context(on_signals(clock.request_stop))
        app: Any = create_app(
            house.given,
            house.database,
            sample=SAMPLE_PATH if sample else "",
            is_local=local,
        )
        if sample:
            app = DispatcherMiddleware(app, {SAMPLE_PATH: stack.enter_context(live_sample(house.given, home="/"))})
        clock.start()
        stack.callback(clock.stop)
        stack.enter_context(served(app, host, port))
        click.echo(f"Didban is at http://{host}:{port}/ (Ctrl-C stops it)")
        was_asked = clock.wait()
    # What the bug was, its thread has said.
    context.exit(0 if was_asked else 1)


@click.command()
@_host
@_port
@click.pass_context
def serve(context: click.Context, host: str | None, port: int | None) -> None:
    """The dashboard only; a worker elsewhere does the work."""
    from web import create_app

    with open_house(context) as house:
        host, port = host or house.settings.host, port or house.settings.port
        app = create_app(house.given, house.database, is_local=is_local(house.settings, host))
        with served(app, host, port):
            click.echo(f"Didban is at http://{host}:{port}/ (Ctrl-C stops it)")
            until_signalled()


@click.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """The work only, without a dashboard; any number of them may share one database."""
    from monitor.schedule import Clock

    with open_house(context) as house:
        clock = Clock(house.given, house.database)
        with on_signals(clock.request_stop):
            clock.start()
            was_asked = clock.wait()
            clock.stop()
    context.exit(0 if was_asked else 1)
