"""House blocks over HTTP, for organisers."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from seatwright.contracts.catalog import EventForSale, EventId, EventNotFound, OrganisationId
from seatwright.contracts.directory import Directory
from seatwright.kit.web.app import offered
from seatwright.orders.blocking.service import SEATS_AT_ONCE_MAX, BlockSeats
from seatwright.orders.reading.http import who


class SeatsInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seats by their API ids."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"seats": ["L12:4:7", "L12:4:8"]}

    seats: Annotated[list[str], msgspec.Meta(min_length=1, max_length=SEATS_AT_ONCE_MAX)]


class BlockView(msgspec.Struct, frozen=True, kw_only=True):
    """How many seats changed."""

    event_id: str
    seats: int


@post(
    "/v1/organisations/{organisation:str}/events/{event_id:str}/blocks",
    tags=["organiser"],
    status_code=201,
)
async def block_seats(
    request: Request[Any, Any, Any],
    organisation: FromPath[str],
    event_id: FromPath[str],
    data: JSONBody[SeatsInput],
) -> Response[BlockView]:
    """Keep seats from sale; all of them or none."""
    event = await _managed(request, organisation, event_id)
    service = offered(request, BlockSeats)
    count = await service.block(event, await service.seats(event, data.seats))
    return Response(BlockView(event_id=event.id, seats=count), status_code=201)


@post(
    "/v1/organisations/{organisation:str}/events/{event_id:str}/blocks/releases",
    tags=["organiser"],
    status_code=200,
)
async def unblock_seats(
    request: Request[Any, Any, Any],
    organisation: FromPath[str],
    event_id: FromPath[str],
    data: JSONBody[SeatsInput],
) -> Response[BlockView]:
    """Offer blocked seats again."""
    event = await _managed(request, organisation, event_id)
    service = offered(request, BlockSeats)
    count = await service.unblock(event, await service.seats(event, data.seats))
    return Response(BlockView(event_id=event.id, seats=count))


async def _managed(
    request: Request[Any, Any, Any], organisation: str, event_id: str
) -> EventForSale:
    # What is not yours does not exist: every refusal here is the same.
    principal, _ = await who(request)
    owner = OrganisationId(organisation)
    if principal is None or not principal.may("reservations:write", owner):
        raise EventNotFound("There is no such event.")
    event = await offered(request, Directory).catalog.event(event=EventId(event_id))
    if event.organisation != owner:
        raise EventNotFound("There is no such event.")
    return event


ROUTES = (block_seats, unblock_seats)
