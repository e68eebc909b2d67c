"""Reading orders over HTTP."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter

from seatwright.contracts.accounts import Principal, identify, identify_buyer
from seatwright.contracts.directory import Directory
from seatwright.kit.errors import NotFound, Unauthenticated
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.signing import Keyring
from seatwright.kit.web import caller, pages
from seatwright.kit.web.app import offered
from seatwright.orders.domain.order import payer
from seatwright.orders.reading.service import ReadOrders
from seatwright.orders.reading.views import OrderView, TicketView


class TicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """The tickets of an order."""

    items: list[TicketView]
    next: str | None


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders."""

    items: list[OrderView]
    next: str | None


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an idempotency key."""

    key: str
    state: str
    order: OrderView | None


async def who(request: Request[Any, Any, Any]) -> tuple[Principal | None, caller.Credentials]:
    """The principal, None for a guest, with the credentials as they came."""
    given = caller.credentials(request)
    accounts = offered(request, Directory).accounts
    principal = await identify(accounts, session=given.session, bearer=given.bearer)
    return principal, given


async def buyer(request: Request[Any, Any, Any]) -> tuple[Principal | None, caller.Credentials]:
    """As `who`, for ordering and paying; raises `ScopeMissing` for a token that may not."""
    given = caller.credentials(request)
    accounts = offered(request, Directory).accounts
    principal = await identify_buyer(accounts, session=given.session, bearer=given.bearer)
    return principal, given


@get("/v1/orders/{code:str}", tags=["orders"])
async def get_order(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[OrderView]:
    """
    An order, for its owner or the holder of its secret (`X-Order-Secret`).

    Its organiser (`orders:read`) sees it without codes and papers: those are the buyer's alone.
    """
    reader = offered(request, ReadOrders)
    principal, given = await who(request)
    return Response(await reader.shown(code, secret=given.order_secret, principal=principal))


@get("/v1/orders/{code:str}/tickets", tags=["orders"])
async def get_tickets(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[TicketPage]:
    """An order's tickets, with codes and papers once the money has been captured."""
    reader = offered(request, ReadOrders)
    principal, given = await who(request)
    view = await reader.shown(code, secret=given.order_secret, principal=principal)
    return Response(TicketPage(items=view.tickets, next=None))


@get("/v1/me/orders", tags=["me"])
async def my_orders(
    request: Request[Any, Any, Any],
    limit: FromQuery[int] = PAGE_ITEMS_DEFAULT,
    cursor: FromQuery[str | None] = None,
) -> Response[OrderPage]:
    """The orders of the person who is logged in, newest first."""
    reader = offered(request, ReadOrders)
    keys = offered(request, Keyring)
    principal, _ = await who(request)
    if principal is None or principal.person is None:
        raise Unauthenticated("Log in to see your orders.")
    most = pages.limit(limit)
    listing = f"my-orders {principal.id}"
    before = pages.after(keys, listing, cursor)
    start = None if before is None else (before[0], str(before[1]))
    orders = await reader.of_person(principal, start, most)
    after = None
    if len(orders) == most:
        last = orders[-1]
        after = pages.cursor(keys, listing, (last.created_at, last.id))
    return Response(OrderPage(items=[await reader.view(one) for one in orders], next=after))


HoldToken = Annotated[
    str | None,
    HeaderParameter(
        name="X-Hold-Token", description="Of the hold that a guest ordered from.", max_length=4096
    ),
]
PaidOrderCode = Annotated[
    str | None,
    QueryParameter(
        name="order", description="The code of the order that was paid with the key.", max_length=32
    ),
]


@get("/v1/idempotency/{key:path}", tags=["orders"])
async def get_request(
    request: Request[Any, Any, Any],
    key: FromPath[str],
    hold_token: HoldToken = None,
    order: PaidOrderCode = None,
) -> Response[RequestView]:
    """
    What became of a request: `in_progress` or `done`, with its order.

    Keys belong to whoever used them. A guest who ordered sends the hold's token
    (`X-Hold-Token`); for the key of a payment name the `order`, with its secret
    (`X-Order-Secret`) or as its owner. Some keys do not survive in an address (those with dots
    or slashes, say): `GET /v1/idempotency` takes any.
    """
    return await _request(request, key.removeprefix("/"), hold_token, order)


@get("/v1/idempotency", tags=["orders"])
async def get_request_by_header(
    request: Request[Any, Any, Any], hold_token: HoldToken = None, order: PaidOrderCode = None
) -> Response[RequestView]:
    """
    What became of a request whose key, whatever is in it, stands in `Idempotency-Key`.

    Credentials as for `GET /v1/idempotency/{key}`.
    """
    key = caller.idempotency_key(request, required=True)
    assert key is not None
    return await _request(request, key, hold_token, order)


async def _request(
    request: Request[Any, Any, Any], key: str, hold_token: str | None, code: str | None
) -> Response[RequestView]:
    reader = offered(request, ReadOrders)
    principal, given = await who(request)
    if code is not None:
        paid = await reader.owned(code, secret=given.order_secret, principal=principal)
        found = await reader.request([payer(paid.id)], key)
    else:
        found = await reader.request(reader.askers(principal, hold_token), key)
    if found is None:
        raise NotFound("No request with this key is known.", code="key_not_found")
    settled, order = found
    # A key proves less than the order's secret: what opens a gate is not shown for it.
    view = await reader.view(order, gate_codes=False)
    view = msgspec.structs.replace(view, tickets=[])
    return Response(RequestView(key=key, state="done" if settled else "in_progress", order=view))


ROUTES = (get_order, get_tickets, my_orders, get_request, get_request_by_header)
