"""
The document of an event: what every catalogue process knows about it, in one piece of JSON.

Two documents of the same version are the same bytes. Prices are computed when the document is
made, never when it is read.
"""

from datetime import datetime

import msgspec

from seatwright.catalog.domain import pricing
from seatwright.catalog.domain.events import EventPlan, Price
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.publication import ChartFacts, Published
from seatwright.catalog.domain.states import State
from seatwright.catalog.domain.venues import Venue
from seatwright.contracts.catalog import (
    CategoryPrice,
    ChartHash,
    EventForSale,
    EventId,
    OrderFee,
    Tax,
)

# The broker carries a megabyte; the longest texts allowed are a third of this.
DOCUMENT_BYTES_MAX = 512 * 1024


class EventDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One published version of an event; `changed_at` is when it was made."""

    id: EventId
    version: int
    changed_at: datetime
    state: State
    slug: str
    title: str
    summary: str
    description: str
    category: str
    organisation: Organisation
    venue: Venue
    timezone: str
    starts_at: datetime
    doors_at: datetime | None
    ends_at: datetime
    on_sale_at: datetime
    off_sale_at: datetime
    age_limit: int
    lineup: tuple[str, ...]
    image: str | None
    terms: str
    refund_policy: str
    accessible: bool
    currency: str
    categories: tuple[CategoryPrice, ...]
    order_fee: OrderFee
    tax: Tax
    seats_per_order_max: int
    chart: ChartHash
    seat_count: int
    # Absent from documents of earlier releases.
    seats_per_buyer_max: int | None = None
    moving_codes: bool = False


def compose(
    plan: EventPlan,
    *,
    event: EventId,
    version: int,
    state: State,
    organisation: Organisation,
    venue: Venue,
    chart: ChartFacts,
    now: datetime,
) -> EventDocument:
    """The document of a complete plan; its problems have been refused before."""
    return EventDocument(
        id=event,
        version=version,
        changed_at=now,
        state=state,
        slug=plan.slug,
        title=plan.title,
        summary=plan.summary,
        description=plan.description,
        category=plan.category,
        organisation=organisation,
        venue=venue,
        timezone=plan.timezone,
        starts_at=plan.starts_at,
        doors_at=plan.doors_at,
        ends_at=plan.ends_at,
        on_sale_at=plan.on_sale_at,
        off_sale_at=plan.off_sale_at,
        age_limit=plan.age_limit,
        lineup=plan.lineup,
        image=plan.image,
        terms=plan.terms,
        refund_policy=plan.refund_policy,
        accessible=chart.accessible,
        currency=plan.currency,
        categories=_prices(plan, chart),
        order_fee=pricing.order_fee(
            name=plan.order_fee_name,
            amount=0 if plan.fees_absorbed else plan.order_fee,
            tax=plan.tax,
        ),
        tax=plan.tax,
        seats_per_order_max=plan.seats_per_order_max,
        seats_per_buyer_max=plan.seats_per_buyer_max,
        moving_codes=plan.moving_codes,
        chart=chart.hash,
        seat_count=chart.seat_count,
    )


def _prices(plan: EventPlan, chart: ChartFacts) -> tuple[CategoryPrice, ...]:
    price_of = {price.category: price for price in plan.prices}
    return tuple(
        pricing.category_price(
            key=category.key,
            name=category.name,
            color=category.color,
            face=price_of[category.key].face,
            fee=_fee(plan, price_of[category.key]),
            tax=plan.tax,
        )
        for category in chart.categories
    )


def _fee(plan: EventPlan, price: Price) -> int:
    if plan.fees_absorbed:
        return 0
    if price.fee is not None:
        return price.fee
    return pricing.ticket_fee(price.face, fixed=plan.ticket_fee, rate_bp=plan.ticket_fee_bp)


def with_state(
    document: EventDocument, *, version: int, state: State, now: datetime
) -> EventDocument:
    """The same event in another state: edits not yet published stay unpublished."""
    return msgspec.structs.replace(document, version=version, state=state, changed_at=now)


def promised(document: EventDocument) -> Published:
    """What later versions must keep."""
    return Published(
        slug=document.slug,
        currency=document.currency,
        chart=document.chart,
        moving_codes=document.moving_codes,
    )


def for_sale(document: EventDocument) -> EventForSale:
    """The part of a document that selling needs."""
    return EventForSale(
        id=document.id,
        version=document.version,
        slug=document.slug,
        organisation=document.organisation.id,
        organisation_name=document.organisation.name,
        title=document.title,
        state=document.state,
        venue_name=document.venue.name,
        venue_city=document.venue.city,
        venue_address=document.venue.address,
        country=document.venue.country,
        timezone=document.timezone,
        starts_at=document.starts_at,
        doors_at=document.doors_at,
        ends_at=document.ends_at,
        on_sale_at=document.on_sale_at,
        off_sale_at=document.off_sale_at,
        currency=document.currency,
        categories=document.categories,
        order_fee=document.order_fee,
        tax=document.tax,
        seats_per_order_max=document.seats_per_order_max,
        seats_per_buyer_max=document.seats_per_buyer_max,
        chart=document.chart,
        seat_count=document.seat_count,
        accent=document.organisation.accent,
        reply_to=document.organisation.reply_to,
        moving_codes=document.moving_codes,
    )


class Headline(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The little of a document that is kept beside its bytes."""

    id: EventId
    version: int
    state: State
    slug: str
    on_sale_at: datetime
    off_sale_at: datetime
    ends_at: datetime


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(EventDocument)
_HEADLINE = msgspec.json.Decoder(Headline)


def encode(document: EventDocument) -> bytes:
    """The document's bytes; equal documents give equal bytes."""
    raw = _ENCODER.encode(document)
    assert len(raw) <= DOCUMENT_BYTES_MAX, "the bounds on texts keep a document small"
    return raw


def decode(raw: bytes) -> EventDocument:
    """The document in these bytes, 20 µs; raises `msgspec.DecodeError` for anything else."""
    return _DECODER.decode(raw)


def headline(raw: bytes) -> Headline:
    """Only the headline, 3 µs; raises `msgspec.DecodeError` for anything else."""
    return _HEADLINE.decode(raw)
