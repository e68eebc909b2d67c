"""Reservations of one process, wired as they ship, over fakes of its neighbours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import PublishedChart
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.reservations import HoldId
from seatwright.kit import ids
from seatwright.kit.signing import Keyring
from seatwright.kit.valkey import Valkey
from seatwright.reservations.adapters.duties import ValkeyDuties
from seatwright.reservations.adapters.holds import ValkeyHolds
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.domain.wishes import Choice, ChosenSeats
from seatwright.reservations.service.availability import Availability
from seatwright.reservations.service.choosing import Choosing
from seatwright.reservations.service.contract import SeatsOfOrders
from seatwright.reservations.service.hold_seats import Asked, Granted, Holding
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.reservations.service.sales import Sales
from tests.fakes.selling import FakeCatalog, FakeFiles, FakeOrders, event_for_sale, small_chart

KEYS = Keyring(b"k" * 32)


class Town:
    """What all processes share: one event, its chart, and its orders."""

    def __init__(self, chart: PublishedChart | None = None) -> None:
        self.event = EventId(ids.short_id())
        self.chart = chart or small_chart()
        self.catalog = FakeCatalog(event_for_sale(self.event, self.chart))
        self.orders = FakeOrders(self.chart.seat_count)
        self.files = FakeFiles(self.chart)


class Shop:
    """One process's services."""

    def __init__(self, town: Town, valkey: Valkey, terms: Terms) -> None:
        self.town = town
        self.valkey = valkey
        self.store = ValkeyHolds(valkey)
        self.duties = ValkeyDuties(valkey, process=ids.short_id())
        self.sales = Sales(town.catalog, ChartShelf(town.files))
        self.changes: list[tuple[EventId, int]] = []
        self.rebuilding = Rebuilding(
            self.store,
            self.duties,
            town.orders,  # type: ignore[arg-type]  # only its seat map is asked for
            self.sales,
            lambda event, filled: self._changed(event, filled.version),
        )
        self.availability = Availability(self.store, self.sales, self.rebuilding)
        self.holding = Holding(
            self.store,
            self.sales,
            self.rebuilding,
            Choosing(self.availability.bits),
            KEYS,
            self._changed,
            terms,
        )
        self.contract = SeatsOfOrders(
            self.store,
            self.rebuilding,
            town.orders,  # type: ignore[arg-type]  # only its seat map is asked for
            self._changed,
        )

    async def hold(
        self,
        *seats: str,
        hold: str | None = None,
        principal: str | None = None,
        choice: Choice | None = None,
        address: str = "198.51.100.7",
    ) -> Granted:
        wanted = choice or ChosenSeats(seats)
        given = None if hold is None else HoldId(hold)
        asked = Asked(self.town.event, wanted, given, principal, address)
        return await self.holding.hold(asked)

    async def states(self) -> bytes:
        """One digit a seat, as everybody sees them now."""
        snapshot = await self.rebuilding.answered(
            self.town.event, lambda: self.store.snapshot(event=self.town.event, known=0)
        )
        assert snapshot.bits is not None
        bits = "".join(f"{byte:08b}" for byte in snapshot.bits)
        return bytes(int(bits[at : at + 2], 2) for at in range(0, 2 * snapshot.seat_count, 2))

    def _changed(self, event: EventId, version: int) -> None:
        self.changes.append((event, version))


@asynccontextmanager
async def opened(town: Town, url: str, terms: Terms | None = None) -> AsyncIterator[Shop]:
    valkey = await Valkey.connect(url, name="reservations-test")
    try:
        yield Shop(town, valkey, terms or Terms())
    finally:
        await valkey.close()
