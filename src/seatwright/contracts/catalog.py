"""
What the rest of the platform may ask of the catalogue.

The catalogue publishes one document per event; an `EventForSale` is the part of it that
selling needs. A document's `version` only grows, and two documents of the same version are
the same bytes.
"""

from datetime import datetime
from typing import NewType, Protocol

import msgspec

from seatwright.kit import errors

EventId = NewType("EventId", str)
OrganisationId = NewType("OrganisationId", str)
VenueId = NewType("VenueId", str)
ChartHash = NewType("ChartHash", str)

# A person with more seats than this is a box office; the API keeps one hold small.
SEATS_PER_ORDER_MAX = 20
# The largest limit for one buyer over all orders that an organiser may set; none is no limit.
SEATS_PER_BUYER_MAX = 100


class EventNotFound(errors.NotFound):
    """No published event of that id."""

    code = "event_not_found"
    title = "No such event"


class CategoryPrice(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one ticket of a category costs, in minor units.

    `price` is all-in: `face` + `fee` + `tax` where tax is added, `face` + `fee` where it is
    contained; `tax` is the tax in `price` either way.
    """

    key: str
    name: str
    color: str
    face: int
    fee: int
    tax: int
    price: int


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax rate in basis points; `inclusive` when prices are written with it."""

    name: str
    rate_bp: int
    inclusive: bool


class OrderFee(msgspec.Struct, frozen=True, kw_only=True):
    """A fee for each order, in minor units; `price` is what is paid, `tax` the tax in it."""

    name: str
    tax: int
    price: int


class EventForSale(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything that selling one event's seats needs to know.

    `categories` are in the order of the chart's category indexes. `state` is the organiser's
    switch: `published`, `paused` (looked at, not sold) or `cancelled`.
    """

    id: EventId
    version: int
    slug: str
    organisation: OrganisationId
    organisation_name: str
    title: str
    state: str
    venue_name: str
    venue_city: str
    venue_address: str
    country: str
    timezone: str
    starts_at: datetime
    doors_at: datetime | None
    ends_at: datetime
    on_sale_at: datetime
    off_sale_at: datetime
    currency: str
    categories: tuple[CategoryPrice, ...]
    order_fee: OrderFee
    tax: Tax
    seats_per_order_max: int
    chart: ChartHash
    seat_count: int
    # Over all of a buyer's orders; None: nobody counts.
    seats_per_buyer_max: int | None = None
    # The organiser's colour, `#rrggbb`, and where answers to mails about the event go; empty: none.
    accent: str = ""
    reply_to: str = ""
    # Codes of its tickets change every few seconds (`contracts.ticket_codes`).
    moving_codes: bool = False

    def seats_at_once_max(self) -> int:
        """How many seats one hold, and one order, may have."""
        buyer = self.seats_per_buyer_max
        return self.seats_per_order_max if buyer is None else min(self.seats_per_order_max, buyer)


class Catalog(Protocol):
    """The catalogue, near or far."""

    async def event(self, *, event: EventId) -> EventForSale:
        """The newest document; raises `EventNotFound`."""
        ...

    async def events_on_sale(self) -> list[EventId]:
        """Events whose seats may be held now or soon: published and not over."""
        ...
