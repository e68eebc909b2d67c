"""
The chart file people write by hand or from a script of their own.

Rows say `count`, `from` and `step`, or list their seats; a row with `x` and `y` is a straight
line of seats `spacing` centimetres apart, turned by `angle` degrees. Where nothing has
coordinates, a plain layout is made. Unknown fields are refused: they are misspelt known ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, nan, radians, sin, tau

import msgspec

from seatwright.catalog.domain.charts.draft import (
    FLAG_OF_ATTRIBUTE,
    PALETTE,
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftPoint,
    DraftRow,
    DraftSeat,
    DraftSection,
    DraftTable,
)
from seatwright.catalog.domain.charts.findings import Findings, Reading
from seatwright.catalog.domain.charts.spreading import SEAT_PITCH_CM, spread_out
from seatwright.catalog.domain.charts.validation import too_many_seats
from seatwright.contracts.charts import PLACES_PER_CHART_MAX, ObjectKind
from seatwright.kit.errors import Problem

CHAIR_DISTANCE_CM = 35  # from the table's edge to the middle of the chair


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    """Everything below refuses what it does not know."""


class _Category(_Part):
    key: str
    name: str = ""
    color: str = ""


class _Seat(_Part):
    label: str
    x: float | None = None
    y: float | None = None
    category: str | None = None
    attributes: tuple[str, ...] = ()


class _Row(_Part, rename={"first": "from"}):
    name: str
    seats: tuple[_Seat, ...] | None = None
    count: int = 0
    first: int = 1
    step: int = 1
    x: float | None = None
    y: float | None = None
    spacing: float = SEAT_PITCH_CM
    angle: float = 0
    category: str | None = None
    attributes: tuple[str, ...] = ()


class _Section(_Part):
    key: str
    rows: tuple[_Row, ...]
    name: str = ""
    level: str = ""
    entrance: str = ""
    category: str | None = None
    outline: tuple[DraftPoint, ...] = ()


class _Table(_Part, rename={"first": "from"}):
    key: str
    x: float
    y: float
    count: int
    category: str
    name: str = ""
    radius: float = 60
    first: int = 1
    step: int = 1
    whole: bool = False
    attributes: tuple[str, ...] = ()


class _Area(_Part):
    key: str
    capacity: int
    category: str
    outline: tuple[DraftPoint, ...]
    name: str = ""
    entrance: str = ""


class _Object(_Part):
    kind: ObjectKind
    outline: tuple[DraftPoint, ...]
    label: str = ""


class _Focus(_Part):
    x: float
    y: float


class AuthorChart(_Part):
    """The whole file, as it is decoded."""

    name: str
    categories: tuple[_Category, ...]
    format: str = "seatwright-draft/1"
    sections: tuple[_Section, ...] = ()
    tables: tuple[_Table, ...] = ()
    areas: tuple[_Area, ...] = ()
    objects: tuple[_Object, ...] = ()
    focus: _Focus | None = None


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What a seat takes from its row and section, and where to say so."""

    pointer: str
    category: str | None
    attributes: tuple[str, ...]


def read_author_json(chart: AuthorChart) -> Reading:
    """The draft in an author's file, and what is wrong with it by its own rules."""
    found = Findings()
    if chart.format != "seatwright-draft/1":
        found.add(Problem("/format", "unknown_format", f"Unknown format {chart.format[:40]!r}."))
    for pointer, row in _rows(chart):
        if row.count < 0 or (row.seats is not None and row.count):
            detail = "A row has a `count` or a list of `seats`."
            found.add(Problem(f"{pointer}/count", "bad_count", detail))
    # Counts are believed only once they are known to be affordable.
    counts = (max(row.count, 0) + len(row.seats or ()) for _, row in _rows(chart))
    total = sum(counts) + sum(max(table.count, 0) for table in chart.tables)
    if total > PLACES_PER_CHART_MAX:
        found.add(Problem("", "too_many_seats", too_many_seats(total)))
        return Reading(None, found)
    is_placed = _has_coordinates(chart)
    for pointer in _mixed(chart, is_placed=is_placed):
        detail = "Either all rows and seats have `x` and `y`, or none has."
        found.add(Problem(pointer, "coordinates_mixed", detail))
    is_mixed = any(problem.code == "coordinates_mixed" for problem in found.kept)
    draft = _draft(chart, found, is_placed=is_placed)
    # A place without coordinates is written as one that is not finite.
    unknowable = frozenset({"coordinate_not_finite"} if is_mixed else ())
    return Reading(draft, found, unknowable, _where(chart))


