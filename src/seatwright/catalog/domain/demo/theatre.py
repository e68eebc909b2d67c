"""
A theatre of exactly 1,800 seats: stalls, circle, balcony and boxes around a proscenium stage.

The stalls are numbered as in many European houses, odd numbers to the left and even ones to the
right of the middle; circle and balcony run from one side to the other. The upper levels hang
above the stalls in reality and are drawn behind them, as on every printed plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatwright.catalog.domain.charts.draft import (
    ChartDraft,
    DraftCategory,
    DraftObject,
    DraftRow,
    DraftSeat,
    DraftSection,
)
from seatwright.catalog.domain.demo.arcs import Fan, with_aisles
from seatwright.contracts.charts import SeatFlag

SEATS = 1_800
_PITCH_CM = 52
_ROW_CM = 90
_AISLE_CM = 110
_ROW_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O are read as digits
_FAN = Fan(-1_800)
_STALLS_CM = 2_300  # radius of row A: five metres from the edge of the stage

_CATEGORIES = (
    DraftCategory("premium", "Premium stalls", "#AA3377"),
    DraftCategory("stalls", "Stalls", "#4477AA"),
    DraftCategory("circle", "Circle", "#228833"),
    DraftCategory("balcony", "Balcony", "#CCBB44"),
    DraftCategory("box", "Box", "#EE6677"),
)


@dataclass(frozen=True, slots=True)
class _Level:
    """Rows of one level: seats per block of its first row, and how many more each block gets."""

    key: str
    name: str
    entrance: str
    radius: float
    first: tuple[int, ...]
    growth: tuple[float, ...]
    rows: int


_LEVELS = (
    _Level("STALLS", "Stalls", "Foyer", _STALLS_CM, (8, 16, 8), (0.30, 0.40, 0.30), 22),
    _Level("CIRCLE", "Circle", "First floor", 4_750, (12, 26, 12), (0.3, 0.5, 0.3), 9),
    _Level("BALCONY", "Balcony", "Second floor", 5_850, (13, 28, 13), (0.2, 0.4, 0.2), 6),
)
_BOXES_A_SIDE = 6


def theatre(name: str) -> ChartDraft:
    """The draft of the theatre; the same for the same name, 1,800 seats."""
    levels = tuple(_level(level) for level in _LEVELS)
    boxes = tuple(_boxes())
    fixed = sum(len(row.seats) for section in boxes for row in section.rows)
    return ChartDraft(
        name=name,
        categories=_CATEGORIES,
        sections=(*_exactly(levels, SEATS - fixed), *boxes),
        objects=_objects(),
        focus=(0, 0),
    )


def _level(level: _Level) -> DraftSection:
    rows = tuple(_rows(level))
    last = level.radius + (level.rows - 1) * _ROW_CM
    # Straight sides from the first to the last row, moved out to where the widest row asks.
    halves = [_half(level, index) for index in range(level.rows)]
    growth = (halves[-1] - halves[0]) / (level.rows - 1)
    margin = 60 + max(half - halves[0] - growth * index for index, half in enumerate(halves))
    if level.key == "STALLS":
        rows = (*rows, _wheelchair_row(last + 130))
        last += 150
    return DraftSection(
        key=level.key,
        name=level.name,
        rows=rows,
        level=level.name,
        entrance=level.entrance,
        outline=_FAN.block(
            (level.radius - 55, halves[0] + margin), (last + 55, halves[-1] + margin)
        ),
    )


def _counts(level: _Level, index: int) -> tuple[int, ...]:
    return tuple(
        round(first + index * growth)
        for first, growth in zip(level.first, level.growth, strict=True)
    )


def _half(level: _Level, index: int) -> float:
    return with_aisles(_counts(level, index), _PITCH_CM, _AISLE_CM)[-1]


def _rows(level: _Level) -> Iterator[DraftRow]:
    for index in range(level.rows):
        shifts = with_aisles(_counts(level, index), _PITCH_CM, _AISLE_CM)
        radius = level.radius + index * _ROW_CM
        labels = _odd_and_even(len(shifts)) if level.key == "STALLS" else _across(len(shifts))
        yield DraftRow(
            _ROW_LETTERS[index],
            tuple(
                DraftSeat(label, *_FAN.at(radius, shift), *_class(level, index, radius, shift))
                for label, shift in zip(labels, shifts, strict=True)
            ),
        )


def _odd_and_even(count: int) -> Sequence[str]:
    # … 5 3 1 | 2 4 6 …
    left = (count + 1) // 2
    numbers = (*range(2 * left - 1, 0, -2), *range(2, 2 * (count - left) + 1, 2))
    return tuple(map(str, numbers))


def _across(count: int) -> Sequence[str]:
    return tuple(map(str, range(1, count + 1)))


def _class(level: _Level, index: int, radius: float, shift: float) -> tuple[str, int]:
    # Category and flags. The ends of the first rows see the stage from the side.
    aside = abs(shift) / radius
    if level.key == "STALLS":
        middle = 2 <= index <= 12 and aside < 0.17  # noqa: PLR2004
        view = SeatFlag.RESTRICTED_VIEW if index < 2 and aside > 0.27 else 0  # noqa: PLR2004
        return ("premium" if middle else "stalls"), int(view | SeatFlag.STEP_FREE * (index > 19))  # noqa: PLR2004
    view = SeatFlag.RESTRICTED_VIEW if level.key == "BALCONY" and index == 0 else 0
    return level.key.lower(), int(view)


def _wheelchair_row(radius: float) -> DraftRow:
    pairs, pair, beside = 10, 200, 80
    seats: list[DraftSeat] = []
    for i in range(pairs):
        for offset, flag in ((0, SeatFlag.ACCESSIBLE), (beside, SeatFlag.COMPANION)):
            at = _FAN.at(radius, (i - (pairs - 1) / 2) * pair - beside / 2 + offset)
            flags = int(flag | SeatFlag.STEP_FREE)
            seats.append(DraftSeat(str(len(seats) + 1), *at, "stalls", flags))
    return DraftRow("Z", tuple(seats))  # the platform behind the last row


def _boxes() -> Iterator[DraftSection]:
    # Along both side walls, two rows of two chairs each, turned towards the stage.
    for side, letter in ((-1, "L"), (1, "R")):
        for number in range(1, _BOXES_A_SIDE + 1):
            x, y = side * (1_750 + 40 * number), 350 + (number - 1) * 260
            rows = tuple(
                DraftRow(
                    name,
                    tuple(
                        DraftSeat(str(label), x + side * depth, y + 70 * (label % 2), "box")
                        for label in labels
                    ),
                )
                for name, depth, labels in (("1", 0, (1, 2)), ("2", 90, (3, 4)))
            )
            inner, outer = sorted((x - side * 45, x + side * 135))
            yield DraftSection(
                key=f"BOX-{letter}{number}",
                name=f"Box {letter}{number}",
                rows=rows,
                level="Boxes",
                entrance="First floor",
                outline=((inner, y - 55), (outer, y - 55), (outer, y + 125), (inner, y + 125)),
            )


def _exactly(levels: tuple[DraftSection, ...], wanted: int) -> Iterator[DraftSection]:
    # The balcony's last row takes what is left of the licensed number.
    *below, balcony = levels
    seats = [sum(len(row.seats) for row in section.rows) for section in levels]
    *rows, last = balcony.rows
    cut = sum(seats) - wanted
    assert 0 <= cut < len(last.seats), "the levels hold a little more than 1,800"
    kept = last.seats[cut // 2 : len(last.seats) - (cut - cut // 2)]
    renumbered = tuple(
        DraftSeat(str(number), seat.x, seat.y, seat.category, seat.flags)
        for number, seat in enumerate(kept, 1)
    )
    yield from below
    yield DraftSection(
        balcony.key,
        balcony.name,
        (*rows, DraftRow(last.name, renumbered)),
        balcony.level,
        balcony.entrance,
        balcony.outline,
    )


def _objects() -> tuple[DraftObject, ...]:
    apron = tuple(_FAN.at(1_900, shift) for shift in range(-900, 901, 200))
    stage = (*reversed(apron), (-1_100, -200), (-1_100, -1_000), (1_100, -1_000), (1_100, -200))
    back = _LEVELS[-1].radius + _FAN.centre_y + 700
    doors = (
        ("Foyer", -2_400, 3_050), ("Foyer", 2_150, 3_050), ("Exit", -150, back),
    )  # fmt: skip
    return (
        DraftObject("stage", "Stage", stage),
        *(
            DraftObject("exit", label, ((x, y), (x + 250, y), (x + 250, y + 120), (x, y + 120)))
            for label, x, y in doors
        ),
    )
