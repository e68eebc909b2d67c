"""
What the rest of the platform may ask of reservations.

A hold is a promise, for a short and stated time, that the named seats will be offered to
nobody else. It is not a sale: only orders make sales, and they do so from a signed hold token,
which is good even when the hold itself has been forgotten.

Seats are dense integers of the event's published chart; places of standing areas follow them.
"""

from typing import NewType, Protocol

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.kit import errors, signing

HoldId = NewType("HoldId", str)
Seat = NewType("Seat", int)

HOLD_TOKEN_PURPOSE = "hold-token/1"  # noqa: S105  # the name of a key, not a key


class SeatsTaken(errors.Conflict):
    """Some of the seats asked for are held or sold; nothing was taken."""

    code = "seats_taken"
    title = "Somebody was faster"


class HoldNotFound(errors.NotFound):
    """No such hold, or not yours."""

    code = "hold_not_found"
    title = "No such hold"


class HoldExpired(errors.Gone):
    """The hold has run out."""

    code = "hold_expired"
    title = "The hold has run out"


class HeldSeat(msgspec.Struct, frozen=True, array_like=True):
    """A seat with the price it was held at: all-in price and the tax in it, minor units."""

    seat: Seat
    category: int
    price: int
    tax: int


class HoldGrant(msgspec.Struct, frozen=True, array_like=True):
    """
    The content of a hold token.

    `holder` is the principal who may order with it; `expires_at_ms` is Valkey's clock in
    milliseconds since 1970. Prices are frozen here: what was shown is what is charged.
    """

    event: EventId
    hold: HoldId
    holder: str
    seats: tuple[HeldSeat, ...]
    currency: str
    order_fee: int
    order_fee_tax: int
    document_version: int
    expires_at_ms: int

    def total(self) -> int:
        """The price of everything, in minor units."""
        return sum(seat.price for seat in self.seats) + self.order_fee

    def tax(self) -> int:
        """The tax in the total."""
        return sum(seat.tax for seat in self.seats) + self.order_fee_tax


def sign_hold(keys: signing.Keyring, grant: HoldGrant) -> str:
    """The hold token of a grant."""
    return signing.seal(keys.key(HOLD_TOKEN_PURPOSE), grant)


def read_hold(keys: signing.Keyring, token: str) -> HoldGrant:
    """The grant in a token; raises `BadToken`. Expiry is the reader's to judge."""
    return signing.unseal(keys.key(HOLD_TOKEN_PURPOSE), token, HoldGrant)


class Reservations(Protocol):
    """
    The reservations service, near or far.

    All of it is advice to buyers: the truth is in orders, and every call here may be repeated.
    """

    async def keep(self, *, event: EventId, hold: HoldId, until_ms: int) -> bool:
        """Lengthen a hold to the claim's deadline; False when Valkey no longer knows it."""
        ...

    async def sold(self, *, event: EventId, seats: list[Seat]) -> None:
        """Show the seats as sold to everybody, whoever held them."""
        ...

    async def freed(self, *, event: EventId, seats: list[Seat], hold: HoldId | None) -> None:
        """
        Offer the seats again: their claim has ended. Seats another hold has stay held, and seats
        shown as sold stay sold unless orders, asked again, say that nobody has them: this may
        come late, after somebody else has bought them.

        `hold` is the one that the claim was made from: it ends with it. None: a block has ended.
        """
        ...

    async def blocked(self, *, event: EventId, seats: list[Seat]) -> None:
        """Show the seats as not for sale."""
        ...
