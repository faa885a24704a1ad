"""Which addresses a spider may connect to, held at the moment of connecting.

Every connection resolves its host through :class:`GuardedResolver`, so that a check before the request cannot be
outwitted by a name that resolves differently a moment later.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from monitor.addresses import Allowed, is_public


class AddressRefused(IgnoreRequest):
    """The address is not public and the owner has not listed it in ``allowed_hosts``."""


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
        self._is_allowed = Allowed(allowed)

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
        if not self._is_allowed(hostName, portNumber):
            resolutionReceiver = _PublicOnly(resolutionReceiver, hostName, self.refused)
        return self._resolver.resolveHostName(
            resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
        )
