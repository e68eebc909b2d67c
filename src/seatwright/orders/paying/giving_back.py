"""Giving money back of which no sale came: an authorisation is voided, a capture refunded."""

from seatwright.contracts.payments import (
    GatewayName,
    GatewayPayment,
    GatewayPaymentId,
    PaymentReference,
    Payments,
)
from seatwright.kit import crash, telemetry
from seatwright.orders.domain.comparing import left_at_gateway, money_of

# The break that says so, open until nothing is left at the gateway.
MONEY_WITHOUT_SALE = "money_without_sale"
MONEY_WITHOUT_ORDER = telemetry.counter(
    "money_without_order_total", "Payments given back because no sale came of them"
)
_before = crash.declare("before_giving_back", "money without a sale is written down, still there")
_after = crash.declare("after_giving_back", "the gateway has given money back, we wrote nothing")


class GiveBack:
    """Repeating it moves nothing twice: the gateway's keys are derived from our reference."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments

    async def everything(
        self, gateway: GatewayName, reference: PaymentReference, payment: GatewayPayment
    ) -> bool:
        """
        Give back all that `payment` says is there; False while the gateway still has some of it.

        Raises `Unavailable` and `Unknown` when the payments service is not there.
        """
        if not left_at_gateway(payment):
            return True
        if payment.id is None:
            return False  # its gateway has not said what it has
        _before()
        if payment.standing == "captured":
            left = await self._refund(gateway, reference, payment)
        else:
            left = await self._payments.void(
                gateway=gateway, payment=GatewayPaymentId(payment.id), reference=reference
            )
        _after()
        if left_at_gateway(left):
            return False
        MONEY_WITHOUT_ORDER.inc()
        return True

    async def _refund(
        self, gateway: GatewayName, reference: PaymentReference, payment: GatewayPayment
    ) -> GatewayPayment:
        amount = (money_of(payment) or 0) - payment.refunded - payment.refund_pending
        if amount <= 0 or payment.refund_failed:
            # On its way; or the bank would not take it, and then a person must find another.
            return payment
        return await self._payments.refund(
            gateway=gateway,
            payment=GatewayPaymentId(payment.id or ""),
            reference=reference,
            amount=amount,
            refund=f"{reference}_back",
        )
