"""What other services may ask: `contracts.reservations.Reservations`."""

from collections.abc import Callable
from itertools import chain

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import SeatState
from seatwright.contracts.orders import Orders, SeatMap
from seatwright.contracts.reservations import HoldId, Seat
from seatwright.kit.log import log
from seatwright.reservations.domain.outcomes import Kept, NoSuchSeat
from seatwright.reservations.ports import HoldStore
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.reservations.service.seat_maps import seat_map


class SeatsOfOrders:
    """
    What orders says about seats, shown to everybody.

    Every call may be repeated; raises `Unavailable` when Valkey does not answer, and then the
    caller repeats it later (outbox) or the comparison repairs it.
    """

    def __init__(
        self,
        store: HoldStore,
        rebuilding: Rebuilding,
        orders: Orders,
        changed: Callable[[EventId, int], None],
    ) -> None:
        self._store = store
        self._rebuilding = rebuilding
        self._orders = orders
        self._changed = changed

    async def keep(self, *, event: EventId, hold: HoldId, until_ms: int) -> bool:
        """See `Reservations`."""
        kept = await self._rebuilding.answered(
            event, lambda: self._store.keep(event=event, hold=hold, until_ms=until_ms)
        )
        return isinstance(kept, Kept)

    async def sold(self, *, event: EventId, seats: list[Seat]) -> None:
        """See `Reservations`."""
        await self._mark(event, seats, SeatState.SOLD)

    async def freed(self, *, event: EventId, seats: list[Seat], hold: HoldId | None) -> None:
        """See `Reservations`; `hold` is the ended claim's own, whose seats are freed as well."""
        sold = await self._mark(event, seats, SeatState.FREE, hold)
        if sold:
            await self._unsold(event, sold)

    async def blocked(self, *, event: EventId, seats: list[Seat]) -> None:
        """See `Reservations`."""
        await self._mark(event, seats, SeatState.BLOCKED)

    async def _unsold(self, event: EventId, seats: list[Seat]) -> None:
        # Shown as sold: by the order that has ended, or by a later one whose news was faster
        # than this. Only orders can say, and what changes after their answer stays as it is.
        before = await self._rebuilding.answered(
            event, lambda: self._store.snapshot(event=event, known=0)
        )
        taken = _taken(await seat_map(self._orders, event, min(seats), max(seats)))
        free = [seat for seat in seats if seat not in taken]
        await self._mark(event, free, SeatState.FREE, since=before.version)

    async def _mark(
        self,
        event: EventId,
        seats: list[Seat],
        state: SeatState,
        ended: HoldId | None = None,
        since: int | None = None,
    ) -> list[Seat]:
        if not seats:
            return []
        numbers: list[int] = list(seats)
        marked = await self._rebuilding.answered(
            event,
            lambda: self._store.mark(
                event=event, seats=numbers, state=state, ended=ended, since=since
            ),
        )
        if isinstance(marked, NoSuchSeat):
            # Orders and Valkey count by different charts: the comparison fills it anew.
            log.error("seat_unknown", event_id=event, seat=marked.seat)
            return []
        if marked.seats:
            self._changed(event, marked.version)
        return [Seat(seat) for seat in marked.sold]


def _taken(known: SeatMap) -> frozenset[Seat]:
    claimed = chain.from_iterable(claim.seats for claim in known.claimed)
    return frozenset(chain(known.sold, known.blocked, claimed))
