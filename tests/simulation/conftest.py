"""One database and one stage for all universes."""

from collections.abc import AsyncIterator

import pytest

from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.simulation.universe import Stage


@pytest.fixture(scope="session")
async def stage(engines: Addresses) -> AsyncIterator[Stage]:
    url = await empty_database(engines.database_url, "simulation")
    await migrations.install(url)
    stage = await Stage.set(url)
    yield stage
    await stage.truth.close()
