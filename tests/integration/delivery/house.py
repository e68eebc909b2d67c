"""The running service, and hands to look behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from seatwright.contracts import delivery, messages
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.kit import clock, ids
from seatwright.kit.broker import Broker, Outgoing
from seatwright.kit.postgres import Database
from seatwright.kit.process import Part
from seatwright.kit.signing import Keyring
from tests.fakes.sold import SoldCatalog, SoldOrders, TokenAccounts, an_event, some_papers
from tests.integration.delivery.post import MailServer

DB = Path(__file__).parents[3] / "db"
PATIENCE_S = 15.0


async def fresh_database(url: str, name: str, *schemas: str) -> str:
    """An empty database with the roles and these schema files; its address."""
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
        for schema in schemas:
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
class House:
    orders: SoldOrders
    catalog: SoldCatalog
    server: MailServer
    broker: Broker
    client: httpx.AsyncClient
    truth: "asyncpg.Connection[Any]"
    part: Part
    keys: Keyring
    database: Database
    accounts: TokenAccounts

    def sold(
        self, *tickets: IssuedTicket, event: EventForSale | None = None, **changes: Any
    ) -> OrderPapers:
        """An order that orders and catalogue know."""
        shown = self.catalog.add(event or an_event())
        return self.orders.add(some_papers(shown, *tickets, **changes))

    async def captured(self, papers: OrderPapers) -> None:
        """Tell delivery that the order's money is taken; each call is another message."""
        message = messages.OrderCaptured(event=papers.event, order=papers.order)
        await self.post(messages.SUBJECT_DELIVER, messages.encode(message))

    async def letter(self, letter: delivery.Letter, *, message: str | None = None) -> None:
        await self.post(delivery.SUBJECT_MAIL, msgspec.json.encode(letter), message)

    async def post(self, subject: str, payload: bytes, message: str | None = None) -> None:
        outgoing = Outgoing(subject, message or ids.sortable_id(), payload)
        assert await self.broker.publish([outgoing]) == [True]

    async def state(self, order: str) -> str | None:
        found: str | None = await self.truth.fetchval(
            "SELECT state FROM delivery.deliveries WHERE order_id = $1", order
        )
        return found

    async def settled(self, order: str, state: str = "sent") -> None:
        async def reached() -> bool:
            return await self.state(order) == state

        await until(reached)

    async def outcomes(self, order: str) -> list[str | None]:
        rows = await self.truth.fetch(
            "SELECT a.outcome FROM delivery.attempts AS a "
            "JOIN delivery.deliveries AS d ON d.id = a.delivery_id "
            "WHERE d.order_id = $1 ORDER BY a.number",
            order,
        )
        return [row["outcome"] for row in rows]

    def grant(
        self, papers: OrderPapers, ticket: IssuedTicket | None = None, *, age_s: int = 0
    ) -> str:
        made = delivery.grant_for(
            event=papers.event,
            order=papers.order,
            ticket=ticket.id if ticket else None,
            seq=ticket.seq if ticket else 0,
            now=clock.now(),
        )
        older = msgspec.structs.replace(made, expires_at_ms=made.expires_at_ms - age_s * 1000)
        return delivery.sign_grant(self.keys, older)
