import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.geography import Spot, distance_km, within

spots = st.builds(Spot, st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False))


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (Spot(53.55, 10.0), Spot(52.52, 13.405), 255),  # Hamburg to Berlin
        (Spot(-33.87, 151.21), Spot(-36.85, 174.76), 2156),  # Sydney to Auckland
        (Spot(0, 179.5), Spot(0, -179.5), 111),  # across the date line
        (Spot(90, 0), Spot(-90, 0), 20015),
        (Spot(1, 2), Spot(1, 2), 0),
    ],
)
def test_known_distances(one: Spot, other: Spot, km: int) -> None:
    assert distance_km(one, other) == pytest.approx(km, abs=2)
    assert distance_km(other, one) == pytest.approx(distance_km(one, other))


@given(st.lists(spots, max_size=8), spots, st.floats(0.1, 500))
def test_the_quick_way_finds_what_the_slow_way_finds(
    places: list[Spot], centre: Spot, radius: float
) -> None:
    named = [(str(i), spot) for i, spot in enumerate(places)]
    near = set(within(named, centre, radius))
    for name, spot in named:
        distance = distance_km(spot, centre)
        if abs(distance - radius) > 1e-6:
            assert (name in near) == (distance < radius)


def test_a_corner_of_the_box_is_not_in_the_circle() -> None:
    centre, corner = Spot(50, 10), Spot(50.85, 11.3)  # 95 km north and 92 km east
    assert list(within([("corner", corner)], centre, 100)) == []
    assert list(within([("corner", corner)], centre, 140)) == ["corner"]
