"""Which addresses a spider may connect to, held at the moment of connecting.

Every connection resolves its host through :class:`GuardedResolver`, so that a check before the request cannot be
outwitted by a name that resolves differently a moment later.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import inet_aton
from typing import Any, ClassVar

from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

# Where a translating network puts public IPv4 hosts for machines that have IPv6 only (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(IgnoreRequest):
    """The address is not public and the owner has not listed it in ``allowed_hosts``."""


def is_public(address: str) -> bool:
    """Whether an IP address is one that the whole internet shares, whatever it is wrapped in."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
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


def is_allowed(allowed: Iterable[str], host: str, port: int) -> bool:
    """Whether the owner listed this host, or this port of it."""
    bare = host.strip("[]").lower()
    return any(entry.lower() in (bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}") for entry in allowed)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on the public addresses of a name and notes a name that has none."""

    # zope's interfaces say nothing to a type checker: receivers, resolutions and resolvers are Any here.
    def __init__(self, receiver: Any, host: str, refused: set[str]) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused
        self._verdicts: list[bool] = []

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        public = is_public(address.host)
        self._verdicts.append(public)
        if public:
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        if self._verdicts and not any(self._verdicts):
            self._refused.add(self._host)
        else:
            self._refused.discard(self._host)
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy's resolver: gives no address that is not public, unless the owner allowed the host.

    ``refused`` holds the names whose last answer had no public address, so that the failure can be told from a
    name that does not exist.
    """

    refused: ClassVar[set[str]] = set()

    def __init__(self, reactor: Any, allowed: Sequence[str]) -> None:
        self._reactor = reactor
        self._resolver: Any = reactor.nameResolver
        self._allowed = tuple(allowed)

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "GuardedResolver":
        return cls(reactor, crawler.settings.getlist("ALLOWED_HOSTS"))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        if not is_allowed(self._allowed, hostName, portNumber):
            resolutionReceiver = _PublicOnly(resolutionReceiver, hostName, self.refused)
        return self._resolver.resolveHostName(
            resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
        )
