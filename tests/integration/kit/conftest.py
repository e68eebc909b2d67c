"""A database of the kit's own, with a role and a schema like a service's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from seatwright.kit import ids
from seatwright.kit.broker import Broker
from seatwright.kit.postgres import Database
from seatwright.run.engines import Addresses

SERVICE = "kittest"
KIT_SCHEMA = """
CREATE SCHEMA kittest;
CREATE TABLE kittest.seats (seat integer PRIMARY KEY, note text NOT NULL DEFAULT '');
CREATE TABLE kittest.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz
) WITH (fillfactor = 60);
-- A COMMIT that takes its time: whoever writes `slow` waits for it at the end.
CREATE FUNCTION kittest.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.4);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dawdling AFTER INSERT ON kittest.seats
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.note = 'slow')
EXECUTE FUNCTION kittest.dawdle();
GRANT USAGE ON SCHEMA kittest TO seatwright_kittest;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA kittest TO seatwright_kittest;
"""


@pytest.fixture(scope="session")
async def kit_url(engines: Addresses) -> str:
    name = f"kit_{ids.short_id()}"
    connection = await asyncpg.connect(engines.database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.execute("CREATE ROLE seatwright_kittest NOLOGIN")
    await connection.execute("GRANT seatwright_kittest TO CURRENT_USER")
    await connection.close()
    url = engines.database_url.rpartition("/")[0] + f"/{name}"
    connection = await asyncpg.connect(url)
    await connection.execute(KIT_SCHEMA)
    await connection.close()
    return url


@pytest.fixture
async def truth(kit_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The database as its owner sees it; empty at the beginning."""
    pool = await asyncpg.create_pool(kit_url, min_size=1, max_size=2)
    await pool.execute("TRUNCATE kittest.seats, kittest.outbox")
    yield pool
    await pool.close()


@pytest.fixture
async def database(kit_url: str, truth: asyncpg.Pool) -> AsyncIterator[Database]:
    opened = await Database.connect(kit_url, service=SERVICE, connections_max=4)
    yield opened
    await opened.close()


@pytest.fixture
async def broker(engines: Addresses) -> AsyncIterator[Broker]:
    connected = await Broker.connect(engines.nats_url, name="kit-tests")
    await connected.ensure_streams()
    yield connected
    await connected.close()


async def until(condition: Callable[[], Awaitable[object]], seconds: float = 10) -> None:
    """Wait for a condition, never for a time."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.01)
