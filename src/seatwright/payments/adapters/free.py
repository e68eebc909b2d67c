"""Orders that cost nothing need no gateway, and go the same way as all others."""

from datetime import datetime

from seatwright.contracts.payments import (
    Authorisation,
    ForgedWebhook,
    GatewayPage,
    GatewayPayment,
    GatewayPaymentId,
    MethodNotOffered,
    Notice,
    PaymentReference,
)


class FreeOfCharge:
    """Authorises nothing but nothing."""

    async def authorise(self, request: Authorisation) -> GatewayPayment:
        """Authorised when the amount is zero; raises `MethodNotOffered` otherwise."""
        if request.amount != 0:
            raise MethodNotOffered("This order has to be paid.")
        return GatewayPayment(
            reference=request.reference,
            standing="authorised",
            id=GatewayPaymentId(f"free_{request.reference}"),
            amount=0,
            currency=request.currency,
            order=request.order,
        )

    async def capture(
        self, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        """Nothing is taken."""
        return GatewayPayment(reference=reference, standing="captured", id=payment, amount=0)

    async def void(self, payment: GatewayPaymentId, reference: PaymentReference) -> GatewayPayment:
        """Nothing is given back."""
        return GatewayPayment(reference=reference, standing="voided", id=payment, amount=0)

    async def refund(
        self,
        payment: GatewayPaymentId,
        reference: PaymentReference,
        amount: int,
        refund: str,  # noqa: ARG002  # there is nothing to name
    ) -> GatewayPayment:
        """Nothing is given back."""
        assert amount == 0, "nothing was ever taken"
        return GatewayPayment(reference=reference, standing="captured", id=payment, amount=0)

    async def look_up(self, reference: PaymentReference) -> GatewayPayment:
        """Nobody keeps a record of nothing, so asking again is how it is settled."""
        return GatewayPayment(reference=reference, standing="absent")

    async def listed(
        self,
        since: datetime,  # noqa: ARG002  # nobody keeps a list
        before: datetime,  # noqa: ARG002
        cursor: str | None,  # noqa: ARG002
    ) -> GatewayPage:
        """Nobody keeps a record of nothing."""
        return GatewayPage(items=(), next=None)

    def read_webhook(self, headers: dict[str, str], body: bytes) -> Notice:  # noqa: ARG002
        """Nobody sends any."""
        raise ForgedWebhook("This method sends no webhooks.")
