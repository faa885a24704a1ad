"""The database: one engine, read and write scopes, and driver errors turned into StorageError."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.config import Settings
from monitor.errors import StorageError
from monitor.hosts import SQLITE_FUNCTION, host_of
from monitor.searching import INDEX, POSTGRESQL_INDEX, keep_words

_WRITE = {"didban_write": True}
_DURABLE = {"didban_write": True, "didban_durable": True}
_Item = TypeVar("_Item")


class _Session(Session):
    """A session that keeps the search in step with the mentions it writes."""


event.listen(_Session, "before_flush", keep_words)


class Database:
    """Sessions on one database; open it with :func:`open_database`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**_WRITE)
        self._durable_writer = engine.execution_options(**_DURABLE)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing is kept."""
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Session]:
        """One transaction: committed at the end, undone if anything is raised.

        On SQLite it takes the one writer's place at once, so that two writers wait for each other instead of
        failing half-way. With ``durable`` it is on the disk when this returns, and a power cut does not undo it;
        without, the last moments may be lost then, and are collected again.
        """
        with self._session(self._durable_writer if durable else self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with _Session(engine, expire_on_commit=False) as session:
                yield session
        # That all connections are taken is the pool's own error, and none of the driver's.
        except (DBAPIError, NoConnectionError) as e:
            raise StorageError("database", self.name) from e

    @property
    def name(self) -> str:
        """The address without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        self.engine.dispose()


def open_database(settings: Settings, *, create: bool = True) -> Database:
    """Open the database of ``settings`` and, with ``create``, bring its tables up to date."""
    if not settings.database_url:
        settings.make_data_dir()
    database = Database(make_engine(settings.database))
    if create:
        upgrade(database)
    return database


def read_address(address: str) -> URL:
    """Raises StorageError for one that is none."""
    try:
        return make_url(address)
    except ArgumentError as e:
        raise StorageError("unusable database_url") from e
    # It quotes what should have been the port, which may be a piece of the password.
    except ValueError:
        raise StorageError("unusable database_url: its port is no number") from None


def make_engine(address: str) -> Engine:
    """An engine for ``address``; on SQLite in WAL mode with foreign keys and explicit transactions."""
    url = read_address(address)
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as e:
        raise StorageError("unusable database_url") from e
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling begins too late for a writer: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # In pages of 4 KiB. At the default of 1000 a large collect puts the same pages in their place again and again.
    cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    # In KiB. The 2 MB of the default hold little of the indexes of a large house.
    cursor.execute("PRAGMA cache_size = -32768")
    cursor.close()
    connection.create_function(SQLITE_FUNCTION, 1, host_of, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writing = options.get("didban_write", False)
    if writing:
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('didban_durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def upgrade(database: Database) -> None:
    """Run the migrations that are missing; none when the tables are up to date."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        with database.engine.connect() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with database.engine.execution_options(**_WRITE).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as e:
        raise StorageError("cannot prepare the database", database.name) from e


def storable(text: str) -> str:
    """``text`` without what no database takes: zeros, and the halves of letters that JSON may smuggle in."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def in_chunks(items: Iterable[_Item], size: int = 500) -> Iterator[list[_Item]]:
    """A database takes only so many values in one statement."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def is_of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """For Alembic: how each database keeps its search is its own affair."""
    own = {"table": INDEX, "index": POSTGRESQL_INDEX}
    return name is None or kind not in own or not name.startswith(own[kind])


def is_known_revision(revision: str) -> bool:
    """Whether tables of ``revision`` are ours and can be brought up to date."""
    from alembic.script import ScriptDirectory

    return any(script.revision == revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def alembic_config() -> Any:
    """Alembic's configuration for our migrations, without an alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
