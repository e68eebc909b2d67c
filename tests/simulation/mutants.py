"""The product with one protection taken away; the auditor must see each."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec

from seatwright.kit.outbox import Relay
from seatwright.orders.paying import store as paying_store
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.tasks import Resolver
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.orders.placing import store as placing_store
from tests.simulation.house import House


@contextmanager
def _instead(where: Any, name: str, new: Any) -> Iterator[None]:
    old = getattr(where, name)
    setattr(where, name, new)
    try:
        yield
    finally:
        setattr(where, name, old)


@contextmanager
def _statement(queries: Any, name: str, *changes: tuple[str, str]) -> Iterator[None]:
    old = queries[name]
    new = old
    for before, after in changes:
        assert before in new, "the mutant no longer fits the statement"
        new = new.replace(before, after)
    queries._by_name[name] = new
    try:
        yield
    finally:
        queries._by_name[name] = old


def claim_without_count(house: House) -> AbstractContextManager[None]:
    count = "(SELECT count(*) FROM claimed) = (SELECT coalesce("
    return _statement(
        placing_store._Q, "place",
        ("WHERE c.seat IS NOT NULL OR w.seat", "WHERE w.seat"), (count, "true OR " + count),
    )  # fmt: skip


def pins_are_ignored(house: House) -> AbstractContextManager[None]:
    return _statement(
        paying_store._Q, "expire_unpaid",
        (
            "WHERE state = 'awaiting_payment' AND expires_at < statement_timestamp()",
            "WHERE state IN ('awaiting_payment', 'paying', 'payment_in_doubt')",
        ),
    )  # fmt: skip


def capture_before_commit(house: House) -> AbstractContextManager[None]:
    shipped = PayOrder.settle

    async def settle(self: PayOrder, order: Any, payment: Any, *, key: str | None) -> Any:
        if payment.standing == "authorised":
            payment = await self._payments.capture(
                gateway=order.attempt.gateway, payment=payment.id, reference=payment.reference
            )
        return await shipped(self, order, payment, key=key)

    return _instead(PayOrder, "settle", settle)


def no_key_to_the_gateway(house: House) -> AbstractContextManager[None]:
    gateway = house.gateway
    shipped = gateway._authorise

    def authorise(request: Any) -> None:
        if request.reference in gateway.ledger:
            again = f"{request.reference}#{len(gateway.ledger)}"
            request = msgspec.structs.replace(request, reference=again)
        shipped(request)

    return _instead(gateway, "_authorise", authorise)


def unknown_is_failed(house: House) -> AbstractContextManager[None]:
    shipped = Resolver._look_up

    async def look_up(self: Resolver, attempt: Any) -> Any:
        payment = await shipped(self, attempt)
        if payment.standing != "in_doubt":
            return payment
        return msgspec.structs.replace(payment, standing="failed")

    return _instead(Resolver, "_look_up", look_up)


def webhooks_are_believed(house: House) -> AbstractContextManager[None]:
    shipped = Webhooks.take
    become = {"payment.authorised": "paying", "payment.declined": "awaiting_payment"}

    async def take(self: Webhooks, notice: Any) -> None:
        await shipped(self, notice)
        await self._store.database.atomically(
            "UPDATE orders.orders SET state = $2::text WHERE id = $1 AND ended_at IS NULL"
            " AND $2::text IS NOT NULL", notice.order, become.get(notice.kind),
        )  # fmt: skip

    return _instead(Webhooks, "take", take)


def published_is_not_asked(house: House) -> AbstractContextManager[None]:
    shipped = Relay._settle

    async def settle(self: Relay, rows: Any, durable: Any) -> None:
        await shipped(self, rows, [True] * len(durable))

    return _instead(Relay, "_settle", settle)


# Within how many seeds each is found.
MUTANTS: dict[Callable[[House], AbstractContextManager[None]], int] = {
    claim_without_count: 10,
    pins_are_ignored: 10,
    capture_before_commit: 10,
    no_key_to_the_gateway: 40,
    unknown_is_failed: 40,
    webhooks_are_believed: 10,
    published_is_not_asked: 20,
}
