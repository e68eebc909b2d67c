"""The platform in one process over real engines, as `serve --target all` builds it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from seatwright.kit.settings import Settings
from seatwright.kit.web import app
from seatwright.run import assembly, migrations
from seatwright.run.assembly import Assembly
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.logins import own_logins


@pytest.fixture(scope="session")
async def installed_url(engines: Addresses) -> str:
    """A database with the whole schema and nothing in it."""
    url = await empty_database(engines.database_url, "house")
    await migrations.install(url, urls=own_logins(url))
    return url


@pytest.fixture(scope="session")
async def built(
    engines: Addresses, installed_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Assembly]:
    folder: Path = tmp_path_factory.mktemp("files")
    settings = Settings(
        database_urls=own_logins(installed_url),
        valkey_url=engines.valkey_url,
        valkey_cache_url=engines.valkey_cache_url,
        nats_url=engines.nats_url,
        smtp_url="smtp://127.0.0.1:1",
        mail_from="t@example.com",
        gateway_url="http://127.0.0.1:1",
        gateway_key="k",
        gateway_webhook_secret="w",
        public_url="http://tickets.example",
        files=folder,
        master=b"k" * 32,
        demo=True,
    )
    tools = await assembly.connect(settings, name="architecture", connections_max=2)
    assembled = await assembly.assemble(tools, "all")
    yield assembled
    await assembled.close()


@pytest.fixture(scope="session")
async def application(built: Assembly) -> Any:
    routes = [route for part in built.parts.values() for route in part.routes]
    offers = [offer for part in built.parts.values() for offer in part.offers]
    return app.build(routes, offers, service="all", version="0")
