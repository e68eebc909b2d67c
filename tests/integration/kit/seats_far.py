"""A service that answers from another process, as it looks to whoever calls it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NewType, Protocol

import msgspec

from seatwright.kit import errors, ids
from seatwright.kit.broker import Broker
from seatwright.kit.rpc import Contract, Server, remote

SeatId = NewType("SeatId", int)


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    id: SeatId
    names: tuple[str, ...]
    until: datetime | None = None


class SeatGone(errors.Gone):
    code = "seat_gone"
    title = "The seat is gone"

    def __init__(self, *, seat: int) -> None:
        super().__init__(f"Seat {seat} is gone.", seat=seat)


class Mismatch(errors.Invalid):
    code = "mismatch"


class Seats(Protocol):
    async def one(self, *, seat: SeatId) -> Seat: ...

    async def many(
        self, *, seats: list[SeatId], extra: dict[str, frozenset[str]]
    ) -> list[Seat]: ...

    async def maybe(self, *, seat: SeatId) -> Seat | None: ...

    async def take(self, *, seat: SeatId, until: datetime) -> None: ...


class Office:
    """Answers; what it raises and how long it takes is the test's to say."""

    def __init__(self) -> None:
        self.fault: BaseException | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.names: tuple[str, ...] = ("a", "ü")
        self.taken: list[tuple[int, datetime]] = []
        self.busy = self.most_busy = 0

    async def one(self, *, seat: SeatId) -> Seat:
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            await self.gate.wait()
        finally:
            self.busy -= 1
        if self.fault:
            raise self.fault
        return Seat(id=seat, names=self.names)

    async def many(self, *, seats: list[SeatId], extra: dict[str, frozenset[str]]) -> list[Seat]:
        assert extra == {"x": frozenset({"y", "z"})}
        return [Seat(id=seat, names=()) for seat in seats]

    async def maybe(self, *, seat: SeatId) -> Seat | None:
        return None

    async def take(self, *, seat: SeatId, until: datetime) -> None:
        await self.gate.wait()
        if self.fault:
            raise self.fault
        self.taken.append((seat, until))


@asynccontextmanager
async def far(
    broker: Broker, office: object, writes: frozenset[str] = frozenset({"take"})
) -> AsyncIterator[Any]:
    contract = Contract.of(f"seats{ids.short_id()}", Seats, writes=writes)
    await Server(broker, contract, office).start()
    await broker.client.flush()
    yield remote(broker, contract)
