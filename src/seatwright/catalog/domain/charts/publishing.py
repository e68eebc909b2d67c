"""From a draft to a version that never changes again, and back to a draft."""

from collections.abc import Iterator, Sequence
from itertools import chain

from seatwright.catalog.domain.charts.draft import (
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
from seatwright.catalog.domain.charts.outlines import around
from seatwright.catalog.domain.charts.validation import refuse_unsound
from seatwright.contracts.charts import (
    Area,
    Bounds,
    Category,
    ChartObject,
    ChartParts,
    Point,
    PublishedChart,
    Row,
    Section,
    Table,
    label_at,
    seal,
)

_SEAT_RADIUS_CM = 25
_OUTLINE_MARGIN_CM = 45
_FOCUS_KINDS = ("stage", "field")


def publish(draft: ChartDraft) -> PublishedChart:
    """
    Seal the draft as a version: the same draft gives the same bytes and the same hash.

    Invalid with up to 100 problems when it cannot be published.
    """
    refuse_unsound(draft)
    index = {category.key: number for number, category in enumerate(draft.categories)}
    sections = tuple(_section(section) for section in draft.sections)
    areas = tuple(_area(area, index) for area in draft.areas)
    objects = tuple(
        ChartObject(thing.kind, thing.label, _outline(thing.outline)) for thing in draft.objects
    )
    seats = tuple(_seats(draft))
    bounds = _bounds(draft, seats, sections)
    return seal(
        ChartParts(
            name=draft.name,
            bounds=bounds,
            focus=_point(draft.focus) if draft.focus else _natural_focus(draft, bounds),
            categories=tuple(
                Category(part.key, part.name, part.color) for part in draft.categories
            ),
            sections=sections,
            tables=tuple(_table(table) for table in draft.tables),
            areas=areas,
            objects=objects,
            x=tuple(round(seat.x) for seat in seats),
            y=tuple(round(seat.y) for seat in seats),
            category=bytes(index[seat.category] for seat in seats),
            flags=bytes(seat.flags for seat in seats),
        )
    )


def draft_of(chart: PublishedChart) -> ChartDraft:
    """A draft that publishes to the same version: the start of the next one."""
    remaining = iter(
        tuple(_draft_seat(chart, row, first, i) for i in range(row.count))
        for row, first in zip(chart.rows, chart.row_first, strict=False)
    )
    return ChartDraft(
        name=chart.name,
        categories=tuple(
            DraftCategory(part.key, part.name, part.color) for part in chart.categories
        ),
        sections=tuple(
            DraftSection(
                key=section.key,
                name=section.name,
                rows=tuple(DraftRow(row.name, next(remaining)) for row in section.rows),
                level=section.level,
                entrance=section.entrance,
                outline=section.outline,
            )
            for section in chart.sections
        ),
        tables=tuple(
            DraftTable(
                table.key, table.name, table.x, table.y, table.radius, next(remaining), table.whole
            )
            for table in chart.tables
        ),
        areas=tuple(
            DraftArea(
                area.key,
                area.name,
                area.capacity,
                chart.categories[area.category].key,
                area.outline,
                area.entrance,
            )
            for area in chart.areas
        ),
        objects=tuple(DraftObject(part.kind, part.label, part.outline) for part in chart.objects),
        focus=chart.focus,
    )


def _draft_seat(chart: PublishedChart, row: Row | Table, first: int, position: int) -> DraftSeat:
    seat = first + position
    category = chart.categories[chart.category[seat]].key
    return DraftSeat(
        label_at(row, position), chart.x[seat], chart.y[seat], category, chart.flags[seat]
    )


def _seats(draft: ChartDraft) -> Iterator[DraftSeat]:
    for section in draft.sections:
        for row in section.rows:
            yield from row.seats
    for table in draft.tables:
        yield from table.seats


def _section(section: DraftSection) -> Section:
    outline = section.outline or around(
        [(seat.x, seat.y) for row in section.rows for seat in row.seats], _OUTLINE_MARGIN_CM
    )
    return Section(
        key=section.key,
        name=section.name,
        level=section.level,
        entrance=section.entrance,
        outline=_outline(outline),
        rows=tuple(_row(row) for row in section.rows),
    )


def _row(row: DraftRow) -> Row:
    labels = tuple(seat.label for seat in row.seats)
    count = len(labels)
    progression = _progression(labels)
    if progression is None:
        return Row(row.name, count, labels=labels)
    return Row(row.name, count, from_=progression[0], step=progression[1])


def _table(table: DraftTable) -> Table:
    labels = tuple(seat.label for seat in table.seats)
    x, y = _point((table.x, table.y))
    radius, count = round(table.radius), len(labels)
    progression = _progression(labels)
    if progression is None:
        return Table(table.key, table.name, x, y, radius, table.whole, count, labels=labels)
    first, step = progression
    return Table(table.key, table.name, x, y, radius, table.whole, count, from_=first, step=step)


def _progression(labels: Sequence[str]) -> tuple[int, int] | None:
    """First number and step when the labels are evenly spaced plain numbers."""
    if not all(_plain_number(label) for label in labels):
        return None
    numbers = [int(label) for label in labels]
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
    last = numbers[0] + (len(numbers) - 1) * step
    even = all(number == numbers[0] + step * i for i, number in enumerate(numbers))
    return (numbers[0], step) if even and step and last >= 0 else None


def _plain_number(label: str) -> bool:
    digits_max = 9  # beyond that it is a code, not a count
    return (
        label.isascii()
        and label.isdigit()
        and len(label) <= digits_max
        and (label == "0" or label[0] != "0")
    )


def _area(area: DraftArea, index: dict[str, int]) -> Area:
    return Area(
        key=area.key,
        name=area.name,
        outline=_outline(area.outline),
        capacity=area.capacity,
        category=index[area.category],
        entrance=area.entrance,
    )


def _outline(points: Sequence[DraftPoint]) -> tuple[Point, ...]:
    return tuple(map(_point, points))


def _point(point: DraftPoint) -> Point:
    return round(point[0]), round(point[1])


def _bounds(draft: ChartDraft, seats: Sequence[DraftSeat], sections: Sequence[Section]) -> Bounds:
    discs = chain(
        ((seat.x, seat.y, _SEAT_RADIUS_CM) for seat in seats),
        ((table.x, table.y, table.radius) for table in draft.tables),
        ((x, y, 0) for section in sections for x, y in section.outline),
        ((x, y, 0) for area in draft.areas for x, y in area.outline),
        ((x, y, 0) for thing in draft.objects for x, y in thing.outline),
    )
    edges = [(x - r, y - r, x + r, y + r) for x, y, r in discs]
    left, top = (round(min(edge[side] for edge in edges)) for side in (0, 1))
    right, bottom = (round(max(edge[side] for edge in edges)) for side in (2, 3))
    return Bounds(left, top, right - left, bottom - top)


def _natural_focus(draft: ChartDraft, bounds: Bounds) -> Point:
    for kind in _FOCUS_KINDS:
        for thing in draft.objects:
            if thing.kind == kind:
                xs, ys = zip(*thing.outline, strict=True)
                return _point(((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2))
    return bounds.x + bounds.width // 2, bounds.y
