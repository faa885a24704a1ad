import time
from datetime import UTC, datetime, timedelta

from monitor.models import Source
from monitor.sources import add_source
from spiders import leases
from spiders.leases import LeaseKeeper


def test_leases_are_renewed_until_the_report_is_there_or_the_visit_is_over(database, monkeypatch):
    monkeypatch.setattr(leases, "_PERIOD", 0.05)
    began = datetime.now(UTC)
    old = began - timedelta(hours=1)
    with database.write() as session:
        ids = {add_source(session, "feed", f"https://x.example/{n}", old, interval=60).id for n in range(3)}
        for source_id in ids:
            session.get(Source, source_id).leased_until = old
    reported = {max(ids)}

    def held():
        with database.read() as session:
            return {source_id for source_id in ids if session.get(Source, source_id).leased_until > began}

    with LeaseKeeper(database, ids, reported):
        while not held():
            time.sleep(0.02)
    assert held() == ids - reported
    with database.write() as session:
        for source_id in ids:
            session.get(Source, source_id).leased_until = old
    time.sleep(0.2)
    assert held() == set()
