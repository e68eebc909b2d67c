"""Paying orders over HTTP, and what gateways tell us."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from seatwright.contracts.directory import Directory
from seatwright.contracts.payments import GatewayName, MethodNotOffered
from seatwright.kit import signing, telemetry
from seatwright.kit.errors import NotFound
from seatwright.kit.signing import Keyring
from seatwright.kit.web import caller
from seatwright.kit.web.answers import Ready
from seatwright.kit.web.app import offered
from seatwright.orders.domain.methods import checked_method
from seatwright.orders.paying.requests import PaymentRequests
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.orders.reading.http import buyer
from seatwright.orders.reading.service import ReadOrders
from seatwright.orders.reading.views import OrderView, order_view

FORGED_WEBHOOKS = telemetry.counter("forged_webhooks_total", "Webhooks refused", "gateway")


class PayInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to pay; `token` is the gateway's own handle for a card, never a card number."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"method": "simulated", "token": "tok_ok"}

    method: Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["simulated"])]
    token: Annotated[str, msgspec.Meta(max_length=255, examples=["tok_ok"])] = ""


@post("/v1/orders/{code:str}/payments", tags=["orders"], status_code=201)
async def pay_order(
    request: Request[Any, Any, Any], code: FromPath[str], data: JSONBody[PayInput]
) -> Response[OrderView]:
    """Pay an order that is not paid yet; a declined payment may be tried again."""
    key = caller.idempotency_key(request, required=True)
    assert key is not None
    reader = offered(request, ReadOrders)
    principal, given = await buyer(request)
    order = await reader.owned(code, secret=given.order_secret, principal=principal)
    fingerprint = signing.fingerprint(msgspec.msgpack.encode((order.id, data)))
    order, answer = await offered(request, PaymentRequests).pay(
        order,
        key=key,
        fingerprint=fingerprint,
        gateway=checked_method(data.method, "/method"),
        token=data.token,
    )
    view = await reader.view(order)
    keys = offered(request, Keyring)
    shown = msgspec.structs.replace(
        order_view(order, answer, None, [], keys), event=view.event, tickets=view.tickets
    )
    return Response(shown, status_code=201)


# Signed as it comes, so it is read as it comes; every gateway has words of its own.
_NOTICE = {
    "id": "evt_01k854a79u6io0io",
    "type": "payment.captured",
    "data": {
        "id": "pay_01k854a79u6io0io",
        "reference": "01k854a79u6io0io_1",
        "status": "captured",
        "amount": 9150,
        "currency": "EUR",
    },
}


@post(
    "/v1/webhooks/{gateway:str}",
    tags=["webhooks"],
    status_code=204,
    opt={"takes": {"application/json": _NOTICE}},
)
async def take_webhook(request: Request[Any, Any, Any], gateway: FromPath[str]) -> Response[None]:
    """
    A gateway's notice. Only a hint: it is verified, kept once, and the gateway is then asked.

    Answered 2xx only after it is durable, so that the gateway repeats what we may have lost.
    """
    body = await request.body()
    payments = offered(request, Directory).payments
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        notice = await payments.read_webhook(
            gateway=GatewayName(gateway), headers=headers, body=body
        )
    except MethodNotOffered:
        raise NotFound("No such gateway.") from None
    except Exception:
        FORGED_WEBHOOKS.labels("known").inc()
        raise
    await offered(request, Webhooks).take(notice)
    return Ready(b"", status_code=204, headers=())


ROUTES = (pay_order, take_webhook)
