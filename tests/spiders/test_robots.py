"""Every request to a host waits for its robots.txt, however many wait at once."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from monitor.brands import add_brand
from monitor.models import Source
from monitor.sources import add_source
from monitor.types import SourceState

FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


def slow_robots(handler):
    time.sleep(0.5)
    body = b"User-agent: *\nDisallow: /private/"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_all_that_wait_for_a_slow_robots_txt_obey_it(collector, site):
    paths = [f"/private/{number}" for number in range(6)]
    site.pages.update({"/robots.txt": slow_robots, **{path: (200, {}, FEED) for path in paths}})
    before = datetime.now(UTC) - timedelta(hours=1)
    with collector.database.write() as session:
        brand = add_brand(session, "Aral", before)
        for path in paths:
            add_source(session, "feed", site.url(path), before, interval=1800, brand_id=brand.id)
    collector.run()
    with collector.database.read() as session:
        assert set(session.scalars(select(Source.state))) == {SourceState.BLOCKED}
