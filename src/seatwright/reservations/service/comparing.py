"""
R9: what Valkey shows against what orders knows, every minute and after every filling.

A difference may be news on its way, so nothing is done about the first look. What is wrong in
the same way some seconds later is an alarm, and repaired in Valkey: orders is always right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from seatwright.contracts.catalog import Catalog, EventId
from seatwright.contracts.charts import SeatState, unpack_states
from seatwright.contracts.orders import LiveClaim, Orders, SeatMap
from seatwright.kit import clock, telemetry
from seatwright.kit.errors import Expected
from seatwright.kit.log import log
from seatwright.reservations.domain.comparing import Differences, differences, lasting
from seatwright.reservations.domain.outcomes import Marked, NoSuchSeat, RebuildNeeded
from seatwright.reservations.domain.terms import PINNED_CLAIM_DURATION
from seatwright.reservations.ports import Duties, HoldStore
from seatwright.reservations.service.seat_maps import seat_map

INTERVAL_S = 60.0
# Longer than the outbox needs to bring the news in an ordinary second.
SECOND_LOOK_S = 5.0
_STEP = timedelta(seconds=1)
_DUTY = "comparer"
_LEASE_MS = 10_000
_CHANGES_MAX = 5000
# Comparing goes on beside selling: never more than so many in one step.
_EVENTS_A_STEP = 20
# A restart, or a moment without an answer, is no reason to worry; minutes without a look are.
POSTPONED_IN_A_ROW_MAX = 2
_PINNED_MS = int(PINNED_CLAIM_DURATION.total_seconds() * 1000)

DIFFERING = telemetry.counter(
    "seats_differing_total", "Seats that Valkey showed otherwise than orders", "look"
)
_FIRST, _LASTING = DIFFERING.labels("first"), DIFFERING.labels("lasting")
POSTPONED = telemetry.counter(
    "seat_comparisons_postponed_total",
    "Comparisons with orders that could not be made; lasting is the third in a row and all after",
    "look",
)


@dataclass(frozen=True, slots=True)
class Look:
    """One comparison: what differs, and what it was judged by."""

    differences: Differences
    known: SeatMap
    version: int
    now_ms: int


class Comparing:
    """The comparer; its minute round is one process's duty, looks after a filling anybody's."""

    def __init__(
        self,
        store: HoldStore,
        duties: Duties,
        catalog: Catalog,
        orders: Orders,
        changed: Callable[[EventId, int], None],
    ) -> None:
        self._store = store
        self._duties = duties
        self._catalog = catalog
        self._orders = orders
        self._changed = changed
        self._due: dict[EventId, float] = {}
        self._suspects: dict[EventId, Differences] = {}
        self._postponed: dict[EventId, int] = {}
        self._round_at = clock.monotonic() + INTERVAL_S

    def soon(self, event: EventId) -> None:
        """Look at the event in some seconds: it has a new epoch."""
        self._due[event] = clock.monotonic() + SECOND_LOOK_S

    async def step(self) -> timedelta:
        """Begin the minute's round where it is ours, and look at the events that are due."""
        now = clock.monotonic()
        if await self._duties.mine(duty=_DUTY, lease_ms=_LEASE_MS) and now >= self._round_at:
            self._round_at = now + INTERVAL_S
            known = set(await self._duties.events())
            on_sale = [e for e in await self._catalog.events_on_sale() if e in known]
            self._postponed = {e: n for e, n in self._postponed.items() if e in on_sale}
            for index, event in enumerate(on_sale):
                # Spread over the first half of the minute.
                self._due.setdefault(event, now + index * INTERVAL_S / 2 / len(on_sale))
        due = [event for event, at in self._due.items() if at <= now][:_EVENTS_A_STEP]
        for event in due:
            self._due.pop(event, None)
            await self.compare(event)
        return _STEP

    async def compare(self, event: EventId) -> int:
        """Look once; repairs what the look before has seen as well. Answers how many seats."""
        try:
            look = await self.look(event)
        except (Expected, RebuildNeeded) as refusal:
            # Degraded answer: later. Somebody else is told when a service does not answer.
            self._postpone(event, repr(refusal))
            return 0
        if look is None:
            self._postpone(event, "too much changed meanwhile")
            return 0
        self._postponed.pop(event, None)
        before = self._suspects.pop(event, {})
        wrong = lasting(before, look.differences)
        if look.differences and len(wrong) < len(look.differences):
            _FIRST.inc(len(look.differences) - len(wrong))
            self._suspects[event] = look.differences
            self._due[event] = clock.monotonic() + SECOND_LOOK_S
        if wrong:
            _LASTING.inc(len(wrong))
            log.error("seats_differ", event_id=event, seats=len(wrong), some=sorted(wrong)[:10])
            await self._repair(event, look, wrong)
        return len(wrong)

    async def look(self, event: EventId) -> Look | None:
        """
        Read both sides; None when too much changed meanwhile to say anything.

        Raises `RebuildNeeded` and `Unavailable`.
        """
        before = await self._store.snapshot(event=event, known=0)
        known = await seat_map(self._orders, event)
        after = await self._store.snapshot(event=event, known=before.version)
        bits, changed = after.bits or before.bits, set[int]()
        assert bits is not None
        if after.version != before.version:
            found = await self._store.changes(
                event=event, since=before.version, entries_max=_CHANGES_MAX
            )
            reached = found.changes[-1].version if found.changes else found.version
            if not found.complete or reached < after.version or found.epoch != before.epoch:
                return None
            parts = chain.from_iterable(change.parts for change in found.changes)
            changed = set(chain.from_iterable(seats for _, seats in parts))
        states = unpack_states(bits, after.seat_count)
        wrong = differences(known, states, changed)
        return Look(wrong, known, after.version, after.now_ms)

    def _postpone(self, event: EventId, reason: str) -> None:
        row = self._postponed[event] = self._postponed.get(event, 0) + 1
        lasting_row = row > POSTPONED_IN_A_ROW_MAX
        POSTPONED.labels("lasting" if lasting_row else "first").inc()
        tell = log.warning if lasting_row else log.info
        tell("comparison_postponed", event_id=event, in_a_row=row, reason=reason)

    async def _repair(self, event: EventId, look: Look, wrong: Differences) -> None:
        # A seat that changed since the look is news again: it waits for the next one.
        since = look.version
        for state in (SeatState.FREE, SeatState.SOLD, SeatState.BLOCKED):
            seats = [seat for seat, right in wrong.items() if right == state]
            marked = await self._store.mark(event=event, seats=seats, state=state, since=since)
            since = self._told(event, marked, since)
        for claim in look.known.claimed:
            seats = [seat for seat in claim.seats if wrong.get(seat) == SeatState.HELD]
            if seats:
                since = await self._hold(event, look, claim, seats, since)

    async def _hold(
        self, event: EventId, look: Look, claim: LiveClaim, seats: list[int], since: int
    ) -> int:
        # Only what is wrong: the claim's other seats may be held by whoever came before it.
        until_ms = look.now_ms + _PINNED_MS if claim.until_ms is None else claim.until_ms
        if until_ms <= look.now_ms:
            return since
        marked = await self._store.claim(
            event=event,
            hold=claim.hold,
            holder=claim.holder,
            seats=seats,
            until_ms=until_ms,
            since=since,
        )
        return self._told(event, marked, since)

    def _told(self, event: EventId, marked: Marked | NoSuchSeat, since: int) -> int:
        if not isinstance(marked, Marked) or not marked.seats:
            return since
        self._changed(event, marked.version)
        # What we changed ourselves, and nobody else beside us, is no news to us: many repairs are
        # not in each other's way.
        return marked.version if marked.version == since + 1 else since
