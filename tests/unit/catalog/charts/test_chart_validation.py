"""What is wrong with a draft, and where."""

import math
import time

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from seatwright.catalog.domain.charts import (
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftRow,
    DraftSeat,
    DraftSection,
    problems_of,
    publish,
)
from seatwright.catalog.domain.charts.outlines import around, outline_problem
from seatwright.contracts.charts import SeatFlag
from seatwright.kit.errors import Invalid
from tests.unit.catalog.charts.chart_samples import (
    CATEGORIES,
    SQUARE,
    block,
    drafts,
    one_of_each,
    straight_row,
    table,
)

GOLD = CATEGORIES[:1]


def draft(*sections, **changes) -> ChartDraft:
    return replace(ChartDraft("Chart", GOLD, sections), **changes)


def row(name, *seats):
    return DraftRow(name, tuple(seats))


def seat(label, x=0.0, y=0.0, category="gold", flags=0):
    return DraftSeat(label, x, y, category, flags)


def found(chart: ChartDraft) -> set[tuple[str, str]]:
    problems = problems_of(chart)
    assert all(problem.detail.endswith(".") for problem in problems), problems
    return {(problem.pointer, problem.code) for problem in problems}


@given(drafts())
@settings(max_examples=40, deadline=None)
def test_a_sound_draft_has_no_problems(chart) -> None:
    assert problems_of(chart) == ()


def test_everything_that_occurs_is_sound() -> None:
    assert problems_of(one_of_each()) == ()


