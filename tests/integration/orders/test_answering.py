"""The first answer to a key is kept, whoever settles the payment (I-I1, I-D3)."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from seatwright.contracts.payments import PaymentReference
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat, sign_hold
from seatwright.kit import clock
from seatwright.kit.signing import Keyring
from seatwright.orders.domain.order import Answer, Buyer
from seatwright.orders.domain.refusals import InProgress
from seatwright.orders.paying.store import AskedWith
from seatwright.orders.placing.service import PlaceOrder, Request
from seatwright.orders.reading.service import ReadOrders
from seatwright.payments.adapters.simulated import NAME
from tests.fakes.sold import SoldCatalog
from tests.integration.orders.conftest import a_placement, an_order
from tests.integration.orders.test_paying_again import declined, requests
from tests.integration.orders.till import open_till

KEYS = Keyring(b"k" * 32)
NOT_ASKED: Any = None


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


async def placed(till, event, seat, token="tok_ok"):
    """An order placed with the key "k", whose gateway has answered, and nobody has read it yet."""
    order = an_order(event, [seat])
    object.__setattr__(order.attempt, "token", token)
    await till.placing.open_inventory(event, "c" * 32, 200)
    await till.placing.place([a_placement(order, key="k")])
    return order, await till.pay.authorise(order)


async def kept(till, principal, key="k"):
    raw = await till.truth.fetchval(
        "SELECT answer FROM orders.idempotency WHERE principal = $1 AND key = $2", principal, key
    )
    return None if raw is None else msgspec.json.decode(raw, type=Answer)


async def abandoned(till, principal):
    """Whoever took the key is long gone."""
    await till.truth.execute(
        "UPDATE orders.idempotency SET created_at = created_at - interval '31 seconds'"
        " WHERE principal = $1", principal,
    )  # fmt: skip


@pytest.mark.parametrize("token", ["tok_ok", "tok_declined"])
async def test_a_request_whose_payment_somebody_else_has_settled_keeps_its_answer(
    till, event, token
):
    order, payment = await placed(till, event, 1, token)
    await till.pay.settle(order, payment, key=None)  # the resolver was faster
    answer = await till.pay.settle(order, payment, key="k")
    assert answer.payment_status == {"tok_ok": "authorised", "tok_declined": "declined"}[token]
    assert await kept(till, order.principal) == answer
    # A later answer is none: whoever comes again is told the same.
    doubt = msgspec.structs.replace(payment, standing="in_doubt")
    await till.pay.settle(order, doubt, key="k")
    assert await kept(till, order.principal) == answer


async def test_a_request_whose_money_is_given_back_keeps_its_answer(till, event):
    order, payment = await placed(till, event, 2)
    other = msgspec.structs.replace(payment, order="another")
    answer = await till.pay.settle(order, other, key="k")
    assert (answer.status, answer.payment_status) == ("awaiting_payment", "voided")
    assert await kept(till, order.principal) == answer


async def asked_again(till, order):
    """The same request, when the time of its hold is over; its answer."""
    place = PlaceOrder(
        keys=KEYS, store=till.placing, finder=till.reading, payer=till.pay, catalog=NOT_ASKED,
        reservations=NOT_ASKED, charts=NOT_ASKED,
    )  # fmt: skip
    grant = HoldGrant(
        order.event, HoldId("h"), order.principal, (HeldSeat(Seat(1), 0, 1, 0),), "EUR", 0, 0, 1,
        clock.unix_ms(),
    )  # fmt: skip
    request = Request(
        principal=None, account_email=None, key="k", fingerprint=b"f",
        hold_token=sign_hold(KEYS, grant), gateway="simulated", token="tok_ok",
        buyer=Buyer(name="Ada", email="ada@example.com", language="en"),
    )  # fmt: skip
    return (await place.place(request, now=clock.now() + timedelta(hours=1))).answer


async def test_a_key_that_was_given_up_gets_one_answer_from_the_first_definite_one_on(till, event):
    order, payment = await placed(till, event, 3, "tok_declined")
    with pytest.raises(InProgress):
        await asked_again(till, order)
    await abandoned(till, order.principal)
    assert (await asked_again(till, order)).payment_status == "created"
    assert await kept(till, order.principal) is None, "its payment is open"
    await till.pay.settle(order, payment, key=None)
    answer = await asked_again(till, order)
    assert (answer.status, answer.payment_status) == ("awaiting_payment", "declined")
    await requests(till).pay(
        await till.reading.order(event, order.id), key="pay", fingerprint=b"f",
        gateway="simulated", token="tok_ok",
    )  # fmt: skip
    assert await till.state(order) == "paid"
    assert await asked_again(till, order) == answer
    # Whoever slept all the while changes nothing of it either.
    await till.pay.settle(order, payment, key="k")
    assert await asked_again(till, order) == answer


async def test_a_payments_key_that_was_given_up_gets_one_answer_as_well(till, event):
    order = await declined(till, event, [4])
    asked = AskedWith(f"order:{order.id}", "k", b"f")
    await till.paying.open_attempt(order, "simulated", "tok_challenge", asked)
    order = await till.reading.order(event, order.id)
    await abandoned(till, asked.principal)

    async def again():
        _, answer = await requests(till).pay(
            order, key="k", fingerprint=b"f", gateway="simulated", token="tok_challenge"
        )
        return answer

    assert (await again()).payment_status == "created"
    assert await kept(till, asked.principal) is None
    await till.pay.settle(order, await till.pay.authorise(order), key=None)
    assert (await again()).challenge_url, "what the buyer has to do is no secret meanwhile"
    payment = await till.payments.look_up(
        gateway=NAME, reference=PaymentReference(order.attempt.reference)
    )
    over = msgspec.structs.replace(payment, standing="declined", decline_code="challenge_failed")
    await till.pay.settle(order, over, key=None)
    answer = await again()
    assert answer.decline_code == "challenge_failed"
    await requests(till).pay(
        order, key="another", fingerprint=b"f", gateway="simulated", token="tok_ok"
    )
    assert await till.state(order) == "paid"
    assert await again() == answer


async def test_a_request_is_not_done_while_its_payment_is_open(till, event):
    order, payment = await placed(till, event, 5)
    reader = ReadOrders(keys=KEYS, store=till.reading, catalog=SoldCatalog())

    async def done():
        found = await reader.request([order.principal], "k")
        assert found is not None
        return found[0]

    assert not await done()
    await abandoned(till, order.principal)
    assert not await done(), "nobody works on it, and nobody knows what became of it"
    await till.pay.settle(order, payment, key=None)
    assert await done()
