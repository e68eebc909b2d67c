"""Accounts as they ship, over real engines, in a database of their own."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx
import pytest

from seatwright.accounts import wiring
from seatwright.accounts.service.desk import Desk
from seatwright.kit.broker import Broker
from seatwright.kit.postgres import Database
from seatwright.kit.process import Tools
from seatwright.kit.signing import Keyring
from seatwright.kit.valkey import Valkey
from seatwright.kit.web import app
from seatwright.run.engines import Addresses
from tests.integration.accounts.house import PUBLIC_URL, House

DB = Path(__file__).parents[3] / "db"
DATABASE = "accounts_tests"


async def _fresh_database(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    fresh = str(httpx.URL(url).copy_with(path=f"/{DATABASE}"))
    connection = await asyncpg.connect(fresh)
    try:
        await connection.execute((DB / "roles.sql").read_text())
        await connection.execute((DB / "schema" / "accounts.sql").read_text())
    finally:
        await connection.close()
    return fresh


@pytest.fixture(scope="session")
async def database_url(engines: Addresses) -> str:
    return await _fresh_database(engines.database_url)


@pytest.fixture(scope="session")
async def house(engines: Addresses, database_url: str) -> AsyncIterator[House]:
    async def database(service: str) -> Database:
        return await Database.connect(database_url, service=service)

    broker = await Broker.connect(engines.nats_url, name="accounts-tests")
    await broker.ensure_streams()
    cache = await Valkey.connect(engines.valkey_cache_url, name="accounts-tests")
    tools = Tools(
        settings=SimpleNamespace(public_url=PUBLIC_URL, demo=True),  # type: ignore[arg-type]
        keys=Keyring(b"k" * 32),
        broker=broker,
        valkey=cache,
        cache=cache,
        files=None,  # type: ignore[arg-type]  # accounts keep no files
        database=database,
    )
    part = await wiring.wire(tools, None)  # type: ignore[arg-type]  # accounts call nobody
    admin = await asyncpg.connect(database_url)
    (desk,) = part.offers
    assert isinstance(desk, Desk)
    application = app.build(part.routes, part.offers, service="accounts", version="0")
    running = House(desk, part, application, admin, tools)
    yield running
    for browser in running.browsers:
        await browser.client.aclose()
    await admin.close()
    for close in part.closing:
        await close()
    await desk.database.close()
    await broker.close()
    await cache.close()