SEATS = "/sections/0/rows/0/seats"
CASES = {
    "duplicate seat": (
        draft(DraftSection("A", "A", (row("1", seat("7"), seat("7", 50)),))),
        (f"{SEATS}/1", "duplicate_seat"),
    ),
    "duplicate row": (
        draft(DraftSection("A", "A", (straight_row("1", 2, 0), straight_row("1", 2, 85)))),
        ("/sections/0/rows/1", "duplicate_row"),
    ),
    "duplicate section": (
        draft(block("A", 1), block("A", 1, y=500)),
        ("/sections/1/key", "duplicate_key"),
    ),
    "a table called like a section": (
        draft(block("A", 1), tables=(table("A", y=900, category="gold"),)),
        ("/tables/0/key", "duplicate_key"),
    ),
    "an area called like a section": (
        draft(block("A", 1), areas=(DraftArea("A", "A", 5, "gold", SQUARE),)),
        ("/areas/0/key", "duplicate_key"),
    ),
    "a cyrillic twin": (
        draft(block("O1", 1), block("\u041e1", 1, y=500)),
        ("/sections/1/key", "label_lookalike"),
    ),
    "full-width digits": (
        draft(DraftSection("A", "A", (row("1", seat("12"), seat("\uff11\uff12", 50)),))),
        (f"{SEATS}/1", "label_lookalike"),
    ),
    "missing row": (
        draft(DraftSection("A", "A", (straight_row("", 2, 0),))),
        ("/sections/0/rows/0", "missing_label"),
    ),
    "unknown category": (
        draft(block("A", 1), block("B", 1, y=500, category="tin")),
        ("/sections/1/rows/0/seats/0", "unknown_category"),
    ),
    "unused category": (
        draft(block("A", 1), categories=CATEGORIES),
        ("/categories/1", "unused_category"),
    ),
    "duplicate category": (
        draft(block("A", 1), categories=(*GOLD, *GOLD)),
        ("/categories/1/key", "duplicate_category"),
    ),
    "bad colour": (
        draft(block("A", 1), categories=(DraftCategory("gold", "Gold", "yellow"),)),
        ("/categories/0/color", "bad_color"),
    ),
    "nan": (
        draft(DraftSection("A", "A", (row("1", seat("1", math.nan)),))),
        (f"{SEATS}/0", "coordinate_not_finite"),
    ),
    "infinity": (
        draft(DraftSection("A", "A", (row("1", seat("1", 0, -math.inf)),))),
        (f"{SEATS}/0", "coordinate_not_finite"),
    ),
    "far away": (
        draft(DraftSection("A", "A", (row("1", seat("1", 1_000_001)),))),
        (f"{SEATS}/0", "coordinate_out_of_range"),
    ),
    "on top of each other": (
        draft(DraftSection("A", "A", (row("1", seat("1", 0.2), seat("2", -0.2)),))),
        (f"{SEATS}/1", "overlapping_seats"),
    ),
    "empty section": (
        draft(block("A", 1), DraftSection("B", "B", ())),
        ("/sections/1", "empty_section"),
    ),
    "empty row": (
        draft(block("A", 1), DraftSection("B", "B", (row("1"),))),
        ("/sections/1/rows/0", "empty_row"),
    ),
    "empty table": (
        draft(block("A", 1), tables=(table("T", count=0, y=900),)),
        ("/tables/0", "empty_table"),
    ),
    "a table nowhere": (
        draft(block("A", 1), tables=(replace(table("T", y=900, category="gold"), x=math.nan),)),
        ("/tables/0", "coordinate_not_finite"),
    ),
    "a table inside out": (
        draft(block("A", 1), tables=(replace(table("T", y=900, category="gold"), radius=-1.0),)),
        ("/tables/0/radius", "bad_radius"),
    ),
    "no places": (draft(), ("", "no_seats")),
    "bad label": (
        draft(DraftSection("A", "A", (row("1", seat("a/b")),))),
        (f"{SEATS}/0", "bad_label"),
    ),
    "long label": (
        draft(DraftSection("A" * 25, "A", (row("1", seat("1")),))),
        ("/sections/0/key", "bad_label"),
    ),
    "space at the end": (
        draft(DraftSection("A", "A", (row("1 ", seat("1")),))),
        ("/sections/0/rows/0", "bad_label"),
    ),
    "invisible character": (
        draft(DraftSection("A\u200b", "A", (row("1", seat("1")),))),
        ("/sections/0/key", "bad_label"),
    ),
    "a name of nothing": (
        draft(replace(block("A", 1), name=" ")),
        ("/sections/0/name", "bad_name"),
    ),
    "a level with a bell": (
        draft(replace(block("A", 1), level="\a")),
        ("/sections/0/level", "bad_name"),
    ),
    "lonely companion": (
        draft(
            DraftSection(
                "A",
                "A",
                (
                    row("1", seat("1", flags=SeatFlag.COMPANION)),
                    row("2", seat("1", 0, 300, flags=SeatFlag.ACCESSIBLE)),
                ),
            )
        ),
        (f"{SEATS}/0", "lonely_companion"),
    ),
    "unknown flag": (
        draft(DraftSection("A", "A", (row("1", seat("1", flags=16)),))),
        (f"{SEATS}/0", "unknown_flag"),
    ),
    "outline with nan": (
        draft(replace(block("A", 1), outline=((0, 0), (math.nan, 1), (2, 2)))),
        ("/sections/0/outline", "coordinate_not_finite"),
    ),
    "bow tie": (
        draft(replace(block("A", 1), outline=((0, 0), (9, 9), (9, 0), (0, 9), (-5, 4)))),
        ("/sections/0/outline", "outline_crosses_itself"),
    ),
    "flat area": (
        draft(areas=(DraftArea("A", "A", 5, "gold", ((0, 0), (5, 5), (9, 9))),)),
        ("/areas/0/outline", "outline_flat"),
    ),
    "detailed outline": (
        draft(replace(block("A", 1), outline=tuple((i, i * i) for i in range(201)))),
        ("/sections/0/outline", "outline_too_detailed"),
    ),
    "area of nothing": (
        draft(block("A", 1), areas=(DraftArea("B", "B", 0, "gold", SQUARE),)),
        ("/areas/0/capacity", "bad_capacity"),
    ),
    "area of no class": (
        draft(block("A", 1), areas=(DraftArea("B", "B", 1, "tin", SQUARE),)),
        ("/areas/0/category", "unknown_category"),
    ),
    "stage as a line": (
        draft(block("A", 1), objects=(DraftObject("stage", "", ((0, 0), (1, 1))),)),
        ("/objects/0/outline", "outline_flat"),
    ),
    "words nowhere": (
        draft(block("A", 1), objects=(DraftObject("text", "", ()),)),
        ("/objects/0/outline", "outline_flat"),
    ),
    "focus nowhere": (
        draft(block("A", 1), focus=(0.0, math.inf)),
        ("/focus", "coordinate_not_finite"),
    ),
    "no categories": (draft(block("A", 1), categories=()), ("/categories", "bad_category_count")),
    "too many objects": (
        draft(block("A", 1), objects=(DraftObject("text", "", ((0, 0),)),) * 2_001),
        ("/objects", "too_many_objects"),
    ),
    "too many sections": (draft(*(block("A", 1, count=1),) * 5_001), ("", "too_many_sections")),
    "too much drawing": (
        draft(block("A", 1), objects=(DraftObject("wall", "", ((0, 0),) * 200),) * 101),
        ("", "outline_too_detailed"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problems_are_named_with_their_place(case: str) -> None:
    chart, expected = CASES[case]
    assert expected in found(chart)
    with pytest.raises(Invalid) as refusal:
        publish(chart)
    assert expected in {(p.pointer, p.code) for p in refusal.value.problems}


@pytest.mark.parametrize(
    "label",
    [
        "01.Feb",
        "2-Jan",
        "Jan-02",
        "2026-01-02",
        "1. Mrz",
        "03.04.",
        "3.4.2026",
        "Dez 12",
        "5 mai",
        "12-May-26",
        "2026-01-02 00:00",
    ],
)
def test_dates_are_no_seats(label: str) -> None:
    problems = found(draft(DraftSection("A", "A", (row("1", seat(label)),))))
    assert problems & {(f"{SEATS}/0", "label_date_mangled"), (f"{SEATS}/0", "bad_label")}


@pytest.mark.parametrize("label", ["1E+05", "7.0", "3,00", "1.2E10"])
def test_numbers_with_a_point_are_no_seats(label: str) -> None:
    problems = found(draft(DraftSection("A", "A", (row("1", seat(label)),))))
    assert problems == {(f"{SEATS}/0", "label_number_mangled")}


@pytest.mark.parametrize(
    "label",
    ["1", "12a", "A-12", "MAY", "Mar", "10-12", "1.5", "E5", "Q4-2026", "Ж", "Loge 1", "№7"],
)
def test_ordinary_labels_are_let_through(label: str) -> None:
    assert found(draft(DraftSection("A", "A", (row("1", seat(label)),)))) == set()


def test_a_companion_may_sit_beside_before_or_behind() -> None:
    for x, y in ((90, 0), (0, 120), (-100, 90)):
        chart = draft(
            DraftSection(
                "A",
                "A",
                (
                    row("1", seat("1", flags=SeatFlag.ACCESSIBLE)),
                    row("2", seat("1", x, y, flags=SeatFlag.COMPANION)),
                ),
            )
        )
        assert found(chart) == set()


def test_a_million_seats_are_refused_at_once() -> None:
    one = row("1", *(seat(str(i), i * 50) for i in range(100)))
    huge = draft(*(DraftSection(f"S{i}", "S", (one,) * 500) for i in range(20)))
    begun = time.process_time()
    assert found(huge) == {("", "too_many_seats")}
    assert time.process_time() - begun < 1
    assert found(draft(areas=(DraftArea("A", "A", 10**12, "gold", SQUARE),))) == {
        ("", "too_many_seats")
    }


def test_a_hundred_problems_are_enough() -> None:
    same = draft(DraftSection("A", "A", (row("1", *(seat("7") for _ in range(500))),)))
    assert len(problems_of(same)) == 100


def test_a_polygon_may_be_concave_but_not_fold_back() -> None:
    concave = ((0, 0), (4, 0), (4, 4), (2, 1), (0, 4))
    assert outline_problem(concave) is None
    assert outline_problem((*concave, (0, 0))) is None  # closed by a repeated corner
    folded = ((0, 0), (4, 0), (2, 0), (4, 4))
    assert outline_problem(folded) == (
        "outline_crosses_itself", "Two sides of the outline cross each other.",
    )  # fmt: skip
    touching = ((0, 0), (4, 0), (4, 4), (2, 0), (0, 4))
    assert outline_problem(touching) is not None
    ring = tuple((round(999 * math.cos(i / 30)), round(999 * math.sin(i / 30))) for i in range(188))
    assert outline_problem(ring) is None


def test_an_outline_is_drawn_around_seats() -> None:
    for points in ([(0, 0)], [(0, 0), (500, 0)], [(0, 0), (500, 0), (250, 85), (0, 170)]):
        outline = around(points, 45)
        assert outline_problem(outline) is None
        assert min(x for x, _ in outline) == -45
