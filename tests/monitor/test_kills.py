"""Kill -9 at random moments: nothing is lost, and nothing is told twice outside the documented window.

``DIDBAN_TEST_KILLS`` sets how many kills.
"""

import multiprocessing
import os
import random
from collections import Counter
from datetime import timedelta
from time import monotonic, sleep

from monitor.brands import add_brand
from monitor.channels import add_channel
from monitor.folding import digest
from monitor.jobs import utcnow
from monitor.models import Alert, Delivery, Mention
from monitor.sealing import Seal
from tests.doomed_worker import LEASE, work
from tests.receiver import Receiver

KILLS = int(os.environ.get("DIDBAN_TEST_KILLS", "25"))
SEED = int(os.environ.get("DIDBAN_TEST_SEED", "1"))


class House:
    """A brand with two channels at one receiver, and a worker to kill."""

    def __init__(self, database, settings, receiver):
        self.database, self.settings, self.receiver = database, settings, receiver
        self.numbers = 0
        # Forked from a server that has loaded everything: a fresh interpreter would spend its life importing.
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["tests.doomed_worker", "requests"])
        with database.write() as session:
            self.brand_id = add_brand(session, "Lookout", utcnow()).id
            for name in ("a", "b"):
                address = f"webhook+http://:secret@{receiver.host}/{name}"
                add_channel(session, Seal(settings.key()), name, address, "en", utcnow(), pace=0)

    def write_down(self, count):
        """New negatives, labelled and not decided on."""
        now = utcnow()
        with self.database.write() as session:
            for _ in range(count):
                self.numbers += 1
                session.add(
                    Mention(
                        brand_id=self.brand_id,
                        key=f"{self.numbers}",
                        story=f"{self.numbers}",
                        kind="review",
                        url=f"https://shop.example/{self.numbers}",
                        text="terrible",
                        seen_at=now,
                        body_at=now,
                        label="negative",
                        score=0.9,
                        labelled_by="model",
                        labelled_at=now,
                    )
                )

    def start(self):
        is_ready = self.processes.Event()
        arguments = (str(self.settings.data_dir), self.settings.secret_key, is_ready)
        worker = self.processes.Process(target=work, args=arguments)
        worker.start()
        assert is_ready.wait(30)
        return worker

    def kill(self, worker):
        worker.kill()
        worker.join(10)
        assert worker.exitcode == -9, "the worker ended by itself"
        sleep(0.03)  # what was under way to the receiver arrives

    def received(self):
        return Counter((path, headers["Didban-Delivery"]) for path, headers, _ in self.receiver.calls)

    def waiting(self):
        with self.database.read() as session:
            return session.query(Delivery).filter_by(state="waiting").count()

    def held(self):
        """What the dead worker had in its hands: these, and no others, may come once more."""
        with self.database.read() as session:
            rows = session.query(Delivery).filter(Delivery.state == "waiting", Delivery.leased_until.is_not(None))
            return Counter((f"/{row.channel.name}", digest("delivery", str(row.id))) for row in rows)


def test_killed_at_any_moment_every_alert_arrives_and_none_twice_outside_the_window(database, settings):
    chance = random.Random(SEED)
    with Receiver(delay=lambda: sleep(chance.uniform(0, 0.01))) as receiver:
        house = House(database, settings, receiver)
        worker = house.start()
        held = Counter()
        for _ in range(KILLS):
            for _ in range(3):
                house.write_down(chance.randint(1, 3))
                sleep(chance.uniform(0, 0.06))
            house.kill(worker)
            held += house.held()
            worker = house.start()
        deadline = monotonic() + 30
        with database.read() as session:
            untold = session.query(Mention).filter(Mention.alert_id.is_(None))
            while untold.count() or house.waiting():
                assert monotonic() < deadline, f"{untold.count()} untold, {house.waiting()} waiting"
                sleep(0.1)
                session.rollback()
        sleep(2 * LEASE / timedelta(seconds=1))
        house.kill(worker)
        received = house.received()
    with database.read() as session:
        told = Counter(fact for alert in session.query(Alert) for fact in [alert.facts["count"]])
        assert sum(number * times for number, times in told.items()) == house.numbers
        deliveries = session.query(Delivery).count()
        assert {row.state for row in session.query(Delivery)} == {"sent"}
    assert len(received) == deliveries == 2 * sum(told.values())
    again = received - Counter(dict.fromkeys(received, 1))
    print(f"{KILLS} kills, {deliveries} deliveries, {held.total()} in hand when killed, {again.total()} came twice")
    assert not again - held
