"""
Filling an event's seats from orders, when Valkey does not know them (any more).

Valkey may be new, flushed or another one. Until it is filled nothing is free: callers wait a
moment, and then are told to come back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import SeatState, pack_states
from seatwright.contracts.orders import Orders, SeatMap
from seatwright.kit import clock, ids, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log
from seatwright.reservations.domain.holders import buyer_group
from seatwright.reservations.domain.outcomes import ClaimedSeats, Filled, Filling, RebuildNeeded
from seatwright.reservations.domain.sale import Sale
from seatwright.reservations.domain.terms import PINNED_CLAIM_DURATION
from seatwright.reservations.ports import Duties, HoldStore
from seatwright.reservations.service.sales import Sales
from seatwright.reservations.service.seat_maps import seat_map
from seatwright.reservations.service.single_flight import SingleFlight

# A buyer waits no longer than a page may take; filling 70,000 seats takes some 100 ms.
REBUILD_WAIT_S_MAX = 2.0
_LEASE_MS = 5000
_LOOK_AGAIN_S = 0.05
_EPOCH_BYTES = 6  # eight characters

Answer = TypeVar("Answer")
REBUILDS = telemetry.counter("seat_rebuilds_total", "Events filled from orders")
_PINNED_MS = int(PINNED_CLAIM_DURATION.total_seconds() * 1000)


class Rebuilding:
    """One filling per event at a time, among all processes."""

    def __init__(
        self,
        store: HoldStore,
        duties: Duties,
        orders: Orders,
        sales: Sales,
        filled: Callable[[EventId, Filled], None],
    ) -> None:
        self._store = store
        self._duties = duties
        self._orders = orders
        self._sales = sales
        self._filled = filled
        self._flight: SingleFlight[EventId, None] = SingleFlight()

    async def answered(self, event: EventId, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `ask` answers, after a rebuild if it needs one; raises `Unavailable`."""
        try:
            return await ask()
        except RebuildNeeded:
            await self.wait(event)
        try:
            return await ask()
        except RebuildNeeded:
            raise _not_yet() from None

    async def wait(self, event: EventId) -> None:
        """Wait until the event is filled, by us or another process; raises `Unavailable`."""
        try:
            async with asyncio.timeout(REBUILD_WAIT_S_MAX):
                await self._flight.run(event, lambda: self._by_one(event))
        except TimeoutError:
            raise _not_yet() from None

    async def again(self, event: EventId, *, force: bool) -> Filled:
        """
        Fill now, from the newest document and from orders.

        `force` begins a new epoch even if the event is known and has the right chart: holds that
        no order has claimed are then forgotten. Their owners may still order with their tokens,
        and are refused politely where somebody else was faster.
        """
        sale = await self._sales.fresh(event)
        known = await seat_map(self._orders, event)
        now_ms = clock.unix_ms()
        given = filling(sale, known, now_ms)
        filled = await self._store.fill(event=event, filling=given, force=force)
        await self._duties.note(event=event)
        if filled.epoch != given.epoch:
            return filled
        REBUILDS.inc()
        log.warning("seats_rebuilt", event_id=event, epoch=filled.epoch, force=force)
        self._filled(event, filled)
        return filled

    async def _by_one(self, event: EventId) -> None:
        duty = f"rebuild:{event}"
        until = clock.monotonic() + _LEASE_MS / 1000
        while clock.monotonic() < until:
            if await self._duties.mine(duty=duty, lease_ms=_LEASE_MS):
                try:
                    await self.again(event, force=False)
                finally:
                    await self._duties.give_back(duty=duty)
                return
            await asyncio.sleep(_LOOK_AGAIN_S)
            try:
                await self._store.snapshot(event=event, known=0)
            except RebuildNeeded:
                continue
            return
        raise _not_yet()


def filling(sale: Sale, known: SeatMap, now_ms: int) -> Filling:
    """The seats of an event as orders know them; claims become holds."""
    seat_count = sale.chart.seat_count
    states = bytearray(seat_count)
    for seats, state in ((known.sold, SeatState.SOLD), (known.blocked, SeatState.BLOCKED)):
        for seat in seats:
            if seat < seat_count:
                states[seat] = state
    if known.seat_count not in {0, seat_count}:
        log.error(
            "seat_count_differs",
            event_id=sale.event.id,
            orders=known.seat_count,
            chart=seat_count,
        )
    for claim in known.claimed:
        for seat in claim.seats:
            if seat < seat_count:
                states[seat] = SeatState.HELD
    claims = tuple(
        ClaimedSeats(
            claim.hold,
            claim.holder,
            buyer_group(claim.holder),
            tuple(seat for seat in claim.seats if seat < seat_count),
            now_ms + _PINNED_MS if claim.until_ms is None else claim.until_ms,
        )
        for claim in known.claimed
    )
    return Filling(
        ids.secret(_EPOCH_BYTES),
        seat_count,
        sale.event.chart,
        sale.event.version,
        pack_states(states),
        tuple(claim for claim in claims if claim.seats),
    )


def _not_yet() -> Unavailable:
    return Unavailable("The seats of this event are being counted. Try again.", retry_after_s=1)
