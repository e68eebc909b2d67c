"""Asking what became of a request, by its idempotency key."""

import time
from typing import Any

import pytest

from seatwright.contracts.directory import Directory
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat, sign_hold
from seatwright.kit.signing import Keyring
from seatwright.kit.web import app as web
from seatwright.orders.domain import codes
from seatwright.orders.paying.store import AskedWith
from seatwright.orders.reading import http
from seatwright.orders.reading.service import ReadOrders
from tests.fakes.sold import SoldCatalog, TokenAccounts, an_event
from tests.integration.orders.conftest import a_placement, an_order
from tests.integration.orders.till import open_till
from tests.unit.kit.asgi import ask

KEYS = Keyring(b"k" * 32)
NOT_ASKED: Any = None
# What every allowed key is made of, and what addresses are not.
STRANGE = ["a/b", "/a", "a//b", ".", "..", "a?b#c", "100%25 sure", "x.pdf", "~!$&'()*+,;=:@[]"]


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


@pytest.fixture
def application(till, event):
    catalog = SoldCatalog()
    catalog.add(an_event(id=event))
    directory = Directory(
        accounts=TokenAccounts(), catalog=NOT_ASKED, orders=NOT_ASKED,
        payments=NOT_ASKED, reservations=NOT_ASKED,
    )  # fmt: skip
    reader = ReadOrders(keys=KEYS, store=till.reading, catalog=catalog)
    return web.build(http.ROUTES, (directory, KEYS, reader), service="orders", version="1")


def a_hold_token(event, holder):
    grant = HoldGrant(
        event, HoldId("h"), holder, (HeldSeat(Seat(1), 0, 1, 0),), "EUR", 0, 0, 1,
        int(time.time() * 1000),
    )  # fmt: skip
    return sign_hold(KEYS, grant)


async def ordered(till, event, seat, key):
    order = an_order(event, [seat], pay=False)
    await till.placing.open_inventory(event, "c" * 32, 200)
    await till.placing.place([a_placement(order, key=key)])
    return order


@pytest.mark.parametrize("key", STRANGE)
async def test_any_key_can_be_asked_about_in_a_header(till, event, application, key):
    order = await ordered(till, event, STRANGE.index(key), key)
    token = a_hold_token(event, order.principal)
    asked = [("Idempotency-Key", key), ("X-Hold-Token", token)]
    answer = await ask(application, "GET", "/v1/idempotency", headers=asked)
    assert answer.status == 200, answer.body
    found = answer.json()
    assert (found["key"], found["state"]) == (key, "done")
    assert found["order"]["code"] == codes.shown(order.code)


@pytest.mark.parametrize("key", ["plain-key_1", "a/b", "a b"])
async def test_a_key_may_stand_in_the_address(till, event, application, key):
    order = await ordered(till, event, 20 + len(key), key)
    headers = [("X-Hold-Token", a_hold_token(event, order.principal))]
    # As a server hands an address over, its escapes resolved.
    answer = await ask(application, "GET", f"/v1/idempotency/{key}", headers=headers)
    assert answer.status == 200, answer.body
    assert answer.json()["key"] == key


async def test_a_hold_is_not_named_in_an_address_and_speaks_for_its_guest_only(
    till, event, application
):
    order = await ordered(till, event, 40, "k40")
    hold = order.principal.partition(":")[2]
    assert (await ask(application, "GET", f"/v1/idempotency/k40?hold={hold}")).status == 404
    other = a_hold_token(event, "hold:somebody-else")
    for token in (other, a_hold_token(event, "person:p1")):
        answer = await ask(
            application, "GET", "/v1/idempotency/k40", headers=[("X-Hold-Token", token)]
        )
        assert (answer.status, answer.code) == (404, "key_not_found")
    forged = await ask(
        application, "GET", "/v1/idempotency/k40", headers=[("X-Hold-Token", other[:-2] + "xx")]
    )
    assert forged.status in {401, 404, 422}


async def test_the_key_of_a_payment_is_asked_about_with_the_orders_secret(till, event, application):
    order = await ordered(till, event, 41, "k41")
    found = await till.reading.order(event, order.id)
    asked = AskedWith(f"order:{order.id}", "pay-1", b"f")
    await till.paying.open_attempt(found, "simulated", "tok_ok", asked)
    path = f"/v1/idempotency/pay-1?order={codes.shown(order.code)}"
    secret = [("X-Order-Secret", codes.secret(KEYS, order.id))]
    answer = await ask(application, "GET", path, headers=secret)
    assert answer.status == 200, answer.body
    assert answer.json()["state"] == "in_progress"
    assert answer.json()["order"]["payment"]["status"] == "created"
    for headers in ([], [("X-Order-Secret", "wrong")]):
        assert (await ask(application, "GET", path, headers=headers)).code == "order_not_found"
    unknown = await ask(application, "GET", path.replace("pay-1", "pay-2"), headers=secret)
    assert unknown.code == "key_not_found"
