"""The seats of every event in Valkey: one call of one function each."""

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from seatwright.contracts.catalog import ChartHash, EventId
from seatwright.contracts.charts import SeatState
from seatwright.contracts.reservations import HoldId
from seatwright.kit.errors import Unavailable
from seatwright.kit.valkey import Argument, Library, Valkey
from seatwright.reservations.adapters import stored
from seatwright.reservations.domain.outcomes import (
    Absent,
    Changes,
    Draining,
    Expired,
    ExtendOutcome,
    Filled,
    Filling,
    Foreign,
    Held,
    HoldOutcome,
    Kept,
    Known,
    Marked,
    NoSuchSeat,
    OtherChart,
    OverLimit,
    RebuildNeeded,
    Released,
    ReleaseOutcome,
    Snapshot,
    Swept,
    Taken,
    Waiting,
    Wish,
)

_PACKAGE = "seatwright.reservations.adapters"
HOLDS = Library(_PACKAGE, "holds.lua", "seatwright_holds", "marks.lua")
FEED = Library(_PACKAGE, "feed.lua", "seatwright_feed")

# One function call stays short: nobody else is served meanwhile (20 µs for a cart, 1 ms for this).
SEATS_PER_CALL_MAX = 500
# Of a filling: so many fields in each of four keys, some 3 ms.
PAIRS_PER_CALL_MAX = 1000
_EVENTS_REMEMBERED_MAX = 4096
_SNAPSHOT_WITHOUT_BITS = 6


@functools.lru_cache(maxsize=_EVENTS_REMEMBERED_MAX)
def keys_of(event: EventId) -> list[str]:
    """The seven keys of an event, in one hash slot, in the order the functions declare."""
    return [f"{{e:{event}}}:{name}" for name in "ahobxmc"]


