"""Options of a source that nobody is to read: sealed in the database, opened in the process that uses them."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from monitor.sealing import Seal

PURPOSE = "source"
_SECRET = ("_key", "_password", "_token")
_SEALED = "sealed:"


def is_secret(name: str) -> bool:
    """Whether an option is a secret, which its name says: ``api_key``, ``app_password``, ``feed_token``."""
    return name.endswith(_SECRET)


def seal_options(options: Mapping[str, str], seal: Seal | None) -> dict[str, str]:
    """``options`` with the secrets sealed, as they are kept; a secret without a ``seal`` is a bug."""
    return {name: _close(value, seal) if is_secret(name) else value for name, value in options.items()}


def _close(value: str, seal: Seal | None) -> str:
    if seal is None:
        raise TypeError("a secret cannot be kept without a seal")
    return _SEALED + seal.close(value, PURPOSE)


def open_options(options: Mapping[str, str], seal: Seal) -> dict[str, str]:
    """``options`` as they were given. Raises ConfigError when they were sealed with another key."""
    return {
        name: seal.open(value.removeprefix(_SEALED), PURPOSE) if value.startswith(_SEALED) else value
        for name, value in options.items()
    }


def hide(line: str, values: Iterable[str]) -> str:
    """``line`` without the secret ``values``, also as they stand in an address."""
    spellings = {spelling for value in values if value for spelling in _spellings(value)}
    # The longest first: a short one that is part of another would leave the rest of it standing.
    for spelling in sorted(spellings, key=len, reverse=True):
        line = line.replace(spelling, "…")
    return line


def _spellings(value: str) -> Iterator[str]:
    yield value
    # Options from a command line may hold halves of letters.
    yield quote(value, errors="replace")
    yield quote(value, safe="", errors="replace")
    yield quote_plus(value, errors="replace")
