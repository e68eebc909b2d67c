"""
The published chart in memory: tuples of rows and flat arrays.

About 12 bytes a place and 100 bytes a row: 70,000 seats take roughly one megabyte. Nothing here
is built per seat; ids and labels are computed when somebody asks.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, groupby
from typing import Literal

from seatwright.contracts.charts.parts import (
    LABEL_CHARACTERS_MAX,
    Area,
    Bounds,
    Category,
    ChartObject,
    ChartVersion,
    Point,
    Row,
    SeatFlag,
    SeatId,
    Section,
    Table,
    label_at,
    position_of,
)


@dataclass(frozen=True, slots=True)
class Span:
    """The places `first <= place < end` of one section, table or area."""

    key: str
    kind: Literal["section", "table", "area"]
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """One place in words, for a ticket; parts that do not apply are empty."""

    id: SeatId
    label: str
    section: str
    row: str
    seat: str
    level: str
    entrance: str


@dataclass(frozen=True, eq=False)
class PublishedChart:
    """
    One immutable version of a seat chart.

    Places are 0…seat_count-1: the seats of the sections row by row, then those of the tables
    (together `seated_count`), then the standing places area by area. `category` and `flags` have
    one byte a place, `x` and `y` one number a seat (centimetres; not for standing places).
    """

    version: ChartVersion
    name: str
    bounds: Bounds
    focus: Point
    categories: tuple[Category, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    areas: tuple[Area, ...]
    objects: tuple[ChartObject, ...]
    x: "array[int]"
    y: "array[int]"
    category: bytes
    flags: bytes

    @property
    def seat_count(self) -> int:
        """All places, standing ones included."""
        return len(self.category)

    @property
    def seated_count(self) -> int:
        """The seats of sections and tables; standing places follow them."""
        return len(self.x)

    @cached_property
    def rows(self) -> tuple[Row | Table, ...]:
        """Every row in dense order, a table counting as one row."""
        return (*chain.from_iterable(section.rows for section in self.sections), *self.tables)

    @cached_property
    def row_first(self) -> "array[int]":
        """The first seat of each row, and at the end `seated_count`: rows are runs of seats."""
        return array("i", accumulate((row.count for row in self.rows), initial=0))

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The ranges of places of sections, tables and areas, in dense order, without gaps."""
        return tuple(self._spans())

    @cached_property
    def span_index(self) -> dict[str, int]:
        """Section, table or area key → its position in `spans`."""
        return {span.key: index for index, span in enumerate(self.spans)}

    @cached_property
    def category_runs(self) -> tuple[tuple[int, int, int], ...]:
        """(category index, first place, end): stretches of places of one category."""
        runs = []
        first = 0
        for index, places in groupby(self.category):
            end = first + sum(1 for _ in places)
            runs.append((index, first, end))
            first = end
        return tuple(runs)

    @cached_property
    def category_counts(self) -> tuple[int, ...]:
        """Places per category, in the order of `categories`."""
        return tuple(self.category.count(index) for index in range(len(self.categories)))

    @cached_property
    def category_index(self) -> dict[str, int]:
        """Category key → index."""
        return {category.key: index for index, category in enumerate(self.categories)}

    @cached_property
    def has_accessible_places(self) -> bool:
        """Whether there is any place for a wheelchair."""
        return any(flags & SeatFlag.ACCESSIBLE for flags in set(self.flags))

    def find(self, seat_id: str) -> int | None:
        """The place with this API id, None when the chart has none."""
        key, _, rest = seat_id.partition(":")
        index = self.span_index.get(key)
        if index is None:
            return None
        span = self.spans[index]
        row_name, colon, label = rest.partition(":")
        if span.kind == "area":
            return None if colon else _standing_place(span, rest)
        row_index = self._row_index(index, row_name) if colon else None
        if row_index is None:
            return None
        position = position_of(self.rows[row_index], label)
        return None if position is None else self.row_first[row_index] + position

    def seat_id(self, place: int) -> SeatId:
        """The id of a place in the API; IndexError outside the chart."""
        span = self.spans[self.span_of(place)]
        if span.kind == "area":
            return SeatId(f"{span.key}:{place - span.first + 1}")
        row_index = self.row_of(place)
        row = self.rows[row_index]
        row_name = row.name if isinstance(row, Row) else ""
        return SeatId(f"{span.key}:{row_name}:{label_at(row, place - self.row_first[row_index])}")

    def label(self, place: int) -> str:
        """A place in words: `Block L12 · Row 4 · Seat 7`."""
        return self.place(place).label

    def place(self, place: int) -> Place:
        """Everything a ticket says about where the place is; IndexError outside the chart."""
        index = self.span_of(place)
        span = self.spans[index]
        seat_id = self.seat_id(place)
        seat = seat_id.rpartition(":")[2]
        if span.kind == "area":
            area = self.areas[index - len(self.sections) - len(self.tables)]
            label = f"{area.name} · Place {seat}"
            return Place(seat_id, label, area.name, "", seat, "", area.entrance)
        if span.kind == "table":
            name = self.tables[index - len(self.sections)].name
            return Place(seat_id, f"{name} · Seat {seat}", name, "", seat, "", "")
        section = self.sections[index]
        row = seat_id.split(":")[1]
        label = f"{section.name} · Row {row} · Seat {seat}"
        return Place(seat_id, label, section.name, row, seat, section.level, section.entrance)

    def span_of(self, place: int) -> int:
        """Index in `spans` of the section, table or area of a place; IndexError outside."""
        if not 0 <= place < self.seat_count:
            raise IndexError(place)
        return bisect_right(self._span_first, place) - 1

    def row_of(self, seat: int) -> int:
        """Index in `rows` of the row or table of a seat; IndexError for standing places."""
        if not 0 <= seat < self.seated_count:
            raise IndexError(seat)
        return bisect_right(self.row_first, seat) - 1

    def area_span(self, key: str) -> Span | None:
        """The places of the standing area with this key."""
        index = self.span_index.get(key)
        span = None if index is None else self.spans[index]
        return span if span is not None and span.kind == "area" else None

    def whole_table(self, seat: int) -> Span | None:
        """The table that must be taken together with this seat, if there is one."""
        index = self.span_of(seat)
        span = self.spans[index]
        if span.kind != "table" or not self.tables[index - len(self.sections)].whole:
            return None
        return span

    @cached_property
    def _span_first(self) -> "array[int]":
        return array("i", (span.first for span in self.spans))

    @cached_property
    def _section_rows(self) -> tuple[dict[str, int], ...]:
        # Row name → index in `rows`, per section.
        first = accumulate((len(section.rows) for section in self.sections), initial=0)
        return tuple(
            {row.name: index for index, row in enumerate(section.rows, start)}
            for section, start in zip(self.sections, first, strict=False)
        )

    def _row_index(self, span: int, row_name: str) -> int | None:
        if span < len(self.sections):
            return self._section_rows[span].get(row_name)
        return None if row_name else len(self.rows) - len(self.tables) + span - len(self.sections)

    def _spans(self) -> Iterator[Span]:
        end = 0
        for section in self.sections:
            first, end = end, end + sum(row.count for row in section.rows)
            yield Span(section.key, "section", first, end)
        for table in self.tables:
            first, end = end, end + table.count
            yield Span(table.key, "table", first, end)
        for area in self.areas:
            first, end = end, end + area.capacity
            yield Span(area.key, "area", first, end)


def _standing_place(span: Span, number: str) -> int | None:
    if (
        len(number) > LABEL_CHARACTERS_MAX
        or not number.isascii()
        or not number.isdigit()
        or number.startswith("0")
    ):
        return None
    place = span.first + int(number) - 1
    return place if place < span.end else None
