"""Somebody's own system that takes webhooks, and answers as a test tells it."""

import asyncio
import base64
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """`answers` are given to the next requests, in order; then 204. `taken` is what came."""

    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    url: str = ""
    location: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> "Receiver":
        application = web.Application()
        application.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hooks"
        return self

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        said = [json.loads(body) for _, body in self.taken]
        return [one["data"] for one in said if one["type"] == kind]

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.taken.append((headers, await request.read()))
        status = self.answers.popleft() if self.answers else 204
        if status == 0:
            await asyncio.Event().wait()
        given = {"location": self.location} if self.location else {}
        return web.Response(status=status, headers=given)


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return f"v1,{mac}" in headers["webhook-signature"].split()
