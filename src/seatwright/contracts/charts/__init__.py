"""
A published seat chart, and how it is read.

A chart version never changes: it is one JSON file named by the hash of its bytes. Seats are the
integers 0…n-1 inside the platform and strings such as `L12:4:7` in the API; both are computed
from the row tables, so that a thousand charts of 70,000 seats are arrays and not objects.
"""

from seatwright.contracts.charts.neighbours import NEIGHBOUR_DISTANCE_CM_MAX, neighbour_runs
from seatwright.contracts.charts.parts import (
    COORDINATE_CM_MAX,
    LABEL_CHARACTERS_MAX,
    PLACES_PER_CHART_MAX,
    Area,
    Bounds,
    Category,
    ChartObject,
    ChartVersion,
    ObjectKind,
    Point,
    Row,
    SeatFlag,
    SeatId,
    Section,
    Table,
    label_at,
    label_problem,
)
from seatwright.contracts.charts.published import Place, PublishedChart, Span
from seatwright.contracts.charts.states import (
    SeatState,
    Tally,
    bits_size,
    pack_states,
    tally,
    unpack_states,
)
from seatwright.contracts.charts.wire import (
    CHART_BYTES_MAX,
    ChartParts,
    decode_chart,
    encode_chart,
    seal,
    version_of,
)

__all__ = [
    "CHART_BYTES_MAX",
    "COORDINATE_CM_MAX",
    "LABEL_CHARACTERS_MAX",
    "NEIGHBOUR_DISTANCE_CM_MAX",
    "PLACES_PER_CHART_MAX",
    "Area",
    "Bounds",
    "Category",
    "ChartObject",
    "ChartParts",
    "ChartVersion",
    "ObjectKind",
    "Place",
    "Point",
    "PublishedChart",
    "Row",
    "SeatFlag",
    "SeatId",
    "SeatState",
    "Section",
    "Span",
    "Table",
    "Tally",
    "bits_size",
    "decode_chart",
    "encode_chart",
    "label_at",
    "label_problem",
    "neighbour_runs",
    "pack_states",
    "seal",
    "tally",
    "unpack_states",
    "version_of",
]
