from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.geography import Spot
from seatwright.catalog.domain.searching import PARAMETERS, read_search
from seatwright.kit.errors import Invalid


def test_everything_that_can_be_asked() -> None:
    asked = read_search(
        {
            "q": "Théâtre  O'Brien",
            "city": " München ",
            "country": "de",
            "venue": "v1",
            "organisation": "o1",
            "category": "comedy",
            "from": "2026-12-01",
            "to": "2026-12-31T23:00:00+01:00",
            "price_min": "0",
            "price_max": "5000",
            "currency": "EUR",
            "available": "true",
            "accessible": "false",
            "near": "-33.87,151.21",
            "radius_km": "12.5",
            "sort": "-price",
            "limit": "100",
            "cursor": "abc",
        }
    )
    found = asked.search
    assert (asked.limit, asked.cursor) == (100, "abc")
    assert found.words == ("theatre", "obrien")
    assert found.city == "munchen"
    assert found.country == "DE"
    assert found.since == date(2026, 12, 1)
    assert found.until == datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert (found.price_min, found.price_max) == (0, 5000)
    assert (found.available, found.accessible) == (True, False)
    assert (found.near, found.radius_km) == (Spot(-33.87, 151.21), 12.5)
    assert found.sort == "-price"


def test_what_is_not_said() -> None:
    asked = read_search({"q": "", "city": ""})
    assert asked == read_search({})
    assert (asked.limit, asked.search.sort) == (25, "starts_at")
    assert read_search({"q": "abba"}).search.sort == "relevance"
    assert len(read_search({"q": " ".join("abcdefghijkl")}).search.words) == 8


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read_search({"limit": "x", "sort": "up", "from": "soon", "colour": "red"})
    assert {p.pointer for p in refused.value.problems} == {"?limit", "?sort", "?from", "?colour"}


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), st.text(max_size=30)))
def test_any_text_is_read_or_refused(parameters: dict[str, str]) -> None:
    found: tuple[str, ...] = ()
    asked = None
    try:
        asked = read_search(parameters)
    except Invalid as refusal:
        found = tuple(problem.pointer for problem in refusal.problems)
    if asked is None:
        assert found
        assert all(pointer.startswith("?") for pointer in found)
    else:
        assert 1 <= asked.limit <= 100


@pytest.mark.parametrize(
    ("parameters", "pointer", "code"),
    [
        ({"q": "a" * 101}, "?q", "too_long"),
        ({"q": "a\x00"}, "?q", "invisible_character"),
        ({"q": "%_"}, "?q", "no_word"),
        ({"city": "a\nb"}, "?city", "invalid"),
        ({"venue": "../x"}, "?venue", "invalid"),
        ({"country": "GER"}, "?country", "invalid"),
        ({"category": "opera"}, "?category", "unknown"),
        ({"currency": "XXX"}, "?currency", "currency"),
        ({"available": "1"}, "?available", "invalid"),
        ({"price_max": "1.5"}, "?price_max", "amount"),
        ({"price_min": "2", "price_max": "1"}, "?price_max", "order"),
        ({"from": "2026-02-30"}, "?from", "date"),
        ({"from": "2026-02-03T10:00:00"}, "?from", "date"),
        ({"to": "9999-01-01"}, "?to", "range"),
        ({"from": "2026-02-03", "to": "2026-02-02T23:59:59Z"}, "?to", "order"),
        ({"near": "1"}, "?near", "invalid"),
        ({"near": "90.5,0"}, "?near", "range"),
        ({"near": "0,0", "radius_km": "0"}, "?radius_km", "range"),
        ({"radius_km": "5"}, "?radius_km", "needs_near"),
        ({"sort": "up"}, "?sort", "unknown"),
        ({"sort": "relevance"}, "?sort", "needs_q"),
        ({"limit": "101"}, "?limit", "range"),
        ({"limit": "\uff11"}, "?limit", "range"),
        ({"cursor": "x" * 501}, "?cursor", "invalid"),
        ({"colour": "red"}, "?colour", "unknown_parameter"),
    ],
)
def test_each_refusal_names_its_parameter(
    parameters: dict[str, str], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_search(parameters)
    assert [(p.pointer, p.code) for p in refused.value.problems] == [(pointer, code)]
