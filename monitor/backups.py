"""The whole database in one file, made while everything runs, and brought back."""

import json
import lzma
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from monitor import __version__
from monitor.config import Settings
from monitor.db import Database, is_known_revision, make_engine, read_address, upgrade
from monitor.drafts import draft_of, is_replaced, written_aside
from monitor.errors import ConfigError, FileError, StorageError
from monitor.sealing import Seal

_MANIFEST, _DATABASE, _KEY = "manifest.json", "didban.db", "secret.key"
_WAIT = 30.0
# What zipfile raises for an archive of which some bytes are others; RuntimeError is its word for a password.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; ``key`` tells keys apart without giving one away."""

    version: str
    revision: str
    made_at: str
    key: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back; without ``key_fits`` the sealed parts cannot be opened with the key that is in use."""

    made_at: str
    key_fits: bool


def make_backup(settings: Settings, path: Path, now: datetime, *, with_key: bool) -> None:
    """Write everything into ``path``, a ZIP that its owner alone may read; nobody who writes meanwhile has to wait.

    Raises ConfigError on PostgreSQL, FileError when there is no database or nowhere to write.
    """
    source = _file_of(settings)
    if not source.exists():
        raise FileError("there is no database", str(source))
    # Beside the file, where there is room for it; no pipe or device has room beside it.
    beside = path.resolve() if is_replaced(path) else source
    with written_aside(path) as target, tempfile.TemporaryDirectory(dir=beside.parent) as folder:
        copy = Path(folder, _DATABASE)
        _copy(source, copy)
        manifest = Manifest(__version__, _revision(copy), now.isoformat(), _fingerprint(settings))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=2))
            packed.write(copy, _DATABASE)
            if with_key:
                packed.writestr(_KEY, settings.key())


def restore_backup(settings: Settings, path: Path, *, force: bool) -> Restored:
    """Bring back what ``path`` holds, brought up to date; all of it or, when anything is wrong, nothing.

    A database that is there is replaced only with ``force``, in one transaction, also under a program that runs.
    Raises ConfigError on PostgreSQL, FileError, StorageError.
    """
    target = _file_of(settings)
    if target.exists() and not force:
        raise FileError("there is a database already, and --force would replace it", str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _unpacked(path, target.parent) as folder:
        manifest, copy = _read_manifest(path, folder), folder / _DATABASE
        _check(path, copy)
        fresh = Database(make_engine(f"sqlite:///{copy}"))
        upgrade(fresh)
        fresh.close()
        with ExitStack() as stack:
            if (folder / _KEY).exists() and not settings.secret_key:
                stack.enter_context(_restored_key(settings, folder / _KEY))
            _copy(copy, target)
    return Restored(manifest.made_at, manifest.key == _fingerprint(settings))


def _file_of(settings: Settings) -> Path:
    url = read_address(settings.database)
    if url.get_backend_name() != "sqlite":
        raise ConfigError("this is for SQLite; use pg_dump and pg_restore on", url.get_backend_name())
    if not url.database or url.database == ":memory:":
        raise ConfigError("a database in memory has no file", "database_url")
    return Path(url.database)


def _fingerprint(settings: Settings) -> str:
    return Seal(settings.key()).hash("backup", "fingerprint")[:16]


def _copy(source: Path, target: Path) -> None:
    """One database into another, by pages, as SQLite does it while both are in use."""
    try:
        with closing(sqlite3.connect(source, timeout=_WAIT)) as reading:
            with closing(sqlite3.connect(target, timeout=_WAIT)) as writing:
                reading.backup(writing)
    except sqlite3.Error as e:
        raise StorageError("cannot copy the database", str(source)) from e


def _revision(copy: Path) -> str:
    with closing(sqlite3.connect(copy)) as reading:
        try:
            row = reading.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error as e:
            raise FileError("no database of ours", str(copy)) from e
    return str(row[0]) if row else ""


@contextmanager
def _unpacked(path: Path, beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                for name in {_MANIFEST, _DATABASE, _KEY} & set(packed.namelist()):
                    with packed.open(name) as source, Path(folder, name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        except OSError as e:
            raise FileError("cannot read file", str(path)) from e
        except _DAMAGED as e:
            raise FileError("no backup of ours, or a damaged one", str(path)) from e
        yield Path(folder)


def _read_manifest(path: Path, folder: Path) -> Manifest:
    try:
        return Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as e:
        raise FileError("no backup of ours", str(path)) from e


def _check(path: Path, copy: Path) -> None:
    """Raises FileError for a database that is damaged, or that a later version has made."""
    try:
        with closing(sqlite3.connect(copy)) as reading:
            (result,) = reading.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as e:
        raise FileError("the database in the backup cannot be read", str(path)) from e
    if result != "ok":
        raise FileError(f"the database in the backup is damaged ({result})", str(path))
    revision = _revision(copy)
    if not is_known_revision(revision):
        raise FileError(f"made by a later version (tables {revision}); update first", str(path))


@contextmanager
def _restored_key(settings: Settings, key: Path) -> Iterator[None]:
    """Put the key of the backup into data_dir once what is done meanwhile has succeeded; another is kept beside it."""
    place = settings.make_data_dir() / _KEY
    with draft_of(place) as draft:
        shutil.copyfile(key, draft)
        yield
        if place.exists() and place.read_bytes() != key.read_bytes():
            _keep_beside(place)


def _keep_beside(place: Path) -> None:
    """Give the key a second name that nothing has yet; none that was kept before is ever lost."""
    for number in count(1):
        kept = place.with_name(f"{_KEY}.before" + (f".{number}" if number > 1 else ""))
        try:
            os.link(place, kept)
        except FileExistsError:
            if kept.read_bytes() != place.read_bytes():
                continue
        return
