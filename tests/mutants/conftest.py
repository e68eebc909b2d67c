"""One installation for all mutants, one after the other."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop, open_shop
from tests.mutants.workshop import Workshop


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[House]:
    """Two processes, a worker, a printer."""
    async with House.open() as running:
        yield running


@pytest.fixture(scope="session")
def workshop(house: House) -> Iterator[Workshop]:
    """Where the processes are changed."""
    made = Workshop(house)
    yield made
    made.close()


@pytest.fixture
async def shop(house: House) -> AsyncIterator[Shop]:
    """A guest with fresh connections: those of the test before ended in halted processes."""
    async with open_shop(house.base) as client:
        yield client


@pytest.fixture(scope="session")
async def organiser(house: House) -> AsyncIterator[Organiser]:
    async with open_shop(house.base) as client:
        yield Organiser(house, client)


@pytest.fixture
async def gala(organiser: Organiser) -> Gala:
    """An event that no other mutant has spoilt."""
    return await organiser.gala()
