"""A PostgreSQL server for the tests: our own, on a socket in a folder of its own, gone when they are over."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from monitor.config import Settings
from monitor.db import open_database

# Debian keeps the server's own programs out of the path.
_DEBIAN = "/usr/lib/postgresql"
# Nothing of it shall outlive the tests, so that nothing need reach the disk.
_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=40")
_TEMPLATE = "didban_template"
_numbers = count(1)


def find_program(name: str) -> str | None:
    """A program of the server, the newest there is."""
    versions = sorted(Path(_DEBIAN).glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    return str(versions[0]) if versions else shutil.which(name)


class Server:
    """A running server; :meth:`new_database` gives an address of a database with all tables and no rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._admin = psycopg.connect(self._dsn("postgres"), autocommit=True)

    def _dsn(self, name: str) -> str:
        return f"host={self._folder} dbname={name} user=didban"

    def address(self, name: str) -> str:
        return f"postgresql+psycopg://didban@/{name}?host={self._folder}"

    def prepare(self) -> None:
        """Run the migrations once, in the database that the others are copies of."""
        self._admin.execute(f"CREATE DATABASE {_TEMPLATE}")
        open_database(Settings(database_url=self.address(_TEMPLATE), secret_key="k")).close()

    @contextmanager
    def new_database(self) -> Iterator[str]:
        name = f"test_{next(_numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        try:
            yield self.address(name)
        finally:
            self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.close()


@contextmanager
def running_server() -> Iterator[Server]:
    """Raises FileNotFoundError where no PostgreSQL is installed."""
    initdb, postgres, pg_ctl = (find_program(name) for name in ("initdb", "postgres", "pg_ctl"))
    if initdb is None or postgres is None or pg_ctl is None:
        raise FileNotFoundError("no PostgreSQL server (initdb, postgres, pg_ctl)")
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
            server = Server(folder)
            server.prepare()
            yield server
            server.close()
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
