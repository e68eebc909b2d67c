"""Candidates are free, fit the wish, and sit together when they say so."""

import time
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from seatwright.catalog.domain.charts import ChartDraft, DraftRow, DraftSeat, DraftSection, publish
from seatwright.catalog.domain.demo.earlier_sales import sold_earlier
from seatwright.catalog.domain.demo.venues import VENUES, chart_of
from seatwright.contracts.charts import (
    PublishedChart,
    SeatFlag,
    bits_size,
    neighbour_runs,
    pack_states,
)
from seatwright.reservations.domain.best_available import (
    area_candidates,
    candidates,
    seat_choices,
)
from tests.unit.catalog.charts.chart_samples import (
    CATEGORIES,
    block,
    drafts,
    everything,
    straight_row,
    table,
)

RESERVED = SeatFlag.ACCESSIBLE | SeatFlag.COMPANION


@cache
def stadium() -> PublishedChart:
    return publish(chart_of(VENUES[0]))


def hall(rows=3, count=10, **changes) -> PublishedChart:
    return publish(
        ChartDraft("Hall", CATEGORIES[:1], (block("A", rows, count=count),), focus=(225, -500))
    )


def taken(chart: PublishedChart, *seats: int) -> bytes:
    states = bytearray(chart.seat_count)
    for seat in seats:
        states[seat] = 1 + seat % 3
    return pack_states(states)


def only_free(chart: PublishedChart, *seats: int) -> bytes:
    return taken(chart, *(seat for seat in range(chart.seat_count) if seat not in seats))


NOTHING = b""


def first(chart, bits, quantity, **wish):
    return next(candidates(chart, bits, quantity, **wish), None)


def test_the_middle_of_the_first_row_is_best() -> None:
    assert first(hall(), NOTHING, 2) == (4, 5)
    assert first(hall(), NOTHING, 4) == (3, 4, 5, 6)


def test_the_next_candidates_are_others_and_further_away() -> None:
    found = list(candidates(hall(), NOTHING, 2, tries=15))
    assert len(found) == 15
    assert len({seat for seats in found for seat in seats}) == 30
    assert found[0] == (4, 5)
    assert list(candidates(hall(), NOTHING, 2, tries=4, skip=3)) == found[3:7]


def test_no_single_seat_is_left_behind_where_it_can_be_helped() -> None:
    chart = hall(rows=1)
    # Free: 3 4 5 6 7: a pair in the very middle would leave singles at both sides.
    bits = only_free(chart, 3, 4, 5, 6, 7)
    assert first(chart, bits, 2) in ((3, 4), (6, 7))
    # Three in a row: every pair leaves one, and is offered all the same.
    assert first(chart, only_free(chart, 3, 4, 5), 2) in ((3, 4), (4, 5))
    # A worse row is preferred to leaving one behind.
    chart = hall(rows=2)
    assert first(chart, only_free(chart, 3, 4, 5, 12, 13), 2) == (12, 13)


def test_taken_seats_are_never_offered() -> None:
    chart = hall(rows=1)
    assert first(chart, only_free(chart, 7), 1) == (7,)
    assert first(chart, only_free(chart), 1) is None
    assert first(chart, only_free(chart, 7), 2) is None


def test_a_party_is_split_over_rows_behind_each_other_at_last() -> None:
    chart = hall()
    bits = only_free(chart, 4, 5, 14, 15)
    choices = list(seat_choices(chart, bits, 4))
    assert [choice.seats for choice in choices] == [(4, 5, 14, 15)]
    assert not choices[0].together
    assert first(chart, only_free(chart, 4, 5, 6, 15), 4) == (4, 5, 6, 15)
    assert first(chart, only_free(chart, 4, 14, 24), 3) == (4, 14, 24)
    assert first(chart, only_free(chart, 4, 24), 2) is None, "a row lies between them"
    assert first(chart, only_free(chart, 0, 19), 2) is None, "too far apart to talk"
    assert first(chart, only_free(chart, 24, 14, 15), 3) == (14, 15, 24)


def test_rows_of_another_section_are_not_behind() -> None:
    chart = publish(
        ChartDraft("Hall", CATEGORIES[:1], (block("A", 1), block("B", 1, y=85)), focus=(0, -1))
    )
    assert first(chart, only_free(chart, 4, 14), 2) is None


