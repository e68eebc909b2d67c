"""The published chart: ids, labels, ranges and its file."""

import json

import pytest
from hypothesis import given, settings, strategies as st
from msgspec.structs import replace

from seatwright.catalog.domain.charts import draft_of, publish
from seatwright.contracts.charts import (
    CHART_BYTES_MAX,
    ChartVersion,
    SeatState,
    Span,
    bits_size,
    decode_chart,
    encode_chart,
    neighbour_runs,
    pack_states,
    tally,
    unpack_states,
    version_of,
)
from seatwright.kit.errors import Invalid
from tests.unit.catalog.charts.chart_samples import drafts, everything, one_of_each


def test_ids_and_labels_are_those_of_the_chart() -> None:
    chart = everything()
    ids = [chart.seat_id(place) for place in range(chart.seat_count)]
    assert ids[:3] == ["L1:1:1", "L1:1:2", "L1:1:3"]
    assert ids[6:9] == ["L1:2:11", "L1:2:9", "L1:2:7"]
    assert ids[12:15] == ["L1:AA:1", "L1:AA:2a", "L1:AA:3"]
    assert ids[18] == "T1::1"
    assert ids[28:30] == ["PIT:1", "PIT:2"]
    assert ids[-1] == "LAWN:9"
    assert len(set(ids)) == chart.seat_count == 18 + 10 + 39
    assert chart.label(6) == "Block L1 · Row 2 · Seat 11"
    assert chart.label(18) == "Table T1 · Seat 1"
    assert chart.label(28) == "Pit · Place 1"


def test_a_place_says_what_a_ticket_needs() -> None:
    chart = everything()
    seat, chair, standing = chart.place(13), chart.place(19), chart.place(30)
    assert (seat.section, seat.row, seat.seat) == ("Block L1", "AA", "2a")
    assert (seat.level, seat.entrance) == ("Lower tier", "Gate C")
    assert (chair.section, chair.row, chair.seat, chair.entrance) == ("Table T1", "", "2", "")
    assert (standing.section, standing.row, standing.seat) == ("Pit", "", "3")
    assert standing.entrance == "Gate A"


def test_spans_counts_and_runs_cover_the_chart() -> None:
    chart = everything()
    assert chart.spans[0] == Span("L1", "section", 0, 15)
    assert chart.spans[-1] == Span("LAWN", "area", 58, 67)
    assert [span.first for span in chart.spans[1:]] == [span.end for span in chart.spans[:-1]]
    assert chart.category_counts == (12 + 3 + 9, 3 + 10 + 30)
    assert sum(chart.category_counts) == chart.seat_count
    assert chart.category_index == {"gold": 0, "silver": 1}
    assert chart.has_accessible_places
    assert chart.area_span("PIT") == Span("PIT", "area", 28, 58)
    assert chart.area_span("L1") is None
    assert chart.area_span("nowhere") is None
    assert chart.whole_table(22) == Span("T2", "table", 22, 28)
    assert chart.whole_table(18) is None
    assert chart.whole_table(0) is None


def test_an_aisle_ends_a_run_of_neighbours() -> None:
    chart = everything()
    firsts, ends = neighbour_runs(chart)
    assert list(zip(firsts, ends, strict=True)) == [
        (0, 6), (6, 12), (12, 14), (14, 15), (15, 18), (18, 22), (22, 28),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "unknown",
    [
        "", ":", "::", "L1",
        "L1:1", "L1:1:0", "L1:1:7", "L1:1:01", "L1:1:+1", "L1:1:\uff11", "L1:1:",
        "L1:2:10", "L1:2:13", "L1:9:1", "L1::1", "X:1:1", "T1:1:1", "T1:1", "T1::5", "PIT:0",
        "PIT:31", "PIT:01", "PIT:", "PIT:1:1", "PIT::1", "L1:AA:2", "L1:1:-1", "PIT:\u00b2",
        "PIT:" + "9" * 5000, "L1:1:" + "9" * 5000, "L1:1:1 ",
    ],
)  # fmt: skip
def test_what_is_not_on_the_chart_is_not_found(unknown: str) -> None:
    assert everything().find(unknown) is None


