"""Which addresses are public, in whatever spelling, and which others the owner has allowed."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import inet_aton

# Where a translating network puts public IPv4 hosts for machines that have IPv6 only (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# Where clouds tell a machine its secrets: Oracle's address lies in the network of protocol assignments (RFC 6890), of
# which older Pythons know a part only; Azure's looks like anybody's.
_CLOUDS = IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32")


def is_public(address: str) -> bool:
    """Whether an IP address is one that the whole internet shares, whatever it is wrapped in."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    elif any(ip in network for network in _CLOUDS):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def literal_address(host: str) -> str | None:
    """The IP address that ``host`` spells, in decimal, octal, hexadecimal or short form too; None for a name."""
    try:
        return str(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        return str(ip_address(inet_aton(host)))
    except OSError:
        return None


class Allowed:
    """What the owner listed: hosts, or ports of them."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(entry.lower() for entry in entries)

    def __call__(self, host: str, port: int) -> bool:
        bare = host.strip("[]").lower()
        return not self._entries.isdisjoint((bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}"))
