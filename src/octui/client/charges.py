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
        """Return the charges of a month (YYYY-MM; None: this one), of all services, of one type or of one service.

        Refused at the field for a month to come and for an unknown service.
        """
        params = params_of(month=month, type=type, service=service)
        return await self._send_request("charges", Charges, params=params, deadline=SLOW_DEADLINE_S)

    async def estimate(self, request: EstimateRequest) -> Estimate:
        """Return what a whole month of a contract would cost; nothing is stored."""
        return await self._send_model("estimate", request, Estimate)

    async def rates(self) -> RateCards:
        """Return all rate cards, oldest first."""
        return await self._send_request("rates", RateCards)

    async def add_rates(self, new: NewRateCard) -> RateCard:
        """Add prices that are valid from a future month on. Raises Refused with the fields (`rates.3.tier1_cap`)."""
        return await self._send_model("add_rates", new, RateCard)

    async def change_discount(self, service: str, new: NewDiscount) -> None:
        """Set the discount of a service from this month or a later one on."""
        path_params = {"service": service}
        await self._client.send_operation("change_discount", path_params=path_params, headers=JSON, body=body_of(new))
