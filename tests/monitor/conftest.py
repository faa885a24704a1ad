import pytest
from sqlalchemy import create_engine, event

from monitor.brands import add_brand
from monitor.db import Database


@pytest.fixture
def brand_id(database, now):
    with database.write() as session:
        return add_brand(session, "Lookout", now).id


@pytest.fixture
def crowded(database, settings):
    """The same database for which there is one connection, and no patience."""
    crowded = Database(create_engine(settings.database, pool_size=1, max_overflow=0, pool_timeout=0.1))
    yield crowded
    crowded.close()


@pytest.fixture
def plans(database):
    """What SQLite says of its way to the rows of each question about mentions: (the question, its steps)."""
    seen = []

    def ask(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT mentions."):
            driver = connection.connection.driver_connection
            steps = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            seen.append((statement, steps))

    event.listen(database.engine, "before_cursor_execute", ask)
    return seen
