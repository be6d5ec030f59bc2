"""The connection of a signed-in person, used by all screens (architecture.md 4.9)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from octui.client.api import Api
from octui.client.feed import Feed
from octui.schema.organization import KnownService, Me, ServiceRole


@dataclass
class Connection:
    """A signed-in person's connection: typed requests, feed, identity, and the folder of drafts and preferences."""

    api: Api
    feed: Feed
    me: Me
    service: str
    folder: Path

    @property
    def role(self) -> ServiceRole | None:
        """The person's role in the connected service, None without one (rules.md 15)."""
        return next((role for role in self.me.services if role.service == self.service), None)

    @property
    def known_service(self) -> KnownService | None:
        """The connected service, None if there is none."""
        return next((service for service in self.me.known_services if service.service == self.service), None)


Connect = Callable[[], Awaitable[Connection]]
"""Makes the connection after the first paint; raises client errors, which the app shows and retries."""
