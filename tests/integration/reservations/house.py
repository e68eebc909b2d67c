"""Reservations as `wire` makes them, with real engines and their HTTP application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx

from seatwright.contracts.directory import Directory
from seatwright.contracts.reservations import Reservations
from seatwright.kit.broker import Broker
from seatwright.kit.process import Part, Tools
from seatwright.kit.valkey import Valkey
from seatwright.kit.web import app
from seatwright.reservations import wiring
from seatwright.reservations.service.contract import SeatsOfOrders
from seatwright.run.engines import Addresses
from tests.fakes.selling import FakeAccounts
from tests.integration.reservations.shop import KEYS, Town


class House:
    """One process: `client` speaks to its routes."""

    def __init__(self, town: Town, part: Part, client: httpx.AsyncClient) -> None:
        self.town = town
        self.part = part
        self.client = client

    @property
    def contract(self) -> Reservations:
        assert isinstance(self.part.contract, SeatsOfOrders)
        return self.part.contract

    async def hold(self, status: int = 201, **body: Any) -> Any:
        body = {"event_id": self.town.event} | body
        answer = await self.client.post("/v1/holds", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@dataclass(frozen=True)
class Connections:
    """To the shared engines: opened once, every house has an event of its own."""

    broker: Broker
    valkey: Valkey

    @classmethod
    @asynccontextmanager
    async def to(cls, engines: Addresses) -> AsyncIterator["Connections"]:
        broker = await Broker.connect(engines.nats_url, name="reservations-tests")
        valkey = await Valkey.connect(engines.valkey_url, name="reservations-tests")
        yield cls(broker, valkey)
        await valkey.close()
        await broker.close()


@asynccontextmanager
async def open_house(
    town: Town,
    connections: Connections,
    accounts: FakeAccounts | None = None,
    *,
    holds_per_minute: int = 10_000,
    held_seats_per_address_max: int = 0,
) -> AsyncIterator[House]:
    broker, valkey = connections.broker, connections.valkey
    directory = Directory(
        accounts=accounts or FakeAccounts(),
        catalog=town.catalog,
        orders=town.orders,  # type: ignore[arg-type]  # only its seat map is asked for
        payments=None,  # type: ignore[arg-type]
        reservations=None,  # type: ignore[arg-type]
    )
    limits: Any = SimpleNamespace(
        holds_per_minute=holds_per_minute, held_seats_per_address_max=held_seats_per_address_max
    )
    tools = Tools(
        settings=limits,
        keys=KEYS,
        broker=broker,
        valkey=valkey,
        cache=valkey,
        files=town.files,  # type: ignore[arg-type]
        database=None,  # type: ignore[arg-type]
    )
    part = await wiring.wire(tools, directory)
    application: Any = app.build(part.routes, part.offers, service="reservations", version="0")
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield House(town, part, client)


@asynccontextmanager
async def at_work(house: House, *names: str) -> AsyncIterator[None]:
    """The background of this process, as far as named."""
    running = [asyncio.ensure_future(house.part.background[name]()) for name in names]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
