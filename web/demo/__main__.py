"""``python -m web.demo [PORT]`` serves the sample web in a process of its own until its input ends.

It prints its address; a line with the number of a pass turns the world to it and is answered with that number, once
it is so.
"""

import sys
from collections.abc import Iterable

from web.demo.server import serve
from web.demo.world import World


def turn(world: World, lines: Iterable[str]) -> None:
    """Turn ``world`` as the lines say; one that makes no sense is answered with what is wrong."""
    for line in lines:
        try:
            world.pass_number = int(line)
            print(world.pass_number, flush=True)
        except ValueError as e:
            print(e, flush=True)


def main() -> None:
    world = World()
    server, url = serve(world, int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    with server:
        print(url, flush=True)
        try:
            turn(world, sys.stdin)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
