"""An event as its organiser writes it, and what can be wrong with that."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from seatwright.catalog.domain.slugs import slug_problem
from seatwright.catalog.domain.texts import line_problems, prose_problems
from seatwright.catalog.domain.zones import known_zone
from seatwright.contracts.catalog import (
    SEATS_PER_BUYER_MAX,
    SEATS_PER_ORDER_MAX,
    ChartHash,
    Tax,
    VenueId,
)
from seatwright.contracts.charts import label_problem
from seatwright.kit.errors import Problem
from seatwright.kit.money import BASIS_POINTS, CURRENCIES

Category = Literal[
    "concert", "sport", "theatre", "comedy", "family", "classical", "festival", "other"
]
CATEGORIES = frozenset(get_args(Category))

TITLE_CHARACTERS_MAX = 120
SUMMARY_CHARACTERS_MAX = 300
PROSE_CHARACTERS_MAX = 20_000
LINEUP_ITEMS_MAX = 50
PRICES_MAX = 64
AGE_LIMIT_MAX = 99
# Ten million euros a ticket; twenty of them are still far from where JSON readers round.
FACE_MINOR_MAX = 10**9
LENGTH_MAX = timedelta(days=60)
DOORS_BEFORE_MAX = timedelta(days=1)
YEAR_MIN, YEAR_MAX = 2000, 2200
_INSTANTS = ("starts_at", "doors_at", "ends_at", "on_sale_at", "off_sale_at")
_IMAGE = re.compile(r"/v1/images/[0-9a-f]{16,64}\.svg")


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the organiser asks for a ticket of a category, in minor units, with tax or without it
    as the event's tax says. `fee` None means the event's `ticket_fee` and
    `ticket_fee_bp`.
    """

    category: str
    face: int
    fee: int | None = None


class EventPlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    An event as its organiser writes it; amounts are minor units of `currency`.

    A plan may be incomplete (no chart, no prices) until it is published. `ticket_fee` is added
    to every ticket that names no fee of its own, and so are `ticket_fee_bp` basis points of its
    face value; `order_fee` once to every order. With `fees_absorbed` buyers pay none of them.
    """

    title: str
    slug: str
    category: str
    venue: VenueId
    timezone: str
    starts_at: datetime
    ends_at: datetime
    on_sale_at: datetime
    off_sale_at: datetime
    currency: str
    tax: Tax
    doors_at: datetime | None = None
    summary: str = ""
    description: str = ""
    age_limit: int = 0
    lineup: tuple[str, ...] = ()
    image: str | None = None
    terms: str = ""
    refund_policy: str = ""
    prices: tuple[Price, ...] = ()
    ticket_fee: int = 0
    ticket_fee_bp: int = 0
    order_fee: int = 0
    order_fee_name: str = "Order fee"
    fees_absorbed: bool = False
    seats_per_order_max: int = 8
    seats_per_buyer_max: int | None = None
    moving_codes: bool = False
    chart: ChartHash | None = None


def event_problems(plan: EventPlan) -> tuple[Problem, ...]:
    """Everything wrong with a plan taken alone; empty when it can be kept as a draft."""
    return (*_words(plan), *_times(plan), *_money(plan), *_bounds(plan))


def _words(plan: EventPlan) -> Iterator[Problem]:
    yield from line_problems("/title", plan.title, characters_max=TITLE_CHARACTERS_MAX)
    yield from line_problems(
        "/summary", plan.summary, characters_max=SUMMARY_CHARACTERS_MAX, optional=True
    )
    for name in ("description", "terms", "refund_policy"):
        yield from prose_problems(
            f"/{name}", getattr(plan, name), characters_max=PROSE_CHARACTERS_MAX, optional=True
        )
    if len(plan.lineup) > LINEUP_ITEMS_MAX:
        yield Problem("/lineup", "too_many", f"At most {LINEUP_ITEMS_MAX} names.")
    for i, name in enumerate(plan.lineup[:LINEUP_ITEMS_MAX]):
        yield from line_problems(f"/lineup/{i}", name, characters_max=TITLE_CHARACTERS_MAX)
    if found := slug_problem(plan.slug):
        yield found
    if plan.category not in CATEGORIES:
        words = ", ".join(get_args(Category))
        yield Problem("/category", "unknown_category", f"One of {words}.")
    if plan.image is not None and not _IMAGE.fullmatch(plan.image):
        yield Problem("/image", "bad_image", "The address of an image kept here, or null.")


def _times(plan: EventPlan) -> Iterator[Problem]:
    if not known_zone(plan.timezone):
        yield Problem("/timezone", "timezone", "A place of the IANA database: Europe/Berlin.")
    far = [name for name in _INSTANTS if not _near(getattr(plan, name))]
    for name in far:
        yield Problem(f"/{name}", "range", f"Between {YEAR_MIN} and {YEAR_MAX}.")
    if not far:
        yield from _order(plan)


def _near(instant: datetime | None) -> bool:
    return instant is None or YEAR_MIN <= instant.year <= YEAR_MAX


def _order(plan: EventPlan) -> Iterator[Problem]:
    if not plan.starts_at < plan.ends_at <= plan.starts_at + LENGTH_MAX:
        detail = f"After the start, and at most {LENGTH_MAX.days} days later."
        yield Problem("/ends_at", "order", detail)
    doors = plan.starts_at if plan.doors_at is None else plan.doors_at
    if not plan.starts_at - DOORS_BEFORE_MAX <= doors <= plan.starts_at:
        yield Problem("/doors_at", "order", "Within the day before the start.")
    if not plan.on_sale_at < plan.off_sale_at:
        yield Problem("/off_sale_at", "order", "After the beginning of the sale.")
    if plan.off_sale_at > plan.ends_at:
        yield Problem("/off_sale_at", "order", "Not after the end of the event.")


def _money(plan: EventPlan) -> Iterator[Problem]:
    if plan.currency not in CURRENCIES:
        yield Problem("/currency", "currency", "An ISO 4217 code such as EUR.")
    amounts = [(f"/prices/{i}/face", price.face) for i, price in enumerate(plan.prices)]
    amounts += [
        (f"/prices/{i}/fee", price.fee)
        for i, price in enumerate(plan.prices)
        if price.fee is not None
    ]
    amounts += [("/ticket_fee", plan.ticket_fee), ("/order_fee", plan.order_fee)]
    for pointer, amount in amounts:
        if not 0 <= amount <= FACE_MINOR_MAX:
            yield Problem(pointer, "amount", f"Between 0 and {FACE_MINOR_MAX} minor units.")
    yield from _categories(plan)
    for pointer, rate in (
        ("/tax/rate_bp", plan.tax.rate_bp),
        ("/ticket_fee_bp", plan.ticket_fee_bp),
    ):
        if not 0 <= rate <= BASIS_POINTS:
            yield Problem(pointer, "range", f"Basis points: 0 to {BASIS_POINTS}.")
    yield from line_problems("/tax/name", plan.tax.name, characters_max=40)
    yield from line_problems("/order_fee_name", plan.order_fee_name, characters_max=60)


def _categories(plan: EventPlan) -> Iterator[Problem]:
    if len(plan.prices) > PRICES_MAX:
        yield Problem("/prices", "too_many", f"At most {PRICES_MAX} prices.")
    seen: set[str] = set()
    for i, price in enumerate(plan.prices):
        if why := label_problem(price.category):
            yield Problem(f"/prices/{i}/category", "bad_label", f"A category's key {why}.")
        if price.category in seen:
            detail = "This category has a price already."
            yield Problem(f"/prices/{i}/category", "duplicate_category", detail)
        seen.add(price.category)


def _bounds(plan: EventPlan) -> Iterator[Problem]:
    if not 0 <= plan.age_limit <= AGE_LIMIT_MAX:
        yield Problem("/age_limit", "range", f"Years: 0 to {AGE_LIMIT_MAX}.")
    if not 1 <= plan.seats_per_order_max <= SEATS_PER_ORDER_MAX:
        yield Problem("/seats_per_order_max", "range", f"1 to {SEATS_PER_ORDER_MAX}.")
    buyer = plan.seats_per_buyer_max
    if buyer is not None and not 1 <= buyer <= SEATS_PER_BUYER_MAX:
        detail = f"1 to {SEATS_PER_BUYER_MAX}, or null for no limit."
        yield Problem("/seats_per_buyer_max", "range", detail)