def _draft(chart: AuthorChart, found: Findings, *, is_placed: bool) -> ChartDraft:
    sections = tuple(_section(i, section, found) for i, section in enumerate(chart.sections))
    tables = tuple(_table(f"/tables/{i}", table, found) for i, table in enumerate(chart.tables))
    return ChartDraft(
        name=chart.name,
        categories=tuple(
            DraftCategory(part.key, part.name or part.key, part.color or PALETTE[i % len(PALETTE)])
            for i, part in enumerate(chart.categories)
        ),
        sections=sections if is_placed else spread_out(sections),
        tables=tables,
        areas=tuple(
            DraftArea(
                part.key, part.name or part.key, part.capacity, part.category, part.outline,
                part.entrance,
            )
            for part in chart.areas
        ),
        objects=tuple(DraftObject(part.kind, part.label, part.outline) for part in chart.objects),
        focus=(chart.focus.x, chart.focus.y) if chart.focus else None,
    )  # fmt: skip


def _rows(chart: AuthorChart) -> Iterator[tuple[str, _Row]]:
    for i, section in enumerate(chart.sections):
        for k, row in enumerate(section.rows):
            yield f"/sections/{i}/rows/{k}", row


def _has_coordinates(chart: AuthorChart) -> bool:
    return any(place.x is not None for _, row in _rows(chart) for place in _places(row))


def _places(row: _Row) -> tuple[_Row | _Seat, ...]:
    # What has coordinates: the listed seats, or the row as a whole.
    return (row,) if row.seats is None else row.seats


def _mixed(chart: AuthorChart, *, is_placed: bool) -> Iterator[str]:
    for pointer, row in _rows(chart):
        for i, place in enumerate(_places(row)):
            if (place.x is not None, place.y is not None) != (is_placed, is_placed):
                yield pointer if row.seats is None else f"{pointer}/seats/{i}"


def _at(place: _Row | _Seat) -> DraftPoint:
    return (nan if place.x is None else place.x, nan if place.y is None else place.y)


def _section(index: int, section: _Section, found: Findings) -> DraftSection:
    rows = (
        (
            row,
            _Inherited(
                f"/sections/{index}/rows/{k}", row.category or section.category, row.attributes
            ),
        )
        for k, row in enumerate(section.rows)
    )
    return DraftSection(
        key=section.key,
        name=section.name or section.key,
        rows=tuple(
            DraftRow(row.name, tuple(_row_seats(row, inherited, found))) for row, inherited in rows
        ),
        level=section.level,
        entrance=section.entrance,
        outline=section.outline,
    )


def _row_seats(row: _Row, inherited: _Inherited, found: Findings) -> Iterator[DraftSeat]:
    if row.seats is not None:
        for i, seat in enumerate(row.seats):
            own = _Inherited(
                f"{inherited.pointer}/seats/{i}",
                seat.category or inherited.category,
                (*inherited.attributes, *seat.attributes),
            )
            yield _seat(seat.label, _at(seat), own, _flags(own, found))
        return
    along = (row.spacing * cos(radians(row.angle)), row.spacing * sin(radians(row.angle)))
    start = _at(row)
    flags = _flags(inherited, found)
    for i in range(row.count):
        at = (start[0] + i * along[0], start[1] + i * along[1])
        yield _seat(str(row.first + i * row.step), at, inherited, flags)


def _flags(inherited: _Inherited, found: Findings) -> int:
    flags = 0
    for attribute in inherited.attributes:
        flag = FLAG_OF_ATTRIBUTE.get(attribute)
        if flag is None:
            detail = f"Known attributes are {', '.join(FLAG_OF_ATTRIBUTE)}."
            found.add(Problem(inherited.pointer, "unknown_attribute", detail))
        flags |= flag or 0
    if inherited.category is None:
        detail = "Neither the seat nor its row nor its section has a category."
        found.add(Problem(inherited.pointer, "unknown_category", detail))
    return int(flags)


def _seat(label: str, at: DraftPoint, inherited: _Inherited, flags: int) -> DraftSeat:
    return DraftSeat(label, *at, inherited.category or "", flags)


def _table(pointer: str, table: _Table, found: Findings) -> DraftTable:
    inherited = _Inherited(pointer, table.category, table.attributes)
    flags = _flags(inherited, found)
    return DraftTable(
        key=table.key,
        name=table.name or table.key,
        x=table.x,
        y=table.y,
        radius=table.radius,
        seats=tuple(
            _seat(str(table.first + i * table.step), at, inherited, flags)
            for i, at in enumerate(chairs(table.x, table.y, table.radius, table.count))
        ),
        whole=table.whole,
    )


def _where(chart: AuthorChart) -> Callable[[str], str]:
    # Seats of a count are nowhere in the file; their row or table is.
    counted = {pointer for pointer, row in _rows(chart) if row.seats is None}

    def place(pointer: str) -> str:
        whole = pointer.partition("/seats/")[0]
        return whole if whole in counted or whole.startswith("/tables/") else pointer

    return place


def chairs(x: float, y: float, radius: float, count: int) -> Iterator[DraftPoint]:
    """Where the chairs of a round table stand, from the top and clockwise."""
    reach = radius + CHAIR_DISTANCE_CM
    for i in range(count):
        turn = tau * i / count
        yield x + reach * sin(turn), y - reach * cos(turn)
