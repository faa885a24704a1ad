from datetime import timedelta

import pytest

from monitor.models import Subscriber
from monitor.sealing import Seal
from monitor.subscribers import address_of, erase_old_addresses, has_old_addresses, hash_of, set_do_not_contact
from monitor.types import UnsubscribeData
from monitor.unsubscribes import count_reasons, record_events

SEAL = Seal("k")


@pytest.fixture
def leave(database, brand_id, now):
    def run(address, days_ago, **values):
        data = UnsubscribeData(subscriber=address, left_at=now - timedelta(days=days_ago), **values)
        with database.write() as session:
            return record_events(session, brand_id, [data], SEAL, now)

    return run


def row(database, address):
    with database.read() as session:
        return session.get(Subscriber, hash_of(SEAL, address))


def test_an_address_is_kept_sealed_and_found_by_its_hash(database, leave, settings):
    leave(" Somebody@Example.org ", 1)
    assert address_of(row(database, "somebody@example.org"), SEAL) == "Somebody@Example.org"
    database.close()
    kept = b"".join(path.read_bytes() for path in settings.data_dir.iterdir())
    assert b"omebody@" not in kept


def test_an_address_is_erased_after_its_time_and_the_counts_stay(database, leave, brand_id, now):
    leave("old@example.org", 91)
    leave("new@example.org", 89)
    with database.write() as session:
        assert has_old_addresses(session, 90, now)
        assert erase_old_addresses(session, 90, now) == 1
        assert not has_old_addresses(session, 90, now)
        assert sum(count_reasons(session, brand_id, now - timedelta(days=100), now).values()) == 2
    assert address_of(row(database, "old@example.org"), SEAL) == ""
    assert address_of(row(database, "new@example.org"), SEAL) == "new@example.org"


def test_an_old_leaving_told_again_brings_no_address_back_and_a_new_one_does(database, leave, now):
    leave("old@example.org", 91)
    with database.write() as session:
        erase_old_addresses(session, 90, now)
    leave("old@example.org", 91)
    assert address_of(row(database, "old@example.org"), SEAL) == ""
    leave("old@example.org", 2)
    assert address_of(row(database, "old@example.org"), SEAL) == "old@example.org"


def test_do_not_contact_is_for_ever_and_also_for_strangers(database, leave, now):
    leave("known@example.org", 1)
    for address in ("known@example.org", "stranger@example.org"):
        with database.write() as session:
            set_do_not_contact(session, hash_of(SEAL, address), now)
            set_do_not_contact(session, hash_of(SEAL, address), now + timedelta(days=1))
        assert row(database, address).do_not_contact_at == now
    with database.write() as session:
        erase_old_addresses(session, 0, now)
    leave("known@example.org", 0.5)
    assert row(database, "known@example.org").do_not_contact_at == now


def test_who_is_not_known_has_no_address():
    assert address_of(None, SEAL) == ""
