"""Orders, payment attempts and the edges along which they may move."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderCode, OrderId
from seatwright.contracts.reservations import HoldGrant, Seat

State = Literal["awaiting_payment", "paying", "payment_in_doubt", "paid", "expired", "cancelled"]
AttemptState = Literal[
    "created",
    "challenge",
    "in_doubt",
    "voiding",
    "authorised",
    "captured",
    "declined",
    "voided",
    "failed",
]

# A buyer who has placed an order gets this long to pay; longer than any hold, so that nobody
# who was let through loses the seats while typing a card number (`correctness.md` 2.2).
PAYMENT_DURATION = timedelta(minutes=15)
ATTEMPTS_MAX = 10
# A lost reply is first asked about soon, then less and less often.
DOUBT_FIRST_LOOK = timedelta(seconds=2)
# A process that died between claim and gateway leaves an attempt that nobody carries on.
ORPHAN_AFTER = timedelta(seconds=20)
# Whoever has written down that a gateway is about to be asked asks it within this time, or not at
# all: a process that slept for longer must not wake up and move money.
ASKED_WITHIN = timedelta(seconds=15)
# Absent at the gateway at both ends of this time, and nobody asked it meanwhile: it never happened.
ABSENT_IS_FINAL_AFTER = timedelta(seconds=60)
# A request that is given up after `limits.RPC_WRITE` then has half a minute to get lost for good.
assert ASKED_WITHIN < ORPHAN_AFTER < ABSENT_IS_FINAL_AFTER - ASKED_WITHIN
# A request that was lost is sent again with the same key for this long, and then no more, so that
# the silence after the last one can come to its end.
ASKED_AGAIN_FOR = timedelta(seconds=30)
# Whoever answers a challenge comes back within a minute, mostly.
CHALLENGE_FIRST_LOOK = timedelta(seconds=15)

ORDER_EDGES: dict[State, frozenset[State]] = {
    "awaiting_payment": frozenset({"paying", "expired", "cancelled"}),
    "paying": frozenset({"awaiting_payment", "payment_in_doubt", "paid", "cancelled"}),
    "payment_in_doubt": frozenset({"awaiting_payment", "paying", "paid", "cancelled"}),
    "paid": frozenset({"cancelled"}),
    "expired": frozenset(),
    "cancelled": frozenset(),
}

ATTEMPT_EDGES: dict[AttemptState, frozenset[AttemptState]] = {
    "created": frozenset(
        {"challenge", "in_doubt", "voiding", "authorised", "declined", "voided", "failed"}
    ),
    "challenge": frozenset({"in_doubt", "voiding", "authorised", "declined", "voided", "failed"}),
    "in_doubt": frozenset({"challenge", "voiding", "authorised", "declined", "voided", "failed"}),
    # Nothing can be sold by it any more; the gateway has yet to say that nothing is left there.
    "voiding": frozenset({"voided"}),
    "authorised": frozenset({"captured", "voided", "failed"}),
    "captured": frozenset(),
    "declined": frozenset(),
    "voided": frozenset(),
    "failed": frozenset(),
}

# The gateway may still make something else of these.
OPEN_ATTEMPTS: frozenset[AttemptState] = frozenset({"created", "challenge", "in_doubt", "voiding"})


def may_become(before: State, after: State) -> bool:
    """Whether an order may move along this edge."""
    return after in ORDER_EDGES[before]


class QuotedSeat(msgspec.Struct, frozen=True, array_like=True):
    """A seat as it was sold: label parts frozen, all-in price and the tax in it."""

    seat: Seat
    id: str
    label: str
    section: str
    row: str
    seat_label: str
    category: str
    category_name: str
    price: int
    tax: int


class Quote(msgspec.Struct, frozen=True, array_like=True):
    """The frozen price of an order, in minor units of `currency`."""

    currency: str
    seats: tuple[QuotedSeat, ...]
    order_fee: int
    order_fee_tax: int

    def total(self) -> int:
        """What the buyer pays."""
        return sum(seat.price for seat in self.seats) + self.order_fee

    def tax(self) -> int:
        """The tax in the total."""
        return sum(seat.tax for seat in self.seats) + self.order_fee_tax


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What the first request was answered, so that a repeat is answered the same."""

    status: State
    payment_status: str | None = None
    method: str | None = None
    challenge_url: str | None = None
    decline_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, as they told us."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to pay an order; `reference` is ours, pinned before the gateway hears of it."""

    number: int
    reference: str
    gateway: str
    token: str
    amount: int
    currency: str
    state: AttemptState = "created"
    payment_id: str | None = None
    decline_code: str | None = None
    challenge_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as its row says, with its newest attempt."""

    event: EventId
    id: OrderId
    code: OrderCode
    principal: str
    hold: str
    state: State
    buyer: Buyer
    quote: Quote
    document_version: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    captured_at: datetime | None = None
    attempt: Attempt | None = None

    @property
    def seats(self) -> list[Seat]:
        """The seats, ascending."""
        return [seat.seat for seat in self.quote.seats]


def reference(order: OrderId, number: int) -> str:
    """Our name for an attempt at the gateway; derived, so that a retry can never invent one."""
    return f"ord_{order}_a{number}"


def payer(order: OrderId) -> str:
    """Whose the idempotency keys of an order's further payments are: whoever has the order."""
    return f"order:{order}"


def price_is_fair(grant: HoldGrant, quote: Quote) -> bool:
    """The quote charges exactly what the hold token promised."""
    return grant.total() == quote.total() and grant.tax() == quote.tax()
