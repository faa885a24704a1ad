"""A site on loopback that answers as it is told, and the collector as the product starts it."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from monitor.config import Settings, as_environ
from monitor.db import open_database


@dataclass
class Site:
    """``pages`` maps a path to ``(status, headers, body)`` or to a function of the request handler."""

    port: int
    pages: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def url(self, path):
        return f"http://{self.host}{path}"

    def asked(self, path):
        """The headers of each request for ``path``, oldest first."""
        return [headers for asked, headers in self.requests if asked == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server.site
        site.requests.append((self.path, self.headers))
        page = site.pages.get(self.path, (404, {}, b"nothing here"))
        try:
            if callable(page):
                page(self)
            else:
                self.answer(*page)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.site
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Collected:
    code: int
    counts: dict
    stderr: str


class Collector:
    """The settings and the database of one installation, and its collecting process."""

    def __init__(self, folder, site):
        self.settings = Settings(
            data_dir=folder,
            secret_key="a key for tests",
            allowed_hosts=(site.host,),
            download_delay=0.0,
            download_timeout=3,
            download_max_size=200_000,
        )
        self.database = open_database(self.settings)

    def start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "spiders.collect", *arguments],
            env={**os.environ, **as_environ(self.settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments):
        with self.start(*arguments) as child:
            stdout, stderr = child.communicate(timeout=60)
        lines = stdout.splitlines()
        return Collected(child.returncode, json.loads(lines[-1]) if lines else {}, stderr)


@pytest.fixture(scope="module")
def collector(tmp_path_factory, site):
    collector = Collector(tmp_path_factory.mktemp("data"), site)
    yield collector
    collector.database.close()