class ValkeyHolds:
    """`HoldStore` in Valkey."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def hold(self, *, event: EventId, chart: ChartHash, wish: Wish) -> HoldOutcome:
        """See `HoldStore`."""
        answer = await self._ask(
            "hold",
            event,
            f"{chart} {wish.hold} {wish.seats_max} {wish.duration_ms} {wish.cap_ms} {wish.fresh:d}",
            stored.record(wish.holder, wish.group, wish.seats, wish.note),
        )
        outcome: HoldOutcome = _OUTCOMES[answer[0]](answer)
        return outcome

    async def look(self, *, event: EventId, hold: HoldId) -> Known | Absent:
        """See `HoldStore`."""
        answer = await self._ask("look", event, hold)
        if answer[0] == b"absent":
            return Absent(answer[1])
        return stored.known(answer[1], answer[2], answer[3])

    async def extend(
        self, *, event: EventId, hold: HoldId, holder: str, by_ms: int
    ) -> ExtendOutcome:
        """See `HoldStore`."""
        answer = await self._ask("extend", event, hold, holder, str(by_ms))
        outcome: ExtendOutcome = _OUTCOMES[answer[0]](answer)
        return outcome

    async def keep(self, *, event: EventId, hold: HoldId, until_ms: int) -> Kept | Absent:
        """See `HoldStore`."""
        answer = await self._ask("keep", event, hold, str(until_ms))
        return Kept(answer[1]) if answer[0] == b"kept" else Absent(answer[1])

    async def release(self, *, event: EventId, hold: HoldId, holder: str) -> ReleaseOutcome:
        """See `HoldStore`."""
        answer = await self._ask("release", event, hold, holder)
        outcome: ReleaseOutcome = _OUTCOMES[answer[0]](answer)
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
        """See `HoldStore`; atomic for each SEATS_PER_CALL_MAX seats."""
        marked = Marked(0, 0, 0, ())
        known = "" if since is None else str(since)
        for first in range(0, len(seats), SEATS_PER_CALL_MAX):
            portion = ",".join(map(str, seats[first : first + SEATS_PER_CALL_MAX]))
            answer = await self._ask("mark", event, str(int(state)), ended or "", portion, known)
            if answer[0] == b"unknown":
                return NoSuchSeat(answer[1], int(answer[2]))
            sold = (*marked.sold, *map(int, answer[4:]))
            marked = Marked(answer[1], answer[2], marked.seats + answer[3], sold)
        return marked

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
        """See `HoldStore`."""
        record = stored.record(holder, "", (), b"")
        named = ",".join(map(str, seats))
        answer = await self._ask("claim", event, hold, record, named, str(until_ms), str(since))
        if answer[0] == b"unknown":
            return NoSuchSeat(answer[1], int(answer[2]))
        return Marked(answer[1], answer[2], answer[3], ())

    async def sweep(self, *, event: EventId, holds_max: int) -> Swept:
        """See `HoldStore`."""
        return Swept._make((await self._ask("sweep", event, str(holds_max)))[1:])

    async def snapshot(self, *, event: EventId, known: int) -> Snapshot:
        """See `HoldStore`."""
        answer = await self._tell("snapshot", event, str(known))
        bits = answer[6] if len(answer) > _SNAPSHOT_WITHOUT_BITS else None
        epoch, chart = answer[3].decode(), ChartHash(answer[5].decode())
        return Snapshot(answer[1], answer[2], epoch, answer[4], chart, bits)

    async def changes(self, *, event: EventId, since: int, entries_max: int) -> Changes:
        """See `HoldStore`."""
        answer = await self._tell("changes", event, str(since), str(entries_max))
        found = stored.entries(answer[4])
        # Versions are raised by one and each raise has an entry: the next one follows or is lost.
        complete = found[0].version == since + 1 if found else since == answer[2]
        return Changes(answer[1], answer[2], answer[3].decode(), found, complete)

    async def drain(
        self, *, event: EventId, publisher: str, lease_ms: int, published: int, entries_max: int
    ) -> Draining | Waiting:
        """See `HoldStore`."""
        answer = await self._tell(
            "drain", event, publisher, str(lease_ms), str(published), str(entries_max)
        )
        _, now_ms, version, done, epoch, rest = answer
        if answer[0] == b"waiting":
            return Waiting(now_ms, version, done, epoch.decode(), rest)
        return Draining(now_ms, version, done, epoch.decode(), stored.entries(rest))

    async def fill(self, *, event: EventId, filling: Filling, force: bool) -> Filled:
        """See `HoldStore`."""
        staged = [f"{key}:{filling.epoch}" for key in keys_of(event)[1:5]]
        lists = stored.claims(filling.claims)
        for first in range(0, max(map(len, lists)), 2 * PAIRS_PER_CALL_MAX):
            portions = (words[first : first + 2 * PAIRS_PER_CALL_MAX] for words in lists)
            await self._valkey.call(
                HOLDS, "stage", staged, [*map(msgspec.msgpack.encode, portions)]
            )
        answer = await self._valkey.call(
            HOLDS,
            "fill",
            [*keys_of(event), *staged],
            [
                "1" if force else "0",
                filling.epoch,
                str(filling.seat_count),
                filling.chart,
                str(filling.document),
                filling.bits,
                str(len({claim.hold for claim in filling.claims})),
            ],
        )
        if answer[0] == b"lost":
            raise Unavailable("Filling took too long, and what was prepared is gone.")
        return Filled(answer[1], answer[2], answer[3].decode())

    async def forget(self, *, event: EventId) -> None:
        """See `HoldStore`."""
        await self._valkey.command("UNLINK", *keys_of(event))

    async def _ask(self, function: str, event: EventId, *arguments: Argument) -> list[Any]:
        return await self._call(HOLDS, function, event, arguments)

    async def _tell(self, function: str, event: EventId, *arguments: Argument) -> list[Any]:
        return await self._call(FEED, function, event, arguments)

    async def _call(
        self, library: Library, function: str, event: EventId, arguments: tuple[Argument, ...]
    ) -> list[Any]:
        answer: list[Any] = await self._valkey.call(
            library, function, keys_of(event), list(arguments)
        )
        if answer[0] == b"rebuild":
            raise RebuildNeeded(event)
        return answer


_OUTCOMES: dict[bytes, Callable[[list[Any]], Any]] = {
    b"held": lambda answer: Held(answer[1], answer[2], answer[3]),
    b"known": lambda answer: stored.known(answer[1], answer[2], answer[3]),
    b"taken": lambda answer: Taken(answer[1], tuple(sorted(map(int, answer[2:])))),
    b"limit": lambda answer: OverLimit(answer[1], answer[2]),
    b"chart": lambda _: OtherChart(),
    b"unknown": lambda answer: NoSuchSeat(answer[1], int(answer[2])),
    b"absent": lambda answer: Absent(answer[1]),
    b"foreign": lambda answer: Foreign(answer[1]),
    b"expired": lambda answer: Expired(answer[1]),
    b"released": lambda answer: Released(answer[1], answer[2]),
}
