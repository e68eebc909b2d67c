"""Captures: what goes on after the buyer was answered, in any number of processes."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from seatwright.contracts import messages
from seatwright.contracts.catalog import EventId
from seatwright.contracts.delivery import Letter
from seatwright.contracts.payments import (
    GatewayName,
    GatewayPayment,
    GatewayPaymentId,
    PaymentReference,
    Payments,
)
from seatwright.contracts.reservations import Reservations, Seat
from seatwright.kit import clock, crash
from seatwright.kit.broker import Delivered
from seatwright.kit.errors import Expected, Unavailable
from seatwright.kit.log import log
from seatwright.orders.capturing.store import CapturingStore, Uncaptured
from seatwright.orders.domain import codes
from seatwright.orders.domain.comparing import money_of
from seatwright.orders.domain.order import Order
from seatwright.orders.reading.store import ReadingStore

# As many captures run at once as keep a gateway that takes half a second as fast as buyers are.
CAPTURES_RUNNING_MAX = 256
# A batch is worked on for `CAPTURE_WORK_TIME` before its messages are handed to another process.
# Captures are begun within the first quarter; what the last one may need then (capture, void, the
# order's end, the commit), each with its deadline, fits into the rest.
CAPTURE_WORK_TIME = timedelta(seconds=60)
CAPTURES_BEGUN_WITHIN = timedelta(seconds=15)
SHOWN_WITHIN = timedelta(seconds=5)
LATE_AT_ONCE = 200
# `correctness.md` R3: a capture that takes longer than this wants a look.
LATE_AFTER = timedelta(minutes=2)
# Marks an order that was ended instead of captured: its message is done all the same.
_ENDED = Expected("ended")
_captured = crash.declare("after_capture", "the gateway has captured, we wrote nothing")
_capture_written = crash.declare("after_capture_written", "the capture is durable, not told")
_uncaptured_void = crash.declare(
    "after_uncaptured_void", "money that was not captured is back, its order has not ended"
)
_cancelled = crash.declare("after_cancellation", "an order without money has ended, not told")


class CaptureWorker:
    """Takes the money of paid orders, and shows their seats as sold once more."""

    def __init__(
        self,
        *,
        store: CapturingStore,
        reader: ReadingStore,
        payments: Payments,
        reservations: Reservations,
        public_url: str,
        running_max: int = CAPTURES_RUNNING_MAX,
        begun_within: timedelta = CAPTURES_BEGUN_WITHIN,
    ) -> None:
        self._store = store
        self._reader = reader
        self._payments = payments
        self._reservations = reservations
        self._public_url = public_url
        self._places = asyncio.Semaphore(running_max)
        self._begun_within = begun_within

    async def handle(self, batch: Sequence[Delivered]) -> list[BaseException | None]:
        """Capture every order of every message; one outcome for each message."""
        begun_until = clock.monotonic() + self._begun_within.total_seconds()
        told = [messages.decode(one.payload) for one in batch]
        paid = {one.order: one for message in told for one in _paid(message)}
        waiting = await self._store.to_capture([(one.event, one.order) for one in paid.values()])
        await self._show_sold([paid[one.order] for one in waiting])
        outcomes = await asyncio.gather(*(self._in_turn(one, begun_until) for one in waiting))
        done = [one for one, ok in zip(waiting, outcomes, strict=True) if ok is None]
        if done:
            _captured()
            await self._store.commit_captured(done)
            _capture_written()
        faults = {
            one.order: fault
            for one, fault in zip(waiting, outcomes, strict=True)
            if fault is not None and fault is not _ENDED
        }
        # A message comes again whole; its orders that are captured by now are then left out.
        return [
            next((faults[one.order] for one in _paid(message) if one.order in faults), None)
            for message in told
        ]

    async def _show_sold(self, paid: Sequence[messages.PaidOrder]) -> None:
        # Degraded answer: go on without. The comparer finds what Valkey shows wrongly.
        by_event: dict[EventId, list[Seat]] = defaultdict(list)
        for one in paid:
            by_event[one.event].extend(one.seats)
        try:
            async with asyncio.timeout(SHOWN_WITHIN.total_seconds()):
                for event, seats in by_event.items():
                    try:
                        await self._reservations.sold(event=event, seats=seats)
                    except Expected as refusal:
                        log.warning("sold_not_shown", event_id=event, code=refusal.code)
        except TimeoutError:
            log.warning("sold_not_shown", events=len(by_event), code="too_slow")

    async def _in_turn(self, one: Uncaptured, begun_until: float) -> Expected | None:
        async with self._places:
            if clock.monotonic() > begun_until:
                return Unavailable("Too many captures for one time; this one is next.")
            return await self._capture(one)

    async def _capture(self, one: Uncaptured) -> Expected | None:
        try:
            payment = await self._payments.capture(
                gateway=GatewayName(one.gateway),
                payment=GatewayPaymentId(one.payment_id),
                reference=PaymentReference(one.reference),
            )
        except Expected as refusal:
            return refusal
        if payment.standing == "captured":
            return None if money_of(payment) == one.amount else await self._in_part(one, payment)
        if payment.standing in {"failed", "voided", "declined"}:
            return await self._end(one, payment)
        return Unavailable(f"The gateway says {payment.standing}; asking again.")

    async def _in_part(self, one: Uncaptured, payment: GatewayPayment) -> Expected | None:
        # No seat for a part of its price (I-M3): the tickets wait until all of it is there, or a
        # person has settled the rest and says so.
        taken = money_of(payment)
        log.error("captured_in_part", order=one.order, taken=taken, due=one.amount)
        detail = f"{taken} of {one.amount} {one.currency} captured"
        try:
            if await self._store.settled_by_hand(one, detail):
                return None
        except Expected as refusal:
            return refusal
        return Unavailable("The gateway has not taken the order's money; asking again.")

    async def _end(self, one: Uncaptured, payment: GatewayPayment) -> Expected:
        log.error("capture_failed", order=one.order, standing=payment.standing)
        # What is set aside on the buyer's card is given back before anything ends here, so that
        # a crash in between repeats both (I-M6).
        try:
            given = await self._payments.void(
                gateway=GatewayName(one.gateway),
                payment=GatewayPaymentId(one.payment_id),
                reference=PaymentReference(one.reference),
            )
        except Expected as refusal:
            return refusal
        _uncaptured_void()
        if given.standing in {"authorised", "captured", "in_doubt", "pending"}:
            return Unavailable(f"The gateway says {given.standing}; asking again.")
        order = await self._reader.order(one.event, one.order)
        assert order is not None
        await self._store.cancel_uncaptured(one, order, not_charged(order, self._public_url))
        _cancelled()
        return _ENDED


def not_charged(order: Order, public_url: str) -> Letter:
    """What the buyer of an order is told that ended because its money could not be taken."""
    return Letter(
        template="not_charged",
        to=order.buyer.email,
        language=order.buyer.language,
        values={
            "name": order.buyer.name,
            "code": codes.shown(order.code),
            "link": f"{public_url}/events/{order.event}",
        },
    )


def _paid(message: messages.Message) -> Sequence[messages.PaidOrder]:
    return message.orders if isinstance(message, messages.OrdersPaid) else ()


class Recapture:
    """Asks again for captures that are late, whatever became of the first message (job R3)."""

    def __init__(self, store: CapturingStore) -> None:
        self._store = store

    async def step(self) -> timedelta | None:
        """One look; a minute until the next, and longer and longer rests for each order."""
        late = await self._store.ask_late_captures_again(LATE_AT_ONCE, LATE_AFTER)
        if late:
            log.warning("captures_late", orders=late)
        return None
