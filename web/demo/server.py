"""The sample web on loopback, in a thread of its own."""

from threading import Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from web.demo.world import World

HOST = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the demo has its own words for what happens."""


class SampleServer:
    """A running sample web; a context manager that stops it on the way out."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server = server
        self._thread = Thread(target=server.serve_forever, name="sample-web", daemon=True)
        self.url = f"http://{HOST}:{server.server_port}"
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "SampleServer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def serve(world: World, port: int = 0) -> tuple[SampleServer, str]:
    """Serve ``world`` on loopback in a thread and give the server with its address; port 0 takes a free one."""
    server = SampleServer(make_server(HOST, port, world.app, threaded=True, request_handler=_QuietHandler))
    return server, server.url