def test_an_aisle_separates() -> None:
    row = DraftRow(
        "1", tuple(DraftSeat(str(i), i * 50 + (i > 2) * 150, 0, "gold") for i in range(6))
    )
    chart = publish(ChartDraft("Hall", CATEGORIES[:1], (DraftSection("A", "A", (row,)),)))
    assert {first(chart, NOTHING, 3), (0, 1, 2)} == {(0, 1, 2)} or first(chart, NOTHING, 3) == (
        3,
        4,
        5,
    )
    assert first(chart, NOTHING, 4) is None


def test_only_the_wanted_categories() -> None:
    chart = publish(
        ChartDraft(
            "Hall",
            CATEGORIES,
            (block("A", 1), block("B", 1, y=85, category="silver")),
            focus=(225, -500),
        )
    )
    assert first(chart, NOTHING, 2) == (4, 5)
    assert first(chart, NOTHING, 2, category=1) == (14, 15)
    assert first(chart, NOTHING, 2, allowed=frozenset({1})) == (14, 15)
    assert first(chart, NOTHING, 2, category=1, allowed=frozenset({0, 1})) == (14, 15)
    assert first(chart, NOTHING, 2, category=1, allowed=frozenset({0})) is None
    assert first(chart, NOTHING, 2, allowed=frozenset()) is None
    assert first(chart, NOTHING, 2, category=9) is None


def accessible_hall() -> PublishedChart:
    places = []
    x = 0
    for i, flag in enumerate((1, 2, 1, 2, 0, 0, 0, 0)):
        places.append(DraftSeat(str(i + 1), x, 85, "gold", flag))
        x += 80 if flag else 50
    rows = (straight_row("1", 8, 0), DraftRow("2", tuple(places)))
    return publish(
        ChartDraft("Hall", CATEGORIES[:1], (DraftSection("A", "A", rows),), focus=(100, -500))
    )


def test_places_for_wheelchairs_are_kept_for_those_who_need_them() -> None:
    chart = accessible_hall()
    for quantity in (1, 2, 4):
        for seats in candidates(chart, NOTHING, quantity, tries=99):
            assert not any(chart.flags[seat] & RESERVED for seat in seats)
    assert first(chart, NOTHING, 1, accessible=True) in ((8,), (10,))
    assert first(chart, NOTHING, 2, accessible=True) in ((8, 9), (10, 11))
    assert first(chart, NOTHING, 4, accessible=True) == (10, 11, 12, 13), "one wheelchair, not two"
    assert first(hall(), NOTHING, 2, accessible=True) is None


def test_a_wheelchairs_party_may_sit_in_two_rows() -> None:
    chart = accessible_hall()
    assert first(chart, only_free(chart, 8, 9, 0, 1), 4, accessible=True) == (0, 1, 8, 9)
    assert first(chart, only_free(chart, 8, 2), 2, accessible=True) == (2, 8)
    assert first(chart, only_free(chart, 12, 13, 2), 3, accessible=True) is None


def test_tables_are_sold_as_they_are_meant() -> None:
    chart = publish(
        ChartDraft(
            "Tables",
            CATEGORIES[1:],
            tables=(table("T1", y=0, count=4), table("T2", y=600, count=6, whole=True)),
            focus=(0, 0),
        )
    )
    assert set(first(chart, NOTHING, 2)) < {0, 1, 2, 3}
    assert first(chart, NOTHING, 6) == (4, 5, 6, 7, 8, 9)
    assert first(chart, NOTHING, 5) is None
    assert first(chart, taken(chart, 4), 6) is None
    assert first(chart, taken(chart, 0, 1, 2, 3), 1) is None


@pytest.mark.parametrize("quantity", [0, -1, 101])
def test_absurd_quantities_get_nothing(quantity: int) -> None:
    assert list(candidates(hall(), NOTHING, quantity)) == []
    assert list(area_candidates(everything(), NOTHING, "PIT", quantity, 0)) == []


