"""Further payments of an order: once for each idempotency key, whatever happens in between."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from seatwright.orders.domain.refusals import (
    IdempotencyMismatch,
    InProgress,
    OrderNotPayable,
    PaymentPending,
)
from seatwright.orders.paying.requests import PaymentRequests
from tests.integration.orders.till import open_till


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


class OnSale:
    """A catalogue in which everything takes place."""

    async def event(self, *, event):
        return SimpleNamespace(state="published")


ON_SALE: Any = OnSale()


def requests(till, pay=None):
    return PaymentRequests(
        store=till.paying, reader=till.reading, pay=pay or till.pay, catalog=ON_SALE
    )


async def pay(till, order, key="k", *, token="tok_ok", over=None):
    asked = requests(till, over)
    return await asked.pay(
        order, key=key, fingerprint=token.encode(), gateway="simulated", token=token
    )


async def keys(till, order):
    return await till.truth.fetchval(
        "SELECT count(*) FROM orders.idempotency WHERE principal = $1", f"order:{order.id}"
    )


async def declined(till, event, seats):
    order = await till.placed(event, seats, "tok_declined")
    await till.pay.pay(order, key=None)
    return await till.reading.order(event, order.id)


async def test_a_key_and_its_attempt_appear_together(till, event):
    order = await declined(till, event, [1])
    falls = RuntimeError("power cut")

    class Falling:
        """Dies between the key and the gateway, as a process does."""

        async def try_again(self, *asked):
            await till.paying.open_attempt(*asked)
            raise falls

    with pytest.raises(RuntimeError):
        await pay(till, order, over=Falling())
    assert await keys(till, order) == 1
    assert (await till.attempt(order, 2))["state"] == "created"

    class FallingEarlier:
        async def try_again(self, *asked):
            raise falls

    with pytest.raises(RuntimeError):
        await pay(till, order, "other", over=FallingEarlier())
    assert await keys(till, order) == 1, "a key without an attempt would answer for nothing"


async def test_the_same_key_again_gets_the_first_answer(till, event):
    order = await declined(till, event, [2])
    first, again = await asyncio.gather(
        *(pay(till, order) for _ in range(2)), return_exceptions=True
    )
    answers = [one[1] for one in (first, again) if isinstance(one, tuple)]
    assert answers
    assert all(isinstance(one, (tuple, InProgress)) for one in (first, again))
    assert (await pay(till, order))[1] == answers[0]
    assert (await till.at_gateway(order))["totals"]["authorised"] == 5250
    with pytest.raises(IdempotencyMismatch):
        await pay(till, order, token="tok_declined")


async def test_a_refusal_leaves_the_key_to_be_used_again(till, event):
    order = await till.placed(event, [3])
    with pytest.raises(PaymentPending):
        await pay(till, order)
    assert await keys(till, order) == 0
    await till.pay.pay(order, key=None)
    with pytest.raises(OrderNotPayable):
        await pay(till, order)
    assert await keys(till, order) == 0
