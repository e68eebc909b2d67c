"""Both implementations of `HoldStore`: Valkey's functions, and the rules in Python."""

from collections.abc import AsyncIterator

import pytest

from seatwright.contracts.catalog import EventId
from seatwright.kit import ids
from seatwright.kit.valkey import Valkey
from seatwright.reservations.adapters.holds import ValkeyHolds
from seatwright.reservations.ports import HoldStore
from tests.contract.reservations.test_hold_store import Desk, filling
from tests.fakes.seats import MemoryHolds
from tests.integration.reservations.own_valkey import OwnValkey, own_valkey


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[OwnValkey]:
    async with own_valkey() as running:
        yield running


@pytest.fixture(params=["valkey", "memory"])
async def store(request: pytest.FixtureRequest, server: OwnValkey) -> AsyncIterator[HoldStore]:
    if request.param == "memory":
        yield MemoryHolds()
        return
    valkey = await Valkey.connect(server.url, name="contract")
    yield ValkeyHolds(valkey)
    await valkey.close()


@pytest.fixture
def event() -> EventId:
    return EventId(ids.short_id())


@pytest.fixture
async def desk(store: HoldStore, event: EventId) -> Desk:
    await store.fill(event=event, filling=filling(), force=False)
    return Desk(store, event)
