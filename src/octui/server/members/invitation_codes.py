"""One-time codes of invitations: 140 random bits, in characters that can be read out and typed."""

import hashlib
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet, without I, L, O, U."""

_LENGTH = 28
_GROUP = 4
_READ_AS = str.maketrans("ILO", "110", " -\t")


def generate_code() -> str:
    """Return a new one-time code, seven groups of four characters: `7K3M-…`."""
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(characters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def code_digest(code: str) -> bytes | None:
    """Return the digest stored for a code, or None for a text that is not a code.

    Small letters, O for 0, I or L for 1, and missing hyphens are accepted.
    """
    if not code.isascii():
        return None
    plain = code.upper().translate(_READ_AS)
    if len(plain) != _LENGTH or any(character not in _ALPHABET for character in plain):
        return None
    return hashlib.sha256(plain.encode("ascii")).digest()
