"""What reservations need from outside, each with two implementations: the real one and a twin."""

from typing import Protocol

from seatwright.contracts.catalog import ChartHash, EventId
from seatwright.contracts.charts import SeatState
from seatwright.contracts.reservations import HoldId
from seatwright.reservations.domain.outcomes import (
    Absent,
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
    ReleaseOutcome,
    Snapshot,
    Swept,
    Waiting,
    Wish,
)


class HoldStore(Protocol):
    """
    The seats of every event, changed only as a whole.

    Each call is atomic and judges time by the store's own clock. Each raises `RebuildNeeded`
    where the event is not known, and `Unavailable` when there is no answer in time: a write
    may then have happened, and may be repeated.
    """

    async def hold(self, *, event: EventId, chart: ChartHash, wish: Wish) -> HoldOutcome:
        """All seats or none; the same id again answers what is stored."""
        ...

    async def look(self, *, event: EventId, hold: HoldId) -> Known | Absent:
        """A hold as it is stored, run out or not."""
        ...

    async def extend(
        self, *, event: EventId, hold: HoldId, holder: str, by_ms: int
    ) -> ExtendOutcome:
        """Lengthen once, within the hold's cap; repeating it changes nothing more."""
        ...

    async def keep(self, *, event: EventId, hold: HoldId, until_ms: int) -> Kept | Absent:
        """Let the hold last at least until then, whatever its cap."""
        ...

    async def release(self, *, event: EventId, hold: HoldId, holder: str) -> ReleaseOutcome:
        """End the hold and free the seats that it still has."""
        ...

    async def mark(
        self,
        *,
        event: EventId,
        seats: list[int],
        state: SeatState,
        ended: HoldId | None = None,
        since: int | None = None,
    ) -> Marked | NoSuchSeat:
        """
        Make the seats free, sold or not for sale.

        With `since` the caller knows the truth as it was at that version: seats that changed
        later are left alone. Without it the call is news, which may come late: freeing leaves
        alone what is sold, and answers it; what is blocked too, when a hold has `ended`. Freeing
        always leaves alone what a live hold other than `ended` has.
        """
        ...

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
        """
        Give the seats to the hold that an order's claim was made from, whatever they show.

        The caller knows that the claim had them at the version `since`: seats that changed later
        are left alone, and so is what is held already. The hold keeps what it has otherwise, and
        is made where there is none; it lasts at least until then.
        """
        ...

    async def sweep(self, *, event: EventId, holds_max: int) -> Swept:
        """Free what has run out."""
        ...

    async def snapshot(self, *, event: EventId, known: int) -> Snapshot:
        """All seats, without the bits where the version is the `known` one."""
        ...

    async def changes(self, *, event: EventId, since: int, entries_max: int) -> Changes:
        """What changed after the version `since`."""
        ...

    async def drain(
        self, *, event: EventId, publisher: str, lease_ms: int, published: int, entries_max: int
    ) -> Draining | Waiting:
        """
        Take or renew the lease, note what is published, and get what comes after.

        `lease_ms` 0 gives the lease back.
        """
        ...

    async def fill(self, *, event: EventId, filling: Filling, force: bool) -> Filled:
        """
        Begin a new epoch: where there is none, where a newer document names another chart, or
        by force. Otherwise answers the epoch that is there.
        """
        ...

    async def forget(self, *, event: EventId) -> None:
        """Keep nothing of the event; it is filled again when somebody asks for it."""
        ...


class Duties(Protocol):
    """Work that one process does for all, and which event has any."""

    async def mine(self, *, duty: str, lease_ms: int) -> bool:
        """Whether this process has the duty, for `lease_ms` from now; takes it when it is free."""
        ...

    async def give_back(self, *, duty: str) -> None:
        """End this process's lease, if it has it."""
        ...

    async def note(self, *, event: EventId) -> None:
        """Remember that the event has seats in the store."""
        ...

    async def forget(self, *, event: EventId) -> None:
        """The opposite of `note`."""
        ...

    async def events(self) -> list[EventId]:
        """All events noted."""
        ...


class Feed(Protocol):
    """The way to the watchers."""

    async def publish(self, *, messages: list[tuple[EventId, bytes]]) -> bool:
        """Send all; False when it is not sure that they are on their way."""
        ...
