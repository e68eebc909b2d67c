"""Which seats to try for somebody who only said how many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple
from weakref import WeakSet

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import PublishedChart
from seatwright.kit import clock, ids
from seatwright.kit.errors import invalid
from seatwright.reservations.domain.best_available import area_candidates, candidates
from seatwright.reservations.domain.refusals import NoSuitableSeats
from seatwright.reservations.domain.sale import Sale
from seatwright.reservations.domain.seat_plan import plan_of
from seatwright.reservations.domain.wishes import BestAvailable, StandingPlaces

# Each round reads the seats anew; a round without any choice ends it.
ROUNDS_MAX = 4
TRIES_A_ROUND = 3
# When others were faster, many are asking: spread over so many choices more in each round.
_SPREAD_A_ROUND = 6

# The first round may use seats that were read so long ago.
CALM_S = 0.25

Bits = Callable[[EventId, float], Awaitable[bytes]]


class Attempt(NamedTuple):
    """The n-th round of one request, from seats read after the monotonic instant `since`."""

    number: int
    since: float


def attempts() -> Iterator[Attempt]:
    """The rounds of a request: calm at first, then only with what was read after a collision."""
    for number in range(ROUNDS_MAX):
        yield Attempt(number, clock.monotonic() - (CALM_S if number == 0 else 0))


class Choosing:
    """Choices from the seats as they were a moment ago; the hold decides."""

    def __init__(self, bits: Bits) -> None:
        self._bits = bits
        self._planned: WeakSet[PublishedChart] = WeakSet()

    async def choices(
        self, sale: Sale, wish: BestAvailable | StandingPlaces, attempt: Attempt
    ) -> tuple[tuple[int, ...], ...]:
        """
        Disjoint choices to try, best first; empty when there is none.

        Raises `Invalid` for a wish that no seats of this event could grant.
        """
        bits = await self._bits(sale.event.id, attempt.since)
        if isinstance(wish, StandingPlaces):
            return tuple(_places(sale, wish, bits))
        return tuple(await self._seats(sale, wish, bits, attempt.number))

    async def _seats(
        self, sale: Sale, wish: BestAvailable, bits: bytes, round_number: int
    ) -> Iterable[tuple[int, ...]]:
        await self._plan(sale)
        skip = ids.chance(1 + _SPREAD_A_ROUND * round_number)
        found = _candidates(sale, wish, bits, skip)
        # Few are left: the best of them, rather than none.
        return found or (_candidates(sale, wish, bits, 0) if skip else ())

    async def _plan(self, sale: Sale) -> None:
        # 100 ms for a stadium, once a chart: not on the loop.
        if sale.chart not in self._planned:
            await asyncio.to_thread(plan_of, sale.chart)
            self._planned.add(sale.chart)


def require_sound(sale: Sale, wish: BestAvailable | StandingPlaces) -> None:
    """Raise `Invalid` for a quantity, category or area that this event does not have."""
    if isinstance(wish, BestAvailable):
        sale.require_quantity(wish.quantity, "/best_available/quantity")
        if wish.category is not None:
            sale.category(wish.category, "/best_available/category")
        if wish.price_max is not None and wish.price_max[1] != sale.event.currency:
            detail = f"The event is sold in {sale.event.currency}."
            raise invalid("/best_available/price_max/currency", "other_currency", detail)
        return
    sale.require_quantity(sum(quantity for _, quantity in wish.areas), "/areas")
    for index, (area, _) in enumerate(wish.areas):
        if sale.chart.area_span(area) is None:
            raise invalid(f"/areas/{index}/area", "unknown_area", "The event has no such area.")
    if len({area for area, _ in wish.areas}) < len(wish.areas):
        raise invalid("/areas", "duplicate_area", "Name each area once.")


def none_left(wish: BestAvailable | StandingPlaces) -> NoSuitableSeats:
    """The refusal when nothing suits."""
    if isinstance(wish, StandingPlaces):
        return NoSuitableSeats("There are not so many places left.")
    return NoSuitableSeats("There are not so many seats of that kind left.")


def _candidates(
    sale: Sale, wish: BestAvailable, bits: bytes, skip: int
) -> tuple[tuple[int, ...], ...]:
    category = None if wish.category is None else sale.category(wish.category, "")
    allowed = None if wish.price_max is None else sale.categories_up_to(wish.price_max[0])
    return tuple(
        candidates(
            sale.chart,
            bits,
            wish.quantity,
            category=category,
            allowed=allowed,
            accessible=wish.accessible,
            tries=TRIES_A_ROUND,
            skip=skip,
        )
    )


def _places(sale: Sale, wish: StandingPlaces, bits: bytes) -> Iterator[tuple[int, ...]]:
    by_area = [
        tuple(
            area_candidates(
                sale.chart, bits, area, quantity, ids.chance(sale.chart.seat_count), TRIES_A_ROUND
            )
        )
        for area, quantity in wish.areas
    ]
    for parts in islice(product(*by_area), TRIES_A_ROUND):
        yield tuple(seat for part in parts for seat in part)
