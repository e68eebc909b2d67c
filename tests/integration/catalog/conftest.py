"""Two processes of the catalogue over real engines, in a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest

from seatwright.kit.broker import Broker
from seatwright.kit.files import FolderFiles
from seatwright.kit.postgres import Database
from seatwright.kit.process import Tools
from seatwright.kit.signing import Keyring
from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.integration.catalog.box_office import (
    PUBLIC_URL,
    Open,
    Organiser,
    Process,
    Tokens,
    organiser,
    process,
)


@pytest.fixture(scope="session")
async def catalog_database_url(engines: Addresses) -> str:
    url = await empty_database(engines.database_url, "catalog")
    await migrations.install(url)
    return url


@pytest.fixture(scope="session")
async def truth(catalog_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The database as its owner sees it, for counting what really is there."""
    pool = await asyncpg.create_pool(catalog_database_url, min_size=1, max_size=2)
    yield pool
    await pool.close()


def tools_of(nats_url: str, database_url: str, files: Path) -> Open:
    async def open_tools(name: str) -> Tools:
        opened: list[Database] = []

        async def database(service: str) -> Database:
            opened.append(await Database.connect(database_url, service=service, connections_max=4))
            return opened[-1]

        async def close_databases() -> None:
            for one in opened:
                await one.close()

        return Tools(
            settings=SimpleNamespace(public_url=PUBLIC_URL),  # type: ignore[arg-type]
            keys=Keyring(b"k" * 32),
            broker=await Broker.connect(nats_url, name=name),
            valkey=None,  # type: ignore[arg-type]  # the catalogue needs none
            cache=None,  # type: ignore[arg-type]
            files=FolderFiles(files),
            database=database,
            close_databases=close_databases,
        )

    return open_tools


@pytest.fixture(scope="session")
def open_tools(
    engines: Addresses, catalog_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Open:
    return tools_of(engines.nats_url, catalog_database_url, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def accounts() -> Tokens:
    return Tokens()


@pytest.fixture(scope="session")
async def here(open_tools: Open, accounts: Tokens) -> AsyncIterator[Process]:
    async with process(open_tools, accounts) as running:
        yield running


@pytest.fixture(scope="session")
async def there(open_tools: Open, accounts: Tokens, here: Process) -> AsyncIterator[Process]:
    async with process(open_tools, accounts) as running:
        yield running


@pytest.fixture
async def house(here: Process, accounts: Tokens) -> Organiser:
    return await organiser(here, accounts)
