"""All that one reading of a chart file can know is told at once, by line, within bounds."""

import json

import pytest

from seatwright.catalog.domain.charts import read_chart
from seatwright.catalog.domain.charts.file_lines import lines_of
from seatwright.kit.errors import Invalid, Problem
from tests.unit.catalog.charts.test_pretix_plans import plan, row, seat, zone

HEADER = "section,row,seat,x,y,category,attributes"


def problems(file: bytes | str) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as refusal:
        read_chart(file.encode() if isinstance(file, str) else file)
    assert 0 < len(refusal.value.problems) <= 100
    return refusal.value.problems


def sheet(*lines: str, header: str = HEADER) -> list[tuple[str, str]]:
    """(line, code) of what is wrong with a spreadsheet, in the order in which it is told."""
    found = problems("\n".join((header, *lines)))
    return [(one.pointer.removeprefix("line "), one.code) for one in found]


def test_cells_labels_places_and_the_whole_are_told_together() -> None:
    assert sheet(
        "A,1,1,0,0,Gold,",
        "A,1,1,50,0,Gold,",
        "A,1,2-Feb,100,0,Gold,",
        "A,1,4,nan,0,Gold,vip",
        "A:B,1,1,0,500,Gold,",
        "A,1,5,0,0,Gold,",
        "A,1,6,,,Gold,",
        "A,2,1,0,900,,",
        "A,2,2,50,900,Gold",
        "A,3,1,0,9000,Gold,",
        "A,3,4,50,9999999,Gold,",
    ) == [
        ("3", "duplicate_seat"),
        ("4", "label_date_mangled"),
        ("5", "bad_coordinate"),
        ("5", "unknown_attribute"),
        ("6", "bad_label"),
        ("7", "overlapping_seats"),
        ("8", "coordinates_mixed"),
        ("9", "missing_category"),
        ("10", "cell_count"),
        ("12", "coordinate_out_of_range"),
    ]


def test_a_line_with_a_bad_cell_is_still_a_seat() -> None:
    found = sheet("A,1,1,nan,0,Gold,", "A,1,1,50,0,,", "A,1,1,100,0,Gold,vip")
    assert [one for one in found if one[1] == "duplicate_seat"] == [
        ("3", "duplicate_seat"), ("4", "duplicate_seat"),
    ]  # fmt: skip


def test_what_hangs_on_a_line_that_cannot_be_read_is_not_guessed() -> None:
    assert sheet("A,1,1-Jan,0,0,Gold,wheelchair", "A,1,2,50,0,Gold,companion") == [
        ("2", "label_date_mangled")
    ]
    assert sheet("A,1,1-Jan,0,0,Gold,", "A,1,2,50,0,Gold,companion") == [
        ("2", "label_date_mangled"), ("3", "lonely_companion"),
    ]  # fmt: skip
    assert sheet("A,,1,0,0,Gold,") == [("2", "missing_row")]


def test_a_wrong_header_hides_no_cell_below_the_right_words() -> None:
    found = sheet("A,1,2-Feb,nan,Gold", "A,1,=1,0,Gold", header="block,row,seat,x,category")
    assert found == [
        ("1", "wrong_header"), ("2", "label_date_mangled"), ("2", "bad_coordinate"),
        ("3", "formula_cell"),
    ]  # fmt: skip
    (told, *_) = problems("block,row,seat,x,category\nA,1,1,0,Gold\n")
    for words in ("`section` is missing", "'block' is not known", "`x` and `y` belong together"):
        assert words in told.detail


def test_those_that_are_fewer_have_no_coordinates_or_should_have_none() -> None:
    lines = [f"A,1,{n},{n * 50},0,Gold," for n in range(1, 6)]
    assert sheet(*lines, "A,2,1,,,Gold,", "A,2,2,,,Gold,") == [
        ("7", "coordinates_mixed"), ("8", "coordinates_mixed"),
    ]  # fmt: skip
    lines = [f"A,1,{n},,,Gold," for n in range(1, 6)]
    assert sheet("A,2,1,0,0,Gold,", *lines) == [("2", "coordinates_mixed")]


