"""The rows that paying an order reads and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import msgspec

from seatwright.contracts import messages
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderId, TicketId
from seatwright.contracts.payments import GatewayPayment, Notice
from seatwright.kit.errors import Expected, Unavailable, Unknown
from seatwright.kit.postgres import Database, Writer, queries
from seatwright.orders.domain.comparing import money_of
from seatwright.orders.domain.order import (
    ATTEMPT_EDGES,
    ATTEMPTS_MAX,
    OPEN_ATTEMPTS,
    ORDER_EDGES,
    ORPHAN_AFTER,
    Answer,
    Attempt,
    AttemptState,
    Order,
    State,
    may_become,
    reference,
)
from seatwright.orders.domain.refusals import AmountMismatch, OrderNotPayable, PaymentPending

_Q = queries("seatwright.orders.paying")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An authorised payment about to become tickets; `key` when a request waits for it."""

    order: Order
    payment: GatewayPayment
    tickets: tuple[TicketId, ...]
    answer: Answer
    key: str | None


class AskedWith(NamedTuple):
    """The idempotency key of a request, whose it is, and what was asked with it."""

    principal: str
    key: str
    fingerprint: bytes


class KeyTaken(Exception):  # noqa: N818  # an outcome, not a fault
    """The key belongs to an earlier request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAttempt:
    """An attempt that is not settled and whose time to be looked at has come."""

    event: EventId
    order: OrderId
    number: int
    state: AttemptState
    reference: str
    looks: int
    # since it was opened; since its gateway says it knows nothing, and nobody asked it meanwhile
    age: timedelta
    silence: timedelta
    due_at: datetime
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """Whether a webhook was new, its payment one of ours, and a repeat the same as before."""

    fresh: bool
    known: bool
    same: bool


class PayingStore:
    """Writes attempts and sales."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def open_attempt(
        self, order: Order, gateway: str, token: str, asked: AskedWith | None = None
    ) -> Attempt:
        """
        Pin the claims and record a further attempt, with the key of the request that asked for it.

        Raises `OrderNotPayable`, `PaymentPending` and `KeyTaken`; then nothing is recorded.
        """
        async with self.database.transaction() as tx:
            if asked is not None and not await tx.row(
                _Q["take_key"], *asked, order.event, order.id
            ):
                raise KeyTaken(asked.key)
            row = await tx.row(_Q["lock_order"], order.event, order.id)
            assert row is not None, "the order was read a moment ago"
            if row["state"] in {"paying", "payment_in_doubt"}:
                raise PaymentPending("Wait until the earlier payment is settled.", retry_after_s=2)
            if row["state"] != "awaiting_payment" or not (row["in_time"] and row["claimed"]):
                raise OrderNotPayable("This order has ended or is paid.")
            number = row["attempts"] + 1
            if number > ATTEMPTS_MAX:
                raise OrderNotPayable("Too many attempts to pay this order.")
            attempt = Attempt(
                number=number,
                reference=reference(order.id, number),
                gateway=gateway,
                token=token,
                amount=row["total"],
                currency=row["currency"],
            )
            pinned = await tx.rows(_Q["pin_claims"], order.event, order.id)
            if len(pinned) != len(order.seats):
                # The deadline passed between two statements; another order may have been faster.
                raise OrderNotPayable("The time to pay has run out.")
            await tx.run(
                _Q["open_attempt"], order.event, order.id, number, attempt.reference,
                gateway, token, attempt.amount, attempt.currency, ORPHAN_AFTER,
            )  # fmt: skip
            await _move(tx, order, "paying")
        return attempt

    async def settle_without_sale(
        self,
        order: Order,
        number: int,
        *,
        attempt: AttemptState,
        state: State,
        payment: GatewayPayment,
        look_again_in: timedelta | None,
        remember: tuple[str, Answer] | None,
    ) -> bool:
        """Record an outcome that makes no sale; False when the attempt had moved on already."""
        sources = [before for before, after in ATTEMPT_EDGES.items() if attempt in after]
        if attempt in OPEN_ATTEMPTS:
            # Still open is news for its next look. What is over is over once: the order may be
            # paid by another attempt meanwhile.
            sources.append(attempt)
        async with self.database.transaction() as tx:
            locked = await tx.row(_Q["lock_order"], order.event, order.id)
            assert locked is not None, "the order was read a moment ago"
            moved = await tx.row(
                _Q["settle_attempt"], order.event, order.id, number, attempt, payment.id,
                payment.decline_code, payment.challenge_url, look_again_in, sources,
            )  # fmt: skip
            # An order that another attempt has paid, or that has ended, stays what it is.
            if moved and (locked["state"] == state or may_become(locked["state"], state)):
                await _move(tx, order, state)
                if state == "awaiting_payment":
                    await tx.run(_Q["unpin_claims"], order.event, order.id)
            if remember is not None:
                # Whoever was faster has answered nobody: what this request is told is kept.
                key, answer = remember
                raw = msgspec.json.encode(answer)
                await tx.run(_Q["remember_answer"], order.principal, key, raw)
        return moved is not None

    async def commit_paid(self, batch: Sequence[Sale]) -> list[State | Expected]:
        """
        Turn authorised payments into sales; answers each order's state afterwards.

        `paid` means paid by this very attempt: money that another attempt brought is another's.
        """
        rows = await self.database.atomically(_Q["commit_paid"], *_sale_columns(batch))
        paid = {row["n"] for row in rows}
        return [
            "paid" if n in paid else await self._why_not_paid(sale) for n, sale in enumerate(batch)
        ]

    async def _why_not_paid(self, sale: Sale) -> State | Expected:
        # The commit is made: what cannot be read now must not be the answer of its neighbours.
        try:
            return await self._read_why(sale)
        except (Unavailable, Unknown) as refusal:
            return refusal

    async def _read_why(self, sale: Sale) -> State | Expected:
        order, attempt = sale.order, sale.order.attempt
        assert attempt is not None
        (row,) = await self.database.atomically(
            _Q["why_not_paid"], order.event, order.id, attempt.number, money_of(sale.payment),
            sale.payment.currency, order.principal, sale.key, msgspec.json.encode(sale.answer),
        )  # fmt: skip
        if row["attempt_state"] in {"authorised", "captured"}:
            return "paid"
        if not row["matches"]:
            return AmountMismatch("The payment's amount is not the order's; it is given back.")
        if row["state"] == "paid":
            return PaymentPending("The order was paid by another attempt.")
        state: State = row["state"]
        return state

    async def remember(self, asked: AskedWith, answer: Answer) -> Answer:
        """Keep a key's answer; the one that is kept, which somebody may have been given before."""
        raw = msgspec.json.encode(answer)
        rows = await self.database.atomically(
            _Q["remember_answer"], asked.principal, asked.key, raw
        )
        return msgspec.json.decode(rows[0]["answer"], type=Answer) if rows else answer

    async def due(self, most: int, lease: timedelta) -> list[DueAttempt]:
        """Attempts to look at now; nobody else gets them until `look_again` or the lease's end."""
        rows = await self.database.atomically(_Q["due_attempts"], most, lease)
        return [
            DueAttempt(
                event=row["event_id"], order=row["order_id"], number=row["attempt"],
                state=row["state"], reference=row["reference"], looks=row["looks"],
                age=row["age"], silence=row["silence"],
                due_at=row["due_at"], leased_until=row["leased_until"],
            )
            for row in rows
        ]  # fmt: skip

    async def ask_again(self, due: DueAttempt) -> bool:
        """Write down that its gateway is about to be asked; False: not ours to ask any more."""
        rows = await self.database.atomically(
            _Q["ask_again"], due.event, due.order, due.number, due.leased_until
        )
        return bool(rows)

    async def note_absent(self, due: DueAttempt) -> None:
        """Write down that its gateway knows nothing of it, unless that is written down already."""
        await self.database.atomically(
            _Q["note_absent"], due.event, due.order, due.number, due.leased_until
        )

    async def look_again(self, looked: DueAttempt, rest: timedelta) -> None:
        """End the lease; an attempt that is still open and was not hastened is due after `rest`."""
        await self.database.atomically(
            _Q["look_again"], looked.event, looked.order, looked.number, looked.due_at,
            looked.leased_until, rest,
        )  # fmt: skip

    async def store_webhooks(self, batch: Sequence[tuple[Notice, bytes]]) -> list[StoredWebhook]:
        """Keep verified webhooks with the hashes of what they say, in one commit."""
        rows = await self.database.atomically(
            _Q["store_webhooks"],
            list(range(len(batch))),
            [notice.gateway for notice, _ in batch],
            [notice.id for notice, _ in batch],
            [notice.kind for notice, _ in batch],
            [notice.reference for notice, _ in batch],
            [content_hash for _, content_hash in batch],
        )
        return [StoredWebhook(row["fresh"], row["known"], row["same"]) for row in rows]

    async def waiting(self) -> dict[str, tuple[int, float]]:
        """How much is not settled, by kind, and the oldest one's age in seconds."""
        async with self.database.reading() as reader:
            rows = await reader.rows(_Q["waiting"])
        return {row["what"]: (row["count"], row["oldest_s"]) for row in rows}

    async def report_overdue(self, after: timedelta) -> list[str]:
        """Write down what has waited longer than `after`; the payments newly written down."""
        await self.database.atomically(_Q["mend_overdue"])
        rows = await self.database.atomically(_Q["report_overdue"], after)
        return [row["reference"] for row in rows]

    async def report_break(
        self,
        kind: str,
        event: EventId | None,
        order: OrderId | None,
        *,
        reference: str | None,
        detail: str,
    ) -> None:
        """Write down a difference that somebody must hear of; once until it is mended."""
        await self.database.atomically(_Q["report_break"], kind, event, order, reference, detail)

    async def mend_break(self, kind: str, reference: str) -> None:
        """Write down that an open break about this payment is one no more."""
        await self.database.atomically(_Q["mend_break"], kind, reference)

    async def expire_unpaid(self, most: int) -> int:
        """End unpaid orders past their deadline and free their seats; answers how many."""
        async with self.database.transaction() as tx:
            rows = await tx.rows(_Q["expire_unpaid"], most)
            told = [
                messages.OrderCancelled(
                    event=row["event_id"], order=row["order_id"], seats=row["seats"],
                    reason="not_paid_in_time", hold=row["hold_id"],
                )
                for row in rows
            ]  # fmt: skip
            await tx.run(
                _Q["tell"],
                [messages.SUBJECT_RELEASE] * len(told),
                [f"expired-{one.order}" for one in told],
                [messages.encode(one) for one in told],
            )
        return len(rows)


