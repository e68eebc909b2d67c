"""Events as their organisers' JSON, and the way to a plan and back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from seatwright.catalog.domain.events import (
    FACE_MINOR_MAX,
    LINEUP_ITEMS_MAX,
    PROSE_CHARACTERS_MAX,
    SUMMARY_CHARACTERS_MAX,
    TITLE_CHARACTERS_MAX,
    EventPlan,
    Price,
)
from seatwright.catalog.domain.slugs import SLUG_CHARACTERS_MAX
from seatwright.catalog.domain.texts import tidy
from seatwright.catalog.store import EventRow
from seatwright.contracts.catalog import Tax
from seatwright.kit import clock
from seatwright.kit.errors import Invalid, Problem
from seatwright.kit.money import BASIS_POINTS, CURRENCIES, Money

Line = Annotated[str, Meta(max_length=400)]
Title = Annotated[str, Meta(max_length=TITLE_CHARACTERS_MAX, examples=["The Northern Lights Tour"])]
Summary = Annotated[str, Meta(max_length=SUMMARY_CHARACTERS_MAX)]
Slug = Annotated[str, Meta(max_length=SLUG_CHARACTERS_MAX)]
Prose = Annotated[str, Meta(max_length=PROSE_CHARACTERS_MAX)]
Instant = Annotated[datetime, Meta(tz=True, examples=["2026-12-05T19:30:00+01:00"])]
Identifier = Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$", examples=["01k854a79u6io0io"])]
FeeRate = Annotated[int, Meta(ge=0, le=BASIS_POINTS, examples=[350])]
CategoryKey = Annotated[str, Meta(min_length=1, max_length=24, examples=["cat1"])]


class MoneyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`amount` in minor units of `currency`, which is the event's."""

    amount: Annotated[int, Meta(ge=0, le=FACE_MINOR_MAX, examples=[4250])]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]


class PriceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ticket of a chart's category costs; without `fee`, the event's fees."""

    category: CategoryKey
    face: MoneyBody
    fee: MoneyBody | None = None


class TaxBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate in basis points; `inclusive` when prices are written with it."""

    name: Annotated[str, Meta(max_length=40, examples=["VAT"])]
    rate_bp: Annotated[int, Meta(ge=0, le=10_000, examples=[1900])]
    inclusive: bool


_NO_TAX = TaxBody(name="Tax", rate_bp=0, inclusive=True)


class EventBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    An event to be made, as a draft: chart and prices may come later.

    Without `timezone` it is the venue's, without `off_sale_at` the sale ends at the start, and
    without `slug` one is made from the title. A ticket's fee is `ticket_fee` and `ticket_fee_bp`
    basis points of its face value; with `fees_absorbed` buyers pay no fee at all.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "title": "The Northern Lights Tour",
        "venue_id": "01k854a79u6io0io",
        "category": "concert",
        "starts_at": "2098-12-05T20:00:00+01:00",
        "ends_at": "2098-12-05T23:00:00+01:00",
        "doors_at": "2098-12-05T18:30:00+01:00",
        "on_sale_at": "2026-06-01T10:00:00+02:00",
        "currency": "EUR",
        "prices": [{"category": "cat1", "face": {"amount": 4250, "currency": "EUR"}}],
        "ticket_fee": {"amount": 150, "currency": "EUR"},
        "tax": {"name": "VAT", "rate_bp": 1900, "inclusive": True},
    }

    title: Title
    venue_id: Identifier
    category: Annotated[str, Meta(max_length=20, examples=["concert"])]
    starts_at: Instant
    ends_at: Instant
    on_sale_at: Instant
    off_sale_at: Instant | None = None
    doors_at: Instant | None = None
    timezone: Annotated[str, Meta(max_length=60, examples=["Europe/Berlin"])] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]
    slug: Slug | None = None
    summary: Summary = ""
    description: Prose = ""
    age_limit: Annotated[int, Meta(ge=0, le=99)] = 0
    lineup: Annotated[list[Title], Meta(max_length=LINEUP_ITEMS_MAX)] = []
    image: Line | None = None
    terms: Prose = ""
    refund_policy: Prose = ""
    prices: Annotated[list[PriceBody], Meta(max_length=64)] = []
    ticket_fee: MoneyBody | None = None
    ticket_fee_bp: FeeRate = 0
    order_fee: MoneyBody | None = None
    order_fee_name: Line = "Order fee"
    fees_absorbed: bool = False
    tax: TaxBody = _NO_TAX
    seats_per_order_max: Annotated[int, Meta(ge=1, le=20)] = 8
    seats_per_buyer_max: Annotated[int, Meta(ge=1, le=100)] | None = None
    moving_codes: bool = False
    chart: Identifier | None = None


class EventPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of an event to change; slug, currency, chart, moving codes before publication only."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "summary": "One night, two sets.",
        "prices": [{"category": "cat1", "face": {"amount": 3950, "currency": "EUR"}}],
    }

    title: Title | UnsetType = UNSET
    venue_id: Identifier | UnsetType = UNSET
    category: Line | UnsetType = UNSET
    starts_at: Instant | UnsetType = UNSET
    ends_at: Instant | UnsetType = UNSET
    on_sale_at: Instant | UnsetType = UNSET
    off_sale_at: Instant | UnsetType = UNSET
    doors_at: Instant | UnsetType | None = UNSET
    timezone: Line | UnsetType = UNSET
    currency: Line | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    age_limit: Annotated[int, Meta(ge=0, le=99)] | UnsetType = UNSET
    lineup: Annotated[list[Title], Meta(max_length=LINEUP_ITEMS_MAX)] | UnsetType = UNSET
    image: Line | UnsetType | None = UNSET
    terms: Prose | UnsetType = UNSET
    refund_policy: Prose | UnsetType = UNSET
    prices: Annotated[list[PriceBody], Meta(max_length=64)] | UnsetType = UNSET
    ticket_fee: MoneyBody | UnsetType = UNSET
    ticket_fee_bp: FeeRate | UnsetType = UNSET
    order_fee: MoneyBody | UnsetType = UNSET
    order_fee_name: Line | UnsetType = UNSET
    fees_absorbed: bool | UnsetType = UNSET
    tax: TaxBody | UnsetType = UNSET
    seats_per_order_max: Annotated[int, Meta(ge=1, le=20)] | UnsetType = UNSET
    seats_per_buyer_max: Annotated[int, Meta(ge=1, le=100)] | UnsetType | None = UNSET
    moving_codes: bool | UnsetType = UNSET
    chart: Identifier | UnsetType | None = UNSET


class PriceShape(msgspec.Struct, frozen=True, kw_only=True):
    """A category's price as it was written; `fee` null means the event's fees."""

    category: str
    face: Money
    fee: Money | None


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its organiser writes it; `published_version` is what buyers see, if any."""

    id: str
    state: str
    version: int
    published_version: int | None
    created_at: str
    changed_at: str
    title: str
    slug: str
    venue_id: str
    category: str
    timezone: str
    starts_at: str
    ends_at: str
    on_sale_at: str
    off_sale_at: str
    doors_at: str | None
    currency: str
    summary: str
    description: str
    age_limit: int
    lineup: tuple[str, ...]
    image: str | None
    terms: str
    refund_policy: str
    prices: list[PriceShape]
    ticket_fee: Money
    ticket_fee_bp: int
    order_fee: Money
    order_fee_name: str
    fees_absorbed: bool
    tax: Tax
    seats_per_order_max: int
    seats_per_buyer_max: int | None
    moving_codes: bool
    chart: str | None


def plan_of(body: EventBody, *, venue_timezone: str) -> EventPlan:
    """The plan in a body; raises `Invalid` for money of another currency."""
    changes = changes_of(body, currency=body.currency)
    changes["slug"] = body.slug or ""
    changes["timezone"] = body.timezone or venue_timezone
    changes["off_sale_at"] = body.off_sale_at or body.starts_at
    for fee in ("ticket_fee", "order_fee"):
        changes[fee] = changes[fee] or 0
    return EventPlan(**changes)


def changes_of(body: EventBody | EventPatch, *, currency: str) -> dict[str, Any]:
    """A plan's fields from those that the body has; raises `Invalid` for other currencies."""
    if problems := tuple(_foreign_money(body, currency)):
        raise Invalid(problems)
    given = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not UNSET}
    return {_FIELDS.get(name, name): _plain(value) for name, value in given.items()}


_FIELDS = {"venue_id": "venue"}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, MoneyBody):
        return value.amount
    if isinstance(value, TaxBody):
        return Tax(name=tidy(value.name), rate_bp=value.rate_bp, inclusive=value.inclusive)
    if isinstance(value, PriceBody):
        fee = None if value.fee is None else value.fee.amount
        return Price(category=value.category, face=value.face.amount, fee=fee)
    return tuple(map(_plain, value)) if isinstance(value, list) else value


def _foreign_money(body: EventBody | EventPatch, currency: str) -> Iterator[Problem]:
    if currency not in CURRENCIES:
        yield Problem("/currency", "currency", "An ISO 4217 code such as EUR.")
        return
    named: list[tuple[str, Any]] = [
        ("/ticket_fee", body.ticket_fee),
        ("/order_fee", body.order_fee),
    ]
    for i, price in enumerate(body.prices if isinstance(body.prices, list) else ()):
        named += [(f"/prices/{i}/face", price.face), (f"/prices/{i}/fee", price.fee)]
    for pointer, money in named:
        if isinstance(money, MoneyBody) and money.currency != currency:
            detail = f"The event is sold in {currency}."
            yield Problem(f"{pointer}/currency", "other_currency", detail)


def answer_of(row: EventRow) -> EventAnswer:
    """The JSON of an event."""
    fields = msgspec.structs.asdict(row.plan)
    currency = row.plan.currency
    fields["venue_id"] = fields.pop("venue")
    for name in ("starts_at", "ends_at", "on_sale_at", "off_sale_at", "doors_at"):
        fields[name] = None if fields[name] is None else clock.rfc3339(fields[name])
    fields["prices"] = [
        PriceShape(
            category=price.category,
            face=Money(price.face, currency),
            fee=None if price.fee is None else Money(price.fee, currency),
        )
        for price in row.plan.prices
    ]
    for name in ("ticket_fee", "order_fee"):
        fields[name] = Money(fields[name], currency)
    return EventAnswer(
        id=row.id,
        state=row.state,
        version=row.version,
        published_version=row.published_version,
        created_at=clock.rfc3339(row.created_at),
        changed_at=clock.rfc3339(row.changed_at),
        **fields,
    )