def test_a_broken_quote_does_not_hide_what_came_before() -> None:
    lines = ("A,1,2-Feb,0,0,Gold,", "A,1,1,0,0,Gold,", "A,1,1,50,0,Gold,", 'A,1,"2"x,9,0,G,')
    assert sheet(*lines) == [
        ("2", "label_date_mangled"), ("4", "duplicate_seat"), ("5", "malformed"),
    ]  # fmt: skip


def test_a_wrong_encoding_is_told_once_and_hides_nothing() -> None:
    lines = (HEADER, "A,1,1,0,0,Größe,", "A,1,2,50,0,Grün,", "A,1,3,nan,0,Gold,")
    found = problems("\n".join(lines).encode("latin-1"))
    assert [(one.pointer, one.code) for one in found] == [
        ("line 2", "wrong_encoding"), ("line 4", "bad_coordinate"),
    ]  # fmt: skip
    assert "here and in 1 more lines" in found[0].detail


@pytest.mark.parametrize("count", [99, 100, 101, 5_000])
def test_of_many_the_first_are_told_and_the_rest_is_counted(count: int) -> None:
    # Half of them are known from a line alone, half only from all lines.
    bad = [f"A,1,1,9,{n},Gold," if n % 2 else "A,,1,0,0,Gold," for n in range(count)]
    found = sheet("A,1,1,0,0,Gold,", *bad)
    expected = [
        (str(n + 3), "duplicate_seat" if n % 2 else "missing_row") for n in range(min(count, 100))
    ]
    if count > 100:
        expected[99] = (expected[98][0], "more_problems")
        told = problems("\n".join((HEADER, "A,1,1,0,0,Gold,", *bad)))
        assert told[-1].detail == f"There are {count - 99} more problems, not shown."
    assert found == expected


OURS = """{
 "name": "Hall",
 "categories": [
  {"key": "a"},
  {"key": "b"}],
 "sections": [{"key": "S", "category": "a", "rows": [
  {"name": "1", "count": 4, "x": 0, "y": 0},
  {"name": "1", "count": 4, "x": 0, "y": 90, "attributes": ["vip"]},
  {"name": "2", "count": 4},
  {"name": "3", "count": -4, "x": 0, "y": 180},
  {"name": "4", "category": "c", "count": 400, "x": 0, "y": 270},
  {"name": "5", "seats": [
   {"label": "1", "x": 0, "y": 360},
   {"label": "1", "x": 50, "y": 360},
   {"label": "2", "x": 50, "y": 360, "category": "d"}]}]}],
 "format": "seatwright-draft/2"
}"""


def in_json(file: str) -> list[tuple[int, str]]:
    found = problems(file)
    lines = lines_of(file, [one.pointer for one in found])
    return [(lines[one.pointer], one.code) for one in found]


def test_rules_of_different_kinds_are_told_together_in_json() -> None:
    assert in_json(OURS) == [
        (5, "unused_category"),
        (8, "unknown_attribute"),
        (8, "duplicate_row"),
        (9, "coordinates_mixed"),
        (10, "bad_count"),
        (11, "unknown_category"),
        (14, "duplicate_seat"),
        (15, "unknown_category"),
        (15, "overlapping_seats"),
        (16, "unknown_format"),
    ]


def test_a_wrong_type_or_name_hides_nothing_elsewhere() -> None:
    wrong = OURS.replace('"name": "Hall"', '"nmae": "Hall"').replace('"count": -4', '"count": "x"')
    wrong = wrong.replace('{"key": "b"}', '{"key": 7, "colour": "x"}').replace('"y": 90', '"y": []')
    assert in_json(wrong) == [
        (1, "malformed"), (1, "malformed"), (5, "malformed"), (5, "malformed"),
        (8, "malformed"),  # nothing else is said of a row of which a part is gone
        (9, "coordinates_mixed"), (10, "malformed"), (14, "duplicate_seat"),
        (15, "overlapping_seats"), (16, "unknown_format"),
    ]  # fmt: skip
    assert {one.detail for one in problems(wrong) if one.code == "malformed"} == {
        "Object missing required field `name`.", "Object contains unknown field `nmae`.",
        "Expected `str`, got `int`.", "Object contains unknown field `colour`.",
        "Expected `float | null`, got `array`.", "Expected `int`, got `str`.",
    }  # fmt: skip


