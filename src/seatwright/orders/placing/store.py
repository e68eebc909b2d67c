"""The rows that placing an order writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

import asyncpg
import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderId
from seatwright.contracts.reservations import Seat, SeatsTaken
from seatwright.kit import clock
from seatwright.kit.errors import Expected, Unavailable
from seatwright.kit.postgres import Database, Locked, queries
from seatwright.orders.domain.buyers import BuyerLimit
from seatwright.orders.domain.order import ORPHAN_AFTER, PAYMENT_DURATION, Answer, Order
from seatwright.orders.domain.refusals import BuyerLimitReached, IdempotencyMismatch

_Q = queries("seatwright.orders.placing")
# Raised by orders.insist: the statement could not do all of its work and did none of it.
SHORT_SQLSTATE = "SW001"
NUMBERS = "one_number_per_buyer"
TRIES_MAX = 5
# All orders of a process share one lane, so whoever keeps seats locked (a large block, a process
# that was stopped) holds up everybody. They are waited for once, for longer than PostgreSQL takes
# to see a deadlock, and then for a while hardly at all.
LOCK_WAIT = timedelta(milliseconds=500)
LOCK_WAIT_HURRIED = timedelta(milliseconds=10)
HURRIED_FOR = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An order about to be placed, under its idempotency key."""

    key: str
    fingerprint: bytes
    order: Order
    answer: Answer | None
    limit: BuyerLimit | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The order is durable and its seats are claimed."""

    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Repeat:
    """The key came before with the same request; `answer` is None while it is under way."""

    event: EventId
    order: OrderId
    answer: Answer | None
    abandoned: bool


class PlacingStore:
    """Writes placements, many in one commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hurried_until = 0.0

    async def open_inventory(self, event: EventId, chart: str, seat_count: int) -> None:
        """Record the event's chart before its first order."""
        await self._database.atomically(_Q["open_inventory"], event, chart, seat_count)

    async def place(
        self, batch: Sequence[Placement], tries: int = 1
    ) -> list[Placed | Repeat | Expected]:
        """
        Place all that can be placed, in one commit; one answer for each, in order.

        Raises PostgreSQL's fault when a batch met a claim it could not see, `Locked` when somebody
        keeps one locked: place fewer at once. A deadlock is raised for a single order too: it may
        be placed the next moment.
        """
        hurried = clock.monotonic() < self._hurried_until
        wait = LOCK_WAIT_HURRIED if hurried else LOCK_WAIT
        try:
            rows = await self._database.atomically(_Q["place"], *_columns(batch, wait))
        except Locked:
            self._hurried_until = clock.monotonic() + HURRIED_FOR.total_seconds()
            raise
        except asyncpg.PostgresError as fault:
            if len(batch) > 1:
                raise
            if fault.sqlstate == SHORT_SQLSTATE:
                return [await self._why_not(batch[0])]
            if isinstance(fault, asyncpg.UniqueViolationError):
                return [await self._again(batch[0], fault, tries)]
            raise
        pairs = zip(batch, rows, strict=True)
        return [
            await self._numbered_anew(placement, tries)
            if _short_of_numbers(placement, row)
            else _answer(placement, row)
            for placement, row in pairs
        ]

    async def known(self, principal: str, placement_key: str, fingerprint: bytes) -> Repeat | None:
        """What became of an earlier request with this key; raises `IdempotencyMismatch`."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["known_request"], principal, placement_key)
        return None if row is None else _repeat(row, fingerprint)

    async def remember(self, principal: str, placement_key: str, answer: Answer) -> Answer:
        """Keep a key's answer; the one that is kept, which somebody may have been given before."""
        raw = msgspec.json.encode(answer)
        rows = await self._database.atomically(_Q["remember_answer"], principal, placement_key, raw)
        return msgspec.json.decode(rows[0]["answer"], type=Answer) if rows else answer

    async def _why_not(self, placement: Placement) -> Placed | Repeat | Expected:
        # The winner has committed by now, so looking again shows what stood in the way.
        order = placement.order
        try:
            repeat = await self.known(order.principal, placement.key, placement.fingerprint)
        except IdempotencyMismatch as mismatch:
            return mismatch
        return repeat or await self._in_the_way(order)

    async def _in_the_way(self, order: Order) -> Expected:
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["seats_in_the_way"], order.event, order.seats)
        if rows:
            return _taken(order, [row["seat"] for row in rows])
        # Whoever was faster has let go of them since.
        return Unavailable("Somebody else was at these seats. Try again.", retry_after_s=1)

    async def _again(
        self, placement: Placement, fault: asyncpg.UniqueViolationError, tries: int
    ) -> Placed | Repeat | Expected:
        if fault.constraint_name == NUMBERS and tries < TRIES_MAX:
            # Another order of the same buyer has been committed by now: this one counts it.
            (found,) = await self.place([placement], tries + 1)
            return found
        # Claims and keys never end here: a code or an id, drawn at random, was in use.
        return Unavailable("The order's number is in use. Try again.", retry_after_s=1)

    async def _numbered_anew(self, placement: Placement, tries: int) -> Placed | Repeat | Expected:
        # The buyer's own claims that have run out are in the way, and only they.
        assert placement.limit is not None
        if tries >= TRIES_MAX:
            return Unavailable("Your earlier orders are still ending. Try again.", retry_after_s=1)
        # Its neighbours are placed: what becomes of this one now is its own answer alone.
        try:
            await self._database.atomically(
                _Q["forget_numbers"], placement.order.event, placement.limit.buyer
            )
            (found,) = await self.place([placement], tries + 1)
        except Expected as refusal:
            return refusal
        return found

    async def forget_old_keys(self) -> None:
        """Delete a batch of idempotency keys that are past their time."""
        await self._database.atomically(_Q["forget_old_keys"])


