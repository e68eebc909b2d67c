"""Venues of an organisation."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from seatwright.catalog.domain.texts import tidy
from seatwright.catalog.domain.venues import (
    ADDRESS_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    VenuePlan,
)
from seatwright.catalog.http import parameters
from seatwright.catalog.http.access import (
    READ,
    WRITE,
    Desk,
    expected_version,
    known_id,
    organiser,
    request_key,
    version_tag,
)
from seatwright.catalog.service import venues
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.store import VenueRow
from seatwright.contracts.catalog import OrganisationId, VenueId
from seatwright.kit import clock
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import pages
from seatwright.kit.web.app import offered

_TAGS = ["Organisers: venues"]

Name = Annotated[str, Meta(max_length=NAME_CHARACTERS_MAX, examples=["Nordhafen Arena"])]
City = Annotated[str, Meta(max_length=NAME_CHARACTERS_MAX, examples=["Hamburg"])]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["DE"])]
Address = Annotated[
    str, Meta(max_length=ADDRESS_CHARACTERS_MAX, examples=["Am Nordhafen 1, 20457 Hamburg"])
]
Timezone = Annotated[str, Meta(max_length=60, examples=["Europe/Berlin"])]
Latitude = Annotated[float, Meta(ge=-90, le=90, examples=[53.54])]
Longitude = Annotated[float, Meta(ge=-180, le=180, examples=[9.99])]


class VenueBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue to be made; `country` is ISO 3166-1 alpha-2, position in degrees (WGS 84)."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "name": "Nordhafen Arena",
        "city": "Hamburg",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "address": "Am Nordhafen 1, 20457 Hamburg",
        "lat": 53.54,
        "lon": 9.99,
    }

    name: Name
    city: City
    country: Country
    timezone: Timezone
    address: Address = ""
    lat: Latitude | None = None
    lon: Longitude | None = None


class VenuePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a venue to be changed."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"address": "Am Nordhafen 2, 20457 Hamburg"}

    name: Name | UnsetType = UNSET
    city: City | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    lat: Latitude | UnsetType | None = UNSET
    lon: Longitude | UnsetType | None = UNSET


class VenueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A venue as its organisation sees it."""

    id: str
    name: str
    city: str
    country: str
    address: str
    timezone: str
    lat: float | None
    lon: float | None
    version: int
    created_at: str
    changed_at: str


class VenueList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of venues, newest first."""

    items: list[VenueAnswer]
    next: str | None


@post("/v1/organisations/{org:str}/venues", tags=_TAGS)
async def add_venue(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[VenueBody]
) -> Response[VenueAnswer]:
    """Make a venue."""
    principal = await organiser(request, org, WRITE)
    row = await venues.add_venue(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        plan=VenuePlan(**_tidied(data)),
        request=await request_key(request, principal),
    )
    return _answer(row, created=True)


@get("/v1/organisations/{org:str}/venues", tags=_TAGS)
async def list_venues(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: parameters.PageSize = PAGE_ITEMS_DEFAULT,
    cursor: parameters.Cursor = None,
) -> Response[VenueList]:
    """List venues, newest first."""
    await organiser(request, org, READ)
    catalogue = offered(request, Catalogue)
    rows, more = await pages.page_by_id(
        offered(request, Desk).keys,
        f"{org}/venues",
        (limit, cursor),
        lambda after, most: venues.list_venues(
            catalogue, organisation=OrganisationId(org), after=after, limit=most
        ),
    )
    return Response(VenueList(items=[_shape(row) for row in rows], next=more))


@get("/v1/organisations/{org:str}/venues/{venue_id:str}", tags=_TAGS)
async def read_venue(
    request: Request[Any, Any, Any], org: FromPath[str], venue_id: FromPath[str]
) -> Response[VenueAnswer]:
    """Read a venue; its ETag is what an edit names."""
    await organiser(request, org, READ)
    row = await venues.read_venue(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        venue=VenueId(known_id(venue_id)),
    )
    return _answer(row)


@patch("/v1/organisations/{org:str}/venues/{venue_id:str}", tags=_TAGS)
async def edit_venue(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    venue_id: FromPath[str],
    data: JSONBody[VenuePatch],
) -> Response[VenueAnswer]:
    """Change a venue named by `If-Match`; events show it from their next publication on."""
    await organiser(request, org, WRITE)
    changes = _tidied(data)
    row = await venues.edit_venue(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        venue=VenueId(known_id(venue_id)),
        version=expected_version(request, required=True),
        change=lambda plan: msgspec.structs.replace(plan, **changes),
    )
    return _answer(row)


def _tidied(body: msgspec.Struct) -> dict[str, Any]:
    fields = msgspec.structs.asdict(body).items()
    return {
        name: tidy(value) if isinstance(value, str) else value
        for name, value in fields
        if value is not UNSET
    }


def _shape(row: VenueRow) -> VenueAnswer:
    return VenueAnswer(
        id=row.id,
        version=row.version,
        created_at=clock.rfc3339(row.created_at),
        changed_at=clock.rfc3339(row.changed_at),
        **msgspec.structs.asdict(row.plan),
    )


def _answer(row: VenueRow, *, created: bool = False) -> Response[VenueAnswer]:
    return Response(
        _shape(row),
        status_code=201 if created else 200,
        headers={"ETag": version_tag(row.version)},
    )


ROUTES = (add_venue, list_venues, read_venue, edit_venue)
