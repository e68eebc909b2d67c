"""Who really sits next to whom: a row is broken where an aisle crosses it."""

from array import array

from seatwright.contracts.charts.parts import Table
from seatwright.contracts.charts.published import PublishedChart

# Seats stand 45-60 cm apart, places for wheelchairs 90-120 cm; an aisle adds a metre or more.
NEIGHBOUR_DISTANCE_CM_MAX = 130


def neighbour_runs(chart: PublishedChart) -> "tuple[array[int], array[int]]":
    """
    First seats and ends of the stretches of seats without an aisle, in dense order.

    Within a stretch, seats with neighbouring integers are neighbours in the room. A table is one
    stretch whatever its size. 25 ms for 70,000 seats: ask once a chart.
    """
    firsts, ends = array("i"), array("i")
    limit = NEIGHBOUR_DISTANCE_CM_MAX**2
    x, y = chart.x, chart.y
    for index, row in enumerate(chart.rows):
        first, end = chart.row_first[index], chart.row_first[index + 1]
        if not isinstance(row, Table):
            for seat in range(first + 1, end):
                if (x[seat] - x[seat - 1]) ** 2 + (y[seat] - y[seat - 1]) ** 2 > limit:
                    firsts.append(first)
                    ends.append(seat)
                    first = seat
        firsts.append(first)
        ends.append(end)
    return firsts, ends
