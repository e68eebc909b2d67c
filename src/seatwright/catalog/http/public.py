"""What everybody may see: events, charts, posters. All from memory."""

from contextlib import suppress
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from seatwright.catalog.adapters.calendar import calendar
from seatwright.catalog.domain.searching import read_search
from seatwright.catalog.http import caching, parameters
from seatwright.catalog.http.listing import Listings
from seatwright.catalog.http.presenting import Presenter
from seatwright.catalog.http.shapes import EventList, EventPage
from seatwright.catalog.service.answers import Answers
from seatwright.catalog.service.catalogue import CHARTS, IMAGES, packed_name
from seatwright.catalog.service.programme import Programme
from seatwright.catalog.service.shelf import FileNotHere, Shelf
from seatwright.contracts.catalog import EventId, EventNotFound
from seatwright.kit import clock
from seatwright.kit.web.app import offered

_REFERENCE_CHARACTERS_MAX = 100
# A poster opened by itself is a document: it may not run, load or reach anything.
_POSTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
_ETAG = ResponseHeader(name="ETag", description="Names this very answer.", documentation_only=True)

EventReference = Annotated[str, PathParameter(description="An event's id or slug.")]


@get(
    "/v1/events",
    tags=["Events"],
    responses={
        200: ResponseSpec(EventList, description="A page of events.", generate_examples=False)
    },
    response_headers=[_ETAG],
    opt={"empty_is_absent": True},
)
async def list_events(  # noqa: PLR0913  # one argument for each query parameter
    request: Request[Any, Any, Any],
    *,
    q: parameters.Text = None,
    city: parameters.City = None,
    country: parameters.Country = None,
    venue: parameters.VenueId = None,
    organisation: parameters.OrganisationId = None,
    category: parameters.CategoryWord = None,
    from_: parameters.From = None,
    to: parameters.To = None,
    price_min: parameters.PriceMin = None,
    price_max: parameters.PriceMax = None,
    currency: parameters.Currency = None,
    available: parameters.Available = None,
    accessible: parameters.Accessible = None,
    near: parameters.Near = None,
    radius_km: parameters.RadiusKm = None,
    sort: parameters.SortWord = None,
    limit: parameters.Limit = None,
    cursor: parameters.Cursor = None,
) -> Response[bytes]:
    """
    Find events: search as you type, filter, sort, count, a page at a time.

    A filter without a value (`city=`) is as if it were not given: a box that was emptied.
    """
    asked_for = {name: text for name, text in locals().items() if name != "request"}
    parameters.refuse_stray(request)
    asked = read_search(parameters.given(asked_for))
    offered(request, Answers).refuse_while_starting()
    found = offered(request, Listings).answer(asked, clock.now())
    return caching.answer(request, found.body, etag=found.etag, Cache_Control=caching.EDGE_SECOND)


@get(
    "/v1/events/{event_id:str}",
    tags=["Events"],
    responses={
        200: ResponseSpec(EventPage, description="The event's page.", generate_examples=False)
    },
    response_headers=[_ETAG],
)
async def read_event(request: Request[Any, Any, Any], event_id: EventReference) -> Response[bytes]:
    """Everything about an event."""
    event = _found(request, event_id)
    presenter, now = offered(request, Presenter), clock.now()
    body = presenter.page(event, now)
    assert body is not None, "events never leave the memory"
    # The answer carries the server's time, by which countdowns run: a browser that kept it and
    # was told 304 would believe an old time. Caches that are asked to may keep it for a second.
    return caching.answer(
        request,
        body,
        etag=f'W/"{presenter.tag(event, now)}"',
        Cache_Control="no-store",
        CDN_Cache_Control=caching.EDGE_SECOND,
    )


@get(
    "/v1/events/{event_id:str}/ics",
    tags=["Events"],
    media_type="text/calendar",
    response_headers=[_ETAG],
)
async def read_calendar(
    request: Request[Any, Any, Any], event_id: EventReference
) -> Response[bytes]:
    """The event as a calendar file."""
    event = _found(request, event_id)
    document = offered(request, Programme).document(event)
    assert document is not None, "events never leave the memory"
    url = offered(request, Presenter).address(document.slug)
    return caching.answer(
        request,
        calendar(document, url),
        etag=f'"{document.version}"',
        media_type="text/calendar",
        Cache_Control="public, max-age=300",
        Content_Disposition=f'attachment; filename="{document.slug}.ics"',
    )


@get("/v1/events/{event_id:str}/chart", status_code=308, media_type="text/plain", tags=["Events"])
async def find_chart(request: Request[Any, Any, Any], event_id: EventReference) -> Response[bytes]:
    """The way to the event's seat chart: an address that never changes its content."""
    document = offered(request, Programme).document(_found(request, event_id))
    assert document is not None, "events never leave the memory"
    location = f"/v1/charts/{document.chart}"
    headers = {"Location": location, "Cache-Control": "public, max-age=60"}
    return Response(b"", status_code=308, media_type="text/plain", headers=headers)


@get(
    "/v1/charts/{chart:str}",
    tags=["Events"],
    responses={
        200: ResponseSpec(
            dict[str, Any], description="The chart with all its seats.", generate_examples=False
        )
    },
    response_headers=[_ETAG],
)
async def read_chart(
    request: Request[Any, Any, Any],
    chart: Annotated[str, PathParameter(description="A chart's hash.")],
) -> Response[bytes]:
    """A published seat chart: sections, rows, labels, coordinates, categories; for ever."""
    shelf = offered(request, Shelf)
    kept = {"Cache_Control": caching.FOR_EVER, "Vary": "Accept-Encoding"}
    if caching.takes_gzip(request):
        with suppress(FileNotHere):
            packed = await shelf.read(folder=CHARTS, name=packed_name(chart))
            # Other bytes, the same chart: a weak tag.
            tag = f'W/"{chart}"'
            return caching.answer(request, packed, etag=tag, Content_Encoding="gzip", **kept)
    content = await shelf.read(folder=CHARTS, name=f"{chart}.json")
    return caching.answer(request, content, etag=f'"{chart}"', **kept)


@get(
    "/v1/images/{name:str}",
    tags=["Events"],
    media_type="image/svg+xml",
    response_headers=[_ETAG],
)
async def read_image(
    request: Request[Any, Any, Any],
    name: Annotated[str, PathParameter(description="A poster's file name, `….svg`.")],
) -> Response[bytes]:
    """A poster; for ever."""
    if not name.endswith(".svg"):
        name = ""  # only what we draw ourselves is kept, and that is SVG
    content = await offered(request, Shelf).read(folder=IMAGES, name=name)
    return caching.answer(
        request,
        content,
        etag=f'"{name}"',
        media_type="image/svg+xml",
        Cache_Control=caching.FOR_EVER,
        Content_Security_Policy=_POSTER_POLICY,
        X_Content_Type_Options="nosniff",
    )


def _found(request: Request[Any, Any, Any], reference: str) -> EventId:
    offered(request, Answers).refuse_while_starting()
    programme = offered(request, Programme)
    event = None
    if len(reference) <= _REFERENCE_CHARACTERS_MAX:
        event = programme.find(reference)
    if event is None:
        raise EventNotFound("There is no such event.")
    return event


ROUTES = (list_events, read_event, read_calendar, find_chart, read_chart, read_image)
