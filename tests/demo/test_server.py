"""The sample web over real HTTP on loopback."""

import subprocess
import sys
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from web.demo import sources
from web.demo.server import serve
from web.demo.world import World, create_world


def test_it_serves_its_sources_on_loopback_and_stops():
    server, url = serve(World())
    with server:
        assert url.startswith("http://127.0.0.1:")
        for source in sources(url):
            with urlopen(source.url) as answer:
                assert answer.status == 200
    with pytest.raises(URLError):
        urlopen(url)


def test_the_day_turns_while_it_serves():
    world = World()
    server, url = serve(world)
    with server:
        with urlopen(Request(f"{url}/pass", data=urlencode({"pass": 2}).encode())) as answer:
            assert "روز ۲ از ۲" in answer.read().decode()
        assert world.pass_number == 2


@pytest.mark.parametrize("number", ["3", "", "two"])
def test_an_unknown_day_is_refused(client, number):
    assert client.post("/pass", data={"pass": number}).status_code == 400


def test_a_world_can_begin_at_either_pass():
    assert create_world(1).test_client().get("/news/fake-goods").status_code == 404
    assert create_world(2).test_client().get("/news/fake-goods").status_code == 200


def test_a_process_of_its_own_turns_by_line_and_ends_with_its_input():
    process = subprocess.Popen(
        [sys.executable, "-m", "web.demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    url = process.stdout.readline().strip()
    with pytest.raises(HTTPError, match="404") as refused:
        urlopen(f"{url}/news/data-leak")
    refused.value.close()
    process.stdin.write("2\n")
    process.stdin.flush()
    assert process.stdout.readline() == "2\n"
    with urlopen(f"{url}/news/data-leak") as answer:
        assert answer.status == 200
    rest, _ = process.communicate("9\n", timeout=20)
    assert "not 9" in rest
    assert process.returncode == 0
