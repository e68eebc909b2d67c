"""Seat charts of an organisation: drafts and published versions."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from seatwright.catalog.domain.publication import ChartFacts
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
from seatwright.catalog.service import charts
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.store import ChartId, ChartRow
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import clock, limits
from seatwright.kit.errors import invalid
from seatwright.kit.web import pages
from seatwright.kit.web.app import offered
from seatwright.kit.web.strict_json import NotJson

_TAGS = ["Organisers: charts"]
_NAME_CHARACTERS_MAX = 120
_FILE_TYPES = frozenset({"application/json", "text/csv", "application/octet-stream"})
_ENCODER = msgspec.json.Encoder()
# The body is read as it comes, so the description of the API is told what may be in it.
_TAKES = {
    "application/json": {
        "format": "seatwright-draft/1",
        "name": "Studio",
        "categories": [{"key": "cat1", "name": "Category 1", "color": "#4477AA"}],
        "sections": [
            {
                "key": "P",
                "name": "Parquet",
                "category": "cat1",
                "rows": [{"name": "1", "count": 12}, {"name": "2", "count": 12}],
            }
        ],
    },
    "text/csv": (
        "section,row,seat,x,y,category,attributes\n"
        "Parquet,1,1,0,0,cat1,accessible\n"
        "Parquet,1,2,55,0,cat1,\n"
    ),
}

ChartName = Annotated[
    str | None,
    QueryParameter(description="The chart's name where the file has none (CSV).", required=False),
]


class NotAChart(NotJson):
    """The body is of a kind that is not read."""

    title = "Send JSON or CSV"


class VersionCategoryShape(msgspec.Struct, frozen=True, kw_only=True):
    """A category of a published version and how many places it has."""

    key: str
    name: str
    color: str
    seats: int


class VersionShape(msgspec.Struct, frozen=True, kw_only=True):
    """A published version: never changes, served at `/v1/charts/{hash}`."""

    hash: str
    seat_count: int
    accessible: bool
    categories: list[VersionCategoryShape]


class ChartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's draft without its seats, and its published versions, oldest first."""

    id: str
    name: str
    seat_count: int
    version: int
    created_at: str
    changed_at: str
    publications: list[VersionShape]


