"""An event that limits seats per buyer: over all orders, also those placed at the same moment."""

import asyncio
from dataclasses import replace

import pytest

from seatwright.kit import ids
from seatwright.kit.lanes import Lane
from seatwright.kit.postgres import Database
from seatwright.orders.domain.buyers import BuyerLimit
from seatwright.orders.domain.refusals import BuyerLimitReached, OrderNotPayable
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.placing.service import _keys_of
from seatwright.orders.placing.store import Placed, PlacingStore, Repeat
from seatwright.orders.reading.store import ReadingStore
from tests.integration.orders.conftest import a_placement, an_order

MOST = 4


@pytest.fixture
async def store(database, event) -> PlacingStore:
    store = PlacingStore(database)
    await store.open_inventory(event, "c" * 32, 200)
    return store


def wish(event, seats, *, buyer="ada", pay=True, key=None):
    placement = a_placement(an_order(event, seats, pay=pay), key=key)
    return replace(placement, limit=BuyerLimit(buyer, MOST))


async def seats_of(truth, event, buyer="ada"):
    rows = await truth.fetch(
        "SELECT seat, buyer_seat FROM orders.claims WHERE event_id=$1 AND buyer=$2 ORDER BY seat",
        event, buyer,
    )  # fmt: skip
    return {row["seat"]: row["buyer_seat"] for row in rows}


async def run_out(truth, event):
    await truth.execute(
        "UPDATE orders.claims SET claimed_until = now() - interval '1 second'"
        " WHERE event_id=$1 AND isfinite(claimed_until)",
        event,
    )


async def test_a_buyers_seats_are_counted_over_all_orders(store, truth, event):
    first, other = wish(event, [5, 1, 3]), wish(event, [7, 8, 9, 10], buyer="ben")
    free = a_placement(an_order(event, [20, 21, 22, 23, 24]))
    got = await store.place([first, other, free])
    assert [type(one) for one in got] == [Placed, Placed, Placed]
    assert await seats_of(truth, event) == {1: 1, 3: 2, 5: 3}

    (refused,) = await store.place([wish(event, [11, 12])])
    assert isinstance(refused, BuyerLimitReached)
    assert (refused.facts["seats_max"], refused.facts["seats_left"]) == (MOST, 1)
    assert await seats_of(truth, event) == {1: 1, 3: 2, 5: 3}
    got = await store.place([wish(event, [11]), wish(event, [12], buyer="ben")])
    assert isinstance(got[0], Placed)
    assert isinstance(got[1], BuyerLimitReached)
    assert await seats_of(truth, event) == {1: 1, 3: 2, 5: 3, 11: 4}


async def test_more_than_the_limit_at_once_is_refused(store, truth, event):
    (refused,) = await store.place([wish(event, [1, 2, 3, 4, 5])])
    assert isinstance(refused, BuyerLimitReached)
    assert await seats_of(truth, event) == {}


async def test_a_repeat_is_answered_though_the_limit_is_reached(store, event):
    order = wish(event, [1, 2, 3, 4], key="k")
    await store.place([order])
    again = wish(event, [1, 2, 3, 4], key="k")
    object.__setattr__(again.order, "principal", order.order.principal)
    (found,) = await store.place([again])
    assert isinstance(found, Repeat)


async def test_what_has_run_out_or_ended_does_not_count(store, truth, event):
    await store.place([wish(event, [1, 2, 3, 4], pay=False)])
    await run_out(truth, event)
    got = await store.place([wish(event, [1, 5, 6])])
    assert isinstance(got[0], Placed), "one of the seats is taken over, three are left behind"
    assert sorted(await seats_of(truth, event)) == [1, 5, 6], "they have lost their numbers"
    got = await store.place([wish(event, [7])])
    assert isinstance(got[0], Placed)
    taken = await seats_of(truth, event)
    assert sorted(taken) == [1, 5, 6, 7]
    assert sorted(taken.values()) == [1, 2, 3, 4]
    (refused,) = await store.place([wish(event, [8])])
    assert isinstance(refused, BuyerLimitReached)
    left = """
        SELECT array_agg(seat ORDER BY seat) FROM orders.claims WHERE event_id=$1 AND buyer IS NULL
    """
    assert await truth.fetchval(left, event) == [2, 3, 4], "the seats end with their order"


async def test_no_number_is_above_the_limit_while_old_claims_are_deleted(
    store, database_url, truth, event
):
    """Two orders of one buyer: one sees the claims that have run out, the other their numbers."""
    await store.place([wish(event, [1, 2, 3, 4], pay=False)])
    await run_out(truth, event)
    other = await Database.connect(database_url, service="orders")
    async with truth.acquire() as expiry:
        begun = expiry.transaction()
        await begun.start()
        await expiry.execute("DELETE FROM orders.claims WHERE event_id=$1", event)
        first = asyncio.ensure_future(store.place([wish(event, [11, 12, 13, 14])]))
        while not first.done() and not await expiry.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
        ):
            await asyncio.sleep(0.01)
        await begun.commit()
    second = await PlacingStore(other).place([wish(event, [21, 22, 23, 24])])
    got = [*await first, *second]
    await other.close()
    assert sorted(type(one).__name__ for one in got) == ["BuyerLimitReached", "Placed"]
    assert sorted((await seats_of(truth, event)).values()) == [1, 2, 3, 4]


async def test_what_has_lost_its_number_cannot_be_paid_for(store, database, truth, event):
    late = wish(event, [1, 2, 3, 4], pay=False)
    await store.place([late])
    found = await ReadingStore(database).order(event, late.order.id)
    assert found is not None
    await run_out(truth, event)
    # By the order's row the time is not over yet: the deadline passes between two statements.
    with pytest.raises(OrderNotPayable):
        await PayingStore(database).open_attempt(found, "simulated", "tok_ok")
    (placed,) = await store.place([wish(event, [5, 6, 7, 8])])
    assert isinstance(placed, Placed)


async def test_another_buyer_takes_over_a_seat_and_its_number_is_free(store, truth, event):
    await store.place([wish(event, [1, 2, 3, 4], pay=False)])
    await run_out(truth, event)
    (placed,) = await store.place([wish(event, [1, 2], buyer="ben")])
    assert isinstance(placed, Placed)
    (placed,) = await store.place([a_placement(an_order(event, [3]))])
    assert isinstance(placed, Placed)
    assert await seats_of(truth, event) == {4: 4}
    assert await seats_of(truth, event, "ben") == {1: 1, 2: 2}


async def test_many_orders_of_one_buyer_at_once_from_two_processes(
    store, database_url, truth, event
):
    """Each order counts what it can see; the numbers show it what it could not."""
    other = await Database.connect(database_url, service="orders")
    lanes = [
        Lane("a", store.place, keys=_keys_of),
        Lane("b", PlacingStore(other).place, keys=_keys_of),
    ]
    buyers = [ids.short_id() for _ in range(12)]
    wishes = [
        wish(event, [n], buyer=buyers[n % len(buyers)]) for n in range(len(buyers) * 2 * MOST)
    ]
    got = await asyncio.gather(
        *(lanes[n // len(buyers) % 2].submit(one) for n, one in enumerate(wishes)),
        return_exceptions=True,
    )
    await other.close()
    assert {type(one) for one in got} == {Placed, BuyerLimitReached}
    for buyer in buyers:
        assert sorted((await seats_of(truth, event, buyer)).values()) == [1, 2, 3, 4]
