"""The payments contract over whatever gateways are configured."""

from collections.abc import Mapping
from datetime import datetime

from seatwright.contracts.payments import (
    Authorisation,
    GatewayName,
    GatewayPage,
    GatewayPayment,
    GatewayPaymentId,
    MethodNotOffered,
    Notice,
    PaymentReference,
)
from seatwright.payments.ports import Gateway


class PaymentService:
    """Chooses the gateway by its name; everything else is the gateway's."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways

    async def authorise(self, *, request: Authorisation) -> GatewayPayment:
        """Set money aside; raises `MethodNotOffered`."""
        return await self._gateway(request.gateway).authorise(request)

    async def capture(
        self, *, gateway: GatewayName, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        """Take money that was set aside."""
        return await self._gateway(gateway).capture(payment, reference)

    async def void(
        self, *, gateway: GatewayName, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        """Give an authorisation back."""
        return await self._gateway(gateway).void(payment, reference)

    async def refund(
        self,
        *,
        gateway: GatewayName,
        payment: GatewayPaymentId,
        reference: PaymentReference,
        amount: int,
        refund: str,
    ) -> GatewayPayment:
        """Give captured money back."""
        return await self._gateway(gateway).refund(payment, reference, amount, refund)

    async def look_up(self, *, gateway: GatewayName, reference: PaymentReference) -> GatewayPayment:
        """Ask what became of a reference."""
        return await self._gateway(gateway).look_up(reference)

    async def listed(
        self, *, gateway: GatewayName, since: datetime, before: datetime, cursor: str | None
    ) -> GatewayPage:
        """A page of the gateway's own list; raises `Unavailable`."""
        return await self._gateway(gateway).listed(since, before, cursor)

    async def read_webhook(
        self, *, gateway: GatewayName, headers: dict[str, str], body: bytes
    ) -> Notice:
        """Verify and read a webhook; raises `ForgedWebhook`."""
        return self._gateway(gateway).read_webhook(headers, body)

    def _gateway(self, name: GatewayName) -> Gateway:
        found = self._gateways.get(name)
        if found is None:
            raise MethodNotOffered("This way to pay is not offered here.")
        return found
