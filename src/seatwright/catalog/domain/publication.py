"""What an event needs before buyers see it, and what must not change once they do."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from seatwright.catalog.domain.events import EventPlan
from seatwright.contracts.catalog import ChartHash
from seatwright.kit.errors import Conflict, Problem


class VersionCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category of a published chart; `seats` counts its places."""

    key: str
    name: str
    color: str
    seats: int


class ChartFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What pricing needs to know of a published chart; categories in the chart's order."""

    hash: ChartHash
    seat_count: int
    accessible: bool
    categories: tuple[VersionCategory, ...]


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What is already promised to buyers and holds for every later version."""

    slug: str
    currency: str
    chart: ChartHash
    # Papers were printed with the code that stands, or without any.
    moving_codes: bool = False


class Fixed(Conflict):
    """This can no longer change: seats may have been sold under it."""

    code = "fixed_by_publication"
    title = "No longer to be changed"


def publication_problems(
    plan: EventPlan, chart: ChartFacts | None, *, first: bool, now: datetime
) -> Iterator[Problem]:
    """What keeps a sound plan from being shown and sold."""
    if first and plan.ends_at <= now:
        yield Problem("/ends_at", "over", "This event is over already.")
    if chart is None:
        yield Problem("/chart", "required", "Choose a published seat chart.")
        return
    known = {category.key for category in chart.categories}
    priced = {price.category for price in plan.prices}
    for i, price in enumerate(plan.prices):
        if price.category not in known:
            detail = "The chart has no such category."
            yield Problem(f"/prices/{i}/category", "unknown_category", detail)
    for category in chart.categories:
        if category.key not in priced:
            detail = f"Category {category.key} of the chart has no price."
            yield Problem("/prices", "missing_price", detail)


def refuse_changed_promises(plan: EventPlan, before: Published) -> None:
    """Raise `Fixed` when the plan changes what earlier buyers rely on."""
    for name in ("slug", "currency", "chart", "moving_codes"):
        if getattr(plan, name) != getattr(before, name):
            raise Fixed(
                f"The {name} of a published event stays as it is.",
                field=name,
                published=getattr(before, name),
            )
