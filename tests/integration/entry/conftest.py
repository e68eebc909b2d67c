"""Entry as it ships, twice over one database, as two processes would be."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from seatwright.entry import wiring
from seatwright.kit.broker import Broker
from seatwright.kit.postgres import Database
from seatwright.kit.process import Tools
from seatwright.kit.signing import Keyring
from seatwright.kit.web import app
from seatwright.run.engines import Addresses
from tests.fakes.sold import SoldCatalog, SoldOrders, TokenAccounts
from tests.integration.entry.house import House, Process, fresh_database

KEYS = Keyring(b"k" * 32)


@pytest.fixture(scope="session")
async def entry_database_url(engines: Addresses) -> str:
    return await fresh_database(engines.database_url, "entry_tests", "entry.sql")


async def _process(directory: Any, broker: Broker, database: Database, token: str) -> Process:
    async def opened(_service: str) -> Database:
        return database

    nothing: Any = None
    tools = Tools(
        settings=nothing,
        keys=KEYS,
        broker=broker,
        valkey=nothing,
        cache=nothing,
        files=nothing,
        database=opened,
    )
    part = await wiring.wire(tools, directory)
    application: Any = app.build(part.routes, part.offers, service="entry", version="0")
    transport = httpx.ASGITransport(application)
    return Process(httpx.AsyncClient(transport=transport, base_url="http://test"), part, token)


@pytest.fixture
async def house(engines: Addresses, entry_database_url: str) -> AsyncIterator[House]:
    broker = await Broker.connect(engines.nats_url, name="entry-tests")
    await broker.ensure_streams()
    databases = [await Database.connect(entry_database_url, service="entry") for _ in range(2)]
    orders, catalog, accounts = SoldOrders(), SoldCatalog(), TokenAccounts()
    directory = SimpleNamespace(orders=orders, catalog=catalog, accounts=accounts)
    one, two = [
        await _process(directory, broker, database, accounts.add("org1", "entry:scan"))
        for database in databases
    ]
    truth = await asyncpg.connect(entry_database_url)
    yield House(orders, catalog, accounts, KEYS, truth, one, two)
    await truth.close()
    for process in (one, two):
        await process.client.aclose()
    for database in databases:
        await database.close()
    await broker.close()
