"""Revision topics that only the server waits for; those that clients name are in schema/live.py."""

from functools import lru_cache
from urllib.parse import quote

SERVICES = "services"
"""Changes with any service, contract, or the organization."""

MAIL = "mail"
"""Changes when the outbox may hold something to send."""


@lru_cache(maxsize=10_000)
def me_topic(account: str) -> str:
    """Return the topic of a person's name, roles, permissions and tokens; every change of a right touches it."""
    return f"me/{quote(account, safe='')}"
