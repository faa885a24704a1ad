"""The pages at 20 requests a second: with a million mentions in SQLite as with ten thousand.

The dashboard is served as ``didban serve`` does, in a process of its own; an open loop asks, so that a slow answer
delays none of the next. ``SECONDS``, ``RATE`` and ``MENTIONS`` in the environment change the load.
"""

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from monitor.cli.serving import served, until_signalled
from monitor.db import open_database
from tests.benchmarks.large_house import NOW, large_house
from tests.web.entering import cookie_for
from web import create_app

RATE = int(os.environ.get("RATE", "20"))
SECONDS = int(os.environ.get("SECONDS", "30"))
MENTIONS = int(os.environ.get("MENTIONS", "1000000"))
FEW = 10_000
MEDIAN, NEARLY_ALL = 0.100, 0.300
# How much more a page may cost with all the mentions than with few.
DEARER = 2.0
CALLERS = 32

PAGES = {
    "overview": ["/"],
    "inbox": ["/mentions", "/mentions?label=negative", "/mentions?after={after}"],
    "search": [
        "/mentions?words=هتل",
        "/mentions?words=کیف*",
        '/mentions?words="پس نداد"',
        "/mentions?words=refund -still",
    ],
    "filters": [
        "/mentions?topic=privacy&label=negative",
        "/mentions?kind=article&language=en",
        "/mentions?case=new",
        "/mentions?label=uncertain&period=30d",
        "/mentions?from=2025-11-01&to=2025-11-07&label=positive",
        "/mentions?words=سفارش&label=negative&from=2026-01-01&to=2026-02-01",
    ],
}


def ask(port, cookie, path):
    """The seconds until the whole answer was there, and its words."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", quote(path, safe="/?&=%-*"), headers={"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200, (path, answer.status)
    return time.perf_counter() - begun, text


def in_turn():
    """Every page of each kind as often as any other kind."""
    turn = 0
    while True:
        for kind, paths in PAGES.items():
            yield kind, paths[turn % len(paths)]
        turn += 1


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(port, cookie, pid):
    """Waits by kind of page at RATE requests a second, and what a request cost the server in seconds."""
    after = unescape(re.search(r'href="/mentions\?after=([^"&]+)"', ask(port, cookie, "/mentions")[1])[1])
    for paths in PAGES.values():
        for path in paths:
            ask(port, cookie, path.format(after=after))
    waits, lock = defaultdict(list), threading.Lock()

    def one(kind, path, due):
        ask(port, cookie, path.format(after=after))
        with lock:
            # From when it should have been sent: whoever waits for a free caller waits too.
            waits[kind].append(time.perf_counter() - due)

    spent, begun, turns = cpu_seconds(pid), time.perf_counter(), in_turn()
    with ThreadPoolExecutor(CALLERS) as callers:
        for number in range(RATE * SECONDS):
            due = begun + number / RATE
            time.sleep(max(due - time.perf_counter(), 0))
            callers.submit(one, *next(turns), due)
    count = sum(map(len, waits.values()))
    assert count == RATE * SECONDS
    return waits, (cpu_seconds(pid) - spent) / count


def measure(mentions):
    """The waits and the cost in a house with so many mentions."""
    command = [sys.executable, __file__, str(mentions)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        port, cookie = child.stdout.readline().split(" ", 1)
        try:
            return load(int(port), cookie.strip(), child.pid)
        finally:
            child.terminate()


def serve(mentions):
    """The dashboard over a large house, until it is told to stop; says where it is and how to get in."""
    settings = large_house(mentions)
    database = open_database(settings)
    app = create_app(settings, database, clock=lambda: NOW)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(app, "127.0.0.1", port):
        cookie = cookie_for(app, "")
        print(port, f"{cookie['name']}={cookie['value']}", flush=True)
        until_signalled()


@pytest.mark.skipif(sys.platform != "linux", reason="it reads the server's processor time from /proc")
def test_a_million_mentions_cost_little_more_than_ten_thousand():
    few, cost_few = measure(FEW)
    many, cost_many = measure(MENTIONS)
    print(f"\n{RATE} requests a second for {SECONDS} s; load of this machine {os.getloadavg()[0]:.1f}")
    print(f"{'page':10} {'mentions':>10} {'median':>9} {'95 %':>9}")
    for kind in PAGES:
        for mentions, waits in ((FEW, few), (MENTIONS, many)):
            median, nearly_all = statistics.median(waits[kind]), statistics.quantiles(waits[kind], n=20)[-1]
            print(f"{kind:10} {mentions:>10,} {median * 1000:7.1f}ms {nearly_all * 1000:7.1f}ms")
        print(f"{kind:10} ratio of medians {statistics.median(many[kind]) / statistics.median(few[kind]):.2f}")
    costs = f"{cost_few * 1000:.1f} and {cost_many * 1000:.1f} ms, ratio {cost_many / cost_few:.2f}"
    print(f"processor time of a request: {costs}")
    for waits in many.values():
        assert statistics.median(waits) < MEDIAN
        assert statistics.quantiles(waits, n=20)[-1] < NEARLY_ALL
    assert cost_many / cost_few < DEARER


if __name__ == "__main__":
    serve(int(sys.argv[1]))
