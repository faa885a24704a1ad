"""``python -m web.demo [PORT]`` serves the sample web alone, for whoever writes or reads its story."""

import sys

from web.demo.server import serve
from web.demo.world import World


def main() -> None:
    server, url = serve(World(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(url, flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
