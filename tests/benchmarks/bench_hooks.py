"""500 hook events a second for 20 seconds over loopback: none lost, none doubled, each on the disk before its answer.

The server is the real one in a process of its own; the caller holds the rate in another. ``SECONDS`` and ``RATE`` in
the environment change the load.
"""

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from monitor.brands import add_brand
from monitor.config import load_settings
from monitor.db import open_database
from monitor.hooks import add_hook, address_of_hook, read_calls
from monitor.models import HookEvent, UnsubscribeEvent
from monitor.sealing import Seal

RATE = int(os.environ.get("RATE", "500"))
SECONDS = int(os.environ.get("SECONDS", "20"))
CALLERS = 8
# Every tenth event is sent twice, as providers do.
TWICE = 10


@pytest.fixture
def house(tmp_path, unused_port):
    settings = load_settings(environ={}, data_dir=tmp_path, secret_key="bench", port=unused_port)
    database = open_database(settings)
    yield settings, database
    database.close()


@pytest.fixture
def server(house):
    settings, _ = house
    environ = {**os.environ, "DIDBAN_DATA_DIR": str(settings.data_dir), "DIDBAN_SECRET_KEY": "bench"}
    command = [sys.executable, "-m", "monitor", "serve", "--port", str(settings.port)]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", settings.port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield settings.port
    child.send_signal(signal.SIGTERM)
    child.wait(10)


def call_from(port, path, numbers, begun, waits, refused):
    """Send this caller's share, each event at its time, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"}
    for number in numbers:
        pause = begun + number / RATE - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        name = number - 1 if number % TWICE == 0 and number else number
        event = {"id": f"e{name}", "email": f"p{name}@example.org", "left_at": "2026-11-19T10:00:00Z"}
        sent = time.perf_counter()
        connection.request("POST", path, json.dumps(event), headers)
        answer = connection.getresponse()
        answer.read()
        waits.append(time.perf_counter() - sent)
        if answer.status != 200:
            refused.append(answer.status)
    connection.close()


def test_five_hundred_events_a_second(house, server):
    _, database = house
    seal, now = Seal("bench"), datetime.now(UTC)
    with database.write() as session:
        hook = add_hook(session, seal, add_brand(session, "Bench", now).id, "generic", "", now)
        path = address_of_hook(hook, seal, "")
    total, waits, refused = RATE * SECONDS, [], []
    begun = time.perf_counter() + 0.2
    callers = [
        threading.Thread(target=call_from, args=(server, path, range(first, total, CALLERS), begun, waits, refused))
        for first in range(CALLERS)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    took = time.perf_counter() - begun
    with database.read() as session:
        kept = session.query(HookEvent).count()
    reading = time.perf_counter()
    read_calls(database, seal, datetime.now(UTC))
    reading = time.perf_counter() - reading
    with database.read() as session:
        events = session.query(UnsubscribeEvent).count()
    waits.sort()
    distinct = total - (total - 1) // TWICE
    print(
        f"\n{total} calls in {took:.1f} s: {total / took:.0f}/s; median {statistics.median(waits) * 1000:.1f} ms, "
        f"99 % {waits[int(len(waits) * 0.99)] * 1000:.1f} ms, longest {waits[-1] * 1000:.0f} ms; "
        f"read afterwards at {events / reading:.0f}/s; load {os.getloadavg()[0]:.1f}"
    )
    assert not refused
    assert kept == events == distinct
    assert total / took >= RATE * 0.98


def test_what_was_answered_survives_a_killed_server(house, unused_port):
    settings, database = house
    seal, now = Seal("bench"), datetime.now(UTC)
    with database.write() as session:
        hook = add_hook(session, seal, add_brand(session, "Bench", now).id, "generic", "", now)
        path = address_of_hook(hook, seal, "")
    environ = {**os.environ, "DIDBAN_DATA_DIR": str(settings.data_dir), "DIDBAN_SECRET_KEY": "bench"}
    command = [sys.executable, "-m", "monitor", "serve", "--port", str(settings.port)]
    child = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    threading.Timer(4.0, child.kill).start()
    answered = 0
    deadline = time.monotonic() + 10
    while child.poll() is None and time.monotonic() < deadline:
        event = {"id": f"e{answered}", "email": f"p{answered}@example.org", "left_at": "2026-11-19T10:00:00Z"}
        connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=5)
        try:
            connection.request("POST", path, json.dumps(event), {"Content-Type": "application/json"})
            answered += connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        finally:
            connection.close()
    child.wait(10)
    with database.read() as session:
        kept = session.query(HookEvent).count()
    print(f"\n{answered} answered before the kill, {kept} kept")
    assert answered > 100
    assert kept in (answered, answered + 1)
