import pytest

from monitor.brands import add_brand


@pytest.fixture
def brand_id(database, now):
    with database.write() as session:
        return add_brand(session, "Lookout", now).id
