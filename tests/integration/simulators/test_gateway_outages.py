"""What a drill can do to the gateway while it runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.integration.simulators.merchant import Client


@asynccontextmanager
async def control(client: Client, **wanted: object) -> AsyncIterator[None]:
    async def set_to(body: dict[str, object]) -> None:
        async with client.session.post(f"{client.base}/_control", json=body) as answer:
            assert answer.status == 200, await answer.text()

    await set_to(wanted)
    try:
        yield
    finally:
        await set_to({"outage": "none", "latency_ms": 20})


async def test_refused_requests_do_nothing(gateway: Client) -> None:
    async with control(gateway, outage="refuse"):
        with pytest.raises(aiohttp.ClientConnectionError):
            await gateway.pay("tok_ok", key="refuse", reference="refuse_a1")
    assert await gateway.with_reference("refuse_a1") == []
    assert (await gateway.pay("tok_ok", key="refuse", reference="refuse_a1")).status == 201


async def test_hanging_requests_do_nothing(gateway: Client) -> None:
    async with control(gateway, outage="hang"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gateway.pay("tok_ok", reference="hang_a1"), 0.5)
    assert await gateway.with_reference("hang_a1") == []


@pytest.mark.parametrize(("outage", "code"), [("500", "internal"), ("429", "rate_limited")])
async def test_errors_are_not_remembered(gateway: Client, outage: str, code: str) -> None:
    key = f"outage-{outage}"
    async with control(gateway, outage=outage):
        broken = await gateway.pay("tok_ok", key=key, reference=key)
        assert (broken.status, broken.json["error"]["code"]) == (int(outage), code)
    assert (await gateway.pay("tok_ok", key=key, reference=key)).status == 201


async def test_garbage_answers_hide_what_was_done(gateway: Client) -> None:
    async with control(gateway, outage="garbage"):
        with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
            await gateway.pay("tok_ok", reference="garbage_a1")
    [payment] = await gateway.with_reference("garbage_a1")
    assert payment["status"] == "authorised"


async def test_a_flood_is_ten_megabytes(gateway: Client) -> None:
    async with control(gateway, outage="flood"):
        assert len((await gateway.pay("tok_ok")).json["id"]) == 10 * 1024 * 1024


async def test_slow_answers_drip(gateway: Client) -> None:
    async with control(gateway, outage="slow"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gateway.pay("tok_ok", reference="slow_drip_a1"), 1.5)
    assert len(await gateway.with_reference("slow_drip_a1")) == 1


async def test_latency_can_be_set(gateway: Client) -> None:
    loop = asyncio.get_running_loop()
    async with control(gateway, latency_ms=400):
        began = loop.time()
        await gateway.pay("tok_ok")
        assert loop.time() - began >= 0.4


async def test_an_unknown_outage_is_refused(gateway: Client) -> None:
    async with gateway.session.post(f"{gateway.base}/_control", json={"outage": "rain"}) as answer:
        assert answer.status == 422
    page = {"Origin": "http://evil.example"}
    async with gateway.session.post(
        f"{gateway.base}/_control", json={"outage": "500"}, headers=page
    ) as answer:
        assert answer.status == 401