@pytest.mark.parametrize("place", [-1, 67, 10**9])
def test_places_outside_the_chart_are_an_index_error(place: int) -> None:
    chart = everything()
    for ask in (chart.seat_id, chart.label, chart.span_of, chart.row_of):
        with pytest.raises(IndexError):
            ask(place)


@given(drafts())
@settings(max_examples=60, deadline=None)
def test_publish_encode_decode_come_back(draft) -> None:
    chart = publish(draft)
    file = encode_chart(chart)
    again = decode_chart(file, chart.version)
    assert encode_chart(again) == file
    assert version_of(file) == chart.version == again.version
    assert publish(draft_of(again)).version == chart.version
    assert (again.x, again.y) == (chart.x, chart.y)
    assert (again.category, again.flags) == (chart.category, chart.flags)
    for place in range(chart.seat_count):
        assert chart.find(chart.seat_id(place)) == place
        assert chart.spans[chart.span_of(place)].first <= place


@given(drafts())
@settings(max_examples=30, deadline=None)
def test_the_same_draft_gives_the_same_bytes(draft) -> None:
    assert encode_chart(publish(draft)) == encode_chart(publish(draft))


def test_the_file_is_the_one_the_map_reads() -> None:
    chart = publish(one_of_each())
    file = json.loads(encode_chart(chart))
    assert list(file) == [
        "format", "name", "seat_count", "bounds", "focus", "categories", "sections", "tables",
        "seats", "areas", "objects",
    ]  # fmt: skip
    assert file["seat_count"] == 67
    rows = file["sections"][0]["rows"]
    assert rows[0] == {"name": "1", "count": 6, "from": 1, "step": 1}
    assert rows[1] == {"name": "2", "count": 6, "from": 11, "step": -2}
    assert rows[2] == {"name": "AA", "count": 3, "labels": ["1", "2a", "3"]}
    assert file["tables"][1]["whole"] is True
    assert file["seats"]["x"][:7] == [0, 50, 50, 50, 50, 50, -250]
    assert file["seats"]["category"] == [0, 12, 1, 3, 0, 3, 1, 10]
    assert file["seats"]["flags"] == [[15, 1], [16, 2]]
    assert file["focus"] == {"x": 200, "y": -400}
    assert file["areas"][0]["category"] == 1


def test_chairs_may_have_names() -> None:
    draft = one_of_each()
    chairs = tuple(replace(seat, label=f"{seat.label}a") for seat in draft.tables[0].seats)
    chart = publish(replace(draft, tables=(replace(draft.tables[0], seats=chairs),)))
    assert chart.find("T1::1a") == 18
    assert chart.seat_id(19) == "T1::2a"


def test_far_coordinates_survive() -> None:
    draft = one_of_each()
    moved = draft.sections[0].rows[0].seats[0]
    assert moved.x == 0
    file = json.loads(encode_chart(publish(draft)))
    file["seats"]["x"][0] = 900_000
    chart = decode_chart(json.dumps(file).encode())
    assert chart.x[0] == 900_000
    assert chart.x.typecode == "i"
    assert publish(draft).x.typecode == "h"


def _edited(path: str, value) -> bytes:
    file = json.loads(encode_chart(everything()))
    *way, last = (int(step) if step.isdigit() else step for step in path.split("/"))
    at = file
    for step in way:
        at = at[step]
    at[last] = value
    return json.dumps(file).encode()


