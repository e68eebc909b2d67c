"""Orders and tickets as rows, read from the writer: replicas take part in no decision."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import LiveClaim, OrderCode, OrderId, SeatMap, TicketId
from seatwright.contracts.reservations import HoldId, Seat
from seatwright.kit.postgres import Database, queries
from seatwright.orders.domain.order import Attempt, Buyer, Order, Quote

_Q = queries("seatwright.orders.reading")
# A page that waits for its payment asks every second; the gateway is asked for it this often.
HASTENED_AT_MOST_EVERY = timedelta(seconds=10)
# A seat of its own claim takes up to 155 bytes, most of them names: a page is at most 620 KB, and
# the broker carries 1 MiB.
SEATS_A_PAGE_MAX = 4000


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket's row."""

    id: TicketId
    order: OrderId
    seat: Seat
    seq: int
    status: str
    attendee: str


class ReadingStore:
    """Finds orders and tickets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def whereabouts(self, code: OrderCode) -> tuple[EventId, OrderId] | None:
        """Event and order of a code."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["whereabouts"], code)
        return None if row is None else (EventId(row["event_id"]), OrderId(row["order_id"]))

    async def order(self, event: EventId, order: OrderId) -> Order | None:
        """The order with its newest attempt."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["order"], event, order)
        return None if row is None else order_of(row)

    async def hasten(self, event: EventId, order: OrderId, number: int) -> None:
        """Let an open attempt be looked at now, unless it was a moment ago."""
        await self._database.atomically(
            _Q["hasten_look"], event, order, number, HASTENED_AT_MOST_EVERY
        )

    async def tickets(self, event: EventId, order: OrderId) -> list[TicketRow]:
        """An order's tickets, by seat."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["tickets_of_order"], event, order)
        return [_ticket(row, order) for row in rows]

    async def ticket(self, event: EventId, ticket: TicketId) -> TicketRow | None:
        """One ticket."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["ticket"], event, ticket)
        return None if row is None else _ticket(row, OrderId(row["order_id"]))

    async def mark_used(self, event: EventId, ticket: TicketId, at: datetime) -> None:
        """Record an admission; only a valid ticket becomes used."""
        await self._database.atomically(_Q["mark_used"], event, ticket, at)

    async def of_person(
        self, principal: str, before: tuple[datetime, str], most: int
    ) -> list[tuple[EventId, OrderId]]:
        """A person's orders, newest first."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["orders_of_person"], principal, *before, most)
        return [(EventId(row["event_id"]), OrderId(row["id"])) for row in rows]

    async def live_orders(self, event: EventId, after: str, most: int) -> list[OrderId]:
        """Paid orders of an event by id, behind `after`."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["live_orders"], event, after, most)
        return [OrderId(row["id"]) for row in rows]

    async def request_by_key(self, principal: str, key: str) -> asyncpg.Record | None:
        """What became of an idempotency key."""
        async with self._database.reading() as reader:
            return await reader.row(_Q["request_by_key"], principal, key)

    async def seat_map(self, event: EventId, seat_count: int, start: Seat | None) -> SeatMap:
        """The truth about the seats of an event, from `start` so many; without it about all."""
        most = None if start is None else SEATS_A_PAGE_MAX
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["seat_map"], event, start or 0, most)
        sold = [row["seat"] for row in rows if row["state"] == "sold"]
        blocked = [row["seat"] for row in rows if row["state"] == "blocked"]
        claims: dict[str, LiveClaim] = {}
        for row in rows:
            if row["state"] == "claimed":
                claim = claims.setdefault(
                    row["order_id"],
                    LiveClaim(HoldId(row["hold_id"]), row["principal"], [], row["until_ms"]),
                )
                claim.seats.append(row["seat"])
        return SeatMap(
            seat_count=seat_count, sold=sold, blocked=blocked, claimed=list(claims.values()),
            next=Seat(rows[-1]["seat"] + 1) if len(rows) == most else None,
        )  # fmt: skip


def _ticket(row: asyncpg.Record, order: OrderId) -> TicketRow:
    return TicketRow(
        id=row["id"], order=order, seat=row["seat"], seq=row["seq"], status=row["status"],
        attendee=row["attendee"],
    )  # fmt: skip


def order_of(row: asyncpg.Record) -> Order:
    """The order in a row of the query `order`."""
    attempt = None
    if row["attempt"] is not None:
        attempt = Attempt(
            number=row["attempt"], reference=row["reference"], gateway=row["gateway"],
            token=row["token"], amount=row["amount"], currency=row["currency"],
            state=row["attempt_state"], payment_id=row["payment_id"],
            decline_code=row["decline_code"], challenge_url=row["challenge_url"],
        )  # fmt: skip
    return Order(
        event=row["event_id"], id=row["id"], code=row["code"], principal=row["principal"],
        hold=row["hold_id"], state=row["state"],
        buyer=Buyer(name=row["buyer_name"], email=row["buyer_email"], language=row["language"]),
        quote=msgspec.json.decode(row["quote"], type=Quote),
        document_version=row["document_version"], created_at=row["created_at"],
        expires_at=row["expires_at"], paid_at=row["paid_at"], captured_at=row["captured_at"],
        attempt=attempt,
    )  # fmt: skip
