"""Messages about an organisation's events that were given up."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath

from seatwright.delivery.http.parameters import Cursor, PageSize
from seatwright.delivery.service.endpoints import Endpoints
from seatwright.delivery.service.given_up import GivenUp, LetterBox
from seatwright.kit.dead_letters import NoDeadLetter
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import caller, pages
from seatwright.kit.web.app import offered

_TAGS = ["Organisers: dead letters"]
_PATH = "/v1/organisations/{org:str}/dead-letters"
_DIGITS_MAX = 18


class DeadLetterItem(msgspec.Struct, frozen=True, kw_only=True):
    """A message whose work failed eight times; `consumer` says what work it was."""

    id: Annotated[str, msgspec.Meta(examples=["17"])]
    consumer: Annotated[str, msgspec.Meta(examples=["delivery-orders"])]
    subject: Annotated[str, msgspec.Meta(examples=["work.deliver"])]
    fault: Annotated[str, msgspec.Meta(examples=["NotSent"])]
    event_id: str
    order_id: str | None


class DeadLetterList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of dead letters, oldest first."""

    items: list[DeadLetterItem]
    next: str | None


@get(_PATH, tags=_TAGS)
async def list_dead_letters(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: PageSize = PAGE_ITEMS_DEFAULT,
    cursor: Cursor = None,
) -> Response[DeadLetterList]:
    """List what was given up of the organisation's events, oldest first."""
    endpoints = await _keeper(request, org)
    size, listing = pages.limit(limit), f"{org}/dead-letters"
    behind = pages.after(endpoints.keys, listing, cursor)
    after = 0 if behind is None else int(behind[0])
    found = await offered(request, LetterBox).listed(org, after=after, at_most=size + 1)
    more = None
    if len(found) > size:
        found = found[:size]
        more = pages.cursor(endpoints.keys, listing, (found[-1].sequence,))
    return Response(DeadLetterList(items=[_item(one) for one in found], next=more))


@post(f"{_PATH}/{{letter_id:str}}/replays", status_code=204, tags=_TAGS)
async def replay_dead_letter(
    request: Request[Any, Any, Any], org: FromPath[str], letter_id: FromPath[str]
) -> None:
    """Send one on its way again; its work is done once, however often it is told."""
    await _keeper(request, org)
    await offered(request, LetterBox).replay(org, _sequence(letter_id))


@delete(f"{_PATH}/{{letter_id:str}}", tags=_TAGS)
async def drop_dead_letter(
    request: Request[Any, Any, Any], org: FromPath[str], letter_id: FromPath[str]
) -> None:
    """Remove one for good: its work can never be done, or was done by hand."""
    await _keeper(request, org)
    await offered(request, LetterBox).drop(org, _sequence(letter_id))


async def _keeper(request: Request[Any, Any, Any], org: str) -> Endpoints:
    endpoints = offered(request, Endpoints)
    await endpoints.keeper(caller.credentials(request), org)
    return endpoints


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= _DIGITS_MAX and int(text)):
        raise NoDeadLetter("There is no such dead letter.")
    return int(text)


def _item(one: GivenUp) -> DeadLetterItem:
    return DeadLetterItem(
        id=str(one.sequence),
        consumer=one.consumer,
        subject=one.subject,
        fault=one.fault,
        event_id=one.event,
        order_id=one.order,
    )


ROUTES = (list_dead_letters, replay_dead_letter, drop_dead_letter)
