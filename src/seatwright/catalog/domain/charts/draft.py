"""
A seat chart as its author sees it, before it is published.

Coordinates are centimetres (fractions allowed), x to the right and y downwards. Categories are
named by key. `line` is the line of the file a seat came from, 0 when there is none.
"""

import msgspec

from seatwright.contracts.charts import ObjectKind, SeatFlag

DraftPoint = tuple[float, float]


class DraftCategory(msgspec.Struct, frozen=True):
    """A class of seats sold at one price; `color` is `#RRGGBB`."""

    key: str
    name: str
    color: str


class DraftSeat(msgspec.Struct, frozen=True, gc=False):
    """One seat; `flags` are the bits of `SeatFlag`."""

    label: str
    x: float
    y: float
    category: str
    flags: int = 0
    line: int = 0


class DraftRow(msgspec.Struct, frozen=True):
    """Seats in the order in which people sit next to each other."""

    name: str
    seats: tuple[DraftSeat, ...]


class DraftSection(msgspec.Struct, frozen=True):
    """A block of rows; without an outline, one is drawn around the seats."""

    key: str
    name: str
    rows: tuple[DraftRow, ...]
    level: str = ""
    entrance: str = ""
    outline: tuple[DraftPoint, ...] = ()


class DraftTable(msgspec.Struct, frozen=True):
    """A round table and its seats; `whole` tables are sold only together."""

    key: str
    name: str
    x: float
    y: float
    radius: float
    seats: tuple[DraftSeat, ...]
    whole: bool = False


class DraftArea(msgspec.Struct, frozen=True):
    """Standing places without numbers of their own."""

    key: str
    name: str
    capacity: int
    category: str
    outline: tuple[DraftPoint, ...]
    entrance: str = ""


class DraftObject(msgspec.Struct, frozen=True):
    """Something drawn for orientation; a `text` may be a single point."""

    kind: ObjectKind
    label: str
    outline: tuple[DraftPoint, ...]


class ChartDraft(msgspec.Struct, frozen=True):
    """A whole chart; without a focus, people look at its stage, field or upper edge."""

    name: str
    categories: tuple[DraftCategory, ...]
    sections: tuple[DraftSection, ...] = ()
    tables: tuple[DraftTable, ...] = ()
    areas: tuple[DraftArea, ...] = ()
    objects: tuple[DraftObject, ...] = ()
    focus: DraftPoint | None = None


# The words a file may use for what is special about a seat.
FLAG_OF_ATTRIBUTE = {
    "accessible": SeatFlag.ACCESSIBLE,
    "wheelchair": SeatFlag.ACCESSIBLE,
    "companion": SeatFlag.COMPANION,
    "restricted": SeatFlag.RESTRICTED_VIEW,
    "restricted_view": SeatFlag.RESTRICTED_VIEW,
    "step_free": SeatFlag.STEP_FREE,
}

# Distinguishable by most colour-blind people (Paul Tol's "bright" and "muted" schemes).
PALETTE = (
    "#4477AA",
    "#EE6677",
    "#228833",
    "#CCBB44",
    "#66CCEE",
    "#AA3377",
    "#332288",
    "#DDCC77",
    "#117733",
    "#88CCEE",
    "#CC6677",
    "#44AA99",
)


def seat_total(draft: ChartDraft) -> int:
    """All places, standing ones included."""
    seats = sum(len(row.seats) for section in draft.sections for row in section.rows)
    seats += sum(len(table.seats) for table in draft.tables)
    return seats + sum(area.capacity for area in draft.areas)