@given(
    drafts(),
    st.randoms(use_true_random=False),
    st.integers(1, 8),
    st.booleans(),
    st.none() | st.integers(0, 1),
    st.sampled_from((0.1, 0.5, 0.9)),
)
@settings(max_examples=150, deadline=None)
def test_candidates_keep_their_promises(
    draft, dice, quantity, accessible, category, density
) -> None:
    chart = publish(draft)
    free = [dice.random() < density for _ in range(chart.seat_count)]
    bits = pack_states(0 if is_free else dice.choice((1, 2, 3)) for is_free in free)
    firsts, ends = neighbour_runs(chart)
    runs = list(zip(firsts, ends, strict=True))
    seen: set[int] = set()
    choices = list(seat_choices(chart, bits, quantity, category=category, accessible=accessible))
    for seats, together in choices:
        assert len(set(seats)) == len(seats) == quantity
        assert list(seats) == sorted(seats)
        assert seen.isdisjoint(seats)
        seen.update(seats)
        for seat in seats:
            assert free[seat]
            assert category is None or chart.category[seat] == category
            whole = chart.whole_table(seat)
            assert whole is None or set(range(whole.first, whole.end)) == set(seats)
        if together:
            assert all(after - before == 1 for before, after in pairwise(seats))
            assert any(start <= seats[0] and seats[-1] < end for start, end in runs)
        else:
            assert len({chart.span_of(seat) for seat in seats}) == 1
        wheelchairs = [seat for seat in seats if chart.flags[seat] & SeatFlag.ACCESSIBLE]
        assert bool(wheelchairs) == accessible
    fitting = any(
        end - start >= quantity
        and any(
            all(
                free[seat]
                and (category is None or chart.category[seat] == category)
                and not chart.flags[seat] & RESERVED
                and not chart.whole_table(seat)
                for seat in range(at, at + quantity)
            )
            for at in range(start, end - quantity + 1)
        )
        for start, end in runs
    )
    assert accessible or not fitting or choices[0].together, "together wherever it is possible"


@given(st.integers(), st.integers(1, 12), st.randoms(use_true_random=False), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_standing_places_are_free_and_in_their_area(spread, quantity, dice, density) -> None:
    chart = everything()
    span = chart.area_span("PIT")
    free = [dice.random() < density for _ in range(chart.seat_count)]
    bits = pack_states(0 if is_free else 2 for is_free in free)
    found = list(area_candidates(chart, bits, "PIT", quantity, spread))
    seats = [seat for choice in found for seat in choice]
    assert len(set(seats)) == len(seats)
    assert all(span.first <= seat < span.end and free[seat] for seat in seats)
    assert all(len(choice) == quantity for choice in found)
    assert len(found) == min(3, sum(free[span.first : span.end]) // quantity)


def test_standing_places_begin_where_they_are_told() -> None:
    chart = everything()
    assert next(area_candidates(chart, NOTHING, "PIT", 2, 0)) == (28, 29)
    assert next(area_candidates(chart, NOTHING, "PIT", 2, 29)) == (57, 28)
    assert next(area_candidates(chart, NOTHING, "PIT", 2, 30 * 7 + 3)) == (31, 32)
    assert list(area_candidates(chart, NOTHING, "nowhere", 2, 0)) == []
    assert list(area_candidates(chart, NOTHING, "L1", 2, 0)) == []


def _cpu_seconds(chart, bits, quantity, wish) -> float:
    begun = time.process_time()
    list(candidates(chart, bits, quantity, **wish))
    return time.process_time() - begun


def test_a_stadium_is_answered_within_15_ms() -> None:
    chart = stadium()
    states = bytearray(chart.seat_count)
    for seat in sold_earlier(chart, 9_700, "rush"):
        states[seat] = 2
    nearly_full = pack_states(states)
    full = b"\xaa" * bits_size(chart.seat_count)
    for bits in (NOTHING, nearly_full, full):
        for wish in ({}, {"category": 3}, {"accessible": True}):
            for quantity in (1, 2, 4, 8):
                list(candidates(chart, bits, quantity, **wish))  # the plan and masks are kept
                fastest = min(_cpu_seconds(chart, bits, quantity, wish) for _ in range(3))
                assert fastest < 0.015, (wish, quantity)


def test_in_the_stadium_the_best_seats_are_before_the_stage_and_see_it() -> None:
    chart = stadium()
    front = max(x for thing in chart.objects if thing.kind == "stage" for x, _ in thing.outline)
    for seats in candidates(chart, NOTHING, 4, tries=20):
        assert chart.sections[chart.span_of(seats[0])].level == "Lower tier"
        for seat in seats:
            assert chart.category[seat] == chart.category_index["cat1"]
            assert not chart.flags[seat] & SeatFlag.RESTRICTED_VIEW
            assert chart.x[seat] > front
    cheap = first(chart, NOTHING, 4, category=chart.category_index["cat4"])
    assert cheap is not None
    assert {chart.category[seat] for seat in cheap} == {chart.category_index["cat4"]}


def test_more_wishes_than_are_remembered_are_answered_too() -> None:
    chart = hall()
    for number in range(70):
        assert first(chart, NOTHING, 2, allowed=frozenset({0, number + 1})) == (4, 5)
