"""What must not lie open: addresses sealed, subscribers hashed, links that cannot be forged; all from one key."""

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from monitor.errors import ConfigError, TokenError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

CHANNEL = "channel"
SUBSCRIBER = "subscriber"
HOOK = "hook"


class Seal:
    """Made from ``Settings.key()``; another key opens nothing that this one has sealed.

    Every purpose has a key of its own, so that what was made for one is of no use for another.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._fernets: dict[str, Fernet] = {}
        self._keys: dict[str, bytes] = {}

    def _derive(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            self._keys[purpose] = hmac.digest(self._key, purpose.encode(), hashlib.sha256)
        return self._keys[purpose]

    def hash(self, text: str, purpose: str = SUBSCRIBER) -> str:
        """A keyed digest: equal for equal texts, and not to be undone without the key."""
        return hmac.digest(self._derive(purpose), text.encode(), hashlib.sha256).hex()

    def close(self, text: str, purpose: str = CHANNEL) -> str:
        """Encrypt ``text``; twice the same text gives two different seals."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def open(self, token: str, purpose: str = CHANNEL) -> str:
        """Decrypt what :meth:`close` gave. Raises ConfigError when it was closed with another key."""
        return self.open_bytes(token.encode(), purpose).decode()

    def close_bytes(self, content: bytes, purpose: str) -> bytes:
        """Encrypt a whole file."""
        return self._fernet(purpose).encrypt(content)

    def open_bytes(self, closed: bytes, purpose: str) -> bytes:
        """Decrypt what :meth:`close_bytes` gave. Raises ConfigError when it was closed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet(purpose).decrypt(closed)
        except InvalidToken as e:
            raise ConfigError(f"a {purpose} was kept under another key; restore the old one", "secret_key") from e

    def make_token(self, text: str, purpose: str) -> str:
        """``text`` encrypted and signed, for an address: short, without an end, and the same each time (AES-SIV)."""
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        closed = AESSIV(self._derive(f"token {purpose}")).encrypt(text.encode(), None)
        return base64.urlsafe_b64encode(closed).rstrip(b"=").decode()

    def read_token(self, token: str, purpose: str) -> str:
        """What :meth:`make_token` was given. Raises TokenError for anything that it did not make."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        try:
            closed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            return AESSIV(self._derive(f"token {purpose}")).decrypt(closed, None).decode()
        except (binascii.Error, InvalidTag, ValueError) as e:
            raise TokenError("not a link of ours") from e

    def _fernet(self, purpose: str) -> "Fernet":
        # Imported here: `didban --help` has no use for a cryptography library.
        from cryptography.fernet import Fernet

        if purpose not in self._fernets:
            self._fernets[purpose] = Fernet(base64.urlsafe_b64encode(self._derive(purpose)))
        return self._fernets[purpose]
