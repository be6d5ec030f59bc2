"""Estimated cost of the typed contract: requests for the latest input only, keeping the last result meanwhile."""

from collections.abc import Callable

from octui.client.errors import ClientError
from octui.schema.charges import ChargeLine
from octui.schema.contracts import ContractDetails, Estimate, EstimateRequest
from octui.schema.items import Item
from octui.ui.connection import Connection

TRY_AGAIN_S = 3


class Estimator:
    """Requests one estimate at a time; `changed` is called with every new result."""

    def __init__(self, connection: Connection, service: str | None, changed: Callable[[], None]) -> None:
        self._connection, self._service, self._changed = connection, service, changed
        self._latest: ContractDetails | None = None
        self._requesting = False
        self._ticks = 0
        self.estimate_of: ContractDetails | None = None
        """The input of `estimate`."""
        self.estimate: Estimate | None = None
        self.error: ClientError | None = None

    @property
    def is_current(self) -> bool:
        """Whether the estimate belongs to the latest input."""
        return self.estimate is not None and self.estimate_of == self._latest and self.error is None

    def set_details(self, details: ContractDetails | None) -> bool:
        """Set the input, None if invalid. Return whether `run` has to be started."""
        if details == self._latest and self.error is None:
            return False
        self._latest, self._ticks = details, 0
        if details is None:
            self.error = None
        return details is not None and not self._requesting and details != self.estimate_of

    def needs_retry(self) -> bool:
        """Return whether to retry after a failure. Called once a second."""
        self._ticks += 1
        return self.error is not None and not self._requesting and self._ticks % TRY_AGAIN_S == 0

    async def run(self) -> None:
        """Request estimates until the latest input has one, or the server cannot be reached."""
        if self._requesting:
            return
        self._requesting = True
        try:
            while (details := self._latest) is not None and (details != self.estimate_of or self.error is not None):
                try:
                    estimate = await self._connection.api.estimate(
                        EstimateRequest(items=details.items, service=self._service)
                    )
                except ClientError as error:
                    self.error = error
                    if details == self._latest:
                        break
                else:
                    self.estimate, self.estimate_of, self.error = estimate, details, None
                self._changed()
        finally:
            self._requesting = False
            self._changed()

    def item_lines(self, item: Item) -> list[ChargeLine]:
        """Return the estimate's lines for an item."""
        return [] if self.estimate is None else [line for line in self.estimate.lines if line.item is item]

    @property
    def discount_lines(self) -> list[ChargeLine]:
        """The estimate's lines for the discount."""
        return [] if self.estimate is None else [line for line in self.estimate.lines if line.item is None]
