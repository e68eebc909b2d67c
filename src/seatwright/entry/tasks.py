"""Telling orders who is inside."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from seatwright.contracts.orders import Orders
from seatwright.entry.domain import SUBJECT_ADMITTED, TicketAdmitted
from seatwright.kit.broker import Broker, Delivered

CONSUMER = "entry-admitted"
MESSAGES_AT_ONCE = 100
AT_ONCE_MAX = 8
WORK_TIME = timedelta(seconds=120)


class Telling:
    """The consumer of admissions; the outbox and the queue repeat what orders did not take."""

    def __init__(self, broker: Broker, orders: Orders) -> None:
        self._broker = broker
        self._orders = orders
        self._places = asyncio.Semaphore(AT_ONCE_MAX)

    async def run(self) -> None:
        """Tell orders of admissions until cancelled."""
        await self._broker.consume(
            CONSUMER,
            SUBJECT_ADMITTED,
            self._told,
            messages_at_once=MESSAGES_AT_ONCE,
            work_time=WORK_TIME,
        )

    async def _told(self, batch: Sequence[Delivered]) -> list[BaseException | None]:
        return await asyncio.gather(*(self._one(message.payload) for message in batch))

    async def _one(self, payload: bytes) -> BaseException | None:
        async with self._places:
            try:
                fact = msgspec.json.decode(payload, type=TicketAdmitted)
                await self._orders.admitted(event=fact.event, ticket=fact.ticket, at=fact.at)
            except Exception as fault:  # noqa: BLE001  # one message must not fail its batch
                return fault
        return None
