"""Charts from files: what comes in, and what is refused with which words."""

import json
import time

import pytest
from hypothesis import example, given, settings, strategies as st

from seatwright.catalog.domain.charts import (
    FILE_BYTES_MAX,
    draft_of,
    encode,
    publish,
    read_chart,
)
from seatwright.contracts.charts import SeatFlag
from seatwright.kit.errors import Invalid
from tests.unit.catalog.charts.chart_samples import drafts, everything, one_of_each

HEADER = b"section,row,seat,x,y,category,attributes\n"


def refused(file: bytes) -> dict[str, str]:
    """Pointer → code of the first problem there."""
    with pytest.raises(Invalid) as refusal:
        read_chart(file)
    problems = refusal.value.problems
    assert 0 < len(problems) <= 100
    assert all(problem.code and problem.detail for problem in problems)
    return {problem.pointer: problem.code for problem in reversed(problems)}


def test_a_spreadsheet_becomes_a_chart() -> None:
    file = (
        b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n")
        + b'"L 1",1,1,0,0,Gold,\r\n'
        + b'"L 1",1,2,50.5,0,Gold,"wheelchair|step_free"\r\n\r\n'
        + b'"L 1",1,3,100,-4,Silver,companion\r\n'
        + b"R,A,1,900,0,Gold,restricted_view\r\n"
    )  # fmt: skip
    chart = publish(read_chart(file, "Hall"))
    assert chart.name == "Hall"
    assert [chart.seat_id(i) for i in range(4)] == ["L 1:1:1", "L 1:1:2", "L 1:1:3", "R:A:1"]
    assert [category.key for category in chart.categories] == ["Gold", "Silver"]
    assert list(chart.x) == [0, 50, 100, 900]
    assert list(chart.flags) == [
        0, SeatFlag.ACCESSIBLE | SeatFlag.STEP_FREE, SeatFlag.COMPANION, SeatFlag.RESTRICTED_VIEW,
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_any_usual_delimiter_and_order_of_columns(delimiter: bytes) -> None:
    lines = (b"seat,section,category,row", b"1,A,Gold,1", b"2,A,Gold,1", b"1,B,Gold,1")
    chart = publish(read_chart(b"\n".join(lines).replace(b",", delimiter)))
    assert chart.seat_count == 3
    assert chart.find("B:1:1") == 2


def test_a_decimal_comma_needs_another_delimiter() -> None:
    file = b"section;row;seat;x;y;category\nA;1;1;10,6;0;Gold\nA;1;2;70,4;0;Gold\n"
    assert list(publish(read_chart(file)).x) == [11, 70]


def test_without_coordinates_a_layout_is_made() -> None:
    lines = [b"section,row,seat,category"]
    lines += [
        b"S%d,%d,%d,Gold" % (section, row, seat)
        for section in range(12)
        for row in range(3)
        for seat in range(20)
    ]
    chart = publish(read_chart(b"\n".join(lines)))
    places = set(zip(chart.x, chart.y, strict=True))
    assert len(places) == 12 * 3 * 20
    assert chart.x[1] - chart.x[0] == 50
    assert chart.y[20] - chart.y[0] == 85
    assert len({chart.y[i] for i in range(0, 720, 60)}) > 1, "sections fill more than one shelf"


@pytest.mark.parametrize(
    ("file", "pointer", "code"),
    [
        (b"", "line 1", "empty_file"),
        (b"\n \n", "line 1", "empty_file"),
        (b"\xff\xfes\0e\0", "", "wrong_encoding"),
        (HEADER + b"A,1,1,0,0,G\0ld,\n", "line 2", "nul_character"),
        (HEADER + b"A,1,1,0,0,Gr\xfcn,\n", "line 2", "wrong_encoding"),
        (b"section\nA\n", "line 1", "one_column"),
        (b"block,row,seat,x,y,category,attributes\nA,1,1,0,0,G,\n", "line 1", "wrong_header"),
        (b"section,row,seat\nA,1,1\n", "line 1", "wrong_header"),
        (b"section,row,seat,seat,category\nA,1,1,1,G\n", "line 1", "wrong_header"),
        (b"section,row,seat,x,category\nA,1,1,1,G\n", "line 1", "wrong_header"),
        (HEADER, "", "no_seats"),
        (HEADER + b"A,1,1,0,0,G\n", "line 2", "cell_count"),
        (HEADER + b"A,1,1,0,0,G,,\n", "line 2", "cell_count"),
        (HEADER + b'A,1,"1,0,0,G,\n', "line 2", "malformed"),
        (HEADER + b'A,1,"1"x,0,0,G,\n', "line 2", "malformed"),
        (HEADER + b"A,1,1,0,0,%s,\n" % (b"G" * 201), "line 2", "cell_too_long"),
        (HEADER + b"A,1,1,0,0,%s,\n" % (b"G" * 200_000), "line 2", "malformed"),
        (HEADER + b"A,,1,0,0,G,\n", "line 2", "missing_row"),
        (HEADER + b",1,1,0,0,G,\n", "line 2", "missing_section"),
        (HEADER + b"A,1,,0,0,G,\n", "line 2", "missing_seat"),
        (HEADER + b"A,1,1,0,0,,\n", "line 2", "missing_category"),
        (HEADER + b"A,1,1,nan,0,G,\n", "line 2", "bad_coordinate"),
        (HEADER + b"A,1,1,0,inf,G,\n", "line 2", "bad_coordinate"),
        (HEADER + b"A,1,1,1e5,0,G,\n", "line 2", "bad_coordinate"),
        (HEADER + b"A,1,1,9999999,0,G,\n", "line 2", "coordinate_out_of_range"),
        (HEADER + b"A,1,1,0,,G,\n", "line 2", "coordinates_mixed"),
        (HEADER + b"A,1,1,0,0,G,\nA,1,2,,,G,\n", "line 3", "coordinates_mixed"),
        (HEADER + b"A,1,=1+1,0,0,G,\n", "line 2", "formula_cell"),
        (HEADER + b"+A,1,1,0,0,G,\n", "line 2", "formula_cell"),
        (HEADER + b"A,@SUM(A1),1,0,0,G,\n", "line 2", "formula_cell"),
        (HEADER + b"A,-1,1,0,0,G,\n", "line 2", "formula_cell"),
        (HEADER + b"A,1,1,0,0,G,vip\n", "line 2", "unknown_attribute"),
        (HEADER + b"A,1,1,0,0,G,\n\nA,1,01.Feb,50,0,G,\n", "line 4", "label_date_mangled"),
        (HEADER + b"A,2-Jan,1,50,0,G,\n", "line 2", "label_date_mangled"),
        (HEADER + b"A,1,Jan-02,50,0,G,\n", "line 2", "label_date_mangled"),
        (HEADER + b"A,1,2026-01-02,50,0,G,\n", "line 2", "label_date_mangled"),
        (HEADER + b"A,1,1.0,50,0,G,\n", "line 2", "label_number_mangled"),
        (HEADER + b"A,1,1,0,0,G,\nA,1,1,50,0,G,\n", "line 3", "duplicate_seat"),
        (HEADER + b"A,1,1,0,0,G,\nA,1,2,0,0,G,\n", "line 3", "overlapping_seats"),
        (HEADER + b"A,1,1,0,0,G,companion\n", "line 2", "lonely_companion"),
        (HEADER + b"A,1,A/1,0,0,G,\n", "line 2", "bad_label"),
        (HEADER + "A,1,\u041e1,0,0,G,\nA,1,O1,50,0,G,\n".encode(), "line 3", "label_lookalike"),
    ],
)
def test_a_spreadsheet_is_refused_by_line(file: bytes, pointer: str, code: str) -> None:
    assert refused(file)[pointer] == code


def test_many_bad_lines_give_a_hundred_problems() -> None:
    with pytest.raises(Invalid) as refusal:
        read_chart(HEADER + b"A,,01.Feb,x,y,,\n" * 90)
    assert len(refusal.value.problems) == 100


def test_huge_files_are_refused_quickly() -> None:
    begun = time.process_time()
    assert refused(b" " * (FILE_BYTES_MAX + 1)) == {"": "too_large"}
    million = HEADER + b"".join(b"A,%d,%d,,,G,\n" % divmod(i, 100) for i in range(10**6))
    assert refused(million) == {"line 100002": "too_many_seats"}
    row = b'{"name":"%d","count":1000000000}'
    million = b'{"name":"x","categories":[],"sections":[{"key":"A","rows":[' + row % 1 + b"]}]}"
    assert refused(million) == {"": "too_many_seats"}
    assert time.process_time() - begun < 8


AUTHOR = {
    "name": "Small hall",
    "categories": [{"key": "a"}, {"key": "b", "name": "B", "color": "#123456"}],
    "sections": [
        {
            "key": "S",
            "category": "a",
            "level": "Ground",
            "rows": [
                {"name": "1", "count": 4, "from": 2, "step": 2, "x": 0, "y": 0, "angle": 90},
                {
                    "name": "2",
                    "category": "b",
                    "attributes": ["step_free"],
                    "seats": [
                        {"label": "x", "x": 500, "y": 0, "attributes": ["accessible"]},
                        {"label": "y", "x": 600, "y": 0, "category": "a"},
                    ],
                },
            ],
        }
    ],
    "tables": [{"key": "T", "x": 900, "y": 900, "count": 4, "category": "b", "whole": True}],
    "areas": [{"key": "F", "capacity": 7, "category": "a", "outline": [[0, 0], [9, 0], [9, 9]]}],
    "objects": [{"kind": "text", "label": "Hi", "outline": [[0, 0]]}],
    "focus": {"x": 5, "y": -5},
}


def author(**changes) -> bytes:
    return json.dumps(AUTHOR | changes).encode()


def section(*rows, **changes) -> list:
    return [{"key": "S", "category": "a", "rows": list(rows)} | changes]


def test_an_authors_file_becomes_a_chart() -> None:
    chart = publish(read_chart(author()))
    ids = [chart.seat_id(i) for i in range(chart.seated_count)]
    assert ids == [
        "S:1:2",
        "S:1:4",
        "S:1:6",
        "S:1:8",
        "S:2:x",
        "S:2:y",
        *(f"T::{i}" for i in range(1, 5)),
    ]
    assert list(chart.x)[:6] == [0, 0, 0, 0, 500, 600]
    assert list(chart.y)[:4] == [0, 50, 100, 150]
    assert chart.category[:10] == bytes([0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
    assert chart.flags[4] == SeatFlag.ACCESSIBLE | SeatFlag.STEP_FREE
    assert chart.tables[0].whole
    assert chart.focus == (5, -5)
    assert chart.categories[1].color == "#123456"


def test_an_authors_file_needs_no_coordinates() -> None:
    plain = author(
        sections=section(
            {"name": "1", "count": 3}, {"name": "2", "seats": [{"label": "b"}], "category": "b"}
        ),
    )
    chart = publish(read_chart(plain))
    assert list(chart.x)[:4] == [0, 50, 100, 50]
    assert list(chart.y)[:4] == [0, 0, 0, 85]


@pytest.mark.parametrize(
    ("file", "pointer", "code"),
    [
        (b"{", "", "malformed"),
        (b"[]", "", "malformed"),
        (b"{}", "", "malformed"),
        (b'{"x":' + b"[" * 100_000, "", "malformed"),
        (b'{"name":"\xed\xa0\x80"}', "line 1", "wrong_encoding"),
        (author(format="other/2"), "/format", "unknown_format"),
        (author(surprise=1), "", "malformed"),
        (author(name=7), "/name", "malformed"),
        (
            author(sections=section({"name": "1", "count": "x"})),
            "/sections/0/rows/0/count",
            "malformed",
        ),
        (
            author(sections=section({"name": "1", "count": -1})),
            "/sections/0/rows/0/count",
            "bad_count",
        ),
        (
            author(sections=section({"name": "1", "count": 1, "seats": []})),
            "/sections/0/rows/0/count",
            "bad_count",
        ),
        (
            author(
                sections=section(
                    {"name": "1", "count": 2, "x": 1, "y": 1}, {"name": "2", "count": 2}
                )
            ),
            "/sections/0/rows/1",
            "coordinates_mixed",
        ),
        (
            author(sections=section({"name": "1", "seats": [{"label": "1", "x": 1}]})),
            "/sections/0/rows/0/seats/0",
            "coordinates_mixed",
        ),
        (
            author(sections=section({"name": "1", "count": 1, "attributes": ["vip"]})),
            "/sections/0/rows/0",
            "unknown_attribute",
        ),
        (
            author(sections=[{"key": "S", "rows": [{"name": "1", "count": 1}]}]),
            "/sections/0/rows/0",
            "unknown_category",
        ),
        (author(tables=[AUTHOR["tables"][0] | {"count": 0}]), "/tables/0", "empty_table"),
        (author(tables=[AUTHOR["tables"][0] | {"count": -7}]), "/tables/0", "empty_table"),
        (author(areas=[AUTHOR["areas"][0] | {"key": "S"}]), "/areas/0/key", "duplicate_key"),
    ],
)
def test_an_authors_file_is_refused_by_pointer(file: bytes, pointer: str, code: str) -> None:
    assert refused(file)[pointer] == code


@given(drafts())
@settings(max_examples=25, deadline=None)
def test_a_published_file_comes_in_again_as_it_went_out(draft) -> None:
    file = encode(publish(draft))
    assert encode(publish(read_chart(file))) == file
    assert encode(publish(read_chart(b"\xef\xbb\xbf \n" + file))) == file


def test_a_broken_published_file_is_refused() -> None:
    file = json.loads(encode(everything()))
    file["seats"]["x"].pop()
    assert refused(json.dumps(file).encode()) == {"/seats/x": "count_mismatch"}


def test_a_draft_survives_being_published() -> None:
    again = draft_of(everything())
    original = one_of_each()
    assert again.tables == original.tables
    assert again.areas == original.areas
    assert again.sections[1].rows == original.sections[1].rows


SEEDS = [
    HEADER + b"A,1,1,0,0,Gold,\nA,1,2,50,0,Gold,companion\n",
    author(),
    encode(everything()),
    (
        b'{"name":"p","categories":[{"name":"c"}],"zones":[{"position":{"x":0,"y":0},"rows":[{"row_number":"1",'
        b'"seats":[{"seat_guid":"g","seat_number":"1","position":{"x":1,"y":2},"category":"c"}]}]}]}'
    ),
]


def _read(file: bytes) -> None:
    problems = None
    try:
        draft = read_chart(file)
    except Invalid as refusal:
        problems = refusal.problems
    else:
        publish(draft)
    assert problems is None or 0 < len(problems) <= 100


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
@example(b'\xef\xbb\xbf{"zones":0}')
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_a_chart_or_refused(file: bytes) -> None:
    _read(file)


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=500, deadline=None)
def test_damaged_files_are_a_chart_or_refused(seed: bytes, data) -> None:
    at = data.draw(st.integers(0, len(seed)))
    length = data.draw(st.integers(0, 9))
    patch = data.draw(
        st.binary(max_size=6)
        | st.sampled_from(
            (b"null", b"-1", b"1e308", b'"', b"[", b"{}", b"9" * 30, b"9" * 5000, b"1.5")
        )
    )
    _read(seed[:at] + patch + seed[at + length :])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "name",
                        "categories",
                        "sections",
                        "zones",
                        "rows",
                        "seats",
                        "key",
                        "position",
                        "x",
                        "format",
                    )
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
@settings(max_examples=200, deadline=None)
def test_other_json_is_refused(value) -> None:
    _read(json.dumps(value).encode())
