"""A PostgreSQL server for the tests: our own, on a socket in a folder of its own, gone when they are over."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from monitor.config import Settings
from monitor.db import open_database

# Debian keeps the server's own programs out of the path.
_DEBIAN = "/usr/lib/postgresql"
# Nothing of it shall outlive the tests, so that nothing need reach the disk.
_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=40")
_NAME = "didban_tests"
# Only what a test has filled is emptied; every number begins at one again.
_EMPTY = """
DO $$
DECLARE one text; filled text[] := '{}'; found boolean;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one) INTO found;
    IF found THEN filled := filled || quote_ident(one); END IF;
  END LOOP;
  IF filled <> '{}' THEN EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE'; END IF;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


def find_program(name: str) -> str | None:
    """A program of the server, the newest there is."""
    versions = sorted(Path(_DEBIAN).glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    return str(versions[0]) if versions else shutil.which(name)


class Server:
    """A running server with one database, which :meth:`empty` brings back to no rows."""

    def __init__(self, folder: Path) -> None:
        self.address = f"postgresql+psycopg://didban@/{_NAME}?host={folder}"
        self._folder = folder
        with self._connect("postgres") as admin:
            admin.execute(f"CREATE DATABASE {_NAME}")
        open_database(Settings(database_url=self.address, secret_key="k")).close()
        self._connection = self._connect(_NAME)

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(f"host={self._folder} dbname={name} user=didban", autocommit=True)

    def empty(self) -> None:
        self._connection.execute(_EMPTY)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def running_server() -> Iterator[Server]:
    """Raises FileNotFoundError where no PostgreSQL is installed."""
    initdb, pg_ctl = find_program("initdb"), find_program("pg_ctl")
    if initdb is None or pg_ctl is None:
        raise FileNotFoundError("no PostgreSQL server is installed (initdb, pg_ctl)")
    # A socket's path may not be long, and pytest's folders are.
    with tempfile.TemporaryDirectory(prefix="didban-pg-") as name:
        folder = Path(name)
        owner = _owner(folder)
        data = folder / "data"
        run = {"check": True, "user": owner, "stdout": subprocess.DEVNULL, "cwd": folder}
        begin = ["--auth=trust", "--username=didban", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([initdb, *begin, f"--pgdata={data}"], **run)
        options = " ".join(f"-c {option}" for option in (*_HURRY, f"unix_socket_directories={folder}"))
        subprocess.run([pg_ctl, "start", "-w", "-D", data, "-l", folder / "log", "-o", options], **run)
        try:
            with closing(Server(folder)) as server:
                yield server
        finally:
            subprocess.run([pg_ctl, "stop", "-D", data, "-m", "immediate"], **run)


def _owner(folder: Path) -> str | None:
    """Who may run it: anybody but root, so root lends the folder to somebody else."""
    if os.geteuid():
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    owner = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, owner)
    return owner
