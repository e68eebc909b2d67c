"""The seats that are free and suit a wish, found without looking at all of them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from seatwright.contracts.charts import SeatFlag, bits_size, unpack_states
from seatwright.reservations.domain.seat_plan import SeatPlan

_MATCHES_MAX = 300  # gaps looked up one by one; with more, the nearest rows will do


class Need(NamedTuple):
    """Which seats suit: category indexes (None: all), and whether reserved places count."""

    categories: frozenset[int] | None
    accessible: bool


class Party(NamedTuple):
    """People who want to sit together, one of them in a wheelchair if `accessible`."""

    size: int
    accessible: bool


class FreeSeats:
    """
    Free and fitting seats of one availability string (two bits a place).

    Unfit seats are marked taken by one OR of two long integers.
    """

    def __init__(self, plan: SeatPlan, bits: bytes, need: Need) -> None:
        eligible = plan.eligible(need.categories, accessible=need.accessible)
        size = bits_size(len(plan.category))
        taken = int.from_bytes(bits[:size].ljust(size, b"\0"), "big") | eligible.mask
        self._plan = plan
        self._runs = eligible.runs
        self._states = unpack_states(taken.to_bytes(size, "big"), len(plan.category))

    def runs(self, size: int) -> Iterable[int]:
        """Runs that may have `size` free neighbours, nearest to the focus first."""
        if not self._runs or self._states.find(bytes(size)) < 0:
            return ()  # the usual answer once an event is sold out: 0.1 ms
        matches = tuple(islice(_gap(size).finditer(self._states), _MATCHES_MAX + 1))
        if len(matches) > _MATCHES_MAX:
            return self._runs
        # Nearly sold out (or one great gap): name the rows instead of asking every one of them.
        run_of = self._plan.run_of
        hits = {
            run
            for match in matches
            for run in range(run_of(match.start()), run_of(match.end() - 1) + 1)
        }
        return (run for run in self._runs if run in hits)

    def stretches(self, run: int, size: int) -> Iterator[tuple[int, int]]:
        """First seats and ends of the stretches of at least `size` free neighbours in a run."""
        first, end = self._plan.run_first[run], self._plan.run_end[run]
        for match in _gap(size).finditer(self._states, first, end):
            yield match.span()

    def wheelchairs(self, first: int, size: int) -> int:
        """How many of the seats are places for wheelchairs."""
        flags = self._plan.flags[first : first + size]
        return sum(1 for bits in flags if bits & SeatFlag.ACCESSIBLE)


@lru_cache(maxsize=128)
def _gap(size: int) -> "re.Pattern[bytes]":
    return re.compile(rb"\0{%d,}" % size)
