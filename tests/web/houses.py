"""Dashboards over invented rows, in the states that pages have, served on this machine."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from monitor.config import Settings
from monitor.db import open_database
from monitor.sources import find_sources
from monitor.types import SourceState
from monitor.watch import watch_brand
from tests.web.sample import NOW, fill, make_mention
from web import create_app


def _collecting(session: Session) -> None:
    settings = Settings(secret_key="x")
    brand = watch_brand(session, settings, "نیلگون", NOW - timedelta(minutes=1), search_engine="https://searx.example")
    first, second, *_ = find_sources(session, brand.id)
    first.checked_at, first.state, first.found = NOW, SourceState.OK, 7
    second.leased_until = NOW + timedelta(minutes=1)
    make_mention(session, brand, "نیلگون در نمایشگاه لوازم خانگی امسال حضور دارد", labelled_at=None, label="")
    make_mention(session, brand, "شکایت خریداران نیلگون از تأخیر در ارسال", labelled_at=None, label="")


def _nothing(_session: Session) -> None:
    """Nobody logs in yet, or whoever does watches nothing."""


HOUSES: Mapping[str, Callable[[Session], object]] = {
    "full": fill,
    "collecting": _collecting,
    "bare": _nothing,
    "unpeopled": _nothing,
}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of a dashboard, on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def open_house(name: str, folder: Path, **given: Any) -> Iterator[tuple[Flask, str]]:
    """A dashboard over the rows of that name, and its address; the clock stands still."""
    settings = Settings(data_dir=folder, secret_key="a key for tests", **given)
    database = open_database(settings)
    try:
        with database.write() as session:
            HOUSES[name](session)
        app = create_app(settings, database, clock=lambda: NOW, is_local=True)
        with served(app) as base:
            yield app, base
    finally:
        database.close()
