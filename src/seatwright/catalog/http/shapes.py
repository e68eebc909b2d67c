"""Events as buyers' JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from seatwright.catalog.domain import pricing
from seatwright.catalog.domain.documents import EventDocument
from seatwright.catalog.domain.organisations import Organisation
from seatwright.contracts.catalog import CategoryPrice, Tax
from seatwright.kit import clock
from seatwright.kit.money import Money

Amount = Annotated[Money, Meta(examples=[{"amount": 4250, "currency": "EUR"}])]
Instant = Annotated[str, Meta(examples=["2026-12-05T18:30:00.000Z"])]
StatusWord = Literal["on_sale", "scheduled", "cancelled", "ended", "paused"]


class OrganisationShape(msgspec.Struct, frozen=True, kw_only=True):
    """Who sells; `accent` is their colour, `#rrggbb`."""

    id: str
    name: str
    slug: str
    accent: str


class VenueShape(msgspec.Struct, frozen=True, kw_only=True):
    """Where it takes place; `country` is ISO 3166-1 alpha-2, position in degrees."""

    id: str
    name: str
    city: str
    country: str
    address: str
    lat: float | None
    lon: float | None


class CategoryShape(msgspec.Struct, frozen=True, kw_only=True):
    """A class of seats; `price` is all-in, of which `face` the face value and `fee` the fee."""

    key: str
    name: str
    color: str
    price: Amount
    face: Amount
    fee: Amount


class ItemFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An event in a list, without what depends on the moment of asking."""

    id: str
    slug: str
    title: str
    summary: str
    category: str
    organisation: OrganisationShape
    venue: VenueShape
    timezone: Annotated[str, Meta(examples=["Europe/Berlin"])]
    starts_at: Instant
    doors_at: Instant | None
    ends_at: Instant
    on_sale_at: Instant
    off_sale_at: Instant
    age_limit: int
    image: str | None
    refund_policy: str
    accessible: bool
    currency: str
    price_from: Amount
    price_to: Amount
    order_fee: Amount
    tax: Tax
    seats_per_order_max: int
    seats_per_buyer_max: int | None
    chart: str
    seat_count: int
    version: int


class PageFacts(ItemFacts, frozen=True, kw_only=True):
    """All of an event, without what depends on the moment of asking."""

    description: str
    lineup: tuple[str, ...]
    terms: str
    categories: tuple[CategoryShape, ...]


class EventItem(ItemFacts, frozen=True, kw_only=True):
    """An event in a list. `ended` means that nothing more is sold."""

    status: StatusWord
    server_time: Instant


class EventPage(PageFacts, frozen=True, kw_only=True):
    """Everything about an event that a buyer decides on."""

    status: StatusWord
    server_time: Instant


class FacetShape(msgspec.Struct, frozen=True, kw_only=True):
    """A value to filter by, and how many events that would show."""

    value: str
    count: int


class FacetsShape(msgspec.Struct, frozen=True, kw_only=True):
    """Cities and categories, each counted without the filter on itself; at most 50 each."""

    city: list[FacetShape]
    category: list[FacetShape]


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events; `next` is the cursor of the page after it."""

    items: list[EventItem]
    next: str | None
    facets: FacetsShape


def item_facts(document: EventDocument) -> ItemFacts:
    """What a list shows."""
    return ItemFacts(**_shared(document))


def page_facts(document: EventDocument) -> PageFacts:
    """What the event's own page shows."""
    return PageFacts(
        **_shared(document),
        description=document.description,
        lineup=document.lineup,
        terms=document.terms,
        categories=tuple(
            _category(category, document.currency) for category in document.categories
        ),
    )


def _category(category: CategoryPrice, currency: str) -> CategoryShape:
    return CategoryShape(
        key=category.key,
        name=category.name,
        color=category.color,
        price=Money(category.price, currency),
        face=Money(category.face, currency),
        fee=Money(category.fee, currency),
    )


def _shared(document: EventDocument) -> dict[str, Any]:
    cheapest, dearest = pricing.price_range(document.categories)
    organisation, venue = document.organisation, document.venue
    return {
        "id": document.id,
        "slug": document.slug,
        "title": document.title,
        "summary": document.summary,
        "category": document.category,
        "organisation": _organisation(organisation),
        "venue": VenueShape(**msgspec.structs.asdict(venue)),
        "timezone": document.timezone,
        "starts_at": clock.rfc3339(document.starts_at),
        "doors_at": _instant(document.doors_at),
        "ends_at": clock.rfc3339(document.ends_at),
        "on_sale_at": clock.rfc3339(document.on_sale_at),
        "off_sale_at": clock.rfc3339(document.off_sale_at),
        "age_limit": document.age_limit,
        "image": document.image,
        "refund_policy": document.refund_policy,
        "accessible": document.accessible,
        "currency": document.currency,
        "price_from": Money(cheapest, document.currency),
        "price_to": Money(dearest, document.currency),
        "order_fee": Money(document.order_fee.price, document.currency),
        "tax": document.tax,
        "seats_per_order_max": document.seats_per_order_max,
        "seats_per_buyer_max": document.seats_per_buyer_max,
        "chart": document.chart,
        "seat_count": document.seat_count,
        "version": document.version,
    }


def _organisation(organisation: Organisation) -> OrganisationShape:
    return OrganisationShape(
        id=organisation.id,
        name=organisation.name,
        slug=organisation.slug,
        accent=organisation.accent,
    )


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else clock.rfc3339(instant)
