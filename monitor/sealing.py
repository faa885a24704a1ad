"""What must not lie open in the database: channel addresses sealed, subscribers hashed, with one key."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Seal:
    """Made from ``Settings.key()``; another key opens nothing that this one has sealed."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def _derive(self, purpose: bytes) -> bytes:
        return hmac.digest(self._key, purpose, hashlib.sha256)

    def hash(self, text: str) -> str:
        """A keyed digest: equal for equal texts, and not to be undone without the key."""
        return hmac.digest(self._derive(b"subscriber"), text.encode(), hashlib.sha256).hex()

    def close(self, text: str) -> str:
        """Encrypt ``text``."""
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, token: str) -> str:
        """Decrypt what :meth:`close` gave. Raises ConfigError when it was closed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(token.encode()).decode()
        except InvalidToken as e:
            raise ConfigError("a channel was kept under another key; restore the old one", "secret_key") from e

    def _fernet(self) -> "Fernet":
        # Imported here: `didban --help` has no use for a cryptography library.
        from cryptography.fernet import Fernet

        return Fernet(base64.urlsafe_b64encode(self._derive(b"channel")))
