"""What every command begins with: settings, the database, and words for people and for programs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.db import Database

# The steps and the daily work: nobody's own act.
_WORK = frozenset({"run", "serve", "worker", "demo", "collect", "score", "decide", "deliver"})

# A row's number; no database counts further.
ROW_ID = click.IntRange(1, 2**63 - 1)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True, slots=True)
class House:
    """The settings as they are now, the open database, and for what lives long the settings as they were ``given``:
    what is changed in the browser comes on top of them again and again.
    """

    settings: "Settings"
    database: "Database"
    given: "Settings"


def settings_of(context: click.Context) -> "Settings":
    """The settings, from the file that ``--config`` names. Raises ConfigError."""
    from monitor.config import load_settings

    return load_settings(context.find_root().obj)


@contextmanager
def open_house(context: click.Context) -> Iterator[House]:
    """Settings and database, the tables up to date. Raises ConfigError, StorageError.

    What a command changes is written down as done by whoever typed it, except by the commands that do the daily work.
    """
    from monitor.audit import Actor, act_as
    from monitor.db import open_database
    from monitor.jobs import utcnow
    from monitor.preferences import current_settings
    from monitor.types import Way

    given = settings_of(context)
    database = open_database(given)
    if context.find_root().invoked_subcommand not in _WORK:
        typist = os.environ.get("SUDO_USER") or os.environ.get("USER", "")
        act_as(Actor(typist, Way.COMMAND, utcnow()))
    try:
        yield House(current_settings(given, database), database, given)
    finally:
        act_as(None)
        database.close()


def echo_json(value: Any) -> None:
    """Moments are written as the API writes them."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
