"""What only a checker may do: look into the house's database, gateway ledger and inbox."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import asyncpg

from seatwright.kit import clock
from seatwright.kit.settings import read
from seatwright.orders.checking.service import Checks, Totals, Violation
from seatwright.run import assembly
from seatwright.run.demo import Demo

LOOK_EVERY_S = 0.05


def patience_s() -> float:
    """A client repeats for at least so long (`correctness.md` 0.21); a failover is latency."""
    return float(os.environ.get("SEATWRIGHT_PATIENCE_S", "90"))


class Insight(Demo):
    """Reads behind the product's back; changes only the weather and what a fault would."""

    checks: Checks
    _pool: "asyncpg.Pool[Any]"

    async def sql(self, query: str, *args: Any) -> list[dict[str, Any]]:
        """Rows of a question (or a nudge) put to the database as its owner."""
        found: list[dict[str, Any]] = []

        async def answered() -> bool:
            try:
                found.extend(dict(row) for row in await self._pool.fetch(query, *args))
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError,
                    asyncpg.CannotConnectNowError):  # fmt: skip
                return False
            return True

        await until(answered, "the database answers")
        return found

    async def one(self, query: str, *args: Any) -> Any:
        rows = await self.sql(query, *args)
        return next(iter(rows[0].values())) if rows else None

    @contextlib.asynccontextmanager
    async def connection(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        """A connection of one's own, for a transaction that others shall meet."""
        url = self.installation.engines.addresses.database_url
        connection = await asyncpg.connect(url)
        # Our own time-outs would end the transaction for us.
        await connection.execute("SET idle_in_transaction_session_timeout = 0")
        try:
            yield connection
        finally:
            await connection.close()

    async def order_id(self, code: str) -> str:
        found = await self.one(
            "SELECT order_id FROM orders.codes WHERE code = $1", code.replace("-", "")
        )
        assert found is not None, f"no order {code}"
        return str(found)

    async def ledger(self, order: str) -> dict[str, Any]:
        """What the gateway says about an order: totals and payments."""
        return await self._gateway("/ledger", order=order)

    async def ledger_all(self) -> list[dict[str, Any]]:
        """Every payment the gateway knows."""
        items: list[dict[str, Any]] = []
        cursor: str | None = "0"
        while cursor is not None:
            page = await self._gateway("/ledger", limit="10000", cursor=cursor)
            items += page["items"]
            cursor = page["next"]
        return items

    async def give_back(self, payment: dict[str, Any]) -> None:
        """Void or refund a payment at the gateway, as its merchant; one that moves, not yet."""
        verb, body = "voids", {}
        if payment["status"] != "authorised":
            left = payment["amount_captured"] - payment["amount_refunded"]
            verb, body = "refunds", {"amount": left}
        url = f"http://127.0.0.1:{self.gateway_port}/v1/payments/{payment['id']}/{verb}"
        key = self.installation.environment["GATEWAY_KEY"]
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
            session.post(url, json=body) as answer,
        ):
            assert answer.status < 500, await answer.text()

    async def weather(self, **change: Any) -> None:
        """Change how the gateway behaves: `outage`, `latency_ms`, `webhook_delay_ms`."""
        url = f"http://127.0.0.1:{self.gateway_port}/_control"
        async with aiohttp.ClientSession() as session, session.post(url, json=change) as answer:
            assert answer.status == 200, await answer.text()

    async def _gateway(self, path: str, **query: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.gateway_port}{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
            return json.loads(await answer.read())

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails an address has been sent, newest first, with their attachments' names."""
        url = f"http://127.0.0.1:{self.inbox_port}/inbox/api/mails"
        async with aiohttp.ClientSession() as session:
            async with session.get(url, params={"to": to}) as answer:
                found = json.loads(await answer.read())["items"]
            whole = []
            for one in found:
                async with session.get(f"{url}/{one['id']}") as answer:
                    whole.append(json.loads(await answer.read()))
            return whole

    async def flush(self) -> None:
        """Lose everything that Valkey knows about seats, as a failover might."""
        settings = read(self.installation.environment)
        tools = await assembly.connect(settings, name="acceptance-flush", connections_max=1)
        try:
            await tools.valkey.command("FLUSHALL")
        finally:
            await assembly.disconnect(tools)

    async def violations(self) -> list[str]:
        """Every broken invariant, in words."""
        found: Sequence[Violation] = await self.checks.violations()
        return [f"{one.invariant}: {one.event} {one.what}" for one in found]

    async def totals(self) -> Totals:
        return await self.checks.totals()


async def until(true: Callable[[], Awaitable[Any]], what: str) -> Any:
    """The first answer that is true; a condition that never comes fails by its name."""
    deadline = clock.monotonic() + patience_s()
    while not (found := await true()):
        assert clock.monotonic() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(LOOK_EVERY_S)
    return found
