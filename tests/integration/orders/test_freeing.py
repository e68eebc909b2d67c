"""Ended orders give their seats back in the order in which others claim them."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from seatwright.orders.capturing.store import CapturingStore, Uncaptured
from seatwright.orders.capturing.tasks import not_charged
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.placing.store import PlacingStore
from tests.integration.orders.conftest import a_placement, an_order


@pytest.fixture
async def placing(database, event):
    store = PlacingStore(database)
    await store.open_inventory(event, "c" * 32, 200)
    return store


@asynccontextmanager
async def held(truth, event, seat):
    """Another transaction has the seat's claim; ends with how many other claims were free."""
    async with truth.acquire() as holder, truth.acquire() as other:
        begun = holder.transaction()
        await begun.start()
        await holder.execute(
            "SELECT FROM orders.claims WHERE event_id=$1 AND seat=$2 FOR UPDATE", event, seat
        )

        async def free() -> list[int]:
            while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
            rows = await other.fetch(
                "SELECT seat FROM orders.claims WHERE event_id=$1 AND seat <> $2"
                " ORDER BY seat FOR UPDATE SKIP LOCKED", event, seat,
            )  # fmt: skip
            return [row["seat"] for row in rows]

        try:
            yield free
        finally:
            await begun.rollback()


async def test_seats_of_orders_nobody_paid_for_come_free_in_their_own_order(
    placing, database, truth, event
):
    late = [an_order(event, [seat], pay=False) for seat in (9, 5, 1)]
    await placing.place([a_placement(order) for order in late])
    for minutes, order in zip((3, 2, 1), late, strict=True):
        await truth.execute(
            "UPDATE orders.orders SET expires_at = now() - make_interval(mins => $2) WHERE id=$1",
            order.id, minutes,
        )  # fmt: skip
    async with held(truth, event, 1) as free:
        ending = asyncio.ensure_future(PayingStore(database).expire_unpaid(100))
        assert await free() == [5, 9], "whoever waits for the first seat has none of the others"
    await ending
    assert not await truth.fetch("SELECT FROM orders.claims WHERE event_id=$1", event)


async def test_seats_of_an_order_whose_money_was_not_taken_come_free_in_their_own_order(
    placing, database, truth, event
):
    order = an_order(event, [1, 5, 9])
    await placing.place([a_placement(order)])
    # As if its seats had been claimed by others before, and taken over.
    for seat in (9, 5, 1):
        for owner in ("somebody", order.id):
            await truth.execute(
                "UPDATE orders.claims SET order_id=$3 WHERE event_id=$1 AND seat=$2",
                event, seat, owner,
            )  # fmt: skip
    await truth.execute(
        "UPDATE orders.orders SET state='paid', paid_at=now() WHERE id=$1", order.id
    )
    one = Uncaptured(
        event=event, order=order.id, number=1, gateway="simulated", reference="r",
        payment_id="p", amount=1, currency="EUR",
    )  # fmt: skip
    async with held(truth, event, 1) as free:
        ending = asyncio.ensure_future(
            CapturingStore(database).cancel_uncaptured(one, order, not_charged(order, "https://s"))
        )
        assert await free() == [5, 9]
    await ending
    assert not await truth.fetch("SELECT FROM orders.claims WHERE event_id=$1", event)
