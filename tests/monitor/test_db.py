import threading
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, func, insert, select, text

from monitor.brands import add_brand
from monitor.config import Settings
from monitor.db import alembic_config, is_of_the_models, make_engine, open_database, upgrade
from monitor.errors import StorageError
from monitor.models import Base, Brand
from monitor.rules import add_rule, get_rule
from monitor.sources import add_source
from monitor.types import RuleKind


def test_the_migrations_make_the_tables_of_the_models(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_of_the_models})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(database):
    upgrade(database)
    upgrade(database)


def migrate(database, to):
    config = alembic_config()
    with database.engine.execution_options(didban_write=True).begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if to > revision(connection) else command.downgrade)(config, to)


def revision(connection):
    return MigrationContext.configure(connection).get_current_revision()


def some_value(column, number):
    kind = column.type.python_type
    if column.foreign_keys or kind is int:
        return number
    values = {
        str: f"{column.name} {number}"[: getattr(column.type, "length", None)],
        bool: False,
        float: 0.5,
        bytes: b"",
    }
    return values.get(kind, datetime(2026, 1, number, tzinfo=UTC) if kind is datetime else [])


def fill(connection, first, last):
    """Two rows in every table there is, each hanging on the row of its number."""
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: not name.startswith(("alembic", "mention_search")))
    for table in tables.sorted_tables:
        columns = [column for column in table.columns if column.computed is None]
        rows = [{column.name: some_value(column, number) for column in columns} for number in (first, last)]
        connection.execute(insert(table), rows)
    return counts(connection, tables)


def counts(connection, tables):
    return {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables.sorted_tables}


@pytest.mark.sqlite
def test_migrations_up_and_down_keep_every_row(settings):
    database = open_database(settings)
    migrate(database, "0001")
    with database.engine.begin() as connection:
        first = MetaData()
        first.reflect(connection)
        before = fill(connection, 1, 2)
    migrate(database, "head")
    with database.engine.begin() as connection:
        assert counts(connection, first) | before == counts(connection, first)
        found = "SELECT count(*) FROM mention_search WHERE mention_search MATCH 'text'"
        assert connection.exec_driver_sql(found).scalar() == 2
    migrate(database, "0001")
    with database.engine.begin() as connection:
        assert counts(connection, first) | before == counts(connection, first)
    database.close()


@pytest.mark.sqlite
def test_a_rule_that_waited_for_removed_sources_is_off_and_says_why(settings, now):
    database = open_database(settings)
    with database.write() as session:
        brand_id = add_brand(session, "Lookout", now).id
        source_id = add_source(session, "feed", "https://a.example/", now, interval=60).id
        rules = [
            add_rule(session, brand_id, RuleKind.SPIKE, {"sources": sources, "least": 9}, now).id
            for sources in ([source_id], [source_id], [source_id])
        ]
        # As they stood before a removed source was taken out of them.
        for rule_id, sources in zip(rules[1:], ([source_id, 77], [77]), strict=True):
            rule = get_rule(session, rule_id)
            rule.options = rule.options | {"sources": sources}
    migrate(database, "0012")
    migrate(database, "head")
    with database.read() as session:
        kept = [get_rule(session, rule_id) for rule_id in rules]
    assert [rule.options for rule in kept] == [*[{"sources": [source_id], "least": 9}] * 2, {"least": 9}]
    assert [(rule.enabled, rule.lost_sources) for rule in kept] == [(True, False), (True, False), (False, True)]
    database.close()


@pytest.mark.sqlite
def test_sqlite_runs_in_wal_mode_with_foreign_keys(database):
    with database.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_failed_write_leaves_nothing(database, now):
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Brand(name="A", created_at=now))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.query(Brand).count() == 0


def test_two_writers_wait_for_each_other(database, now):
    def add(start):
        for number in range(start, start + 20):
            with database.write() as session:
                session.query(Brand).count()
                session.add(Brand(name=f"{number}", created_at=now))

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.query(Brand).count() == 60


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(Exception, match="a time without a zone"), database.write() as session:
        session.add(Brand(name="A", created_at=datetime(2026, 1, 1)))


def test_a_database_that_cannot_be_opened_is_one_line_without_its_password(tmp_path):
    (tmp_path / "file").write_text("no database at all, just some words that are long enough to be read as a header")
    with pytest.raises(StorageError, match="cannot prepare the database"):
        open_database(Settings(database_url=f"sqlite:///{tmp_path / 'file'}", secret_key="k"))


@pytest.mark.parametrize(
    "address", ["nonsense", "nosuch://x/y", "postgresql://a:b@c:port/d", "sqlite:///x?timeout=long"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(StorageError, match="unusable database_url"):
        make_engine(address)


def test_a_query_that_fails_is_a_storage_error(database):
    with pytest.raises(StorageError, match="nowhere"), database.read() as session:
        session.connection().exec_driver_sql("SELECT * FROM nowhere")


def test_that_all_connections_are_taken_is_a_storage_error(crowded):
    with crowded.read() as taken:
        taken.connection()
        with pytest.raises(StorageError, match="connection timed out"), crowded.read() as session:
            session.connection()


@pytest.mark.sqlite
def test_a_durable_write_waits_for_the_disk_and_another_does_not(database):
    for durable, level in ((True, 2), (False, 1), (True, 2)):
        with database.write(durable=durable) as session:
            assert session.scalar(text("PRAGMA synchronous")) == level
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
