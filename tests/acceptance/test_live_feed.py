"""What changes is told to everybody who watches, through the gateway, without credentials."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.acceptance.shop import Gala, Shop


async def test_a_watcher_sees_a_hold_a_sale_and_a_release(shop: Shop, gala: Gala) -> None:
    seats = gala.row(0)[:3]
    numbers = [gala.seats.index(seat) for seat in seats]
    async with watching(shop, f"seats.{gala.id}") as watcher:
        hold = await shop.held(gala, seats)
        told = await watcher.next()
        assert [1, numbers] in told["c"]
        snapshot = (await shop.get(f"/v1/events/{gala.id}/availability")).ok()
        assert told["e"] == snapshot["epoch"]
        since = (
            await shop.get(f"/v1/events/{gala.id}/availability/changes?since={told['f']}")
        ).ok()
        assert [told["v"], 1, numbers] in since["changes"]
        (await shop.delete(f"/v1/holds/{hold['id']}")).ok(204)
        assert [0, numbers] in (await watcher.next())["c"]
        await shop.bought(gala, seats)
        seen: dict[int, int] = {}
        while set(seen.values()) != {2}:
            for state, changed in (await watcher.next())["c"]:
                seen |= dict.fromkeys(changed, state)


async def test_a_watcher_can_only_listen(shop: Shop, gala: Gala) -> None:
    async with watching(shop, "seats.*") as watcher:
        await watcher.say(f"PUB seats.{gala.id} 2\r\n{{}}\r\nPING\r\n")
        assert "Permissions Violation" in await watcher.line("-ERR")
    async with watching(shop, "rpc.>") as watcher:
        assert "Permissions Violation" in await watcher.line("-ERR")
    async with shop.session.get(f"{shop.base}/feed", headers=foreign(shop)) as answer:
        assert answer.status == 403


class Watcher:
    """A browser's side of the feed."""

    def __init__(self, line: "aiohttp.ClientWebSocketResponse") -> None:
        self._line = line
        self._pending = ""

    async def say(self, text: str) -> None:
        await self._line.send_bytes(text.encode())

    async def line(self, beginning: str) -> str:
        """The next line that begins so."""
        async with asyncio.timeout(30):
            while True:
                while "\r\n" not in self._pending:
                    self._pending += (await self._line.receive_bytes()).decode()
                found, _, self._pending = self._pending.partition("\r\n")
                if found.startswith(beginning):
                    return found

    async def next(self) -> dict[str, Any]:
        """The next message."""
        await self.line("MSG")
        found: dict[str, Any] = json.loads(await self.line("{"))
        return found


@contextlib.asynccontextmanager
async def watching(shop: Shop, subject: str) -> AsyncIterator[Watcher]:
    """A watcher whose subscription has reached the broker."""
    url = shop.base.replace("http", "ws") + "/feed"
    async with shop.session.ws_connect(url) as line:
        watcher = Watcher(line)
        await watcher.line("INFO")
        await watcher.say('CONNECT {"verbose":false,"pedantic":false}\r\n')
        await watcher.say(f"SUB {subject} 1\r\nPING\r\n")
        if subject.startswith("seats."):
            await watcher.line("PONG")
        yield watcher


def foreign(shop: Shop) -> dict[str, str]:
    return {
        "Origin": "https://evil.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
