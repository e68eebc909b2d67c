"""
A stadium of exactly 70,000 places with its stage at one end.

Three tiers in a horseshoe around the pitch, 56,000 seats in blocks of curved rows, 14,000
standing places in front of the stage. Seats are 50 cm and rows 85 cm apart; the blocks behind the
stage are closed, as they are for such concerts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

from seatwright.catalog.domain.charts.draft import (
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftPoint,
    DraftRow,
    DraftSeat,
    DraftSection,
)
from seatwright.catalog.domain.demo.bowl import Bowl
from seatwright.contracts.charts import SeatFlag

SEATS = 56_000
STANDING_FRONT = 2_500
STANDING = 11_500
PLACES = SEATS + STANDING_FRONT + STANDING

SEAT_PITCH_CM = 50
ROW_PITCH_CM = 85
_AISLE_CM = 150  # edge of chair to edge of chair across the steps between two blocks
_STAGE_FRONT: DraftPoint = (-3_600, 0)
# Seats are the better the nearer they are to the middle of the field, before the stage. Nearest to
# the stage itself are those beside it, behind the loudspeakers: they hardly see it.
_FOCUS: DraftPoint = (0, 0)
_FIELD = (5_250, 3_400)  # half of 105 m by 68 m
_ROW_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O are read as digits

_CATEGORIES = (
    DraftCategory("front", "Front standing", "#AA3377"),
    DraftCategory("standing", "Standing pitch", "#EE6677"),
    DraftCategory("cat1", "Category 1", "#4477AA"),
    DraftCategory("cat2", "Category 2", "#228833"),
    DraftCategory("cat3", "Category 3", "#CCBB44"),
    DraftCategory("cat4", "Category 4", "#66CCEE"),
)


@dataclass(frozen=True, slots=True)
class _Tier:
    """One ring of blocks; `out` is where its first row stands, from the bowl's inner edge."""

    letter: str
    level: str
    blocks: int
    rows: int
    out: float
    lettered: bool
    vomitory: tuple[int, int]  # first row and number of rows of the stairs' mouth, in mid-block
    accessible_every: int  # every so many blocks end in a row for wheelchairs; 0: none


_TIERS = (
    _Tier("L", "Lower tier", 26, 30, 0, lettered=False, vomitory=(0, 0), accessible_every=2),
    _Tier("M", "Middle tier", 28, 20, 3_000, lettered=True, vomitory=(5, 5), accessible_every=2),
    _Tier("U", "Upper tier", 32, 28, 5_150, lettered=False, vomitory=(8, 6), accessible_every=0),
)


@dataclass(frozen=True, slots=True)
class _Block:
    tier: _Tier
    number: int
    start: float
    end: float


def stadium(name: str) -> ChartDraft:
    """The draft of the stadium; the same for the same name, 70,000 places."""
    bowl = Bowl(6_350, 4_450, 3.4)
    sections = [_section(bowl, block) for tier in _TIERS for block in _blocks(bowl, tier)]
    return ChartDraft(
        name=name,
        categories=_CATEGORIES,
        sections=tuple(_exactly(sections, SEATS)),
        areas=_areas(),
        objects=_objects(),
        focus=_FOCUS,
    )


def _blocks(bowl: Bowl, tier: _Tier) -> Iterator[_Block]:
    # The horseshoe opens where the stage stands; blocks are equally wide in their middle row.
    opening = bowl.first_right_of(-4_500)
    middle = tier.out + tier.rows * ROW_PITCH_CM / 2
    ends = (opening, bowl.length - opening)
    edges = [bowl.between(*ends, middle, i / tier.blocks) for i in range(tier.blocks + 1)]
    for number in range(tier.blocks):
        yield _Block(tier, number + 1, edges[number], edges[number + 1])