class ChartList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of charts, newest first."""

    items: list[ChartAnswer]
    next: str | None


@post(
    "/v1/organisations/{org:str}/charts",
    tags=_TAGS,
    request_max_body_size=limits.UPLOAD_BYTES_MAX,
    opt={"takes": _TAKES},
)
async def add_chart(
    request: Request[Any, Any, Any], org: FromPath[str], name: ChartName = None
) -> Response[ChartAnswer]:
    """
    Make a chart from a file: our JSON, a pretix seating plan, or CSV
    (`section,row,seat,x,y,category,attributes`). All problems are named, by line or pointer.
    """
    principal = await organiser(request, org, WRITE)
    row = await charts.add_chart(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        file=await _file(request),
        name=_checked_name(name),
        request=await request_key(request, principal),
    )
    return _answer(row, created=True)


@get("/v1/organisations/{org:str}/charts", tags=_TAGS)
async def list_charts(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: parameters.PageSize = limits.PAGE_ITEMS_DEFAULT,
    cursor: parameters.Cursor = None,
) -> Response[ChartList]:
    """List charts, newest first."""
    await organiser(request, org, READ)
    catalogue = offered(request, Catalogue)
    rows, more = await pages.page_by_id(
        offered(request, Desk).keys,
        f"{org}/charts",
        (limit, cursor),
        lambda after, most: charts.list_charts(
            catalogue, organisation=OrganisationId(org), after=after, limit=most
        ),
    )
    return Response(ChartList(items=[_shape(row) for row in rows], next=more))


@get("/v1/organisations/{org:str}/charts/{chart_id:str}", tags=_TAGS)
async def read_chart(
    request: Request[Any, Any, Any], org: FromPath[str], chart_id: FromPath[str]
) -> Response[ChartAnswer]:
    """Read a chart without its seats; its ETag is what an edit names."""
    await organiser(request, org, READ)
    row = await charts.read_chart_row(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        chart=ChartId(known_id(chart_id)),
    )
    return _answer(row)


@get(
    "/v1/organisations/{org:str}/charts/{chart_id:str}/draft",
    tags=_TAGS,
    responses={
        200: ResponseSpec(
            dict[str, Any], description="The draft with all its seats.", generate_examples=False
        )
    },
)
async def read_draft(
    request: Request[Any, Any, Any], org: FromPath[str], chart_id: FromPath[str]
) -> Response[bytes]:
    """Read the draft with all its seats, up to some megabytes."""
    await organiser(request, org, READ)
    draft = await charts.read_draft(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        chart=ChartId(known_id(chart_id)),
    )
    return Response(_ENCODER.encode(draft), media_type="application/json")


@put(
    "/v1/organisations/{org:str}/charts/{chart_id:str}/draft",
    tags=_TAGS,
    request_max_body_size=limits.UPLOAD_BYTES_MAX,
    opt={"takes": _TAKES},
)
async def replace_draft(
    request: Request[Any, Any, Any], org: FromPath[str], chart_id: FromPath[str]
) -> Response[ChartAnswer]:
    """Replace the draft named by `If-Match` by a file; published versions stay."""
    await organiser(request, org, WRITE)
    row = await charts.replace_chart(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        chart=ChartId(known_id(chart_id)),
        version=expected_version(request, required=True),
        file=await _file(request),
    )
    return _answer(row)


@post("/v1/organisations/{org:str}/charts/{chart_id:str}/publications", tags=_TAGS)
async def publish_chart(
    request: Request[Any, Any, Any], org: FromPath[str], chart_id: FromPath[str]
) -> Response[VersionShape]:
    """Seal the draft as a version that events can be sold from; the same draft, the same hash."""
    await organiser(request, org, WRITE)
    facts = await charts.publish_chart(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        chart=ChartId(known_id(chart_id)),
    )
    headers = {"Location": f"/v1/charts/{facts.hash}"}
    return Response(_version(facts), status_code=201, headers=headers)


async def _file(request: Request[Any, Any, Any]) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FILE_TYPES:
        raise NotAChart("Send application/json or text/csv.")
    content = await request.body()
    if not content:
        raise invalid("", "required", "Send a chart file as the body.")
    return content


def _checked_name(name: str | None) -> str:
    if name is None:
        return "Imported chart"
    if not 0 < len(name.strip()) <= _NAME_CHARACTERS_MAX or not name.isprintable():
        detail = f"1 to {_NAME_CHARACTERS_MAX} visible characters."
        raise invalid("?name", "bad_name", detail)
    return name.strip()


def _version(facts: ChartFacts) -> VersionShape:
    return VersionShape(
        hash=facts.hash,
        seat_count=facts.seat_count,
        accessible=facts.accessible,
        categories=[
            VersionCategoryShape(**msgspec.structs.asdict(part)) for part in facts.categories
        ],
    )


def _shape(row: ChartRow) -> ChartAnswer:
    return ChartAnswer(
        id=row.id,
        name=row.name,
        seat_count=row.seat_count,
        version=row.version,
        created_at=clock.rfc3339(row.created_at),
        changed_at=clock.rfc3339(row.changed_at),
        publications=[_version(version.facts) for version in row.versions],
    )


def _answer(row: ChartRow, *, created: bool = False) -> Response[ChartAnswer]:
    return Response(
        _shape(row),
        status_code=201 if created else 200,
        headers={"ETag": version_tag(row.version)},
    )


ROUTES = (
    add_chart,
    list_charts,
    read_chart,
    read_draft,
    replace_draft,
    publish_chart,
)
