"""Recording a sale that happened elsewhere."""

import asyncpg
import msgspec

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.orders import OrderCode, OrderId, TicketId
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat, SeatsTaken
from seatwright.kit import ids
from seatwright.kit.postgres import Database, queries
from seatwright.orders.domain.order import Buyer
from seatwright.orders.domain.quoting import quote

_Q = queries("seatwright.orders.importing")
_SHORT = "SW001"
IMPORTED = "imported"


class ImportSale:
    """The use case."""

    def __init__(self, *, database: Database, charts: ChartShelf) -> None:
        self._database = database
        self._charts = charts

    async def open_inventory(self, event: EventForSale) -> None:
        """Record the event's chart before its first sale."""
        await self._database.atomically(
            _Q["open_inventory"], event.id, event.chart, event.seat_count
        )

    async def record(self, event: EventForSale, seats: list[Seat], buyer: Buyer) -> OrderCode:
        """
        Record one paid order for `seats` at today's prices.

        Raises `SeatsTaken` when any of them is not free; then nothing is recorded.
        """
        chart = await self._charts.get(event.chart)
        held = tuple(
            HeldSeat(
                seat, category, event.categories[category].price, event.categories[category].tax
            )
            for seat in sorted(seats)
            for category in [chart.category[seat]]
        )
        grant = HoldGrant(
            event.id, HoldId(IMPORTED), IMPORTED, held, event.currency, 0, 0, event.version, 0
        )
        frozen = quote(grant, event, chart)
        order, code = OrderId(ids.sortable_id(10)), OrderCode(ids.order_code())
        try:
            await self._database.atomically(
                _Q["import_sale"], event.id, order, code, IMPORTED, buyer.name, buyer.email,
                buyer.language, frozen.currency, frozen.total(), frozen.tax(),
                msgspec.json.encode(frozen), event.version, [one.seat for one in held],
                [TicketId(ids.sortable_id()) for _ in held],
            )  # fmt: skip
        except asyncpg.PostgresError as fault:
            if fault.sqlstate != _SHORT and not isinstance(fault, asyncpg.UniqueViolationError):
                raise
            raise SeatsTaken("Some of these seats are not free; nothing was recorded.") from fault
        return code
