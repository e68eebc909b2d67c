"""What the rest of the platform may ask of orders, the only maker of sales."""

from datetime import datetime
from typing import Literal, NewType, Protocol

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import HoldId, Seat
from seatwright.kit import errors

OrderId = NewType("OrderId", str)
OrderCode = NewType("OrderCode", str)
TicketId = NewType("TicketId", str)

TicketStatus = Literal["valid", "used", "transferred", "refunded", "void"]


class OrderNotFound(errors.NotFound):
    """No such order, or not yours."""

    code = "order_not_found"
    title = "No such order"


class TicketNotFound(errors.NotFound):
    """No such ticket, or not yours."""

    code = "ticket_not_found"
    title = "No such ticket"


class LiveClaim(msgspec.Struct, frozen=True, array_like=True):
    """Seats an unfinished order has claimed; `until_ms` is None while the claim is pinned."""

    hold: HoldId
    holder: str
    seats: list[Seat]
    until_ms: int | None


class SeatMap(msgspec.Struct, frozen=True, kw_only=True):
    """
    The truth about an event's seats: everything not named here is free.

    A page of it speaks of the seats from its start to `next`, exclusive, where the following page
    starts; None: of all that come after. A claim whose seats lie in two pages is in both, with
    those of its seats that are theirs.
    """

    seat_count: int
    sold: list[Seat]
    blocked: list[Seat]
    claimed: list[LiveClaim]
    next: Seat | None = None


class IssuedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its holder, a printer or a gate needs it; `seq` grows with each new code."""

    id: TicketId
    event: EventId
    order: OrderId
    seat: Seat
    seq: int
    status: TicketStatus
    label: str
    section: str
    row: str
    seat_label: str
    category: str
    price: int
    attendee: str
    released: bool
    # The attendee's own address; empty: the ticket goes to the buyer alone.
    attendee_email: str = ""


class OrderPapers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that papers and mails about an order are made of."""

    order: OrderId
    code: OrderCode
    event: EventId
    secret: str
    buyer_name: str
    buyer_email: str
    language: str
    currency: str
    total: int
    tax: int
    paid_at: datetime | None
    tickets: list[IssuedTicket]
    # E.164; empty: nobody is sent a text message.
    buyer_phone: str = ""


class Orders(Protocol):
    """The orders service, near or far."""

    async def seat_map(self, *, event: EventId, start: Seat | None = None) -> SeatMap:
        """
        The page that begins with a seat, read from the writer; small enough for any transport.

        Each page is the truth of the moment at which it is read: a claim may be made or end
        between two pages. Without a `start` it is everything at once, which may be too much to
        be carried to another process.
        """
        ...

    async def papers(self, *, event: EventId, order: OrderId) -> OrderPapers:
        """Raises `OrderNotFound`."""
        ...

    async def live_orders(self, *, event: EventId, after: str, at_most: int) -> list[OrderId]:
        """Paid orders of an event in the order of their ids, behind `after`; "" from the first."""
        ...

    async def ticket(self, *, event: EventId, ticket: TicketId) -> IssuedTicket:
        """Raises `TicketNotFound`."""
        ...

    async def admitted(self, *, event: EventId, ticket: TicketId, at: datetime) -> None:
        """Record that the gate let the ticket in; repeating it changes nothing."""
        ...