def _section(bowl: Bowl, block: _Block) -> DraftSection:
    tier = block.tier
    last = tier.out + (tier.rows - 1) * ROW_PITCH_CM
    middle = (tier.out + last) / 2
    half = bowl.width(block.start, block.end, middle) / 2
    category = _category(block, bowl.point(block.start, middle, half))
    rows = [_row(bowl, block, index, category) for index in range(tier.rows)]
    if tier.accessible_every and block.number % tier.accessible_every == 0:
        rows.append(_wheelchair_row(bowl, block, last + 120, category))
        last += 140
    gate = "ABCDEFGH"[(block.number - 1) * 8 // tier.blocks]
    key = f"{tier.letter}{block.number:02d}"
    return DraftSection(
        key=key,
        name=f"Block {key}",
        rows=tuple(rows),
        level=tier.level,
        entrance=f"Gate {gate}",
        outline=bowl.outline(block.start, block.end, tier.out - 55, last + 55, 35),
    )


def _category(block: _Block, at: DraftPoint) -> str:
    # By the distance of the block to the stage, one class dearer or cheaper by tier.
    metres = hypot(at[0] - _STAGE_FRONT[0], at[1] - _STAGE_FRONT[1]) / 100
    steps = {"L": (75, 130, 999), "M": (55, 105, 150), "U": (0, 85, 125)}[block.tier.letter]
    return f"cat{1 + sum(metres > step for step in steps)}"


def _row(bowl: Bowl, block: _Block, index: int, category: str) -> DraftRow:
    tier = block.tier
    out = tier.out + index * ROW_PITCH_CM
    room = bowl.width(block.start, block.end, out) - _AISLE_CM
    count = int(room // SEAT_PITCH_CM)
    first = (room + _AISLE_CM - (count - 1) * SEAT_PITCH_CM) / 2
    mouth_row, mouth_rows = tier.vomitory
    gap = range(count // 2 - 3, count // 2 + 3) if 0 <= index - mouth_row < mouth_rows else ()
    flags = SeatFlag.RESTRICTED_VIEW if _restricted(block, index) else 0
    seats = (i for i in range(count) if i not in gap)
    return DraftRow(
        _ROW_LETTERS[index] if tier.lettered else str(index + 1),
        tuple(
            DraftSeat(
                str(number),
                *bowl.point(block.start, out, first + i * SEAT_PITCH_CM),
                category,
                int(flags),
            )
            for number, i in enumerate(seats, 1)
        ),
    )


def _restricted(block: _Block, index: int) -> bool:
    # The loudspeakers hide the stage from the first rows of the blocks beside it.
    return block.tier.letter == "L" and block.number in (1, block.tier.blocks) and index < 10  # noqa: PLR2004


def _wheelchair_row(bowl: Bowl, block: _Block, out: float, category: str) -> DraftRow:
    pair, beside = 200, 80  # wheelchair and companion; then the next pair
    room = bowl.width(block.start, block.end, out) - _AISLE_CM
    pairs = int(room // pair)
    first = (room + _AISLE_CM - pairs * pair + pair - beside) / 2
    seats: list[DraftSeat] = []
    for i in range(pairs):
        for offset, flag in ((0, SeatFlag.ACCESSIBLE), (beside, SeatFlag.COMPANION)):
            at = bowl.point(block.start, out, first + i * pair + offset)
            seats.append(
                DraftSeat(str(len(seats) + 1), *at, category, int(flag | SeatFlag.STEP_FREE))
            )
    return DraftRow("W", tuple(seats))


def _exactly(sections: list[DraftSection], wanted: int) -> Iterator[DraftSection]:
    # The tiers give a few seats more than are licensed; the last rows of the upper tier end
    # earlier by that many.
    surplus = sum(len(row.seats) for section in sections for row in section.rows) - wanted
    upper = [section for section in sections if section.key.startswith("U")]
    share, more = divmod(surplus, len(upper))
    assert 0 <= share < min(len(section.rows[-1].seats) for section in upper), "tiers fit"
    cuts = {section.key: share + (i < more) for i, section in enumerate(upper)}
    for section in sections:
        cut = cuts.get(section.key, 0)
        last = section.rows[-1]
        rows = (*section.rows[:-1], DraftRow(last.name, last.seats[: len(last.seats) - cut]))
        yield DraftSection(
            section.key, section.name, rows, section.level, section.entrance, section.outline
        )


def _areas() -> tuple[DraftArea, ...]:
    length, width = _FIELD
    fence = -1_900
    front = ((-3_300, -2_900), (fence, -2_900), (fence, 2_900), (-3_300, 2_900))
    pitch = (
        (fence + 200, 1 - width), (length, 1 - width), (length, width - 1),
        (fence + 200, width - 1),
    )  # fmt: skip
    return (
        DraftArea("FRONT", "Front standing", STANDING_FRONT, "front", front, "Gate A"),
        DraftArea("PITCH", "Standing pitch", STANDING, "standing", pitch, "Gate E"),
    )


def _objects() -> tuple[DraftObject, ...]:
    length, width = _FIELD
    stage = (
        (-6_000, -2_600), (-4_100, -2_600), (-4_100, -700), (-3_600, -700),
        (-3_600, 700), (-4_100, 700), (-4_100, 2_600), (-6_000, 2_600),
    )  # fmt: skip
    field = ((-length, -width), (length, -width), (length, width), (-length, width))
    mixer = ((900, -350), (1_500, -350), (1_500, 350), (900, 350))
    return (
        DraftObject("field", "Field", field),
        DraftObject("stage", "Stage", stage),
        DraftObject("wall", "Sound", mixer),
    )
