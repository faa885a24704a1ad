"""From a post on the web to a mail: how long it takes, and what is left of it when the worker dies again and again.

Everything is real: a feed over HTTP, ``didban worker`` in a process of its own with the spiders under it, the shipped
model, SQLite, and mail over SMTP. ``ROUNDS`` and ``KILLS`` in the environment set how many of each.
"""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

import pytest
from aiosmtpd.controller import Controller

from monitor.brands import add_brand
from monitor.channels import add_channel
from monitor.config import Settings, as_environ
from monitor.db import open_database
from monitor.deliveries import LEASE
from monitor.jobs import utcnow
from monitor.models import Alert, Delivery, Mention, Source
from monitor.sealing import Seal
from monitor.sources import add_source, make_due

ROUNDS = int(os.environ.get("ROUNDS", "10"))
KILLS = int(os.environ.get("KILLS", "200"))
SEED = int(os.environ.get("SEED", "1"))
COMPLAINTS = (
    "Lookout broke after two days and support never answered",
    "Lookout charged me twice and refuses to refund the money",
    "Terrible service from Lookout, the parcel arrived smashed",
    "Lookout is a scam, avoid it, they lied about the warranty",
)


class Feed:
    """A feed that grows; every entry carries a number nobody else has."""

    def __init__(self):
        self.entries = []
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = feed.page(self.path).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def write(self, text):
        number = len(self.entries)
        self.entries.append(f"{text} (order {100_000 + number})")
        return 100_000 + number

    def page(self, path):
        if path == "/feed":
            return self.rss()
        if path == "/robots.txt":
            return "User-agent: *\nAllow: /\n"
        return f"<html><body><article><p>{escape(self.entries[int(path[1:])])}.</p></article></body></html>"

    def rss(self):
        items = "".join(
            f"<item><title>{escape(text)}</title><link>http://{self.host}/{number}</link><guid>{number}</guid></item>"
            for number, text in enumerate(self.entries)
        )
        return f'<rss version="2.0"><channel><title>forum</title>{items}</channel></rss>'


class Mails:
    """An SMTP server that keeps when each mail came and what it said."""

    def __init__(self, port):
        self.came = []
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()
        self.address = f"mailto://127.0.0.1:{port}?from=didban@example.org&to=team@example.org&mode=insecure"

    def told(self):
        """When each post was first told."""
        numbers = {}
        for at, _, text in self.came:
            for number in re.findall(r"order (\d+)", text):
                numbers.setdefault(int(number), at)
        return numbers

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=default)
        text = mail.get_body(("plain", "html")).get_content()
        self.came.append((time.time(), mail["Subject"], text))
        return "250 taken"

    def stop(self):
        self._controller.stop()


class House:
    def __init__(self, folder, port):
        self.feed, self.mails = Feed(), Mails(port)
        self.settings = Settings(
            data_dir=folder, secret_key="bench", allowed_hosts=(self.feed.host,), download_delay=0.0, language="en"
        )
        self.database = open_database(self.settings)
        with self.database.write() as session:
            brand = add_brand(session, "Lookout", utcnow())
            add_channel(session, Seal(self.settings.key()), "mail", self.mails.address, "en", utcnow(), pace=0)
            add_source(session, "feed", f"http://{self.feed.host}/feed", utcnow(), interval=86400, brand_id=brand.id)

    def start(self):
        return subprocess.Popen([sys.executable, "-m", "monitor", "worker"], env=as_environ(self.settings))

    def look_now(self):
        with self.database.write() as session:
            make_due(session, utcnow())

    def looked_at(self):
        with self.database.read() as session:
            source = session.query(Source).one()
            return source.checked_at.timestamp() if source.checked_at and not source.leased_until else None

    def count(self, *conditions):
        with self.database.read() as session:
            return session.query(Mention).filter(*conditions).count()


@pytest.fixture
def house(tmp_path, unused_port):
    house = House(tmp_path, unused_port)
    house.feed.write("Lookout opens a new branch")
    yield house
    house.mails.stop()
    house.feed.server.shutdown()
    house.feed.server.server_close()
    house.database.close()


def wait_for(condition, seconds):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return found


def test_from_the_end_of_the_collect_to_the_mail(house):
    worker = house.start()
    delays = []
    try:
        first = wait_for(house.looked_at, 60)
        wait_for(lambda: house.count(Mention.decided_at.is_(None)) == 0, 60)
        for number in range(ROUNDS):
            post = house.feed.write(COMPLAINTS[number % len(COMPLAINTS)])
            house.look_now()
            looked = wait_for(lambda last=first: (at := house.looked_at()) and at > last and at, 60)
            told = wait_for(lambda post=post: house.mails.told().get(post), 30)
            delays.append(told - looked)
            first = looked
    finally:
        worker.terminate()
        worker.wait(10)
    print(
        f"\n{ROUNDS} posts: from the end of the collect to the mail {median(delays):.1f} s, at most {max(delays):.1f} s"
    )
    assert max(delays) < 5


def test_killed_at_any_moment_every_post_is_told_and_none_twice_outside_the_window(house):
    chance = random.Random(SEED)
    worker = house.start()
    wait_for(house.looked_at, 60)
    in_hand = 0
    for kill in range(KILLS):
        house.feed.write(COMPLAINTS[kill % len(COMPLAINTS)])
        house.look_now()
        time.sleep(chance.uniform(0, 5))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        with house.database.read() as session:
            held = session.query(Delivery).filter(Delivery.state == "waiting", Delivery.leased_until.is_not(None))
            in_hand += held.count()
        worker = house.start()
    house.look_now()
    try:
        wait_for(lambda: house.count() == len(house.feed.entries), 60)
        wait_for(lambda: house.count(Mention.decided_at.is_(None)) == 0, 60)
        # What a killed worker had in hand is free again when its lease has run out.
        wait_for(lambda: waiting(house) == 0, LEASE.total_seconds() + 60)
    finally:
        worker.terminate()
        worker.wait(10)
    mails = Counter(text for _, _, text in house.mails.came)
    twice = sum(mails.values()) - len(mails)
    with house.database.read() as session:
        deliveries = session.query(Delivery).count()
        told = sum(alert.facts["count"] for alert in session.query(Alert).filter_by(kind="new_negative"))
    print(
        f"\n{KILLS} kills, {told} posts told, {deliveries} mails due, {in_hand} in hand when killed, {twice} came twice"
    )
    assert told == KILLS
    assert len(mails) == deliveries
    assert twice <= in_hand


def waiting(house):
    with house.database.read() as session:
        return session.query(Delivery).filter_by(state="waiting").count()
