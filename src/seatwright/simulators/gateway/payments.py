"""
What a gateway may do with money: pure decisions over immutable payments.

Invariants: captured ≤ authorised, and once; refunds accepted and not failed ≤ captured; void
only before the capture; the rank never falls. Amounts are integers of the smallest unit.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from seatwright.kit import errors
from seatwright.simulators.gateway.tokens import Behaviour

# What card schemes commonly allow a merchant between authorisation and capture.
AUTHORISATION_LIFETIME = timedelta(days=7)
METADATA_BYTES_MAX = 16_384

Status = Literal["pending", "challenge", "declined", "authorised", "captured", "voided"]
RANKS: dict[Status, int] = {
    "pending": 0,
    "challenge": 0,
    "declined": 1,
    "authorised": 2,
    "captured": 3,
    "voided": 3,
}
REFUNDED_RANK = 4

Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class CardRefused(errors.Expected):
    """The bank says no to an operation on an existing payment."""

    code = "card_refused"


class PaymentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of an authorise request. `metadata` is any JSON object, kept as it came."""

    reference: Reference
    amount: Amount
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    token: Annotated[str, msgspec.Meta(max_length=255)]
    metadata: msgspec.Raw = msgspec.Raw(b"{}")
    return_url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    capture: Literal["manual", "automatic"] = "manual"


class OperationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of a capture, void or refund; no amount means all there is."""

    amount: Amount | None = None
    reference: Reference | None = None


class NextAction(msgspec.Struct, frozen=True):
    """Where the buyer has to go."""

    type: Literal["redirect"]
    url: str


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back; a `failed` one returned nothing."""

    id: str
    payment: str
    amount: int
    currency: str
    reference: str | None
    status: Literal["pending", "succeeded", "failed"]
    failure_code: str | None
    created_at: datetime


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to pay, as the API shows it and the journal keeps it."""

    id: str
    reference: str
    status: Status
    rank: int
    amount: int
    currency: str
    amount_captured: int = 0
    amount_refunded: int = 0
    capture: Literal["manual", "automatic"]
    decline_code: str | None = None
    next_action: NextAction | None = None
    token: str
    metadata: msgspec.Raw
    return_url: str | None
    created_at: datetime
    capture_before: datetime | None
    refunds: tuple[Refund, ...] = ()
    livemode: bool = False


def check(request: PaymentRequest) -> None:
    """Refuse with `Invalid` what the types alone cannot."""
    if not (request.currency.isascii() and request.currency.isupper()):
        raise errors.invalid("/currency", "currency", "Three capital letters, such as EUR.")
    metadata = memoryview(request.metadata)
    if bytes(metadata[:1]) != b"{" or len(metadata) > METADATA_BYTES_MAX:
        text = f"A JSON object of at most {METADATA_BYTES_MAX} bytes."
        raise errors.invalid("/metadata", "metadata", text)
    url = request.return_url
    if url is not None and not url.startswith(("http://", "https://")):
        raise errors.invalid("/return_url", "url", "An absolute http or https address.")


def opened(
    request: PaymentRequest, behaviour: Behaviour, *, payment_id: str, page_url: str, now: datetime
) -> Payment:
    """The payment as it stands right after the authorise request. `Invalid` as `check` says."""
    check(request)
    status: Status = {
        "authorise": "captured" if request.capture == "automatic" else "authorised",
        "decline": "declined",
        "challenge": "challenge",
        "capture_late": "pending",
    }[behaviour.outcome]
    return Payment(
        id=payment_id,
        reference=request.reference,
        status=status,
        rank=RANKS[status],
        amount=request.amount,
        currency=request.currency,
        amount_captured=request.amount if status == "captured" else 0,
        capture=request.capture,
        decline_code=behaviour.decline_code,
        next_action=NextAction("redirect", page_url) if status == "challenge" else None,
        token=request.token,
        metadata=request.metadata,
        return_url=request.return_url,
        created_at=now,
        capture_before=now + AUTHORISATION_LIFETIME if status == "authorised" else None,
    )


def _moved(payment: Payment, status: Status) -> Payment:
    assert RANKS[status] >= payment.rank, "a payment never moves backwards"
    return replace(payment, status=status, rank=RANKS[status], next_action=None)


def answered(payment: Payment, *, approved: bool, code: str, now: datetime) -> Payment:
    """The buyer has answered the challenge; `code` is the decline code when not approved."""
    if payment.status != "challenge":
        raise errors.Conflict("This challenge was answered before.", code="challenge_answered")
    if not approved:
        return replace(_moved(payment, "declined"), decline_code=code)
    if payment.capture == "automatic":
        return replace(_moved(payment, "captured"), amount_captured=payment.amount)
    lifetime = now + AUTHORISATION_LIFETIME
    return replace(_moved(payment, "authorised"), capture_before=lifetime)


def settled_late(payment: Payment) -> Payment:
    """A pending payment has arrived in full."""
    assert payment.status == "pending"
    return replace(_moved(payment, "captured"), amount_captured=payment.amount)


def captured(
    payment: Payment, behaviour: Behaviour, *, amount: int | None, now: datetime
) -> Payment:
    """Take `amount` (all by default) of what was authorised; the rest is let go."""
    if payment.status != "authorised":
        raise errors.Conflict(
            f"A payment that is {payment.status} cannot be captured.",
            code="already_captured" if payment.status == "captured" else "not_capturable",
        )
    amount = payment.amount if amount is None else amount
    if amount > payment.amount:
        raise errors.Conflict("More than was authorised.", code="amount_too_large")
    if payment.capture_before is not None and now >= payment.capture_before:
        raise errors.Conflict("The authorisation has lapsed.", code="authorisation_expired")
    if behaviour.capture_fails:
        raise CardRefused("The bank no longer honours the authorisation.", code="capture_failed")
    return replace(_moved(payment, "captured"), amount_captured=amount)


def voided(payment: Payment) -> Payment:
    """Let the authorisation go; nothing was ever taken."""
    if payment.status not in {"authorised", "challenge"}:
        text = f"A payment that is {payment.status} cannot be voided."
        raise errors.Conflict(text, code="not_voidable")
    return _moved(payment, "voided")


def refunded(
    payment: Payment,
    behaviour: Behaviour,
    *,
    refund_id: str,
    request: OperationRequest,
    now: datetime,
) -> tuple[Payment, Refund]:
    """Send money back: `amount`, by default all that is left of the capture."""
    if payment.status != "captured":
        text = f"A payment that is {payment.status} cannot be refunded."
        raise errors.Conflict(text, code="not_refundable")
    left = payment.amount_captured - payment.amount_refunded
    amount = left if request.amount is None else request.amount
    if not 0 < amount <= left:
        raise errors.Conflict(f"Only {left} are left to refund.", code="amount_too_large")
    refund = Refund(
        id=refund_id,
        payment=payment.id,
        amount=amount,
        currency=payment.currency,
        reference=request.reference,
        status="pending" if behaviour.refund_fails else "succeeded",
        failure_code=None,
        created_at=now,
    )
    # A pending refund already counts, so that two of them can never exceed the capture.
    return replace(
        payment,
        amount_refunded=payment.amount_refunded + amount,
        refunds=(*payment.refunds, refund),
        rank=REFUNDED_RANK,
    ), refund


def refunds_failed(payment: Payment) -> Payment:
    """Every pending refund came back: the account is closed, the money is here again."""
    returned = sum(refund.amount for refund in payment.refunds if refund.status == "pending")
    return replace(
        payment,
        amount_refunded=payment.amount_refunded - returned,
        refunds=tuple(
            replace(refund, status="failed", failure_code="account_closed")
            if refund.status == "pending"
            else refund
            for refund in payment.refunds
        ),
    )
