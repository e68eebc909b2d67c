"""Two gate processes over one database, and hands to look behind them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket
from seatwright.kit.process import Part
from seatwright.kit.signing import Keyring
from tests.fakes.sold import SoldCatalog, SoldOrders, TokenAccounts, a_ticket, an_event, some_papers

DB = Path(__file__).parents[3] / "db"
PATIENCE_S = 15.0


async def fresh_database(url: str, name: str, schema: str) -> str:
    """An empty database with the roles and this schema file; its address."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    fresh = str(httpx.URL(url).copy_with(path=f"/{name}"))
    connection = await asyncpg.connect(fresh)
    try:
        await connection.execute((DB / "roles.sql").read_text())
        await connection.execute((DB / "schema" / schema).read_text())
    finally:
        await connection.close()
    return fresh


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds; fails after `PATIENCE_S`."""
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            await asyncio.sleep(0.02)


@dataclass
class Process:
    """One process that serves gates."""

    client: httpx.AsyncClient
    part: Part
    token: str

    async def scan(self, code: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        return await self.post("/v1/check-ins", {"code": code, **more}, token=token)

    async def post(self, path: str, body: Any, *, token: str | None = None) -> httpx.Response:
        headers = {"content-type": "application/json", **self._bearer(token)}
        return await self.client.post(path, content=msgspec.json.encode(body), headers=headers)

    async def get(self, path: str, *, token: str | None = None) -> httpx.Response:
        return await self.client.get(path, headers=self._bearer(token))

    def _bearer(self, token: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {token or self.token}"}


@dataclass
class House:
    orders: SoldOrders
    catalog: SoldCatalog
    accounts: TokenAccounts
    keys: Keyring
    truth: "asyncpg.Connection[Any]"
    one: Process
    two: Process

    def sold(self, **changes: Any) -> tuple[EventForSale, IssuedTicket, str]:
        """An event with one paid ticket, and the ticket's code."""
        event = self.catalog.add(an_event())
        ticket = self.another(event, **changes)
        return event, ticket, self.code(event, ticket)

    def another(self, event: EventForSale, **changes: Any) -> IssuedTicket:
        papers = self.orders.add(some_papers(event, a_ticket(event, **changes)))
        return papers.tickets[0]

    def code(self, event: EventForSale, ticket: IssuedTicket, /, **changes: Any) -> str:
        content = ticket_codes.of(ticket, ends_at=event.ends_at)
        return ticket_codes.sign(self.keys, msgspec.structs.replace(content, **changes))

    async def admissions(self, ticket: str) -> int:
        found: int = await self.truth.fetchval(
            "SELECT count(*) FROM entry.admissions WHERE ticket_id = $1 AND result = 'admitted'",
            ticket,
        )
        return found
