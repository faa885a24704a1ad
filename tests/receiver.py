"""A real HTTP server that takes calls and answers as it is told; what came is kept."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """``asked`` are (method, path, body) of each call.

    ``answers`` are (status, headers, body), one a call; without any left it is 200. ``delay`` is asked each call."""

    def __init__(self, *answers, delay=None):
        self.calls = []
        self.asked = []
        self.answers = list(answers)
        self._delay = delay
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver._delay is not None:
                    receiver._delay()
                status, headers, answer = receiver.answers.pop(0) if receiver.answers else (200, {}, "{}")
                receiver.calls.append((self.path, dict(self.headers), body))
                receiver.asked.append((self.command, self.path, body))
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.encode())))
                    self.end_headers()
                    self.wfile.write(answer.encode())
                except ConnectionError:
                    pass  # whoever called was killed

            do_PUT = do_PATCH = do_POST

            def log_message(self, *arguments):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a caller that was killed in mid-call

        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()

    def json(self, number=0):
        return json.loads(self.calls[number][2])
