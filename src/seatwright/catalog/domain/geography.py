"""Which places are near."""

from collections.abc import Iterable, Iterator
from math import asin, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
# Beyond this a meridian is nearly the whole box; then only the distance decides.
_COSINE_MIN = 0.01


class Spot(NamedTuple):
    """Degrees, WGS 84."""

    lat: float
    lon: float


def distance_km(a: Spot, b: Spot) -> float:
    """Along the great circle (haversine): within 0.5 % of the true ellipsoid."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    across = sin((lat_b - lat_a) / 2) ** 2
    along = cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(across + along)))


def within(places: Iterable[tuple[str, Spot]], centre: Spot, radius_km: float) -> Iterator[str]:
    """The names of the places at most `radius_km` from `centre`."""
    lat_reach = degrees(radius_km / EARTH_RADIUS_KM)
    narrowing = cos(radians(min(90.0, abs(centre.lat) + lat_reach)))
    lon_reach = lat_reach / narrowing if narrowing > _COSINE_MIN else 180.0
    for name, spot in places:
        if abs(spot.lat - centre.lat) > lat_reach:
            continue  # nearly all places, for the price of one subtraction
        lon_apart = abs(spot.lon - centre.lon)
        if min(lon_apart, 360 - lon_apart) > lon_reach:
            continue
        if distance_km(spot, centre) <= radius_km:
            yield name
