"""Charges, estimates, rate cards and discounts: one method for each operation of the same name."""

from octui.client.endpoints import JSON, SLOW_DEADLINE_S, Endpoints, body_of, params_of
from octui.schema.charges import Charges, NewDiscount, NewRateCard, RateCard, RateCards
from octui.schema.contracts import Estimate, EstimateRequest
from octui.schema.items import ServiceType


class ChargeEndpoints(Endpoints):
    """Charges, estimates, rate cards and discounts."""

    async def charges(
        self, month: str | None = None, type: ServiceType | None = None, service: str | None = None
    ) -> Charges:
        """The charges of a month (YYYY-MM; None: the present one): of all, of one type of services, of one service.

        Refused at the field for a month to come and for a service that is not there.
        """
        params = params_of(month=month, type=type, service=service)
        return await self._send_request("charges", Charges, params=params, deadline=SLOW_DEADLINE_S)

    async def estimate(self, of: EstimateRequest) -> Estimate:
        """What a whole month of a contract costs; nothing is kept."""
        return await self._send_model("estimate", of, Estimate)

    async def rates(self) -> RateCards:
        """All rate cards, oldest first."""
        return await self._send_request("rates", RateCards)

    async def add_rates(self, new: NewRateCard) -> RateCard:
        """Other prices from a month to come on. Refused at the fields (`rates.3.tier1_cap`)."""
        return await self._send_model("add_rates", new, RateCard)

    async def change_discount(self, service: str, new: NewDiscount) -> None:
        """A discount of a service from this month or a later one on."""
        path_params = {"service": service}
        await self._client.send_operation("change_discount", path_params=path_params, headers=JSON, body=body_of(new))
