"""Seats an organiser keeps from sale: all of them or none, and never what somebody else has."""

import asyncpg
import pytest

from seatwright.contracts.catalog import EventForSale, EventId
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.reservations import Seat, SeatsTaken
from seatwright.kit.postgres import Database
from seatwright.orders.blocking.service import BlockSeats
from seatwright.orders.placing.store import Placed, PlacingStore
from tests.fakes.selling import FakeFiles, event_for_sale, small_chart
from tests.integration.orders.conftest import a_placement, an_order

CHART = small_chart()
_IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'idle in transaction' AND application_name = 'seatwright-orders'
    AND datname = current_database()
"""


class Shown:
    """Reservations that only remember what they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[int]]] = []

    async def blocked(self, *, event: EventId, seats: list[Seat]) -> None:
        self.told.append(("blocked", [*seats]))

    async def freed(self, *, event: EventId, seats: list[Seat], hold: object) -> None:
        assert hold is None
        self.told.append(("freed", [*seats]))


class SlowFiles(FakeFiles):
    """A store that notes whether somebody reads it with a transaction open."""

    def __init__(self, truth: asyncpg.Pool) -> None:
        super().__init__(CHART)
        self._truth = truth
        self.open_transactions: list[int] = []

    async def read(self, *, folder: str, name: str) -> bytes | None:
        self.open_transactions.append(await self._truth.fetchval(_IN_TRANSACTION))
        return await super().read(folder=folder, name=name)


@pytest.fixture
async def sale(database: Database, event: EventId) -> EventForSale:
    await PlacingStore(database).open_inventory(event, CHART.version, CHART.seat_count)
    return event_for_sale(event, CHART)


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def files(truth: asyncpg.Pool) -> SlowFiles:
    return SlowFiles(truth)


@pytest.fixture
def block(database: Database, shown: Shown, files: SlowFiles) -> BlockSeats:
    charts = ChartShelf(files)
    return BlockSeats(database=database, reservations=shown, charts=charts)  # type: ignore[arg-type]


async def claims(truth: asyncpg.Pool, event: EventId) -> dict[int, str]:
    rows = await truth.fetch("SELECT seat, state FROM orders.claims WHERE event_id=$1", event)
    return {row["seat"]: row["state"] for row in rows}


async def test_all_of_the_seats_or_none(database, block, truth, sale, shown, files):
    order = an_order(sale.id, [2], pay=False)
    await PlacingStore(database).place([a_placement(order)])
    with pytest.raises(SeatsTaken) as refused:
        await block.block(sale, [Seat(1), Seat(2), Seat(3)])
    assert refused.value.facts["seats"] == [CHART.seat_id(2)]
    assert await claims(truth, sale.id) == {2: "claimed"}
    assert files.open_transactions == [0], "the chart is read before anything is locked"
    assert await block.block(sale, [Seat(1), Seat(3)]) == 2
    assert await block.block(sale, [Seat(1), Seat(3)]) == 2, "the answer may have been lost"
    assert await block.unblock(sale, [Seat(1), Seat(2)]) == 1
    assert await claims(truth, sale.id) == {2: "claimed", 3: "blocked"}
    assert shown.told == [("blocked", [1, 3]), ("blocked", [1, 3]), ("freed", [1])]


async def test_an_expired_claim_is_blocked_and_a_pinned_one_is_not(database, block, truth, sale):
    store = PlacingStore(database)
    unpaid, paying = an_order(sale.id, [1], pay=False), an_order(sale.id, [2])
    await store.place([a_placement(unpaid), a_placement(paying)])
    await truth.execute(
        "UPDATE orders.claims SET claimed_until = now() - interval '1 second' "
        "WHERE event_id=$1 AND isfinite(claimed_until)", sale.id
    )  # fmt: skip
    assert await block.block(sale, [Seat(1)]) == 1
    with pytest.raises(SeatsTaken):
        await block.block(sale, [Seat(2), Seat(4)])
    assert await claims(truth, sale.id) == {1: "blocked", 2: "claimed"}
    (taken,) = await store.place([a_placement(an_order(sale.id, [1]))])
    assert isinstance(taken, SeatsTaken)
    await block.unblock(sale, [Seat(1)])
    (placed,) = await store.place([a_placement(an_order(sale.id, [1]))])
    assert isinstance(placed, Placed)
