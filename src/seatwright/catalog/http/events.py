"""Events of an organisation: drafting, publishing, pausing, cancelling."""

from typing import Any

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from seatwright.catalog.domain.events import EventPlan
from seatwright.catalog.domain.states import Step
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
from seatwright.catalog.http.event_bodies import (
    EventAnswer,
    EventBody,
    EventPatch,
    answer_of,
    changes_of,
    plan_of,
)
from seatwright.catalog.service import events, venues
from seatwright.catalog.service.catalogue import Catalogue, NotHere
from seatwright.catalog.service.publications import Move, move_event
from seatwright.catalog.store import EventRow
from seatwright.contracts.catalog import EventId, OrganisationId, VenueId
from seatwright.kit import clock
from seatwright.kit.errors import invalid
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import pages
from seatwright.kit.web.app import offered

_TAGS = ["Organisers: events"]
_EVENTS = "/v1/organisations/{org:str}/events"
_EVENT = f"{_EVENTS}/{{event_id:str}}"


class EventAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events, newest first."""

    items: list[EventAnswer]
    next: str | None


@post(_EVENTS, tags=_TAGS)
async def add_event(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[EventBody]
) -> Response[EventAnswer]:
    """Make an event; nobody sees it before it is published."""
    principal = await organiser(request, org, WRITE)
    catalogue, organisation = offered(request, Catalogue), OrganisationId(org)
    try:
        venue = await venues.read_venue(
            catalogue, organisation=organisation, venue=VenueId(data.venue_id)
        )
    except NotHere:
        raise invalid("/venue_id", "not_found", "This organisation has no such venue.") from None
    row = await events.add_event(
        catalogue,
        organisation=organisation,
        plan=plan_of(data, venue_timezone=venue.plan.timezone),
        request=await request_key(request, principal),
    )
    return _answer(row, created=True)


@get(_EVENTS, tags=_TAGS)
async def list_events(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: parameters.PageSize = PAGE_ITEMS_DEFAULT,
    cursor: parameters.Cursor = None,
) -> Response[EventAnswers]:
    """List events as they are written, newest first."""
    await organiser(request, org, READ)
    catalogue = offered(request, Catalogue)
    rows, more = await pages.page_by_id(
        offered(request, Desk).keys,
        f"{org}/events",
        (limit, cursor),
        lambda after, most: events.list_events(
            catalogue, organisation=OrganisationId(org), after=after, limit=most
        ),
    )
    return Response(EventAnswers(items=[answer_of(row) for row in rows], next=more))


@get(_EVENT, tags=_TAGS)
async def read_event(
    request: Request[Any, Any, Any], org: FromPath[str], event_id: FromPath[str]
) -> Response[EventAnswer]:
    """Read an event as it is written; its ETag is what an edit names."""
    await organiser(request, org, READ)
    row = await events.read_event(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        event=EventId(known_id(event_id)),
    )
    return _answer(row)


@patch(_EVENT, tags=_TAGS)
async def edit_event(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    event_id: FromPath[str],
    data: JSONBody[EventPatch],
) -> Response[EventAnswer]:
    """Change the event named by `If-Match`; buyers see it from the next publication on."""
    await organiser(request, org, WRITE)

    def change(plan: EventPlan) -> EventPlan:
        currency = data.currency if isinstance(data.currency, str) else plan.currency
        return msgspec.structs.replace(plan, **changes_of(data, currency=currency))

    row = await events.edit_event(
        offered(request, Catalogue),
        organisation=OrganisationId(org),
        event=EventId(known_id(event_id)),
        version=expected_version(request, required=True),
        change=change,
    )
    return _answer(row)


@post(f"{_EVENT}/publications", tags=_TAGS)
async def publish_event(
    request: Request[Any, Any, Any], org: FromPath[str], event_id: FromPath[str]
) -> Response[EventAnswer]:
    """Show the event to buyers as it is written now, with prices frozen for this version."""
    return await _move(request, org, event_id, "publish")


@post(f"{_EVENT}/pauses", tags=_TAGS)
async def pause_event(
    request: Request[Any, Any, Any], org: FromPath[str], event_id: FromPath[str]
) -> Response[EventAnswer]:
    """Stop selling; the event stays to be seen."""
    return await _move(request, org, event_id, "pause")


@post(f"{_EVENT}/resumptions", tags=_TAGS)
async def resume_event(
    request: Request[Any, Any, Any], org: FromPath[str], event_id: FromPath[str]
) -> Response[EventAnswer]:
    """Sell again after a pause."""
    return await _move(request, org, event_id, "resume")


@post(f"{_EVENT}/cancellations", tags=_TAGS)
async def cancel_event(
    request: Request[Any, Any, Any], org: FromPath[str], event_id: FromPath[str]
) -> Response[EventAnswer]:
    """
    Call the event off, for good: nobody holds, orders or pays any more. What was paid stays
    paid; there are no refunds yet.
    """
    return await _move(request, org, event_id, "cancel")


async def _move(
    request: Request[Any, Any, Any], org: str, event_id: str, step: Step
) -> Response[EventAnswer]:
    principal = await organiser(request, org, WRITE)
    row = await move_event(
        offered(request, Catalogue),
        Move(
            organisation=OrganisationId(org),
            event=EventId(known_id(event_id)),
            step=step,
            version=expected_version(request, required=False),
            request=await request_key(request, principal),
        ),
        now=clock.now(),
    )
    return _answer(row, created=True)


def _answer(row: EventRow, *, created: bool = False) -> Response[EventAnswer]:
    return Response(
        answer_of(row),
        status_code=201 if created else 200,
        headers={"ETag": version_tag(row.version)},
    )


ROUTES = (
    add_event,
    list_events,
    read_event,
    edit_event,
    publish_event,
    pause_event,
    resume_event,
    cancel_event,
)
