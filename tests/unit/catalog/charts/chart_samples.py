"""Charts to test with: one that has everything, and a strategy for sound drafts."""

from hypothesis import strategies as st

from seatwright.catalog.domain.charts import (
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftRow,
    DraftSeat,
    DraftSection,
    DraftTable,
    PublishedChart,
    publish,
)
from seatwright.contracts.charts import SeatFlag

CATEGORIES = (
    DraftCategory("gold", "Gold", "#CCBB44"),
    DraftCategory("silver", "Silver", "#BBBBBB"),
)
SQUARE = ((0.0, 0.0), (500.0, 0.0), (500.0, 500.0), (0.0, 500.0))


def straight_row(name, count, y, *, x=0, category="gold", first=1, step=1, flags=0):
    return DraftRow(
        name,
        tuple(
            DraftSeat(str(first + i * step), x + i * 50, y, category, flags) for i in range(count)
        ),
    )


def block(key, rows, *, x=0, y=0, count=10, category="gold"):
    return DraftSection(
        key,
        f"Block {key}",
        tuple(
            straight_row(str(i + 1), count, y + i * 85, x=x, category=category) for i in range(rows)
        ),
    )


def table(key, *, x=0, y=0, count=4, whole=False, category="silver"):
    seats = tuple(DraftSeat(str(i + 1), x + i * 60, y + 80, category) for i in range(count))
    return DraftTable(key, f"Table {key}", x, y, 60, seats, whole)


def one_of_each() -> ChartDraft:
    """Two sections, odd labels, an aisle, a wheelchair row, two tables and two areas."""
    broken = DraftRow(
        "AA",
        tuple(
            DraftSeat(label, x, 170, "silver") for label, x in (("1", 0), ("2a", 50), ("3", 300))
        ),
    )
    wheelchairs = DraftRow(
        "W",
        (
            DraftSeat("1", 0, 300, "gold", SeatFlag.ACCESSIBLE),
            DraftSeat("2", 80, 300, "gold", SeatFlag.COMPANION),
            DraftSeat("3", 130, 300, "gold"),
        ),
    )
    return ChartDraft(
        name="One of each",
        categories=CATEGORIES,
        sections=(
            DraftSection(
                "L1",
                "Block L1",
                (straight_row("1", 6, 0), straight_row("2", 6, 85, first=11, step=-2), broken),
                "Lower tier",
                "Gate C",
            ),
            DraftSection("R", "Right", (wheelchairs,)),
        ),
        tables=(table("T1", y=900), table("T2", y=1_200, count=6, whole=True)),
        areas=(
            DraftArea("PIT", "Pit", 30, "silver", SQUARE, "Gate A"),
            DraftArea("LAWN", "Lawn", 9, "gold", SQUARE),
        ),
        objects=(
            DraftObject("stage", "Stage", ((0, -500), (400, -500), (400, -300), (0, -300))),
            DraftObject("text", "Bar this way", ((0, -50),)),
        ),
    )


def everything() -> PublishedChart:
    return publish(one_of_each())


@st.composite
def drafts(draw) -> ChartDraft:
    """Sound drafts: unique plain labels, no two seats in one place."""
    sections = []
    y = 0
    for number in range(draw(st.integers(0, 3))):
        rows = []
        for row in range(draw(st.integers(1, 4))):
            rows.append(_drawn_row(draw, f"R{row}", y))
            y += 85
        sections.append(DraftSection(f"S{number}", f"Section {number}", tuple(rows)))
    tables = []
    for number in range(draw(st.integers(0, 2))):
        y += 300
        tables.append(
            table(f"T{number}", y=y, count=draw(st.integers(1, 6)), whole=draw(st.booleans()))
        )
    areas = tuple(
        DraftArea(f"A{number}", "Area", draw(st.integers(1, 50)), "silver", SQUARE)
        for number in range(draw(st.integers(0 if sections or tables else 1, 2)))
    )
    used = {seat.category for part in sections for row in part.rows for seat in row.seats}
    used |= {seat.category for part in tables for seat in part.seats}
    used |= {area.category for area in areas}
    return ChartDraft(
        name="Drawn",
        categories=tuple(part for part in CATEGORIES if part.key in used),
        sections=tuple(sections),
        tables=tuple(tables),
        areas=areas,
        focus=draw(st.none() | st.tuples(st.integers(-999, 999), st.integers(-999, 999))),
    )


def _drawn_row(draw, name, y):
    count = draw(st.integers(1, 12))
    if draw(st.booleans()):
        first, step = draw(st.integers(20, 40)), draw(st.sampled_from((1, 2, -1, 7)))
        labels = [str(first + step * i) for i in range(count)]
    else:
        labels = [f"{i}{draw(st.sampled_from('abc'))}" for i in range(count)]
    x = 0
    seats = []
    for label in labels:
        x += draw(st.sampled_from((50, 50, 50, 200)))
        category = draw(st.sampled_from(("gold", "silver")))
        flags = draw(st.sampled_from((0, 0, 0, int(SeatFlag.ACCESSIBLE), 4, 8)))
        seats.append(DraftSeat(label, x, y, category, flags))
    return DraftRow(name, tuple(seats))
