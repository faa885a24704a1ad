"""A backup is whole, opens only for its owner, and comes back as it was or not at all."""

import io
import json
import os
import sqlite3
import threading
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner

from monitor.backups import make_backup, restore_backup
from monitor.brands import add_brand
from monitor.cli import cli
from monitor.config import Settings, as_environ
from monitor.db import open_database
from monitor.errors import ConfigError, FileError, StorageError
from monitor.models import Brand, Subscriber
from monitor.sealing import Seal
from monitor.subscribers import address_of
from monitor.types import UnsubscribeData
from monitor.unsubscribes import record_events


@pytest.fixture
def settings(tmp_path):
    # The key in its file, as most have it.
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def filled(settings, database, now):
    with database.write() as session:
        brand = add_brand(session, "نیلگون", now)
        left = UnsubscribeData("former@example.org", now)
        record_events(session, brand.id, [left], Seal(settings.key()), now)
    return database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "didban-backup.zip"


def names(settings):
    database = open_database(settings)
    with database.read() as session:
        found = [brand.name for brand in session.query(Brand)]
    database.close()
    return found


def test_what_was_kept_comes_back_in_another_house(filled, settings, path, tmp_path, now):
    make_backup(settings, path, now, with_key=True)
    other = Settings(data_dir=tmp_path / "other")
    restored = restore_backup(other, path, force=False)
    assert (restored.key_fits, restored.made_at) == (True, now.isoformat())
    database = open_database(other)
    with database.read() as session:
        assert session.query(Brand).one().name == "نیلگون"
        assert address_of(session.query(Subscriber).one(), Seal(other.key())) == "former@example.org"
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    database.close()
    assert path.stat().st_mode & 0o777 == (other.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data", "didban-backup.zip", "other"]


def test_the_key_is_inside_only_on_purpose(filled, settings, path, tmp_path, now):
    make_backup(settings, path, now, with_key=False)
    with zipfile.ZipFile(path) as packed:
        assert set(packed.namelist()) == {"manifest.json", "didban.db"}
        assert settings.key() not in packed.read("manifest.json").decode()
    other = Settings(data_dir=tmp_path / "other")
    assert restore_backup(other, path, force=False).key_fits is False
    (other.data_dir / "secret.key").write_text(settings.key(), encoding="ascii")
    assert restore_backup(other, path, force=True).key_fits is True


def test_a_database_that_is_there_is_replaced_only_by_force_and_its_key_kept_beside(
    filled, settings, path, tmp_path, now
):
    make_backup(settings, path, now, with_key=True)
    other = Settings(data_dir=tmp_path / "other")
    key = other.key()
    database = open_database(other)
    with database.write() as session:
        add_brand(session, "Another", now)
    with pytest.raises(FileError, match="--force"):
        restore_backup(other, path, force=False)
    assert names(other) == ["Another"] and other.key() == key
    # The program goes on running over it.
    with database.read() as session:
        assert session.query(Brand).one().name == "Another"
    restore_backup(other, path, force=True)
    with database.write() as session:
        assert session.query(Brand).one().name == "نیلگون"
        add_brand(session, "Third", now)
    database.close()
    assert names(other) == ["نیلگون", "Third"]
    assert (other.data_dir / "secret.key.before").read_text() == key


def test_no_key_is_ever_lost(filled, settings, path, tmp_path, now):
    other = Settings(data_dir=tmp_path / "other")
    kept, place = [other.key()], other.data_dir / "secret.key"
    for number in (1, 2):
        house = Settings(data_dir=tmp_path / f"house {number}")
        open_database(house).close()
        kept.append(house.key())
        make_backup(house, tmp_path / f"{number}.zip", now, with_key=True)
    for number in (1, 2, 1, 2, 2):
        restore_backup(other, tmp_path / f"{number}.zip", force=True)
        assert place.read_text() == kept[number]
        assert place.stat().st_mode & 0o777 == 0o600
    before = {file.name: file.read_text() for file in other.data_dir.glob("secret.key.*")}
    assert before == {
        "secret.key.before": kept[0], "secret.key.before.2": kept[1], "secret.key.before.3": kept[2],
    }  # fmt: skip


def test_a_database_that_cannot_be_replaced_keeps_its_key(filled, settings, path, tmp_path, now):
    make_backup(settings, path, now, with_key=True)
    other = Settings(data_dir=tmp_path / "other")
    key = other.key()
    (other.data_dir / "didban.db").write_bytes(b"no database at all, but long enough to be read as a header" * 99)
    with pytest.raises(StorageError, match="cannot copy"):
        restore_backup(other, path, force=True)
    assert other.key() == key
    assert {file.name for file in other.data_dir.iterdir()} == {"didban.db", "secret.key"}


def test_a_backup_is_of_one_moment_while_others_write(filled, settings, path, tmp_path, now):
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            with filled.write() as session:
                session.add(Brand(name=f"{number} a", created_at=now))
                session.flush()
                session.add(Brand(name=f"{number} b", created_at=now))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            make_backup(settings, tmp_path / f"{number}.zip", now, with_key=False)
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        other = Settings(data_dir=tmp_path / f"house {number}")
        restore_backup(other, tmp_path / f"{number}.zip", force=False)
        found = names(other)
        assert len(found) % 2 == 1 and len([name for name in found if name.endswith("a")]) == len(found) // 2


def broken(path, **changes):
    """The backup with some of its parts replaced or, with None, left out."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()} | changes
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            if content is not None:
                packed.writestr(name, content)


def damaged(content):
    return content[:4096] + b"\x00\xff" * 2048 + content[8192:]


def spoilt_in_its_head(content, name, offset, value):
    """The archive with two bytes of what it says of one of its files made others."""
    place = content.index(b"PK\x01\x02", content.rindex(name) - 60) + offset
    return content[:place] + value + content[place + 2 :]


def test_what_is_no_whole_backup_changes_nothing(filled, settings, path, tmp_path, now):
    make_backup(settings, path, now, with_key=False)
    good = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        content = packed.read("didban.db")
    later = tmp_path / "later.db"
    later.write_bytes(content)
    with sqlite3.connect(later) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    cases = [
        (lambda: path.write_bytes(b"PK no"), "damaged"),
        (lambda: path.write_bytes(good[: len(good) // 2]), "damaged"),
        (lambda: path.write_bytes(good[:600] + bytes(2000) + good[2600:]), "damaged"),
        # Kept in a way that nobody knows, in another way than it is, under a password, with a name that is no text.
        (lambda: path.write_bytes(spoilt_in_its_head(good, b"didban.db", 10, b"\x63\x00")), "damaged"),
        (lambda: path.write_bytes(spoilt_in_its_head(good, b"didban.db", 10, b"\x0e\x00")), "damaged"),
        (lambda: path.write_bytes(spoilt_in_its_head(good, b"didban.db", 10, b"\x0c\x00")), "damaged|cannot read"),
        (lambda: path.write_bytes(spoilt_in_its_head(good, b"didban.db", 8, b"\x01\x00")), "damaged"),
        (lambda: path.write_bytes(good.replace(b"didban.db", b"\xffidban.db")), "no (backup|database) of ours"),
        (lambda: path.unlink(), "cannot read file"),
        (lambda: broken(path, **{"manifest.json": None}), "no backup of ours"),
        (lambda: broken(path, **{"manifest.json": b'{"what": 1}'}), "no backup of ours"),
        (lambda: broken(path, **{"didban.db": b"no database at all" * 900}), "cannot be read"),
        (lambda: broken(path, **{"didban.db": damaged(content)}), "damaged|cannot be read"),
        (lambda: broken(path, **{"didban.db": later.read_bytes()}), "later version"),
    ]
    for spoil, said in cases:
        path.write_bytes(good)
        spoil()
        with pytest.raises(FileError, match=said):
            restore_backup(settings, path, force=True)
        assert names(settings) == ["نیلگون"]
    assert {file.name for file in settings.data_dir.iterdir()} <= {
        "didban.db", "didban.db-wal", "didban.db-shm", "secret.key",
    }  # fmt: skip


def test_an_old_backup_is_brought_up_to_date(settings, path, now):
    from alembic import command

    from monitor.db import alembic_config

    database = open_database(settings, create=False)
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    make_backup(settings, path, now, with_key=False)
    database.close()
    with zipfile.ZipFile(path) as packed:
        assert json.loads(packed.read("manifest.json"))["revision"] == "0001"
    restore_backup(settings, path, force=True)
    assert names(settings) == []


def test_other_databases_have_their_own_tools(settings, path, now):
    postgres = replace(settings, database_url="postgresql://didban@db.example/didban", secret_key="k")
    for act in (
        lambda: make_backup(postgres, path, now, with_key=False),
        lambda: restore_backup(postgres, path, force=True),
    ):
        with pytest.raises(ConfigError, match="pg_dump"):
            act()
    with pytest.raises(ConfigError, match="memory"):
        make_backup(replace(settings, database_url="sqlite://"), path, now, with_key=False)


def test_a_backup_goes_through_a_pipe(filled, settings, tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    result = CliRunner().invoke(cli, ["backup", str(pipe)], env={"DIDBAN_CONFIG": "", **as_environ(settings)})
    reader.join(10)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "the key is not inside" in result.stderr
    with zipfile.ZipFile(io.BytesIO(read[0])) as packed:
        assert (packed.testzip(), set(packed.namelist())) == (None, {"manifest.json", "didban.db"})
    assert pipe.is_fifo()


def test_by_command(filled, settings, path, tmp_path):
    def run(environ, *words):
        return CliRunner().invoke(cli, words, env={"DIDBAN_CONFIG": "", **as_environ(environ)})

    assert "the key is not inside" in run(settings, "backup", str(path)).output
    other = Settings(data_dir=tmp_path / "other")
    result = run(other, "restore", str(path))
    assert result.exit_code == 1 and "kept under another key" in result.output
    assert isinstance(run(other, "restore", str(path)).exception, FileError)
    empty = Settings(data_dir=tmp_path / "empty")
    assert isinstance(run(empty, "backup", str(path)).exception, FileError)
