"""The sample web over real HTTP on loopback."""

from urllib.error import URLError
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
