"""Sections, rows, tables and their seats."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from math import floor, hypot
from typing import NamedTuple

from seatwright.catalog.domain.charts.draft import ChartDraft, DraftSeat, DraftSection
from seatwright.catalog.domain.charts.labels import label_problems
from seatwright.catalog.domain.charts.outlines import coordinates_problem, outline_problem
from seatwright.contracts.charts import SeatFlag
from seatwright.kit.errors import Problem

COMPANION_DISTANCE_CM_MAX = 250  # beside, before or behind the wheelchair, never an aisle away
_FLAGS_MAX = sum(SeatFlag)


class PlacedSeat(NamedTuple):
    """A seat and the place to name when something is wrong with it."""

    pointer: str
    seat: DraftSeat


def seating_problems(draft: ChartDraft) -> Iterator[Problem]:
    """Problems of everything people sit on."""
    for i, section in enumerate(draft.sections):
        yield from _section(f"/sections/{i}", section)
    for i, table in enumerate(draft.tables):
        pointer = f"/tables/{i}"
        if not table.seats:
            yield Problem(pointer, "empty_table", f"Table {table.key[:40]!r} has no seats.")
        if found := coordinates_problem(((table.x, table.y), (table.radius, table.radius))):
            yield Problem(pointer, *found)
        elif table.radius < 0:
            yield Problem(f"{pointer}/radius", "bad_radius", "A radius is not negative.")
        yield from _labels(pointer, table.seats)
    categories = {category.key for category in draft.categories}
    seats = tuple(_placed(draft))
    for placed in seats:
        yield from _seat(placed, categories)
    yield from _overlaps(seats)
    yield from _companions(seats)


def _section(pointer: str, section: DraftSection) -> Iterator[Problem]:
    if not section.rows:
        yield Problem(pointer, "empty_section", f"Section {section.key[:40]!r} has no rows.")
    if section.outline and (found := outline_problem(section.outline)):
        yield Problem(f"{pointer}/outline", *found)
    named = ((f"{pointer}/rows/{i}", row.name) for i, row in enumerate(section.rows))
    yield from label_problems("row", named)
    for i, row in enumerate(section.rows):
        if not row.seats:
            detail = f"Row {row.name[:40]!r} of {section.key[:40]!r} has no seats."
            yield Problem(f"{pointer}/rows/{i}", "empty_row", detail)
        yield from _labels(f"{pointer}/rows/{i}", row.seats)


def _labels(pointer: str, seats: Sequence[DraftSeat]) -> Iterator[Problem]:
    return label_problems(
        "seat", ((_at(pointer, i, seat), seat.label) for i, seat in enumerate(seats))
    )


def _at(pointer: str, index: int, seat: DraftSeat) -> str:
    return f"line {seat.line}" if seat.line else f"{pointer}/seats/{index}"


def _placed(draft: ChartDraft) -> Iterator[PlacedSeat]:
    rows = chain(
        (
            (f"/sections/{i}/rows/{k}", row.seats)
            for i, section in enumerate(draft.sections)
            for k, row in enumerate(section.rows)
        ),
        ((f"/tables/{i}", table.seats) for i, table in enumerate(draft.tables)),
    )
    for pointer, seats in rows:
        for index, seat in enumerate(seats):
            yield PlacedSeat(_at(pointer, index, seat), seat)


def _seat(placed: PlacedSeat, categories: set[str]) -> Iterator[Problem]:
    pointer, seat = placed
    if found := coordinates_problem(((seat.x, seat.y),)):
        yield Problem(pointer, *found)
    if seat.category not in categories:
        detail = f"There is no category {seat.category[:40]!r}."
        yield Problem(pointer, "unknown_category", detail)
    if not 0 <= seat.flags <= _FLAGS_MAX:
        yield Problem(pointer, "unknown_flag", f"{seat.flags} is not a set of known flags.")


def _overlaps(seats: Sequence[PlacedSeat]) -> Iterator[Problem]:
    taken: dict[tuple[float, float], str] = {}
    for pointer, seat in seats:
        if coordinates_problem(((seat.x, seat.y),)):
            continue
        at = (round(seat.x), round(seat.y))
        other = taken.setdefault(at, pointer)
        if other != pointer:
            detail = f"Two seats stand at {at[0]}, {at[1]}; the other is at {other}."
            yield Problem(pointer, "overlapping_seats", detail)


def _companions(seats: Sequence[PlacedSeat]) -> Iterator[Problem]:
    # A grid of squares as large as the reach: only nine need to be looked at for each seat.
    grid: defaultdict[tuple[int, int], list[DraftSeat]] = defaultdict(list)
    for _, seat in seats:
        if seat.flags & SeatFlag.ACCESSIBLE and not coordinates_problem(((seat.x, seat.y),)):
            grid[_square(seat)].append(seat)
    for pointer, seat in seats:
        if not seat.flags & SeatFlag.COMPANION or coordinates_problem(((seat.x, seat.y),)):
            continue
        column, line = _square(seat)
        near = chain.from_iterable(
            grid.get((column + dx, line + dy), ()) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
        )
        if not any(_apart(seat, other) <= COMPANION_DISTANCE_CM_MAX for other in near):
            detail = f"No wheelchair place within {COMPANION_DISTANCE_CM_MAX} cm of this companion."
            yield Problem(pointer, "lonely_companion", detail)


def _square(seat: DraftSeat) -> tuple[int, int]:
    return floor(seat.x / COMPANION_DISTANCE_CM_MAX), floor(seat.y / COMPANION_DISTANCE_CM_MAX)


def _apart(one: DraftSeat, other: DraftSeat) -> float:
    return hypot(one.x - other.x, one.y - other.y)
