"""No request leaves for an address that is not public, in whatever spelling and at whatever moment."""

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler
from twisted.internet.address import IPv4Address, IPv6Address

from monitor.addresses import Allowed, is_public, literal_address
from spiders.addresses import AddressRefused, GuardedResolver
from spiders.middlewares import AddressGuard

FORBIDDEN = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/feed",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://2822734096/",
    "http://0xa83f8110/",
    "http://0250.077.0201.020/",
    "http://[::ffff:168.63.129.16]/",
    "http://[64:ff9b::a83f:8110]/",
    "http://[2002:a83f:8110::]/",
    "http://192.0.0.192/opc/v2/instance/",
    "http://192.0.0.9/",
    "http://3221225664/",
    "http://[::ffff:c000:c0]/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[fd00:ec2::254]/",
    "http://example.com@127.0.0.1/",
    "http://user:secret@example.com/",
    "ftp://example.com/",
]


def guard(*allowed):
    return AddressGuard(get_crawler(settings_dict={"ALLOWED_HOSTS": list(allowed)}))


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(url):
    with pytest.raises(AddressRefused):
        guard().process_request(Request(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://8.8.8.8/",
        "http://[2606:4700::1111]/",
        "http://[64:ff9b::808:808]/",
        "https://خبر.example/",
    ],
)
def test_a_public_address_passes(url):
    guard().process_request(Request(url))


def test_an_allowed_host_and_port_is_that_one_only():
    allowed = guard("127.0.0.1:8370", "intranet.example", "[::1]:80")
    allowed.process_request(Request("http://127.0.0.1:8370/search"))
    allowed.process_request(Request("http://[::1]/"))
    for url in ("http://127.0.0.1/", "http://127.0.0.1:8371/", "http://2130706433:8370/", "http://[::1]:81/"):
        with pytest.raises(AddressRefused):
            allowed.process_request(Request(url))


def test_a_host_is_allowed_with_or_without_its_port():
    assert Allowed(["Search.example"])("search.example", 443)
    assert Allowed(["search.example:8080"])("search.example", 8080)
    assert not Allowed(["search.example:8080"])("search.example", 80)
    assert not Allowed(["search.example"])("evil-search.example", 80)
    assert not Allowed([])("", 0)


@pytest.mark.parametrize(
    ("host", "address"), [("127.1", "127.0.0.1"), ("[::1]", "::1"), ("fe80::1%eth0", "fe80::1"), ("example.com", None)]
)
def test_every_spelling_of_an_address_is_known(host, address):
    assert literal_address(host) == address


def test_an_address_inside_an_address_counts():
    assert not is_public("::ffff:10.0.0.1")
    assert not is_public("2001:0:4136:e378:8000:63bf:f5ff:fffe")  # Teredo of 10.0.0.1
    assert is_public("::ffff:8.8.8.8")


class Receiver:
    def __init__(self):
        self.hosts = []
        self.complete = False

    def resolutionBegan(self, resolution):
        pass

    def addressResolved(self, address):
        self.hosts.append(address.host)

    def resolutionComplete(self):
        self.complete = True


class Names:
    """A name server that gives the next of its answers each time it is asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.nameResolver = self

    def installNameResolver(self, resolver):
        self.nameResolver = resolver

    def resolveHostName(self, receiver, name, port, types, transport):
        receiver.resolutionBegan(None)
        for host in self.answers.pop(0):
            kind = IPv6Address if ":" in host else IPv4Address
            receiver.addressResolved(kind("TCP", host, port))
        receiver.resolutionComplete()
        return receiver


def resolve(resolver, name, port=80):
    receiver = Receiver()
    resolver.resolveHostName(receiver, name, port)
    assert receiver.complete
    return receiver.hosts


def test_a_name_gives_its_public_addresses_only():
    resolver = GuardedResolver(Names(["10.0.0.1", "8.8.8.8", "::1"]), [])
    assert resolve(resolver, "mixed.example") == ["8.8.8.8"]
    assert "mixed.example" not in resolver.refused


def test_a_name_that_changes_between_two_questions_is_checked_each_time():
    resolver = GuardedResolver(Names(["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8"]), [])
    assert resolve(resolver, "rebind.example") == ["8.8.8.8"]
    assert resolve(resolver, "rebind.example") == []
    assert "rebind.example" in resolver.refused
    assert resolve(resolver, "rebind.example") == ["8.8.8.8"]
    assert "rebind.example" not in resolver.refused


def test_an_allowed_port_of_a_name_may_be_private_and_no_other():
    resolver = GuardedResolver(Names(["127.0.0.1"], ["127.0.0.1"]), ["localhost:8370"])
    assert resolve(resolver, "localhost", 8370) == ["127.0.0.1"]
    assert resolve(resolver, "localhost", 22) == []


def test_it_takes_the_place_of_the_reactors_resolver():
    names = Names()
    crawler = get_crawler(settings_dict={"ALLOWED_HOSTS": ["localhost"]})
    resolver = GuardedResolver.from_crawler(crawler, names)
    resolver.install_on_reactor()
    assert names.nameResolver is resolver
