"""A payment as its gateway knows it beside what we made of it; pure."""

from dataclasses import dataclass
from typing import Literal

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderId
from seatwright.contracts.payments import GatewayPayment
from seatwright.orders.domain.order import ATTEMPT_EDGES, OPEN_ATTEMPTS, AttemptState

# agrees: nothing to do. open: the resolver is at it. stray: money, and no sale will come of it.
# unknown: money, made here, of an order that we do not have. differs: a sale without its money.
Finding = Literal["agrees", "open", "stray", "unknown", "differs"]

_SOLD = frozenset({"authorised", "captured"})
_NOTHING = frozenset({"absent", "declined", "voided", "failed"})
assert ATTEMPT_EDGES.keys() > _SOLD | OPEN_ATTEMPTS, "every state is one of a sale, open, or over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our side of a payment: its attempt."""

    event: EventId
    order: OrderId
    state: AttemptState
    amount: int
    currency: str


def money_of(payment: GatewayPayment) -> int | None:
    """What was taken by it, and before that what is set aside; None when nobody says."""
    if payment.standing == "captured" and payment.captured is not None:
        return payment.captured
    return payment.amount


def left_at_gateway(payment: GatewayPayment) -> bool:
    """Whether the gateway has, or may come to have, money of this payment for us."""
    if payment.standing == "captured":
        # A refund on its way may come back, so only one that has arrived counts.
        return payment.refunded < (money_of(payment) or 0)
    return payment.standing not in _NOTHING


def judge(theirs: GatewayPayment, ours: Ours | None, *, shop: str) -> Finding:
    """What a payment at the gateway means; `shop` is this installation's public address."""
    if ours is None:
        return "unknown" if theirs.shop == shop and left_at_gateway(theirs) else "agrees"
    if ours.state in OPEN_ATTEMPTS:
        return "open"
    if ours.state in _SOLD:
        return "agrees" if _pays(theirs, ours) else "differs"
    return "stray" if left_at_gateway(theirs) else "agrees"


def _pays(theirs: GatewayPayment, ours: Ours) -> bool:
    if theirs.standing == "in_doubt":
        return True  # nothing was said that could differ
    there = theirs.standing == "captured" or (theirs.standing, ours.state) == (
        "authorised",
        "authorised",
    )
    return (
        there
        and (money_of(theirs), theirs.currency) == (ours.amount, ours.currency)
        and not theirs.refunded
    )
