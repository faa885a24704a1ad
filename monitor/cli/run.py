"""didban run, serve, worker: the product as it stands all day."""

from contextlib import ExitStack
from typing import Any

import click

from monitor.cli.context import open_house
from monitor.cli.serving import HOST, on_signals, served, until_signalled

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
        stack.enter_context(on_signals(clock.request_stop))
        app: Any = create_app(house.settings, house.database, sample=SAMPLE_PATH if sample else "")
        if sample:
            app = DispatcherMiddleware(app, {SAMPLE_PATH: stack.enter_context(live_sample(house.settings, home="/"))})
        clock.start()
        stack.callback(clock.stop)
        stack.enter_context(served(app, port))
        click.echo(f"Didban is at http://{HOST}:{port}/ (Ctrl-C stops it)")
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
            click.echo(f"Didban is at http://{HOST}:{port}/ (Ctrl-C stops it)")
            until_signalled()


@click.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """The work only, without a dashboard; any number of them may share one database."""
    from monitor.schedule import Clock

    with open_house(context) as house:
        clock = Clock(house.settings, house.database)
        with on_signals(clock.request_stop):
            clock.start()
            clock.wait()
            clock.stop()
