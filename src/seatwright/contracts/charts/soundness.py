"""
What every chart file must keep, so that its ids are unique and its numbers in bounds.

The catalogue's validation of a draft asks for more, in kinder words; this is the last gate,
and it also guards readers against a file that was not made by us.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from seatwright.contracts.charts.parts import (
    CATEGORIES_PER_CHART_MAX,
    COORDINATE_CM_MAX,
    LABEL_CHARACTERS_MAX,
    OUTLINE_POINTS_MAX,
    PLACES_PER_CHART_MAX,
    Area,
    Category,
    ChartObject,
    Point,
    Row,
    Section,
    Table,
    label_problem,
)
from seatwright.kit.errors import Problem

_PROBLEMS_MAX = 100
_SEAT_NUMBER_MAX = 10**9


def problems_of_parts(
    categories: Sequence[Category],
    sections: Sequence[Section],
    tables: Sequence[Table],
    areas: Sequence[Area],
    objects: Sequence[ChartObject],
) -> list[Problem]:
    """Up to 100 problems of the pieces of a chart, empty when it is sound."""
    places = sum(row.count for section in sections for row in section.rows)
    places += sum(table.count for table in tables) + sum(area.capacity for area in areas)
    if not 0 < places <= PLACES_PER_CHART_MAX:
        # Before anything walks the seats: a count is believed only when it is affordable.
        detail = f"A chart has 1 to {PLACES_PER_CHART_MAX} places, this one {places}."
        return [Problem("", "too_many_seats" if places > 0 else "no_seats", detail)]
    return list(islice(_all_problems(categories, sections, tables, areas, objects), _PROBLEMS_MAX))


def _all_problems(
    categories: Sequence[Category],
    sections: Sequence[Section],
    tables: Sequence[Table],
    areas: Sequence[Area],
    objects: Sequence[ChartObject],
) -> Iterator[Problem]:
    if not 0 < len(categories) <= CATEGORIES_PER_CHART_MAX:
        detail = f"A chart has 1 to {CATEGORIES_PER_CHART_MAX} categories."
        yield Problem("/categories", "bad_category_count", detail)
    yield from _keys("/categories", (category.key for category in categories))
    yield from _keys(
        "/sections, /tables, /areas",
        (part.key for parts in (sections, tables, areas) for part in parts),
    )
    for index, section in enumerate(sections):
        yield from _section(f"/sections/{index}", section)
    for index, table in enumerate(tables):
        yield from _seats(f"/tables/{index}", table)
        yield from _points(f"/tables/{index}", ((table.x, table.y), (table.radius, 0)))
    for index, area in enumerate(areas):
        yield from _area(f"/areas/{index}", area, len(categories))
    for index, thing in enumerate(objects):
        yield from _points(f"/objects/{index}/outline", thing.outline)


def _keys(pointer: str, keys: Iterable[str]) -> Iterator[Problem]:
    seen = set()
    for key in keys:
        if why := label_problem(key):
            yield Problem(pointer, "bad_label", f"The key {key!r} {why}.")
        if key in seen:
            yield Problem(pointer, "duplicate_key", f"The key {key!r} is there twice.")
        seen.add(key)


def _section(pointer: str, section: Section) -> Iterator[Problem]:
    yield from _points(f"{pointer}/outline", section.outline)
    yield from _keys(f"{pointer}/rows", (row.name for row in section.rows))
    if not section.rows:
        yield Problem(pointer, "empty_section", f"Section {section.key!r} has no rows.")
    for index, row in enumerate(section.rows):
        yield from _seats(f"{pointer}/rows/{index}", row)


def _area(pointer: str, area: Area, categories: int) -> Iterator[Problem]:
    yield from _points(f"{pointer}/outline", area.outline)
    if area.capacity < 1:
        yield Problem(f"{pointer}/capacity", "bad_count", "An area has at least one place.")
    if not 0 <= area.category < categories:
        yield Problem(f"{pointer}/category", "unknown_category", "That category is not listed.")


def _seats(pointer: str, row: Row | Table) -> Iterator[Problem]:
    if row.count < 1:
        yield Problem(f"{pointer}/count", "bad_count", "A row has at least one seat.")
    elif isinstance(row.labels, msgspec.UnsetType):
        yield from _progression(pointer, row)
    elif len(row.labels) != row.count or not _is_unset(row.from_) or not _is_unset(row.step):
        detail = "A row has `from` and `step`, or one label a seat."
        yield Problem(pointer, "bad_labels", detail)
    else:
        yield from _keys(f"{pointer}/labels", row.labels)


def _progression(pointer: str, row: Row | Table) -> Iterator[Problem]:
    if isinstance(row.from_, msgspec.UnsetType) or isinstance(row.step, msgspec.UnsetType):
        yield Problem(pointer, "bad_labels", "A row has `from` and `step`, or one label a seat.")
        return
    last = row.from_ + (row.count - 1) * row.step
    if (
        not 0 < abs(row.step) <= _SEAT_NUMBER_MAX
        or min(row.from_, last) < 0
        or max(row.from_, last) > _SEAT_NUMBER_MAX
    ):
        detail = f"Seat numbers run from 0 to {_SEAT_NUMBER_MAX} and differ from each other."
        yield Problem(pointer, "bad_labels", detail)


def _points(pointer: str, points: Sequence[Point]) -> Iterator[Problem]:
    if len(points) > OUTLINE_POINTS_MAX:
        detail = f"An outline has at most {OUTLINE_POINTS_MAX} points."
        yield Problem(pointer, "too_many_points", detail)
    if any(max(abs(x), abs(y)) > COORDINATE_CM_MAX for x, y in points):
        detail = f"Coordinates are at most {COORDINATE_CM_MAX} cm from the origin."
        yield Problem(pointer, "coordinate_out_of_range", detail)


def _is_unset(value: object) -> bool:
    return isinstance(value, msgspec.UnsetType)


assert len(str(_SEAT_NUMBER_MAX)) <= LABEL_CHARACTERS_MAX
