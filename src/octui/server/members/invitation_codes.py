"""One-time codes of invitations: 140 random bits, written so that they can be read out and typed."""

import hashlib
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O, U."""

_LENGTH = 28
_GROUP = 4
_READ_AS = str.maketrans("ILO", "110", " -\t")


def generate_code() -> str:
    """A new code: `7K3M-…`, seven groups of four."""
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(characters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def code_digest(code: str) -> bytes | None:
    """What is stored of a code, however it was typed: small letters, O for 0, without the hyphens. None: no code."""
    if not code.isascii():
        return None
    plain = code.upper().translate(_READ_AS)
    if len(plain) != _LENGTH or any(character not in _ALPHABET for character in plain):
        return None
    return hashlib.sha256(plain.encode("ascii")).digest()
