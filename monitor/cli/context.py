"""What every command begins with: settings, the database, and words for people and for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.db import Database

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True, slots=True)
class House:
    """The settings and the open database."""

    settings: "Settings"
    database: "Database"


def settings_of(context: click.Context) -> "Settings":
    """The settings, from the file that ``--config`` names. Raises ConfigError."""
    from monitor.config import load_settings

    return load_settings(context.find_root().obj)


@contextmanager
def open_house(context: click.Context) -> Iterator[House]:
    """Settings and database, the tables up to date. Raises ConfigError, StorageError."""
    from monitor.db import open_database

    settings = settings_of(context)
    database = open_database(settings)
    try:
        yield House(settings, database)
    finally:
        database.close()


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
