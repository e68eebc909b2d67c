"""Shops over a Valkey that these tests may flush."""

from collections.abc import AsyncIterator

import pytest

from seatwright.run.engines import Addresses
from tests.integration.reservations.house import Connections
from tests.integration.reservations.own_valkey import OwnValkey, own_valkey
from tests.integration.reservations.shop import Shop, Town, opened


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[OwnValkey]:
    async with own_valkey() as running:
        yield running


@pytest.fixture(scope="session")
async def connections(engines: Addresses) -> AsyncIterator[Connections]:
    async with Connections.to(engines) as opened:
        yield opened


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def shop(town: Town, server: OwnValkey) -> AsyncIterator[Shop]:
    async with opened(town, server.url) as process:
        yield process
