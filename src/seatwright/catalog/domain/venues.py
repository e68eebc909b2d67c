"""Places where events happen."""

import re
from collections.abc import Iterator

import msgspec

from seatwright.catalog.domain.texts import line_problems
from seatwright.catalog.domain.zones import known_zone
from seatwright.contracts.catalog import VenueId
from seatwright.kit.errors import Problem

NAME_CHARACTERS_MAX = 120
ADDRESS_CHARACTERS_MAX = 200
LATITUDE_MAX = 90.0
LONGITUDE_MAX = 180.0
_COUNTRY = re.compile(r"[A-Z]{2}")


class VenuePlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    A venue as its organisation describes it.

    `country` is ISO 3166-1 alpha-2, `timezone` an IANA name, `lat` and `lon` are degrees
    (WGS 84), both given or neither.
    """

    name: str
    city: str
    country: str
    address: str = ""
    timezone: str
    lat: float | None = None
    lon: float | None = None


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """A venue as it stands in published documents."""

    id: VenueId
    name: str
    city: str
    country: str
    address: str
    lat: float | None
    lon: float | None


def venue_problems(plan: VenuePlan) -> Iterator[Problem]:
    """What is wrong with a venue."""
    yield from line_problems("/name", plan.name, characters_max=NAME_CHARACTERS_MAX)
    yield from line_problems("/city", plan.city, characters_max=NAME_CHARACTERS_MAX)
    yield from line_problems(
        "/address", plan.address, characters_max=ADDRESS_CHARACTERS_MAX, optional=True
    )
    if not _COUNTRY.fullmatch(plan.country):
        yield Problem("/country", "country", "Two capital letters, such as DE (ISO 3166-1).")
    if not known_zone(plan.timezone):
        yield Problem("/timezone", "timezone", "A place of the IANA database: Europe/Berlin.")
    if (plan.lat is None) != (plan.lon is None):
        yield Problem("/lat", "coordinates", "Give both latitude and longitude, or neither.")
    # Written so that NaN is refused too.
    if plan.lat is not None and not -LATITUDE_MAX <= plan.lat <= LATITUDE_MAX:
        yield Problem("/lat", "range", "A latitude is between -90 and 90 degrees.")
    if plan.lon is not None and not -LONGITUDE_MAX <= plan.lon <= LONGITUDE_MAX:
        yield Problem("/lon", "range", "A longitude is between -180 and 180 degrees.")
