"""
The file of a published chart: JSON, the same bytes for the same chart.

Seats are parallel arrays in dense order. Coordinates are differences to the seat before, the
category is run-length coded and flags are listed only where there are any: 70,000 seats are
about 500 KB, and 150 KB compressed.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, pairwise
from typing import Literal

import msgspec

from seatwright.contracts.charts.parts import (
    COORDINATE_CM_MAX,
    PLACES_PER_CHART_MAX,
    Area,
    Bounds,
    Category,
    ChartObject,
    ChartVersion,
    Focus,
    Point,
    Section,
    Table,
)
from seatwright.contracts.charts.published import PublishedChart
from seatwright.contracts.charts.soundness import problems_of_parts
from seatwright.kit.errors import Invalid, Problem, invalid

CHART_BYTES_MAX = 8_000_000
PROBLEMS_MAX = 100
_FLAGS_MAX = 15


class SeatArrays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The seats in dense order, coded as the module's docstring says."""

    x: tuple[int, ...]
    y: tuple[int, ...]
    category: tuple[int, ...]
    flags: tuple[tuple[int, int], ...]


class ChartFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, field by field in the order in which it is written."""

    format: Literal["seatwright-chart/1"]
    name: str
    seat_count: int
    bounds: Bounds
    focus: Focus
    categories: tuple[Category, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    seats: SeatArrays
    areas: tuple[Area, ...]
    objects: tuple[ChartObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartParts:
    """Everything of a chart but its version: `category` and `flags` are of the seats alone."""

    name: str
    bounds: Bounds
    focus: Point
    categories: tuple[Category, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    areas: tuple[Area, ...]
    objects: tuple[ChartObject, ...]
    x: Sequence[int]
    y: Sequence[int]
    category: bytes
    flags: bytes


def seal(parts: ChartParts) -> PublishedChart:
    """Name the chart by the hash of its file; Invalid when it is not sound."""
    return decode_chart(_encode(parts))


def encode_chart(chart: PublishedChart) -> bytes:
    """The file of the chart; equal charts give equal bytes."""
    seats = chart.seated_count
    return _encode(
        ChartParts(
            name=chart.name,
            bounds=chart.bounds,
            focus=chart.focus,
            categories=chart.categories,
            sections=chart.sections,
            tables=chart.tables,
            areas=chart.areas,
            objects=chart.objects,
            x=chart.x,
            y=chart.y,
            category=chart.category[:seats],
            flags=chart.flags[:seats],
        )
    )


def version_of(file: bytes) -> ChartVersion:
    """The name of a chart file."""
    return ChartVersion(hashlib.sha256(file).hexdigest()[:32])


def decode_chart(file: bytes, version: ChartVersion | None = None) -> PublishedChart:
    """
    Read a chart file, believing nothing in it.

    Invalid when it is not a sound chart, or not the one named by `version`. 60 ms for 70,000
    seats: keep the result.
    """
    if len(file) > CHART_BYTES_MAX:
        raise invalid("", "too_large", f"A chart file has at most {CHART_BYTES_MAX} bytes.")
    found = version_of(file)
    if version is not None and version != found:
        raise invalid("", "hash_mismatch", f"The file is {found}, not {version}.")
    try:
        chart = _DECODER.decode(file)
    except msgspec.MsgspecError as error:
        raise invalid("", "malformed", str(error)) from error
    if problems := problems_of_parts(
        chart.categories, chart.sections, chart.tables, chart.areas, chart.objects
    ):
        raise Invalid(tuple(problems[:PROBLEMS_MAX]))
    return _unfold(chart, found)


_DECODER = msgspec.json.Decoder(ChartFile)
_ENCODER = msgspec.json.Encoder()


def _encode(parts: ChartParts) -> bytes:
    capacity = sum(area.capacity for area in parts.areas)
    return _ENCODER.encode(
        ChartFile(
            format="seatwright-chart/1",
            name=parts.name,
            seat_count=len(parts.x) + capacity,
            bounds=parts.bounds,
            focus=Focus(*parts.focus),
            categories=parts.categories,
            sections=parts.sections,
            tables=parts.tables,
            seats=SeatArrays(
                x=_differences(parts.x),
                y=_differences(parts.y),
                category=tuple(_run_lengths(parts.category)),
                flags=tuple((seat, bits) for seat, bits in enumerate(parts.flags) if bits),
            ),
            areas=parts.areas,
            objects=parts.objects,
        )
    )


def _differences(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(after - before for before, after in pairwise(chain((0,), values)))


def _run_lengths(categories: bytes) -> Iterable[int]:
    for index, seats in groupby(categories):
        yield index
        yield sum(1 for _ in seats)


def _unfold(chart: ChartFile, version: ChartVersion) -> PublishedChart:
    seated = sum(row.count for section in chart.sections for row in section.rows)
    seated += sum(table.count for table in chart.tables)
    capacity = sum(area.capacity for area in chart.areas)
    if chart.seat_count != seated + capacity:
        raise invalid("/seat_count", "count_mismatch", f"There are {seated + capacity} places.")
    category = _categories(chart, seated)
    standing = (bytes((area.category,)) * area.capacity for area in chart.areas)
    return PublishedChart(
        version=version,
        name=chart.name,
        bounds=_bounds(chart.bounds),
        focus=_focus(chart.focus),
        categories=chart.categories,
        sections=chart.sections,
        tables=chart.tables,
        areas=chart.areas,
        objects=chart.objects,
        x=_coordinates("/seats/x", chart.seats.x, seated),
        y=_coordinates("/seats/y", chart.seats.y, seated),
        category=b"".join((category, *standing)),
        flags=_flags(chart, seated).ljust(chart.seat_count, b"\0"),
    )


def _bounds(bounds: Bounds) -> Bounds:
    limit = 2 * COORDINATE_CM_MAX
    if (
        max(map(abs, msgspec.structs.astuple(bounds))) > limit
        or min(bounds.width, bounds.height) < 0
    ):
        raise invalid("/bounds", "coordinate_out_of_range", "The bounds are not of this chart.")
    return bounds


def _focus(focus: Focus) -> Point:
    if max(abs(focus.x), abs(focus.y)) > COORDINATE_CM_MAX:
        raise invalid("/focus", "coordinate_out_of_range", "The focus is too far away.")
    return focus.x, focus.y


def _coordinates(pointer: str, differences: Sequence[int], seated: int) -> "array[int]":
    if len(differences) != seated:
        raise invalid(pointer, "count_mismatch", f"There are {seated} seats.")
    values = tuple(accumulate(differences))
    if values and max(map(abs, (min(values), max(values)))) > COORDINATE_CM_MAX:
        raise invalid(
            pointer, "coordinate_out_of_range", f"At most {COORDINATE_CM_MAX} cm from the origin."
        )
    # Two bytes a number wherever the venue is smaller than 655 m, as nearly all are.
    return array("h" if _fits_16_bits(values) else "i", values)


def _fits_16_bits(values: Sequence[int]) -> bool:
    return not values or (min(values) >= -(2**15) and max(values) < 2**15)


def _categories(chart: ChartFile, seated: int) -> bytes:
    runs = chart.seats.category
    indexes, counts = runs[::2], runs[1::2]
    if len(runs) % 2 or any(count < 1 for count in counts) or sum(counts) != seated:
        raise invalid("/seats/category", "count_mismatch", f"The runs must cover {seated} seats.")
    if any(not 0 <= index < len(chart.categories) for index in indexes):
        raise invalid("/seats/category", "unknown_category", "A run names a category not listed.")
    return b"".join(bytes((index,)) * count for index, count in zip(indexes, counts, strict=True))


def _flags(chart: ChartFile, seated: int) -> bytes:
    flags = bytearray(seated)
    for seat, bits in chart.seats.flags:
        if not 0 <= seat < seated or not 0 < bits <= _FLAGS_MAX or flags[seat]:
            raise Invalid(
                (Problem("/seats/flags", "bad_flags", f"[{seat}, {bits}] is not a seat's flags."),)
            )
        flags[seat] = bits
    return bytes(flags)


assert PLACES_PER_CHART_MAX * 60 <= CHART_BYTES_MAX, "the largest chart fits its file"
