"""didban demo: the whole loop on the sample web, with real HTTP, a real model, a real database and real mail."""

import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import click

from monitor.cli.context import echo_json, settings_of

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.db import Database

# So long does a spectator see the first pass before the sample world changes, in seconds.
_FIRST_PASS = 60
_LIVE_INTERVAL = 30


@dataclass(frozen=True, slots=True)
class PassFigures:
    """What the product says after a pass: the loss figure, all mentions so far, and what this pass itself did."""

    negatives: int | None
    results: int | None
    share_lost: float | None
    basis: str
    mentions: int
    warnings: int
    alerts: int
    deliveries: int


class MailSink:
    """A real SMTP server on loopback that takes every mail; ``subjects`` are those that came."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.subjects: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        subject = message_from_bytes(envelope.content)["Subject"]
        self.subjects.append(str(make_header(decode_header(subject))))
        return "250 taken"

    def __enter__(self) -> "MailSink":
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()

    @property
    def address(self) -> str:
        """The Apprise address that leads here."""
        host = f"127.0.0.1:{self._controller.port}"
        return f"mailto://{host}?from=didban@example.org&to=team@example.org&mode=insecure"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SampleWorld:
    """The sample web in a process of its own; it ends when we do."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "web.demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def move_to(self, number: int) -> None:
        """Let the world change to its pass ``number``."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def __enter__(self) -> "SampleWorld":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()


class Sample:
    """The sample brand watched in a database of its own that lasts as long as the demo."""

    def __init__(self, settings: "Settings", world: SampleWorld, sink: MailSink, folder: Path) -> None:
        from monitor.db import open_database

        self.settings = replace(
            settings,
            data_dir=folder,
            database_url="",
            secret_key="",
            # What leads to the real dashboard from elsewhere leads to no page that asks for no login.
            trusted_hosts=(),
            proxies=0,
            allowed_hosts=(urlsplit(world.url).netloc,),
            download_delay=0.0,
            collect_interval=_LIVE_INTERVAL,
        )
        self.database: Database = open_database(self.settings)
        self._world = world
        self.sink = sink

    def set_up(self) -> None:
        """Brand, rival, sources, the mail channel and the export of unsubscribes."""
        from monitor.brands import add_brand
        from monitor.channels import add_channel
        from monitor.jobs import utcnow
        from monitor.sealing import Seal
        from monitor.unsubscribe_files import import_file
        from monitor.watch import SourcePlan, add_plans
        from web.demo import ALIASES, BRAND, RIVAL, RIVAL_ALIASES, sources

        export = self.settings.data_dir / "unsubscribes.csv"
        with urlopen(f"{self._world.url}/unsubscribes.csv") as answer:
            export.write_bytes(answer.read())
        seal, now = Seal(self.settings.key()), utcnow()
        plans = [
            SourcePlan(source.spider, source.url, source.matches_text, tuple(source.options.items()))
            for source in sources(self._world.url)
        ]
        with self.database.write() as session:
            brand = add_brand(session, BRAND, now, aliases=ALIASES)
            add_brand(session, RIVAL, now, aliases=RIVAL_ALIASES, is_rival=True)
            add_plans(session, self.settings, brand, plans, now)
            add_channel(session, seal, "mail", self.sink.address, self.settings.language, now)
        import_file(self.database, brand.id, export, seal, now)

    def go_through(self, number: int) -> PassFigures:
        """Let the world be at pass ``number`` and do every step once."""
        from monitor import jobs
        from monitor.sources import make_due

        self._world.move_to(number)
        with self.database.write() as session:
            make_due(session, jobs.utcnow())
        mails_before = len(self.sink.subjects)
        collected = jobs.collect(self.settings, self.database)
        for _ in jobs.score(self.settings, self.database):
            pass
        alerts = jobs.decide(self.settings, self.database)
        jobs.deliver(self.settings, self.database)
        return self._figures(collected.warnings, alerts, len(self.sink.subjects) - mails_before)

    def _figures(self, warnings: int, alerts: int, deliveries: int) -> PassFigures:
        from monitor.brands import get_brand
        from monitor.jobs import utcnow
        from monitor.loss import LossScale, current_figure
        from monitor.mentions import count_mentions
        from web.demo import BRAND

        scale = LossScale(self.settings.loss_table)
        with self.database.read() as session:
            brand_id = get_brand(session, BRAND).id
            figure = current_figure(session, brand_id, scale, self.settings.uncertain_below, utcnow())
            mentions = count_mentions(session, brand_id)
        return PassFigures(
            figure.negatives, figure.results, figure.share, figure.basis, mentions, warnings, alerts, deliveries
        )


@contextmanager
def open_sample(settings: "Settings") -> Iterator[tuple[Sample, SampleWorld]]:
    """A sample ready for its first pass; everything of it is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="didban-sample-")))
        world = stack.enter_context(SampleWorld())
        sample = Sample(settings, world, stack.enter_context(MailSink()), folder)
        stack.callback(sample.database.close)
        sample.set_up()
        yield sample, world


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the setting.")
@click.option("--once", is_flag=True, help="Go through both passes, print the figures and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print JSON.")
@click.pass_context
def demo(context: click.Context, port: int | None, once: bool, as_json: bool) -> None:
    """Watch an invented brand on a sample web served by this machine."""
    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    settings = settings_of(context)
    if once:
        _print_passes(settings, as_json)
    else:
        _stay(settings, port or settings.port)


def _print_passes(settings: "Settings", as_json: bool) -> None:
    with open_sample(settings) as (sample, _):
        passes = [asdict(sample.go_through(number)) for number in (1, 2)]
    if as_json:
        echo_json({"passes": passes})
        return
    for number, figures in enumerate(passes, 1):
        click.echo(f"pass {number}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))


def _stay(settings: "Settings", port: int) -> None:
    from monitor.cli.serving import LOOPBACK, served, until_signalled

    with live_sample(settings) as app, served(app, LOOPBACK, port):
        click.echo(f"The sample brand is at http://{LOOPBACK}:{port}/ (Ctrl-C stops it)")
        until_signalled()


@contextmanager
def live_sample(settings: "Settings", home: str = "") -> Iterator[Any]:
    """The sample's dashboard as a WSGI app, with its own clock; the world changes after a minute.

    ``home`` is the address of the real dashboard where there is one.
    """
    from monitor.schedule import Clock
    from web import create_app

    with open_sample(settings) as (sample, world):
        clock = Clock(sample.settings, sample.database)
        clock.start()
        change = threading.Timer(_FIRST_PASS, world.move_to, args=(2,))
        change.daemon = True
        change.start()
        try:
            yield create_app(sample.settings, sample.database, is_sample=True, home=home)
        finally:
            change.cancel()
            clock.stop()
