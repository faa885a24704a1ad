"""What an owner sets in the browser: kept in the database, under whatever the file or the environment says."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.config import Settings
from monitor.db import Database
from monitor.models import Preference

NAMES = (
    "language",
    "time_zone",
    "contact",
    "uncertain_below",
    "loss_table",
    "address_days",
    "hook_days",
    "page_name",
    "page_colour",
    "fewer_mails",
)
_DEFAULTS = {item.name: item.default for item in fields(Settings) if item.name in NAMES}


def is_given(settings: Settings, name: str) -> bool:
    """The file or the environment says something else than the default: that wins, and is not changed here."""
    return bool(getattr(settings, name) != _DEFAULTS[name])


def current(settings: Settings, session: Session) -> Settings:
    """``settings``, which come from the file and the environment, with what was set in the browser."""
    kept = {row.name: row.value for row in session.scalars(select(Preference)) if row.name in NAMES}
    return replace(settings, **{name: _typed(value) for name, value in kept.items() if not is_given(settings, name)})


def current_settings(settings: Settings, database: Database) -> Settings:
    """The same for whoever has no session at hand."""
    with database.read() as session:
        return current(settings, session)


def keep(session: Session, settings: Settings, values: Mapping[str, Any]) -> None:
    """Keep ``values`` by their names. Raises ConfigError, and keeps nothing, when one of them cannot be.

    What the file or the environment gives is left alone; a default is not kept, so that a better one is followed.
    """
    changed = {name: _typed(value) for name, value in values.items() if not is_given(settings, name)}
    replace(current(settings, session), **changed)
    for name, value in changed.items():
        row = session.get(Preference, name)
        if value == _DEFAULTS[name]:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(Preference(name=name, value=value))
        else:
            row.value = value


def _typed(value: Any) -> Any:
    """As Settings has it: JSON knows no tuples."""
    return tuple(value) if isinstance(value, list) else value
