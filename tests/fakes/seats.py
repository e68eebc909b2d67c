"""The seats of events in memory: `HoldStore` by the rules of `domain/holding.py` alone."""

from dataclasses import dataclass, field, replace

from seatwright.contracts.catalog import ChartHash, EventId
from seatwright.contracts.charts import SeatState, pack_states, unpack_states
from seatwright.contracts.reservations import HoldId
from seatwright.kit import clock
from seatwright.reservations.domain import holding
from seatwright.reservations.domain.holding import Book, LiveHold
from seatwright.reservations.domain.outcomes import (
    Absent,
    Change,
    Changes,
    Draining,
    ExtendOutcome,
    Filled,
    Filling,
    HoldOutcome,
    Kept,
    Known,
    Marked,
    NoSuchSeat,
    OtherChart,
    RebuildNeeded,
    ReleaseOutcome,
    Snapshot,
    Swept,
    Waiting,
    Wish,
)


@dataclass
class _Event:
    epoch: str
    chart: ChartHash
    document: int
    book: Book
    changes: list[Change] = field(default_factory=list)
    published: int = 0
    publisher: tuple[str, int] | None = None

    def changed_after(self, version: int) -> frozenset[int]:
        if version < self.changes[0].version - 1:
            return frozenset(range(self.book.seat_count))
        later = (change.parts for change in self.changes if change.version > version)
        return frozenset(seat for parts in later for _, seats in parts for seat in seats)


class MemoryHolds:
    """One process's worth of `HoldStore`; forgets everything with `flush`."""

    def __init__(self) -> None:
        self._events: dict[EventId, _Event] = {}

    def flush(self) -> None:
        self._events.clear()

    async def hold(self, *, event: EventId, chart: ChartHash, wish: Wish) -> HoldOutcome:
        found = self._of(event)
        if found.chart != chart:
            return OtherChart()
        book, outcome = holding.hold(found.book, wish, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def look(self, *, event: EventId, hold: HoldId) -> Known | Absent:
        book, now_ms = self._of(event).book, clock.unix_ms()
        return book.known(hold, now_ms) if hold in book.holds else Absent(now_ms)

    async def extend(
        self, *, event: EventId, hold: HoldId, holder: str, by_ms: int
    ) -> ExtendOutcome:
        found = self._of(event)
        book, outcome = holding.extend(found.book, hold, holder, by_ms, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def keep(self, *, event: EventId, hold: HoldId, until_ms: int) -> Kept | Absent:
        found = self._of(event)
        book, outcome = holding.keep(found.book, hold, until_ms, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def release(self, *, event: EventId, hold: HoldId, holder: str) -> ReleaseOutcome:
        found = self._of(event)
        book, outcome = holding.release(found.book, hold, holder, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def mark(
        self,
        *,
        event: EventId,
        seats: list[int],
        state: SeatState,
        ended: HoldId | None = None,
        since: int | None = None,
    ) -> Marked | NoSuchSeat:
        found = self._of(event)
        later = None if since is None else found.changed_after(since)
        book, outcome = holding.mark(found.book, tuple(seats), state, ended, later, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def claim(
        self,
        *,
        event: EventId,
        hold: HoldId,
        holder: str,
        seats: list[int],
        until_ms: int,
        since: int,
    ) -> Marked | NoSuchSeat:
        found = self._of(event)
        claimed = LiveHold(holder, "", tuple(seats), b"", until_ms, until_ms, extended=True)
        later = found.changed_after(since)
        book, outcome = holding.claim(found.book, hold, claimed, later, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def sweep(self, *, event: EventId, holds_max: int) -> Swept:
        found = self._of(event)
        assert len(found.book.holds) <= holds_max, "the twin has no portions"
        book, outcome = holding.sweep(found.book, found.published, clock.unix_ms())
        self._turn(found, book)
        return outcome

    async def snapshot(self, *, event: EventId, known: int) -> Snapshot:
        found = self._of(event)
        book = found.book
        bits = None if known == book.version else _bits(book)
        return Snapshot(
            clock.unix_ms(), book.version, found.epoch, book.seat_count, found.chart, bits
        )

    async def changes(self, *, event: EventId, since: int, entries_max: int) -> Changes:
        found = self._of(event)
        version = found.book.version
        later = tuple(change for change in found.changes if change.version > since)
        complete = later[0].version == since + 1 if later else since == version
        later = later[:entries_max]
        return Changes(clock.unix_ms(), version, found.epoch, later, complete)

    async def drain(
        self, *, event: EventId, publisher: str, lease_ms: int, published: int, entries_max: int
    ) -> Draining | Waiting:
        found, now_ms = self._of(event), clock.unix_ms()
        version = found.book.version
        mine = found.publisher is not None and found.publisher[0] == publisher
        if found.publisher is not None and not mine and found.publisher[1] > now_ms:
            until = found.publisher[1]
            return Waiting(now_ms, version, found.published, found.epoch, until)
        if mine and found.published < published <= version:
            found.published = published
        found.publisher = (publisher, now_ms + lease_ms) if lease_ms else None
        later = [c for c in found.changes if c.version > found.published] if lease_ms else []
        return Draining(now_ms, version, found.published, found.epoch, tuple(later[:entries_max]))

    async def fill(self, *, event: EventId, filling: Filling, force: bool) -> Filled:
        now_ms, old = clock.unix_ms(), self._events.get(event)
        if (
            old is not None
            and not force
            and (old.chart == filling.chart or old.document >= filling.document)
        ):
            return Filled(now_ms, old.book.version, old.epoch)
        version = max(now_ms, old.book.version + 2 if old else 0)
        states = unpack_states(filling.bits, filling.seat_count)
        taken = {seat: SeatState(state) for seat, state in enumerate(states) if state}
        book = holding.new_book(filling.seat_count, version, taken)
        for claim in filling.claims:
            one = LiveHold(
                claim.holder, claim.group, claim.seats, b"", claim.until_ms, claim.until_ms, True
            )
            book = replace(
                book,
                owners={**book.owners, **dict.fromkeys(claim.seats, claim.hold)},
                holds={**book.holds, claim.hold: one},
            )
        chart, document = filling.chart, filling.document
        begun = [Change(version, ())]
        made = _Event(filling.epoch, chart, document, book, begun, version - 1)
        self._events[event] = made
        return Filled(now_ms, version, filling.epoch)

    async def forget(self, *, event: EventId) -> None:
        self._events.pop(event, None)

    def _of(self, event: EventId) -> _Event:
        if event not in self._events:
            raise RebuildNeeded(event)
        return self._events[event]

    def _turn(self, found: _Event, book: Book) -> None:
        old, found.book = found.book, book
        if book.version == old.version:
            return
        changed: dict[SeatState, list[int]] = {}
        for seat in range(book.seat_count):
            state = book.states.get(seat, SeatState.FREE)
            if state != old.states.get(seat, SeatState.FREE):
                changed.setdefault(state, []).append(seat)
        parts = tuple((int(state), tuple(seats)) for state, seats in sorted(changed.items()))
        found.changes.append(Change(book.version, parts))


def _bits(book: Book) -> bytes:
    states = (book.states.get(seat, SeatState.FREE) for seat in range(book.seat_count))
    return pack_states(states)
