"""What a gateway's adapter must be able to do."""

from datetime import datetime
from typing import Protocol

from seatwright.contracts.payments import (
    Authorisation,
    GatewayPage,
    GatewayPayment,
    GatewayPaymentId,
    Notice,
    PaymentReference,
)


class Gateway(Protocol):
    """
    One gateway.

    Every call ends within its deadline. A write that was sent and not answered is `in_doubt`;
    repeating a write with the same reference never moves money twice.
    """

    async def authorise(self, request: Authorisation) -> GatewayPayment:
        """Ask for the money to be set aside, to be captured later."""
        ...

    async def capture(
        self, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        """Take the money that was set aside."""
        ...

    async def void(self, payment: GatewayPaymentId, reference: PaymentReference) -> GatewayPayment:
        """Give an authorisation back."""
        ...

    async def refund(
        self, payment: GatewayPaymentId, reference: PaymentReference, amount: int, refund: str
    ) -> GatewayPayment:
        """Give captured money back; `refund` is the idempotency key."""
        ...

    async def look_up(self, reference: PaymentReference) -> GatewayPayment:
        """What became of a reference; `absent` only when the gateway says so."""
        ...

    async def listed(self, since: datetime, before: datetime, cursor: str | None) -> GatewayPage:
        """
        Payments created in the window, a page at a time.

        Raises `Unavailable` when the gateway does not answer or cannot be understood.
        """
        ...

    def read_webhook(self, headers: dict[str, str], body: bytes) -> Notice:
        """Verify and read a webhook; raises `ForgedWebhook`."""
        ...