def _columns(batch: Sequence[Placement], lock_wait: timedelta) -> list[object]:
    orders = [placement.order for placement in batch]
    attempts = [order.attempt for order in orders]
    seats = [order.seats for order in orders]
    last = list(accumulate(len(of_one) for of_one in seats))
    encode = msgspec.json.encode
    return [
        list(range(len(batch))),
        [order.principal for order in orders],
        [placement.key for placement in batch],
        [placement.fingerprint for placement in batch],
        [order.event for order in orders],
        [order.id for order in orders],
        [order.code for order in orders],
        [order.hold for order in orders],
        [order.buyer.name for order in orders],
        [order.buyer.email for order in orders],
        [order.buyer.language for order in orders],
        [order.quote.currency for order in orders],
        [order.quote.total() for order in orders],
        [order.quote.tax() for order in orders],
        [encode(order.quote) for order in orders],
        [order.document_version for order in orders],
        PAYMENT_DURATION,
        [attempt and attempt.reference for attempt in attempts],
        [attempt and attempt.gateway for attempt in attempts],
        [attempt and attempt.token for attempt in attempts],
        [placement.answer and encode(placement.answer) for placement in batch],
        [1, *(end + 1 for end in last[:-1])],
        last,
        [seat for of_one in seats for seat in of_one],
        [placement.limit and placement.limit.buyer for placement in batch],
        [placement.limit and placement.limit.seats_max for placement in batch],
        ORPHAN_AFTER,
        f"{lock_wait // timedelta(milliseconds=1)}ms",
    ]


def _answer(placement: Placement, row: asyncpg.Record) -> Placed | Repeat | Expected:
    if row["created_at"] is not None:
        return Placed(row["created_at"], row["expires_at"])
    if row["known_order"] is not None:
        try:
            return _repeat(row, placement.fingerprint)
        except IdempotencyMismatch as mismatch:
            return mismatch
    if row["taken"] is None:
        return _too_many(placement, row["buyer_seats"])
    return _taken(placement.order, row["taken"])


def _short_of_numbers(placement: Placement, row: asyncpg.Record) -> bool:
    if placement.limit is None or row["created_at"] is not None:
        return False
    if row["known_order"] is not None or row["taken"] is not None:
        return False
    seats: int = row["buyer_seats"] + len(placement.order.seats)
    return seats <= placement.limit.seats_max


def _too_many(placement: Placement, seats: int) -> BuyerLimitReached:
    assert placement.limit is not None
    most = placement.limit.seats_max
    detail = f"Each buyer may have {most} seats of this event, over all orders."
    return BuyerLimitReached(detail, seats_max=most, seats_left=max(0, most - seats))


def _repeat(row: asyncpg.Record, fingerprint: bytes) -> Repeat:
    if row["fingerprint"] != fingerprint:
        raise IdempotencyMismatch(detail="Use a new Idempotency-Key for another request.")
    known = dict(row)
    answer = row["answer"]
    return Repeat(
        EventId(known.get("known_event") or known["event_id"]),
        OrderId(known.get("known_order") or known["order_id"]),
        None if answer is None else msgspec.json.decode(answer, type=Answer),
        row["abandoned"],
    )


def _taken(order: Order, seats: Sequence[Seat]) -> SeatsTaken:
    names = {seat.seat: seat.id for seat in order.quote.seats}
    return SeatsTaken(
        "Some of these seats have just gone to somebody else. Nothing was charged.",
        seats=[names[seat] for seat in seats if seat in names],
    )
