"""
What the rest of the platform may ask of payments.

Payments speaks to gateways and keeps nothing. An answer is what the gateway said; when it did
not answer in time the outcome is `in_doubt`, which is a fact like any other, never an error.
"""

from datetime import datetime
from typing import Literal, NewType, Protocol

import msgspec

from seatwright.kit import errors

GatewayName = NewType("GatewayName", str)
# Ours, made before the call: the gateway keeps it, so we can ask what became of it.
PaymentReference = NewType("PaymentReference", str)
# The gateway's own name for its payment object.
GatewayPaymentId = NewType("GatewayPaymentId", str)

# The ways to pay that exist; which of them an installation offers is its gateways' matter.
METHODS = frozenset({"simulated", "free"})

Standing = Literal[
    "absent",
    "pending",
    "challenge",
    "authorised",
    "captured",
    "declined",
    "voided",
    "failed",
    "in_doubt",
]


class MethodNotOffered(errors.Conflict):
    """No gateway of that name, or not for this currency."""

    code = "method_not_offered"
    title = "Payment method not offered"


class ForgedWebhook(errors.Expected):
    """The signature does not match, or the message is too old."""

    code = "bad_signature"
    title = "Not signed by the gateway"


class Authorisation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What to authorise. `token` is the gateway's own handle for the buyer's means to pay.

    `shop` is the installation's public address: a payment that names it was made here.
    """

    gateway: GatewayName
    reference: PaymentReference
    amount: int
    currency: str
    token: str
    order: str
    event: str
    seats: tuple[int, ...]
    return_url: str
    shop: str = ""


class GatewayPayment(msgspec.Struct, frozen=True, kw_only=True):
    """
    A payment as its gateway knows it.

    `absent` and `in_doubt` carry no amount. `captured` is how much of it was taken, None when its
    gateway does not say. `refunded` is the sum of refunds that succeeded, `refund_pending` of those
    on their way, `refund_failed` of those that came back. `order`, `event` and `shop` are what the
    authorisation said.
    """

    reference: PaymentReference
    standing: Standing
    id: GatewayPaymentId | None = None
    amount: int | None = None
    currency: str | None = None
    order: str | None = None
    event: str | None = None
    shop: str | None = None
    captured: int | None = None
    refunded: int = 0
    refund_pending: int = 0
    refund_failed: int = 0
    decline_code: str | None = None
    challenge_url: str | None = None
    capture_before: datetime | None = None


class GatewayPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of a gateway's payments, in its own order; `next` asks for more of the same window."""

    items: tuple[GatewayPayment, ...]
    next: str | None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A verified webhook. Only a hint: the payment is looked up before anything is believed."""

    gateway: GatewayName
    id: str
    kind: str
    reference: PaymentReference | None
    order: str | None
    event: str | None
    amount: int | None = None
    currency: str | None = None


class Payments(Protocol):
    """
    The payments service, near or far.

    Every write is idempotent by its reference: repeating it never moves money twice.
    """

    async def authorise(self, *, request: Authorisation) -> GatewayPayment: ...

    async def capture(
        self, *, gateway: GatewayName, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment: ...

    async def void(
        self, *, gateway: GatewayName, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment: ...

    async def refund(
        self,
        *,
        gateway: GatewayName,
        payment: GatewayPaymentId,
        reference: PaymentReference,
        amount: int,
        refund: str,
    ) -> GatewayPayment: ...

    async def look_up(
        self, *, gateway: GatewayName, reference: PaymentReference
    ) -> GatewayPayment: ...

    async def listed(
        self, *, gateway: GatewayName, since: datetime, before: datetime, cursor: str | None
    ) -> GatewayPage:
        """Payments created in the window; raises `Unavailable` when the gateway does not say."""
        ...

    async def read_webhook(
        self, *, gateway: GatewayName, headers: dict[str, str], body: bytes
    ) -> Notice:
        """Verify and read a webhook; raises `ForgedWebhook`."""
        ...
