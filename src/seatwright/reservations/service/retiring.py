"""
Taking events that are over out of Valkey, whose memory is for sales.

Memory that is full refuses holds (`noeviction`), and an event keeps up to half a megabyte. Nothing
is lost: whoever looks at an old map has it counted anew from orders.
"""

from datetime import datetime, timedelta

from seatwright.contracts.catalog import Catalog, EventId, EventNotFound
from seatwright.kit import clock
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log
from seatwright.reservations.ports import Duties, HoldStore

INTERVAL = timedelta(hours=1)
_DUTY = "retirer"
_LEASE_MS = 10 * 60 * 1000
# Refunds and the gate's last questions are over by then; the catalogue has it in no list.
RETIRED_AFTER = timedelta(days=2)


class Retiring:
    """The retirer; one process's duty."""

    def __init__(self, store: HoldStore, duties: Duties, catalog: Catalog) -> None:
        self._store = store
        self._duties = duties
        self._catalog = catalog

    async def step(self) -> timedelta:
        """Look at every event that has seats here."""
        if await self._duties.mine(duty=_DUTY, lease_ms=_LEASE_MS):
            await self.retire(clock.now())
        return INTERVAL

    async def retire(self, now: datetime) -> list[EventId]:
        """Forget the events that were over `RETIRED_AFTER` before `now`; answers which."""
        retired = []
        on_sale = set(await self._catalog.events_on_sale())
        for event in await self._duties.events():
            if event not in on_sale and await self._over(event, now):
                await self._store.forget(event=event)
                await self._duties.forget(event=event)
                retired.append(event)
        if retired:
            log.info("seats_retired", events=len(retired))
        return retired

    async def _over(self, event: EventId, now: datetime) -> bool:
        try:
            document = await self._catalog.event(event=event)
        except EventNotFound:
            return True
        except Unavailable:
            # Degraded answer: an hour later.
            return False
        return document.ends_at + RETIRED_AFTER < now
