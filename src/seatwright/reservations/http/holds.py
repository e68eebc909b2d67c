"""Holds: take seats, look, lengthen, give back."""

import functools
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import HoldId, HoldNotFound
from seatwright.kit.errors import invalid
from seatwright.kit.money import AMOUNT_MINOR_MAX
from seatwright.kit.signing import Keyring
from seatwright.kit.web import caller, client
from seatwright.kit.web.answers import json_answer
from seatwright.kit.web.app import offered
from seatwright.reservations.domain.holders import is_hold_id, public_id, read_public_id
from seatwright.reservations.domain.terms import HOLD_ID_PATTERN
from seatwright.reservations.domain.wishes import (
    BestAvailable,
    Choice,
    ChosenSeats,
    StandingPlaces,
)
from seatwright.reservations.http.who import HoldDoorkeeper, principal_of
from seatwright.reservations.service.hold_seats import Asked, Granted, Holding

# More than any order may have: the event's own limit is judged with words, this one keeps lists
# from being long.
_SEATS_MAX = 100
_KEY_PURPOSE = "hold-id/1"

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=_SEATS_MAX, examples=[2])]


class MoneyView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minor units of a currency."""

    amount: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MINOR_MAX, examples=[4250])]
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3, examples=["EUR"])]


class BestAvailableInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many seats together; `price_max` is all-in for one ticket, in the event's currency."""

    quantity: Quantity
    category: Key | None = None
    price_max: MoneyView | None = None
    accessible: bool = False


class AreaInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many places of a standing area."""

    area: Annotated[str, msgspec.Meta(min_length=1, max_length=24, examples=["pitch"])]
    quantity: Quantity


class HoldInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Which seats: exactly one of `seats`, `best_available` and `areas`.

    `hold_id` makes the request repeatable: a random UUID or 20 to 64 URL-safe characters of your
    own. Whoever knows the hold's id may use the hold: make it unguessable.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "event_id": "01k854a79u6io0io",
        "seats": ["L12:4:7", "L12:4:8"],
    }

    event_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    seats: (
        Annotated[
            list[Annotated[str, msgspec.Meta(max_length=80, examples=["L12:4:7"])]],
            msgspec.Meta(max_length=_SEATS_MAX),
        ]
        | None
    ) = None
    best_available: BestAvailableInput | None = None
    areas: Annotated[list[AreaInput], msgspec.Meta(min_length=1, max_length=20)] | None = None
    hold_id: Annotated[str, msgspec.Meta(pattern=HOLD_ID_PATTERN)] | None = None


class HoldSeatView(msgspec.Struct, frozen=True, kw_only=True):
    """A held seat: its id, its number in the chart's order, in words, and its all-in price."""

    id: str
    seat: int
    label: str
    category: str
    price: MoneyView


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Seats promised until `expires_at` by the server's clock.

    `total` is all-in, with the order's fee. `hold_token` is what an order is placed with.
    """

    id: str
    event_id: str
    seats: list[HoldSeatView]
    total: MoneyView
    expires_at: str
    extended: bool
    server_time: str
    hold_token: str


# A guest's hold id is what proves that it is theirs; no log may keep it.
_SECRET_PATH = {"secret_path": True}


@post("/v1/holds", tags=["holds"], status_code=201)
async def create_hold(
    request: Request[Any, Any, Any], data: JSONBody[HoldInput]
) -> Response[HoldView]:
    """Hold seats, all of them or none; the same `hold_id` again gets the same answer."""
    doorkeeper = offered(request, HoldDoorkeeper)
    doorkeeper.let_in(request)
    principal = await principal_of(request)
    doorkeeper.recognise(principal)
    event = EventId(data.event_id)
    hold, address = _hold_id(request, data, principal), client.address(request)
    asked = Asked(event, _choice(data), hold, principal, address)
    return json_answer(view(await offered(request, Holding).hold(asked)), status_code=201)


@get("/v1/holds/{hold_id:str}", tags=["holds"], opt=_SECRET_PATH)
async def get_hold(request: Request[Any, Any, Any], hold_id: FromPath[str]) -> Response[HoldView]:
    """A hold of one's own: 410 when it has run out, 404 when it is gone or another's."""
    event, hold = _read(hold_id)
    principal = await principal_of(request)
    found = await offered(request, Holding).look(event=event, hold=hold, principal=principal)
    return json_answer(view(found), status_code=200)


@delete("/v1/holds/{hold_id:str}", tags=["holds"], opt=_SECRET_PATH)
async def delete_hold(request: Request[Any, Any, Any], hold_id: FromPath[str]) -> None:
    """Give the seats back; repeating it does nothing."""
    event, hold = _read(hold_id)
    principal = await principal_of(request)
    await offered(request, Holding).release(event=event, hold=hold, principal=principal)


@post("/v1/holds/{hold_id:str}/extensions", tags=["holds"], status_code=201, opt=_SECRET_PATH)
async def extend_hold(
    request: Request[Any, Any, Any], hold_id: FromPath[str]
) -> Response[HoldView]:
    """Lengthen a hold, once, when payment begins; repeating it changes nothing more."""
    event, hold = _read(hold_id)
    principal = await principal_of(request)
    found = await offered(request, Holding).extend(event=event, hold=hold, principal=principal)
    return json_answer(view(found), status_code=201)


def view(granted: Granted) -> HoldView:
    """The hold as its holder is shown it."""
    grant, chart = granted.grant, granted.sale.chart
    currency, categories = grant.currency, chart.categories
    seats = []
    for held in grant.seats:
        place = chart.place(held.seat)
        seats.append(
            HoldSeatView(
                id=place.id,
                seat=held.seat,
                label=place.label,
                category=categories[held.category].key,
                price=MoneyView(amount=held.price, currency=currency),
            )
        )
    return HoldView(
        id=public_id(grant.event, grant.hold),
        event_id=grant.event,
        seats=seats,
        total=MoneyView(amount=grant.total(), currency=currency),
        expires_at=_instant(grant.expires_at_ms),
        extended=granted.extended,
        server_time=_instant(granted.now_ms),
        hold_token=granted.token,
    )


def _choice(data: JSONBody[HoldInput]) -> Choice:
    given = (data.seats is not None) + (data.best_available is not None) + (data.areas is not None)
    if given != 1:
        detail = "Give exactly one of `seats`, `best_available` and `areas`."
        raise invalid("", "one_of", detail)
    if data.seats is not None:
        return ChosenSeats(tuple(data.seats))
    if data.areas is not None:
        return StandingPlaces(tuple((one.area, one.quantity) for one in data.areas))
    best = data.best_available
    assert best is not None
    return BestAvailable(
        best.quantity,
        best.category,
        None if best.price_max is None else (best.price_max.amount, best.price_max.currency),
        best.accessible,
    )


def _hold_id(
    request: Request[Any, Any, Any], data: HoldInput, principal: str | None
) -> HoldId | None:
    if data.hold_id is not None:
        if not is_hold_id(data.hold_id):
            raise invalid("/hold_id", "invalid", "A UUID, or 20 to 64 URL-safe characters.")
        return HoldId(data.hold_id)
    key = caller.idempotency_key(request, required=False)
    if key is None or principal is None:
        # A guest's key belongs to nobody: two guests may choose the same. Theirs is `hold_id`.
        return None
    keys = offered(request, Keyring)
    return HoldId(keys.mac(_KEY_PURPOSE, f"{principal}\n{data.event_id}\n{key}"))


def _read(text: str) -> tuple[EventId, HoldId]:
    found = read_public_id(text)
    if found is None:
        raise HoldNotFound("There is no such hold.")
    return found


def _instant(unix_ms: int) -> str:
    seconds, rest_ms = divmod(unix_ms, 1000)
    return f"{_second(seconds)}.{rest_ms:03d}Z"


@functools.lru_cache(maxsize=4096)
def _second(unix_s: int) -> str:
    # Every hold of a second says the same: two instants a hold are worth remembering.
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%S}"


ROUTES = (create_hold, get_hold, delete_hold, extend_hold)
