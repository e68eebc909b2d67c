"""The merchant's side of the gateway: a client, and an ear for its webhooks."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from seatwright.kit import ids

SECRET = "whsec_test"
API_KEY = "key_test"
HEARD_S_MAX = 20


@dataclass
class Reply:
    status: int
    json: Any
    headers: Any


class Client:
    """Speaks to one gateway with its key."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        timeout_s: float = 15,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {API_KEY}", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        data = None if body is None else json.dumps(body).encode()
        async with self.session.request(
            method, self.base + path, data=data, headers=sent, timeout=timeout,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            text = await answer.text()
            return Reply(answer.status, json.loads(text) if text else None, answer.headers)

    async def pay(self, token: str = "tok_ok", *, key: str | None = None, **fields: Any) -> Reply:
        return await self.call("POST", "/v1/payments", payment_body(token, **fields), key=key)

    async def operate(self, payment: str, verb: str, key: str | None = None, **body: Any) -> Reply:
        return await self.call("POST", f"/v1/payments/{payment}/{verb}", body, key=key)

    async def payment(self, payment_id: str) -> Any:
        return (await self.call("GET", f"/v1/payments/{payment_id}")).json

    async def with_reference(self, reference: str) -> list[Any]:
        found = (await self.call("GET", f"/v1/payments?reference={reference}")).json
        return list(found["items"])


def payment_body(token: str, **fields: Any) -> dict[str, Any]:
    reference = fields.pop("reference", None) or f"ord_{ids.short_id()}_a1"
    return {
        "reference": reference,
        "amount": 4250,
        "currency": "EUR",
        "token": token,
        "metadata": {"event": "e1", "seats": ["A:1:1"], "order": reference[:-3], "attempt": 1},
        "return_url": "http://shop.example/orders/1",
        **fields,
    }


@dataclass
class Letter:
    body: bytes
    signature: str
    json: Any

    @property
    def authentic(self) -> bool:
        parts = dict(part.split("=", 1) for part in self.signature.split(","))
        signed = parts["t"].encode() + b"." + self.body
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(mac, parts["v1"])


@dataclass
class Ear:
    """Keeps every webhook; answers `statuses` in turn, then 204."""

    url: str = ""
    letters: list[Letter] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    together_max: int = 0
    _together: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    pause_s: float = 0.0

    async def hear(self, request: web.Request) -> web.Response:
        self._together += 1
        self.together_max = max(self.together_max, self._together)
        body = await request.read()
        await asyncio.sleep(self.pause_s)
        signature = request.headers["Seatwright-Gateway-Signature"]
        async with self._changed:
            self.letters.append(Letter(body, signature, json.loads(body)))
            self._changed.notify_all()
        self._together -= 1
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)

    def about(self, payment_id: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.json["data"]["id"] == payment_id]

    async def wait(self, enough: Callable[[], bool]) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(enough), HEARD_S_MAX)

    async def wait_for(self, payment_id: str, number: int) -> list[Letter]:
        await self.wait(lambda: len(self.about(payment_id)) >= number)
        return self.about(payment_id)


@asynccontextmanager
async def ear() -> AsyncIterator[Ear]:
    listening = Ear()
    application = web.Application()
    application.router.add_post("/v1/webhooks/simulated", listening.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    listening.url = f"http://127.0.0.1:{port}/v1/webhooks/simulated"
    yield listening
    await runner.cleanup()
