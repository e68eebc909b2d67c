"""Further payments of an order, once for each idempotency key."""

import msgspec

from seatwright.contracts.catalog import Catalog, EventId
from seatwright.kit.postgres import queries
from seatwright.orders.domain.order import Answer, Order, payer
from seatwright.orders.domain.presenting import answer_now, settled
from seatwright.orders.domain.refusals import (
    IdempotencyMismatch,
    InProgress,
    SaleClosed,
)
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.store import AskedWith, KeyTaken, PayingStore
from seatwright.orders.reading.store import ReadingStore

_Q = queries("seatwright.orders.paying")


class PaymentRequests:
    """`POST …/payments` with its key."""

    def __init__(
        self, *, store: PayingStore, reader: ReadingStore, pay: PayOrder, catalog: Catalog
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._reader = reader
        self._pay = pay

    async def pay(
        self, order: Order, *, key: str, fingerprint: bytes, gateway: str, token: str
    ) -> tuple[Order, Answer]:
        """
        Pay, or answer what the first request with this key was answered.

        Raises `OrderNotPayable`, `PaymentPending`, `SaleClosed`, `IdempotencyMismatch`,
        `InProgress`.
        """
        asked = AskedWith(payer(order.id), key, fingerprint)
        if (repeated := await self._repeat(order, asked)) is not None:
            return repeated
        await self._must_take_place(order.event)
        try:
            answer = await self._pay.try_again(order, gateway, token, asked)
        except KeyTaken:
            # Another request with this key was faster, and has begun an attempt by now.
            if (repeated := await self._repeat(order, asked)) is not None:
                return repeated
            raise InProgress("Send the request again.", retry_after_s=1) from None
        answer = await self._store.remember(asked, answer)
        return await self._now(order), answer

    async def _must_take_place(self, event: EventId) -> None:
        # Paused or over does not matter: who has claimed seats in time may pay for them in time.
        if (await self._catalog.event(event=event)).state == "cancelled":
            raise SaleClosed("This event will not take place.", code="sale_cancelled")

    async def _repeat(self, order: Order, asked: AskedWith) -> tuple[Order, Answer] | None:
        async with self._store.database.reading() as reader:
            row = await reader.row(_Q["key_taken"], asked.principal, asked.key)
        if row is None:
            return None
        if row["fingerprint"] != asked.fingerprint:
            raise IdempotencyMismatch(detail="Use a new Idempotency-Key for another request.")
        if row["answer"] is None and not row["abandoned"]:
            raise InProgress("The first request is still being worked on.", retry_after_s=1)
        current = await self._now(order)
        if row["answer"] is not None:
            return current, msgspec.json.decode(row["answer"], type=Answer)
        # Nobody was answered, and nobody will be: from the first definite answer on it is that one.
        answer = answer_now(current)
        return current, await self._store.remember(asked, answer) if settled(current) else answer

    async def _now(self, order: Order) -> Order:
        found = await self._reader.order(order.event, order.id)
        assert found is not None
        return found
