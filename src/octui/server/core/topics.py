"""Revision topics that only the service itself waits for; those that clients name are in schema/live.py."""

from functools import lru_cache
from urllib.parse import quote

SERVICES = "services"
"""Any service, its contract, or the organization."""

MAIL = "mail"
"""The outbox: there may be something to send."""


@lru_cache(maxsize=10_000)
def me_topic(account: str) -> str:
    """One person's name, roles, permissions and tokens: whoever changes a right of theirs touches it."""
    return f"me/{quote(account, safe='')}"
