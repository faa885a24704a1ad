"""One file for each newsletter provider, named as in its hook's address; a new one is copied from its neighbour."""

import pkgutil
from functools import cache
from importlib import import_module

from monitor.errors import HookError
from monitor.payloads import Provider


@cache
def provider_names() -> tuple[str, ...]:
    """Every file of this package."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def get_provider(name: str) -> Provider:
    """Raises HookError."""
    if name not in provider_names():
        raise HookError(f"no such provider (there are: {', '.join(provider_names())})", name)
    provider: Provider = import_module(f"{__name__}.{name}").PROVIDER
    return provider
