"""
What was left open when the buyer was answered, or was never answered.

Each of these may run in any number of processes; rows are leased, messages acknowledged, and
every effect is idempotent.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from seatwright.contracts import messages
from seatwright.contracts.catalog import Catalog
from seatwright.contracts.payments import (
    GatewayName,
    GatewayPayment,
    PaymentReference,
    Payments,
)
from seatwright.contracts.reservations import Reservations
from seatwright.kit import clock, crash, telemetry
from seatwright.kit.broker import Delivered
from seatwright.kit.errors import Expected
from seatwright.kit.log import log
from seatwright.orders.domain.looking import rest_after
from seatwright.orders.domain.order import (
    ABSENT_IS_FINAL_AFTER,
    ASKED_AGAIN_FOR,
    PAYMENT_DURATION,
    Attempt,
    Order,
)
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.store import DueAttempt, PayingStore
from seatwright.orders.reading.store import ReadingStore

EXPIRED_AT_ONCE = 200
DUE_AT_ONCE = 50
# A look reads the order, asks the gateway, perhaps authorises once more, commits or gives money
# back, each with its own deadline; together they end within this. The lease outlives them.
LOOK_TIME = timedelta(seconds=50)
LOOK_LEASE = timedelta(seconds=60)
# I-M3: by then every sale has its money, and every payment its outcome; or somebody must look.
OVERDUE_AFTER = timedelta(minutes=15)
_WAITING = telemetry.gauge("payments_waiting", "Payments that are not settled", "what")
_OLDEST = telemetry.gauge("payments_waiting_oldest_seconds", "Age of the oldest", "what")
_expired = crash.declare("after_expiry", "an unpaid order has ended, its seats are not shown free")


class Resolver:
    """Finds out what became of attempts that nobody is waiting for any more (job R1)."""

    def __init__(
        self,
        *,
        store: PayingStore,
        reader: ReadingStore,
        pay: PayOrder,
        payments: Payments,
        catalog: Catalog,
    ) -> None:
        self._store = store
        self._reader = reader
        self._pay = pay
        self._catalog = catalog
        self._payments = payments

    async def step(self) -> timedelta | None:
        """Look at every attempt whose time has come."""
        due = await self._store.due(DUE_AT_ONCE, LOOK_LEASE)
        await asyncio.gather(*(self._look_and_rest(one) for one in due))
        return timedelta(0) if len(due) == DUE_AT_ONCE else None

    async def _look_and_rest(self, due: DueAttempt) -> None:
        try:
            async with asyncio.timeout(LOOK_TIME.total_seconds()):
                await self._look(due)
        except Exception as fault:  # noqa: BLE001  # one attempt must not keep the others waiting
            log.warning("attempt_not_resolved", reference=due.reference, fault=repr(fault))
        await self._store.look_again(
            due, rest_after(due.state, due.looks, age=due.age, silence=due.silence)
        )

    async def _look(self, due: DueAttempt) -> None:
        order = await self._reader.order(due.event, due.order)
        assert order is not None
        assert order.attempt is not None
        if order.attempt.number != due.number:
            return
        payment = await self._look_up(order.attempt)
        if order.attempt.state == "voiding" or await self._too_late(due, payment):
            await self._pay.call_off(order, payment)
        elif payment.standing == "absent":
            await self._absent(due, order)
        elif payment.standing in {"in_doubt", "pending", order.attempt.state}:
            log.info("attempt_still_open", reference=due.reference, standing=payment.standing)
        else:
            await self._pay.settle(order, payment, key=None)

    async def _too_late(self, due: DueAttempt, payment: GatewayPayment) -> bool:
        if payment.standing == "challenge" and due.age > PAYMENT_DURATION:
            return True
        if payment.standing not in {"challenge", "authorised", "captured"}:
            return False
        # Degraded answer: it takes place. Whoever cancels an event refunds what was sold.
        try:
            return (await self._catalog.event(event=due.event)).state == "cancelled"
        except Expected as refusal:
            log.warning("event_not_known", event_id=due.event, code=refusal.code)
            return False

    async def _look_up(self, attempt: Attempt) -> GatewayPayment:
        # A gateway that was taken away may hold money although its reply was lost: it has to come
        # back, and until then the attempt is overdue, never over.
        return await self._payments.look_up(
            gateway=GatewayName(attempt.gateway), reference=PaymentReference(attempt.reference)
        )

    async def _absent(self, due: DueAttempt, order: Order) -> None:
        # Absent once says little: a request of ours may still be on its way, from a process that
        # was slow or over a network that was. Absent at both ends of a silence is final.
        if due.silence >= ABSENT_IS_FINAL_AFTER:
            gone = GatewayPayment(reference=PaymentReference(due.reference), standing="absent")
            await self._pay.settle(order, gone, key=None)
        elif due.age < ASKED_AGAIN_FOR:
            await self._ask_again(due, order)
        else:
            await self._store.note_absent(due)

    async def _ask_again(self, due: DueAttempt, order: Order) -> None:
        # Our request may never have arrived. The same key again cannot charge twice.
        begun = clock.monotonic()
        if not await self._store.ask_again(due):
            return
        payment = await self._pay.authorise(order, begun=begun)
        if payment.standing != "in_doubt":
            await self._pay.settle(order, payment, key=None)


class Watch:
    """Says how much is not settled, and writes down what should have been long ago."""

    def __init__(self, store: PayingStore) -> None:
        self._store = store

    async def step(self) -> timedelta | None:
        """One look."""
        for what, (count, oldest_s) in (await self._store.waiting()).items():
            _WAITING.labels(what).set(count)
            _OLDEST.labels(what).set(oldest_s)
        for reference in await self._store.report_overdue(OVERDUE_AFTER):
            log.error("payment_overdue", reference=reference)
        return None


class Expiry:
    """Ends unpaid orders past their deadline."""

    def __init__(self, store: PayingStore) -> None:
        self._store = store

    async def step(self) -> timedelta | None:
        """End a batch."""
        ended = await self._store.expire_unpaid(EXPIRED_AT_ONCE)
        if ended:
            _expired()
        return timedelta(0) if ended == EXPIRED_AT_ONCE else None


class ReleaseWorker:
    """Offers the seats of ended orders again."""

    def __init__(self, reservations: Reservations) -> None:
        self._reservations = reservations

    async def handle(self, batch: Sequence[Delivered]) -> list[BaseException | None]:
        """Free the seats of every message; one outcome for each."""
        outcomes: list[BaseException | None] = []
        for one in batch:
            told = messages.decode(one.payload)
            try:
                if isinstance(told, messages.OrderCancelled) and told.seats:
                    await self._reservations.freed(
                        event=told.event, seats=told.seats, hold=told.hold
                    )
                outcomes.append(None)
            except Expected as refusal:
                outcomes.append(refusal)
        return outcomes