def test_pieces_that_cannot_be_read_leave_the_others_in_their_places() -> None:
    wrong = OURS.replace('"name": "1", "count": 4, "x": 0, "y": 0', '"count": 4, "x": 0, "y": 0')
    wrong = wrong.replace('{"label": "1", "x": 0,', '{"label": 1, "x": 0,')
    wrong = wrong.replace('"label": "2"', '"label": "1"')
    found = {one.pointer: one for one in problems(wrong) if "/rows" in one.pointer}
    assert found["/sections/0/rows/0"].code == "malformed"
    assert found["/sections/0/rows/5/seats/0/label"].code == "malformed"
    twice = "The seat '1' is also at /sections/0/rows/5/seats/1."
    assert twice in {one.detail for one in problems(wrong)}


def test_a_plan_with_pieces_of_another_kind_is_told_in_its_own_places() -> None:
    file = plan(
        zone("Main", row("1", seat("a", 1, 0), seat("b", "2", 25), seat("c", "2", 50))),
        {"name": "No rows"},
        zone("Main", row("1", seat("d", "1", 500), seat("d", "2", 525))),
    )
    assert [(one.pointer, one.code) for one in problems(file)] == [
        ("/zones/0/rows/0/seats/0/seat_number", "malformed"),
        ("/zones/0/rows/0/seats/2", "duplicate_seat"),
        ("/zones/1", "malformed"),
        ("/zones/1", "malformed"),
        ("/zones/2/rows/0/seats/1", "duplicate_seat_guid"),
    ]


def test_text_that_ceases_to_be_json_behind_a_mismatch_is_refused() -> None:
    for file in (
        b'{"name": 7, "sections": [}',
        b'{"name": 7, "x": "\\q"}',
        b'{"zones": 7, "x": nul}',
    ):
        assert {one.code for one in problems(file)} == {"malformed"}


def test_a_pretix_plan_is_told_in_its_own_places() -> None:
    plain = {"name": "Stalls", "color": "#a1c"}
    file = plan(
        zone("Drawings"),
        zone(
            "Main",
            row("1", seat("a", "1", 0), seat("b", "2", 25)),
            row("1", seat("a", "2", 50), seat("d", "4", 75)),
            row("2", seat("e", "1", 0, 25, category="Pit"), seat("f", "2", 25, 25)),
            row("", seat("g", "1", 0, 50), seat("h", "2", 25, 50)),
        ),
        categories=(plain, {"name": "Gone", "color": ""}),
    )
    found = problems(file)
    assert [(one.pointer, one.code) for one in found] == [
        ("/categories/1", "unused_category"),
        ("/zones/1/rows/1/seats/0", "duplicate_seat_guid"),
        ("/zones/1/rows/1/seats/0", "duplicate_seat"),
        ("/zones/1/rows/2/seats/0", "unknown_category"),
        ("/zones/1/rows/3", "missing_label"),
    ]
    assert found[2].detail == "The seat '2' is also at /zones/1/rows/0/seats/1."


def test_of_thousands_of_problems_a_hundred_are_told() -> None:
    lines = [f"A,1,{n % 7},{n % 9},0,Gold," for n in range(20_000)]
    rows = [{"name": "1", "count": 40, "category": "x"} for _ in range(500)]
    file = {"name": "x", "categories": [{"key": "a"}], "sections": [{"key": "S", "rows": rows}]}
    assert len(sheet(*lines)) == 100
    assert len(problems(json.dumps(file, indent=1))) == 100
