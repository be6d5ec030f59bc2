"""Key files beside the database: 32 bytes as hex, readable by this user alone (security.md R19)."""

from pathlib import Path

from octui import files

LENGTH = 32
_LONGEST = 200


def read_key(path: Path) -> bytes:
    """Return the 32-byte key in a key file.

    Raises FileNotFoundError, other OSError, or ValueError for a file that others may read or that holds no key.
    """
    text = files.read_private(path, _LONGEST)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise ValueError("it is no key")
    return key


def make_key(path: Path, key: bytes) -> None:
    """Write a new key file durably, unless another process has made one. Raises OSError."""
    files.write_once(path, key.hex().encode() + b"\n")
