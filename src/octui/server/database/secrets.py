"""Encryption of secrets in the database, with a key that is kept outside it (security.md R35).

AES-256-GCM; stored are one byte of version (1), 12 random bytes of nonce, and the ciphertext with its tag. `about` says
what a secret belongs to and is authenticated with it: a row copied to another place or version cannot be decrypted.
"""

import secrets
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from octui.schema.problems import Code
from octui.server.core.errors import StoreError
from octui.server.database.key_file import make_key, read_key

KEY = "sealing.key"
_VERSION = b"\x01"
_NONCE = 12


class Sealer:
    """Encrypts and decrypts with the key file in `folder`, which the first encryption makes. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / KEY
        self._lock = threading.Lock()

    def seal(self, secret: bytes, about: str) -> bytes:
        """Return the encrypted secret. Raises StoreError where the key file cannot be used."""
        with self._lock:
            try:
                if not self.path.is_symlink() and not self.path.exists():
                    make_key(self.path, AESGCM.generate_key(256))
            except OSError as error:
                raise _key_unusable(error.strerror or str(error)) from error
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._load_cipher().encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return the decrypted secret. Raises StoreError where the key file cannot be used or is another one."""
        cipher = self._load_cipher()
        nonce, text = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            return cipher.decrypt(nonce, text, about.encode())
        except (InvalidTag, ValueError):
            raise _key_unusable("it does not open what is kept: the file or the database is another one") from None

    def _load_cipher(self) -> AESGCM:
        # Read each time: it is not in memory for longer, and a file that was replaced or opened to others is noticed.
        try:
            return AESGCM(read_key(self.path))
        except FileNotFoundError:
            raise _key_unusable("it is missing; put it back from where it was kept") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise _key_unusable(reason) from None


def _key_unusable(reason: str) -> StoreError:
    return StoreError(Code.KEY_FILE_UNUSABLE, 500, f"{KEY}, the key file beside the database: {reason}.")
