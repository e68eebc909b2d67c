"""The rows that capturing reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from seatwright.contracts import messages
from seatwright.contracts.catalog import EventId
from seatwright.contracts.delivery import Happened, Letter
from seatwright.contracts.orders import OrderId
from seatwright.contracts.reservations import HoldId
from seatwright.kit import clock
from seatwright.kit.postgres import Database, queries
from seatwright.orders.domain import codes
from seatwright.orders.domain.order import Order

_Q = queries("seatwright.orders.capturing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncaptured:
    """A paid order whose authorised money waits."""

    event: EventId
    order: OrderId
    number: int
    gateway: str
    reference: str
    payment_id: str
    amount: int
    currency: str


class CapturingStore:
    """Finds orders whose money is not taken yet, and writes down what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_capture(self, pairs: Sequence[tuple[EventId, OrderId]]) -> list[Uncaptured]:
        """Of these orders, those whose money still has to be captured."""
        async with self._database.reading() as reader:
            rows = await reader.rows(
                _Q["to_capture"], [event for event, _ in pairs], [order for _, order in pairs]
            )
        return [
            Uncaptured(
                event=row["event_id"], order=row["order_id"], number=row["attempt"],
                gateway=row["gateway"], reference=row["reference"], payment_id=row["payment_id"],
                amount=row["amount"], currency=row["currency"],
            )
            for row in rows
        ]  # fmt: skip

    async def commit_captured(self, captured: Sequence[Uncaptured]) -> None:
        """Record captures and ask for delivery."""
        told = [
            messages.encode(messages.OrderCaptured(event=one.event, order=one.order))
            for one in captured
        ]
        await self._database.atomically(
            _Q["commit_captured"],
            [one.event for one in captured],
            [one.order for one in captured],
            [one.number for one in captured],
            told,
        )

    async def settled_by_hand(self, one: Uncaptured, detail: str) -> bool:
        """Whether a person has ended the break about this money; if nobody has, it is written."""
        rows = await self._database.atomically(
            _Q["settled_by_hand"], one.event, one.order, one.reference, detail
        )
        return bool(rows[0]["settled"])

    async def cancel_uncaptured(self, one: Uncaptured, order: Order, letter: Letter) -> None:
        """End an order whose capture has finally failed, and have its buyer told by `letter`."""
        told = messages.OrderCancelled(
            event=one.event, order=one.order, seats=order.seats, reason="capture_failed",
            hold=HoldId(order.hold),
        )  # fmt: skip
        await self._database.atomically(
            _Q["cancel_uncaptured"], one.event, one.order, messages.encode(told),
            msgspec.json.encode(letter), msgspec.json.encode(_happened(one, order)),
        )  # fmt: skip

    async def ask_late_captures_again(self, most: int, after: timedelta) -> int:
        """Job R3: ask again for captures later than `after`; answers for how many."""
        async with self._database.transaction() as tx:
            rows = await tx.rows(_Q["late_captures"], most, after)
            if rows:
                told = messages.OrdersPaid(
                    orders=[
                        messages.PaidOrder(row["event_id"], row["order_id"], row["seats"])
                        for row in rows
                    ]
                )
                # The count tells this time's message from the last one's.
                name = f"again-{rows[0]['order_id']}-{rows[0]['recaptures']}"
                await tx.run(_Q["ask_capture_again"], name, messages.encode(told))
        return len(rows)


def _happened(one: Uncaptured, order: Order) -> Happened:
    data = {"order": codes.shown(order.code), "reason": "capture_failed"}
    return Happened(
        kind="order.cancelled", event=one.event, key=one.order, at=clock.now(), data=data
    )