async def _move(tx: Writer, order: Order, state: State) -> None:
    sources = [before for before, after in ORDER_EDGES.items() if state in after]
    moved = await tx.row(_Q["set_order_state"], order.event, order.id, state, [*sources, state])
    assert moved is not None, f"order {order.id} may not become {state}"


def _sale_columns(batch: Sequence[Sale]) -> list[object]:
    orders = [sale.order for sale in batch]
    last = list(accumulate(len(sale.tickets) for sale in batch))
    attempts = [order.attempt for order in orders]
    return [
        list(range(len(batch))),
        [order.event for order in orders],
        [order.id for order in orders],
        [attempt.number if attempt else 0 for attempt in attempts],
        [sale.payment.id for sale in batch],
        [money_of(sale.payment) for sale in batch],
        [sale.payment.currency for sale in batch],
        messages.encode(
            messages.OrdersPaid(orders=[messages.PaidOrder(o.event, o.id, o.seats) for o in orders])
        ),
        [order.principal for order in orders],
        [sale.key for sale in batch],
        [msgspec.json.encode(sale.answer) for sale in batch],
        [order.buyer.name for order in orders],
        [1, *(end + 1 for end in last[:-1])],
        last,
        [ticket for sale in batch for ticket in sale.tickets],
        [seat for order in orders for seat in order.seats],
    ]
