"""Money counts as given back when its gateway says that it has none of it any more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from seatwright.contracts.payments import GatewayName, PaymentReference
from seatwright.payments.adapters.simulated import NAME, SimulatedGateway
from seatwright.payments.service import PaymentService
from tests.integration.orders.till import Till, open_till
from tests.integration.simulators import merchant

# What a gateway answers when a bank has said no, and what a proxy may answer in its stead.
IN_ITS_WORDS = b'{"error": {"code": "card_refused", "message": "The bank says no."}}'
A_PAGE = b"<h1>Payment Required</h1>"


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


@asynccontextmanager
async def refusing(till: Till, verb: str, said: bytes) -> AsyncIterator[Till]:
    """The same gateway, which answers 402 to every `verb` and does nothing; all else passes."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(f"/{verb}"):
            return web.Response(status=402, body=said)
        async with till.client.session.request(
            request.method, till.client.base + request.raw_path, data=await request.read(),
            headers=request.headers,
        ) as passed:  # fmt: skip
            return web.Response(status=passed.status, body=await passed.read())

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    gateway = SimulatedGateway.open(
        url=f"http://127.0.0.1:{port}", key=merchant.API_KEY, secret=merchant.SECRET
    )
    try:
        yield till.over(PaymentService({NAME: gateway}))
    finally:
        await gateway.close()
        await runner.cleanup()


@pytest.mark.parametrize("said", [IN_ITS_WORDS, A_PAGE])
async def test_a_void_that_was_refused_has_given_nothing_back(till, event, said):
    order = await till.placed(event, [1])
    payment = await till.pay.authorise(order)
    async with refusing(till, "voids", said) as behind:
        assert not await behind.pay.void(order.attempt, payment)
        await behind.pay.call_off(order, payment)
    assert (await till.at_gateway(order))["totals"]["authorised"] == 5250
    row = await till.attempt(order)
    assert (row["state"], row["due_at"] is None) == ("voiding", False), "it is asked for again"
    await till.due(order)
    await till.resolver.step()
    assert (await till.attempt(order))["state"] == "voided"
    assert (await till.at_gateway(order))["totals"]["authorised"] == 0


@pytest.mark.parametrize(("said", "standing"), [(IN_ITS_WORDS, "failed"), (A_PAGE, "authorised")])
async def test_a_capture_has_failed_when_the_gateway_says_so_in_its_own_words(
    till, event, said, standing
):
    order = await till.placed(event, [2])
    payment = await till.pay.authorise(order)
    async with refusing(till, "captures", said) as behind:
        found = await behind.payments.capture(
            gateway=GatewayName(NAME), payment=payment.id,
            reference=PaymentReference(order.attempt.reference),
        )  # fmt: skip
    assert found.standing == standing


async def test_a_gateway_that_says_nothing_has_given_nothing_back(till, event):
    order = await till.placed(event, [3])
    payment = await till.pay.authorise(order)
    async with refusing(till, "voids", A_PAGE) as behind:
        await behind.pay.call_off(order, payment)
    order = await till.reading.order(event, order.id)
    assert order.attempt.state == "voiding"
    await till.client.call("POST", "/_control", {"outage": "500"})
    try:
        silent = await till.payments.look_up(
            gateway=NAME, reference=PaymentReference(order.attempt.reference)
        )
        assert silent.standing == "in_doubt"
        await till.pay.call_off(order, silent)
    finally:
        await till.client.call("POST", "/_control", {"outage": "none"})
    row = await till.attempt(order)
    assert (row["state"], row["due_at"] is None) == ("voiding", False)
