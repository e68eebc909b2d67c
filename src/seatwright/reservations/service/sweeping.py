"""
Freeing what has run out, so that the map shows it; taking such seats never waits for this.

One process sweeps for all. An event is visited when its next hold ends, and now and then in any
case: a process that died between a change and its publication is found here.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from seatwright.contracts.catalog import EventId
from seatwright.kit import clock, telemetry
from seatwright.reservations.domain.outcomes import RebuildNeeded
from seatwright.reservations.ports import Duties, HoldStore

INTERVAL = timedelta(seconds=1)
_DUTY = "sweeper"
_LEASE_MS = 5000
# Even an event without holds; no hold is shorter, so none is found late.
VISIT_S_MAX = 10.0
HOLDS_PER_CALL_MAX = 100
_EVENTS_AT_ONCE = 32

SWEPT = telemetry.counter("seats_swept_total", "Seats freed because their hold had run out")


class Sweeping:
    """The sweeper of this process, which works only while it has the duty."""

    def __init__(
        self,
        store: HoldStore,
        duties: Duties,
        changed: Callable[[EventId, int], None],
        *,
        visit_s_max: float = VISIT_S_MAX,
    ) -> None:
        self._store = store
        self._duties = duties
        self._changed = changed
        self._visit_s_max = visit_s_max
        self._next_visit: dict[EventId, float] = {}

    async def step(self) -> timedelta:
        """Visit every event that is due."""
        if not await self._duties.mine(duty=_DUTY, lease_ms=_LEASE_MS):
            self._next_visit.clear()
            return INTERVAL
        now = clock.monotonic()
        events = await self._duties.events()
        self._next_visit = {event: self._next_visit.get(event, now) for event in events}
        due = [event for event, at in self._next_visit.items() if at <= now]
        for first in range(0, len(due), _EVENTS_AT_ONCE):
            await asyncio.gather(*map(self.visit, due[first : first + _EVENTS_AT_ONCE]))
        return INTERVAL

    async def visit(self, event: EventId) -> int:
        """Free what has run out in one event; answers the seats."""
        seats = 0
        while True:
            try:
                swept = await self._store.sweep(event=event, holds_max=HOLDS_PER_CALL_MAX)
            except RebuildNeeded:
                # Not known any more: whoever needs it fills it, which notes it again.
                await self._duties.forget(event=event)
                return seats
            seats += swept.seats
            if swept.version > swept.published:
                self._changed(event, swept.version)
            wait_s = (swept.next_ms - swept.now_ms) / 1000 if swept.next_ms else VISIT_S_MAX
            if wait_s > 0:
                break
        SWEPT.inc(seats)
        self._next_visit[event] = clock.monotonic() + min(wait_s, self._visit_s_max)
        return seats
