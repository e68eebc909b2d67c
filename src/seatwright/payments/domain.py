"""Reading what gateways say; pure."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec

from seatwright.contracts.payments import (
    ForgedWebhook,
    GatewayName,
    GatewayPayment,
    GatewayPaymentId,
    Notice,
    PaymentReference,
    Standing,
)

# A webhook older or newer than this is not believed, so that a stolen one cannot be replayed.
WEBHOOK_AGE_MAX = timedelta(minutes=5)
_SIGNATURE = re.compile(r"^t=(\d{1,12}),v1=([0-9a-f]{64})$")

_STANDINGS: dict[str, Standing] = {
    "pending": "pending",
    "challenge": "challenge",
    "declined": "declined",
    "authorised": "authorised",
    "captured": "captured",
    "voided": "voided",
}


class _NextAction(msgspec.Struct):
    url: str


class _Metadata(msgspec.Struct):
    order: str | None = None
    event: str | None = None
    shop: str | None = None


class _Refund(msgspec.Struct):
    status: str
    amount: int


class SimulatedPayment(msgspec.Struct):
    """The fields of the simulated gateway's payment that we believe."""

    id: str
    reference: str
    status: str
    amount: int
    currency: str
    amount_captured: int | None = None
    decline_code: str | None = None
    next_action: _NextAction | None = None
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    capture_before: datetime | None = None
    refunds: tuple[_Refund, ...] = ()

    def refunds_that(self, status: str) -> int:
        """The sum of its refunds in that status."""
        return sum(refund.amount for refund in self.refunds if refund.status == status)


class _Notice(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    data: SimulatedPayment
    livemode: bool = False


payment_decoder = msgspec.json.Decoder(SimulatedPayment)
_notice_decoder = msgspec.json.Decoder(_Notice)


def in_doubt(reference: PaymentReference) -> GatewayPayment:
    """The gateway did not say."""
    return GatewayPayment(reference=reference, standing="in_doubt")


def payment(found: SimulatedPayment) -> GatewayPayment:
    """The gateway's payment in our words; a status we do not know is in doubt, never a guess."""
    return GatewayPayment(
        reference=PaymentReference(found.reference),
        standing=_STANDINGS.get(found.status, "in_doubt"),
        id=GatewayPaymentId(found.id),
        amount=found.amount,
        currency=found.currency,
        order=found.metadata.order,
        event=found.metadata.event,
        shop=found.metadata.shop,
        captured=found.amount_captured,
        # Its own sum counts refunds that may still fail; money is back when it has arrived.
        refunded=found.refunds_that("succeeded"),
        refund_pending=found.refunds_that("pending"),
        refund_failed=found.refunds_that("failed"),
        decline_code=found.decline_code,
        challenge_url=found.next_action.url if found.next_action else None,
        capture_before=found.capture_before,
    )


def read_webhook(
    secret: str, headers: dict[str, str], body: bytes, *, now: datetime, gateway: GatewayName
) -> Notice:
    """The notice in a webhook; raises `ForgedWebhook` unless signed by us two and recent."""
    match = _SIGNATURE.match(headers.get("seatwright-gateway-signature", ""))
    if match is None:
        raise ForgedWebhook("The signature is missing.")
    expected = hmac.new(secret.encode(), match[1].encode() + b"." + body, hashlib.sha256)
    if not hmac.compare_digest(expected.hexdigest(), match[2]):
        raise ForgedWebhook("The signature does not match.")
    if abs(now.timestamp() - int(match[1])) > WEBHOOK_AGE_MAX.total_seconds():
        raise ForgedWebhook("The message is too old.")
    try:
        notice: Any = _notice_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ForgedWebhook("The message cannot be read.") from None
    if notice.livemode:
        raise ForgedWebhook("A live message at a test address.")
    return Notice(
        gateway=gateway,
        id=notice.id,
        kind=notice.type,
        reference=PaymentReference(notice.data.reference),
        order=notice.data.metadata.order,
        event=notice.data.metadata.event,
        amount=notice.data.amount,
        currency=notice.data.currency,
    )
