"""Placing orders over HTTP."""

from typing import Annotated, Any, ClassVar

import msgspec
from email_validator import EmailNotValidError, validate_email
from litestar import Request, Response, post
from litestar.params import JSONBody

from seatwright.kit import clock, signing
from seatwright.kit.errors import invalid
from seatwright.kit.signing import Keyring
from seatwright.kit.web import caller
from seatwright.kit.web.answers import json_answer
from seatwright.kit.web.app import offered
from seatwright.kit.web.doorkeeper import Doorkeeper
from seatwright.orders.domain.methods import checked_method
from seatwright.orders.domain.order import Buyer
from seatwright.orders.placing.service import Outcome, PlaceOrder, Request as Placing
from seatwright.orders.reading.http import buyer
from seatwright.orders.reading.service import ReadOrders
from seatwright.orders.reading.views import OrderView, order_view

_NAME_CHARS_MAX = 120
_LANGUAGES = frozenset({"en", "de", "fr", "es"})


class OrderDoorkeeper(Doorkeeper):
    """Who orders again and again: many small orders are how stolen cards are tried."""


class BuyerInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who buys; tickets and mails go to this address."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=_NAME_CHARS_MAX)]
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=5)] = "en"


class PaymentInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to pay; `token` is the gateway's own handle for a card, never a card number."""

    method: Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["simulated"])]
    token: Annotated[str, msgspec.Meta(max_length=255, examples=["tok_ok"])] = ""


class PlaceOrderInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hold becomes an order; with `payment` it is paid in the same request."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "hold_token": "the `hold_token` of the hold's answer",
        "buyer": {"name": "Ada Lovelace", "email": "ada@example.com", "language": "en"},
        "payment": {"method": "simulated", "token": "tok_ok"},
    }

    hold_token: Annotated[str, msgspec.Meta(min_length=16, max_length=4096)]
    buyer: BuyerInput
    payment: PaymentInput | None = None


@post("/v1/orders", tags=["orders"], status_code=201)
async def place_order(
    request: Request[Any, Any, Any], data: JSONBody[PlaceOrderInput]
) -> Response[OrderView]:
    """Place an order from a hold, and pay it at once when `payment` is given."""
    doorkeeper = offered(request, OrderDoorkeeper)
    doorkeeper.let_in(request)
    key = caller.idempotency_key(request, required=True)
    assert key is not None
    principal, _ = await buyer(request)
    doorkeeper.recognise(None if principal is None else principal.id)
    placing = Placing(
        principal=None if principal is None else principal.id,
        account_email=None if principal is None else principal.email,
        key=key,
        fingerprint=signing.fingerprint(msgspec.msgpack.encode(data)),
        hold_token=data.hold_token,
        buyer=checked_buyer(data.buyer),
        gateway=checked_method(data.payment.method, "/payment/method") if data.payment else None,
        token=data.payment.token if data.payment else "",
    )
    outcome = await offered(request, PlaceOrder).place(placing, now=clock.now())
    return json_answer(await _view(request, outcome), status_code=201)


async def _view(request: Request[Any, Any, Any], outcome: Outcome) -> OrderView:
    keys = offered(request, Keyring)
    order, event = outcome.order, outcome.event
    if event is None:
        view = await offered(request, ReadOrders).view(order)
        return msgspec.structs.replace(
            order_view(order, outcome.answer, None, [], keys, secret=True), event=view.event
        )
    return order_view(order, outcome.answer, event, [], keys, secret=True)


def checked_buyer(given: BuyerInput) -> Buyer:
    """The buyer in normal form; raises `Invalid`."""
    name = " ".join(given.name.split())
    if not name or not name.isprintable():
        raise invalid("/buyer/name", "invalid", "A name in visible characters.")
    # A name that is an address or a formula is a slip or an attack; neither belongs on a ticket.
    if name[0] in "=+@" or "://" in name:
        raise invalid("/buyer/name", "invalid", "A person's name.")
    try:
        email = validate_email(given.email, check_deliverability=False).normalized
    except EmailNotValidError:
        raise invalid(
            "/buyer/email", "invalid", "An e-mail address like name@example.com."
        ) from None
    language = given.language[:2].lower()
    return Buyer(name=name, email=email, language=language if language in _LANGUAGES else "en")


ROUTES = (place_order,)
