"""Live updates: topics are resource paths below `/api/v1/`; one request waits for all of them (architecture.md 4.4)."""

from typing import Any
from urllib.parse import quote

from octui.schema.common import Answer

ME = "me"
AUDIT_HEAD = "audit/head"
ORGANIZATION_ADMINS = "organization/admins"
INVITATIONS = "invitations"
ORGANIZATION = "organization"
CONTRACTS = "contracts"


def stats_topic(service: str, account: str) -> str:
    """Return the topic of an agent's figures of the service's present day."""
    return f"services/{service}/stats/{quote(account, safe='')}"


def tickets_topic(service: str) -> str:
    """Return the internal topic of a service's unassigned tickets, part of every ETag of its stats."""
    return f"services/{service}/tickets"


def cti_topic(service: str) -> str:
    """Return the topic of the head of the CTI agent table."""
    return f"services/{service}/cti/head"


def cti_settings_topic(service: str) -> str:
    """Return the topic of the CTI settings, as seen from a service that has CTI."""
    return f"services/{service}/cti/settings"


CTI_SETTINGS = "cti/settings"
"""Internal topic: the row that every service's `cti/settings` is read from."""

CTI_ROWS = "cti/rows"
"""Internal topic: the table that every service's `cti/head` is computed from."""


def agents_topic(service: str) -> str:
    """Return the topic of the head of a service's agents, their rights and their states."""
    return f"services/{service}/agents/head"


def floor_topic(service: str) -> str:
    """Return the topic of a service's queue and agents of the moment."""
    return f"services/{service}/floor"


class Changed(Answer):
    """A topic whose answer changed: `body` is the answer to GET on its path; `gone`: it may no longer be read."""

    etag: str
    body: dict[str, Any] | None = None
    gone: bool = False


class LiveAnswer(Answer):
    """The requested topics that changed; `as_of` is the server's clock (epoch ms)."""

    as_of: int
    changed: dict[str, Changed]