SECTION = {"key": "L1", "name": "x", "level": "", "entrance": "", "outline": [], "rows": []}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("format", "seatwright-chart/2", "malformed"),
        ("surprise", 1, "malformed"),
        ("seat_count", 66, "count_mismatch"),
        ("seats/x", [1, 2], "count_mismatch"),
        ("seats/y/0", 10**7, "coordinate_out_of_range"),
        ("seats/y/0", 10**400, "coordinate_out_of_range"),
        ("seats/category", [0, 28, 1], "count_mismatch"),
        ("seats/category", [0, 27], "count_mismatch"),
        ("seats/category", [0, 30, 1, -2], "count_mismatch"),
        ("seats/category", [7, 28], "unknown_category"),
        ("seats/flags", [[99, 1]], "bad_flags"),
        ("seats/flags", [[1, 0]], "bad_flags"),
        ("seats/flags", [[1, 16]], "bad_flags"),
        ("seats/flags", [[1, 1], [1, 2]], "bad_flags"),
        ("focus/x", -(10**8), "coordinate_out_of_range"),
        ("bounds/width", -1, "coordinate_out_of_range"),
        ("bounds/x", 10**30, "coordinate_out_of_range"),
        ("categories", [], "bad_category_count"),
        ("categories/0/key", "silver", "duplicate_key"),
        ("sections/0/key", "a:b", "bad_label"),
        ("sections/0/key", "", "bad_label"),
        ("sections/0/key", "T1", "duplicate_key"),
        ("sections/0/rows/0/name", "2", "duplicate_key"),
        ("sections/0/rows/0/count", 10**9, "too_many_seats"),
        ("sections/0/rows/0/count", 0, "bad_count"),
        ("sections/0/rows/0/step", 0, "bad_labels"),
        ("sections/0/rows/0/step", 10**30, "bad_labels"),
        ("sections/0/rows/0/from", -3, "bad_labels"),
        ("sections/0/rows/0/from", 10**12, "bad_labels"),
        ("sections/0/rows/0", {"name": "1", "count": 6}, "bad_labels"),
        ("sections/0/rows/0", {"name": "1", "count": 6, "labels": ["a"]}, "bad_labels"),
        ("sections/0/rows/2/labels", ["1", "1", "3"], "duplicate_key"),
        ("sections/0/rows/2/from", 1, "bad_labels"),
        ("sections/1", SECTION | {"key": "E"}, "empty_section"),
        ("sections/0/outline", [[0, 0]] * 2_001, "too_many_points"),
        ("sections/0/outline", [[0, 10**9]], "coordinate_out_of_range"),
        ("tables/0/x", 10**9, "coordinate_out_of_range"),
        ("areas/0/capacity", -5, "bad_count"),
        ("areas/0/category", 2, "unknown_category"),
        ("objects/0/outline", [[0, 10**9]], "coordinate_out_of_range"),
        ("objects/0/kind", "moat", "malformed"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(path: str, value, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        decode_chart(_edited(path, value))
    assert code in {problem.code for problem in refusal.value.problems}


def test_a_file_must_be_the_one_it_is_called() -> None:
    file = encode_chart(everything())
    with pytest.raises(Invalid) as refusal:
        decode_chart(file, ChartVersion("0" * 32))
    assert refusal.value.problems[0].code == "hash_mismatch"


@pytest.mark.parametrize(
    "file", [b"", b"{", b"[" * 100_000, b"\xff", b"null", b" " * (CHART_BYTES_MAX + 1)]
)
def test_what_is_no_chart_is_refused(file: bytes) -> None:
    with pytest.raises(Invalid):
        decode_chart(file)


def test_a_chart_without_seats_is_refused() -> None:
    file = json.loads(encode_chart(everything()))
    file |= {"sections": [], "tables": [], "areas": [], "seat_count": 0}
    with pytest.raises(Invalid) as refusal:
        decode_chart(json.dumps(file).encode())
    assert refusal.value.problems[0].code == "no_seats"


@given(st.lists(st.integers(0, 3), max_size=70), st.integers(0, 80), st.integers(0, 80))
def test_states_are_packed_as_valkey_does(states, first, places) -> None:
    bits = pack_states(states)
    assert len(bits) == bits_size(len(states))
    for place, state in enumerate(states):
        assert (bits[place // 4] >> (6 - 2 * (place % 4))) & 3 == state
    padded = states + [0] * 200
    assert list(unpack_states(bits, places, first)) == padded[first : first + places]


def test_a_state_has_two_bits() -> None:
    with pytest.raises(ValueError, match="0, 1, 2 or 3"):
        pack_states([4])


def test_places_are_counted_by_state_category_and_span() -> None:
    chart = everything()
    states = [0] * chart.seat_count
    states[0], states[12], states[28], states[66] = (
        SeatState.HELD, SeatState.SOLD, SeatState.BLOCKED, SeatState.SOLD,
    )  # fmt: skip
    counted = tally(chart, pack_states(states))
    assert (counted.free, counted.held, counted.sold, counted.blocked) == (63, 1, 2, 1)
    assert counted.free_by_category == (22, 41)
    assert counted.free_by_span == (13, 3, 4, 6, 29, 8)
    assert tally(chart, b"").free == chart.seat_count
