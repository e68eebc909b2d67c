"""
What the demonstration sells: twenty events as values, their times relative to the start.

Amounts are minor units of the event's currency. Times are worked out from `now`, so that there
is always one event on sale, one about to open and one nearly sold out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from seatwright.catalog.domain.demo.posters import PosterStyle, poster
from seatwright.catalog.domain.demo.venues import VENUES, DemoVenue

EventKind = Literal[
    "concert", "sport", "theatre", "comedy", "family", "classical", "festival", "other"
]
EventStatus = Literal["published", "paused", "cancelled"]


@dataclass(frozen=True, slots=True)
class DemoTax:
    """A tax in basis points; `inclusive` where prices are written with it."""

    name: str
    rate_bp: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class DemoPrice:
    """What a ticket of one chart category costs: face value and service fee."""

    category: str
    face: int
    fee: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """
    Prices of a country: `unit` minor units for each point of the price list, in steps of `step`.

    `fee_bp` of the face value is the fee a ticket, `order_fee` the one an order.
    """

    currency: str
    unit: int
    step: int
    fee_bp: int
    order_fee: int
    tax: DemoTax


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEvent:
    """
    One event.

    It starts `starts_in_days` after today at `starts_at`, local time of its venue; sales open
    `on_sale_in` from now (negative: already open) and close `off_sale_before` before the start.
    `sold_bp` of all seats are sold when the demonstration begins (basis points).
    """

    slug: str
    title: str
    summary: str
    description: str
    kind: EventKind
    venue: str
    tariff: Tariff
    starts_in_days: int
    starts_at: time
    on_sale_in: timedelta
    lineup: tuple[str, ...]
    colors: tuple[str, str, str]
    style: PosterStyle
    price_percent: int = 100
    duration: timedelta = timedelta(hours=2, minutes=30)
    doors_before: timedelta = timedelta(hours=1)
    off_sale_before: timedelta = timedelta(0)
    age_limit: int = 0
    status: EventStatus = "published"
    sold_bp: int = 0
    seats_per_order_max: int = 8
    terms: str = (
        "Tickets are personal and are checked at the entrance. Late arrivals are seated in a "
        "suitable break. Bags larger than A4 stay at the cloakroom."
    )
    refund_policy: str = (
        "Full refund until 14 days before the event, half of the face value until 48 hours "
        "before. If the event is cancelled, everything is refunded, fees included."
    )


@dataclass(frozen=True, slots=True)
class DemoTimes:
    """The instants of one event, all aware."""

    doors_at: datetime
    starts_at: datetime
    ends_at: datetime
    on_sale_at: datetime
    off_sale_at: datetime


# Points of the price list, by the category keys of the three charts.
_PRICE_LIST = {
    "stadium": {
        "front": 149, "standing": 95, "cat1": 189, "cat2": 139, "cat3": 99, "cat4": 65,
    },
    "theatre": {"premium": 98, "stalls": 74, "circle": 59, "balcony": 34, "box": 86},
    "club": {"floor": 26, "table": 39, "lounge": 52},
}  # fmt: skip
_VENUE_OF_KEY = {venue.key: venue for venue in VENUES}


def venue_of(event: DemoEvent) -> DemoVenue:
    """Where the event takes place."""
    return _VENUE_OF_KEY[event.venue]


def prices_of(event: DemoEvent) -> tuple[DemoPrice, ...]:
    """A price for every category of the venue's chart."""
    tariff = event.tariff
    prices = []
    for category, points in _PRICE_LIST[venue_of(event).chart].items():
        face = points * tariff.unit * event.price_percent // 100
        face = max(tariff.step, face // tariff.step * tariff.step)
        prices.append(DemoPrice(category, face, face * tariff.fee_bp // 10_000))
    return tuple(prices)


def times_of(event: DemoEvent, now: datetime) -> DemoTimes:
    """The event's instants for a demonstration begun at `now` (aware)."""
    zone = ZoneInfo(venue_of(event).timezone)
    today = now.astimezone(zone).date()
    local = datetime.combine(today + timedelta(event.starts_in_days), event.starts_at, zone)
    # In UTC from here on: a night with a clock change keeps its length.
    starts_at = local.astimezone(UTC)
    return DemoTimes(
        doors_at=(starts_at - event.doors_before).astimezone(zone),
        starts_at=local,
        ends_at=(starts_at + event.duration).astimezone(zone),
        on_sale_at=(now + event.on_sale_in).astimezone(zone),
        off_sale_at=(starts_at - event.off_sale_before).astimezone(zone),
    )


def poster_of(event: DemoEvent) -> bytes:
    """The event's picture: an SVG of 1200 by 900, the same for the same event."""
    return poster(event.slug, event.colors, event.style)
