"""Blocking and unblocking seats."""

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.reservations import Reservations, Seat, SeatsTaken
from seatwright.kit import crash
from seatwright.kit.errors import Expected, Invalid, Problem
from seatwright.kit.log import note
from seatwright.kit.postgres import Database, queries

_Q = queries("seatwright.orders.blocking")
SEATS_AT_ONCE_MAX = 70_000
_blocked = crash.declare("after_block", "seats are blocked, and still shown as free")


class BlockSeats:
    """The use case."""

    def __init__(
        self, *, database: Database, reservations: Reservations, charts: ChartShelf
    ) -> None:
        self._database = database
        self._reservations = reservations
        self._charts = charts

    async def seats(self, event: EventForSale, seat_ids: list[str]) -> list[Seat]:
        """The seats behind API ids, ascending; raises `Invalid` naming every unknown one."""
        chart = await self._charts.get(event.chart)
        found = [chart.find(seat_id) for seat_id in seat_ids]
        problems = tuple(
            Problem(f"/seats/{n}", "unknown_seat", "This chart has no such seat.")
            for n, seat in enumerate(found)
            if seat is None
        )
        if problems:
            raise Invalid(problems[:100])
        return sorted({Seat(seat) for seat in found if seat is not None})

    async def block(self, event: EventForSale, seats: list[Seat]) -> int:
        """Keep the seats from sale, all or none; raises `SeatsTaken` naming those in the way."""
        # For the names of seats in the way: nothing is read from elsewhere while rows are locked.
        chart = await self._charts.get(event.chart)
        async with self._database.transaction() as tx:
            got = await tx.rows(_Q["block"], event.id, seats)
            if len(got) != len(seats):
                blocked = {row["seat"] for row in got}
                missing = [seat for seat in seats if seat not in blocked]
                names = [chart.seat_id(seat) for seat in missing[:100]]
                raise SeatsTaken("Some of these seats are claimed, sold or blocked.", seats=names)
        _blocked()
        await self._show(event, seats, blocked=True)
        return len(seats)

    async def unblock(self, event: EventForSale, seats: list[Seat]) -> int:
        """Offer blocked seats again; seats that were not blocked stay what they are."""
        rows = await self._database.atomically(_Q["unblock"], event.id, seats)
        freed = [Seat(row["seat"]) for row in rows]
        await self._show(event, freed, blocked=False)
        return len(freed)

    async def _show(self, event: EventForSale, seats: list[Seat], *, blocked: bool) -> None:
        # Degraded answer: none needed; the comparer shows within a minute what PostgreSQL says.
        if not seats:
            return
        try:
            if blocked:
                await self._reservations.blocked(event=event.id, seats=seats)
            else:
                await self._reservations.freed(event=event.id, seats=seats, hold=None)
        except Expected as refusal:
            note(block_shown=refusal.code)
