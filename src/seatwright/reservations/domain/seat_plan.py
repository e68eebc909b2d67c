"""What choosing seats needs to know about a chart, worked out once a chart."""

from array import array
from bisect import bisect_left
from itertools import accumulate
from math import hypot
from weakref import WeakKeyDictionary

from seatwright.contracts.charts import PublishedChart, SeatFlag, Table, neighbour_runs, pack_states

_ELIGIBLE_MAX = 64  # combinations of categories a chart is asked for; more start afresh
_RESERVED = SeatFlag.ACCESSIBLE | SeatFlag.COMPANION


class Eligible:
    """
    The seats that suit a wish, whatever their state.

    `mask` has 01 for every seat that does not, in the layout of the availability bits;
    `runs` are the runs with a seat that does, nearest to the focus first.
    """

    def __init__(
        self, plan: "SeatPlan", categories: frozenset[int] | None, *, accessible: bool
    ) -> None:
        unfit = bytearray(
            0 if categories is None or category in categories else 1 for category in plan.category
        )
        if not accessible:
            for seat, flags in enumerate(plan.flags):
                if flags & _RESERVED:
                    unfit[seat] = 1
        self.mask = int.from_bytes(pack_states(unfit), "big")
        needed = (seat for seat in range(len(unfit)) if not unfit[seat])
        if accessible:
            needed = (seat for seat in needed if plan.flags[seat] & SeatFlag.ACCESSIBLE)
        runs = {plan.run_of(seat) for seat in needed}
        self.runs = array("i", sorted(runs, key=lambda run: (plan.nearest[run], run)))


class SeatPlan:
    """
    Runs of neighbours of one chart and how near each seat is to the focus.

    `distance_sums[b] - distance_sums[a]` is the sum for the seats a…b-1, in centimetres. Runs are
    numbered in dense order; it keeps no reference to the chart, whose life it shares.
    """

    def __init__(self, chart: PublishedChart) -> None:
        seats = chart.seated_count
        self.x, self.y = chart.x, chart.y
        self.category, self.flags = chart.category[:seats], chart.flags[:seats]
        self.run_first, self.run_end = neighbour_runs(chart)
        self.run_row = array("i", map(chart.row_of, self.run_first))
        self.row_section = array("i", map(chart.span_of, chart.row_first[:-1]))
        self._tables = frozenset(
            index for index, row in enumerate(chart.rows) if isinstance(row, Table)
        )
        self._whole = frozenset(
            index for index, row in enumerate(chart.rows) if isinstance(row, Table) and row.whole
        )
        fx, fy = chart.focus
        distances = [round(hypot(x - fx, y - fy)) for x, y in zip(self.x, self.y, strict=True)]
        self.distance_sums = array("q", accumulate(distances, initial=0))
        self.nearest = array(
            "i",
            (
                min(distances[first:end])
                for first, end in zip(self.run_first, self.run_end, strict=True)
            ),
        )
        self._eligible: dict[tuple[frozenset[int] | None, bool], Eligible] = {}

    def eligible(self, categories: frozenset[int] | None, *, accessible: bool) -> Eligible:
        """The seats of these categories (None: all); remembered."""
        key = (categories, accessible)
        found = self._eligible.get(key)
        if found is None:
            if len(self._eligible) >= _ELIGIBLE_MAX:
                self._eligible.clear()
            found = self._eligible[key] = Eligible(self, categories, accessible=accessible)
        return found

    def run_of(self, seat: int) -> int:
        """The run of neighbours a seat belongs to."""
        return bisect_left(self.run_end, seat + 1)

    def runs_of_row(self, row: int) -> range:
        """The runs of one row (an index in `chart.rows`), none beyond the last row."""
        return range(bisect_left(self.run_row, row), bisect_left(self.run_row, row + 1))

    def same_section(self, row: int, other: int) -> bool:
        """Whether the row with index `row` exists and is in the section of the other."""
        inside = 0 <= row < len(self.row_section)
        return inside and self.row_section[row] == self.row_section[other]

    def is_table_row(self, row: int) -> bool:
        """Whether this row is a table: nothing stands behind it."""
        return row in self._tables

    def is_whole_table(self, run: int) -> bool:
        """Whether the run is a table that is sold only as a whole."""
        return self.run_row[run] in self._whole

    def apart(self, one: int, other: int) -> float:
        """Centimetres between two seats."""
        return hypot(self.x[one] - self.x[other], self.y[one] - self.y[other])


_plans: "WeakKeyDictionary[PublishedChart, SeatPlan]" = WeakKeyDictionary()


def plan_of(chart: PublishedChart) -> SeatPlan:
    """The plan of a chart, kept as long as the chart is (100 ms to make for 70,000 seats)."""
    plan = _plans.get(chart)
    if plan is None:
        plan = _plans[chart] = SeatPlan(chart)
    return plan
