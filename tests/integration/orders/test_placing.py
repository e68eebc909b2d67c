"""Claiming seats in PostgreSQL, many orders in one commit, all or nothing for each."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import SeatsTaken
from seatwright.kit.errors import Unavailable
from seatwright.kit.lanes import Lane
from seatwright.kit.postgres import Database
from seatwright.orders.domain.refusals import IdempotencyMismatch
from seatwright.orders.placing import store as placing_store
from seatwright.orders.placing.service import _keys_of
from seatwright.orders.placing.store import Placed, PlacingStore, Repeat
from tests.integration.orders.conftest import a_placement, an_order


@pytest.fixture
async def store(database: Database, event: EventId) -> PlacingStore:
    store = PlacingStore(database)
    await store.open_inventory(event, "c" * 32, 200)
    return store


async def claims(truth: asyncpg.Pool, event: EventId) -> dict[int, str]:
    rows = await truth.fetch("SELECT seat, order_id FROM orders.claims WHERE event_id=$1", event)
    return {row["seat"]: row["order_id"] for row in rows}


async def test_a_batch_is_answered_one_by_one(store, truth, event):
    first, second, third = (an_order(event, seats) for seats in ([1, 2], [3], [4, 5, 6]))
    got = await store.place([a_placement(one) for one in (first, second, third)])
    assert [type(one) for one in got] == [Placed, Placed, Placed]
    assert await claims(truth, event) == {
        1: first.id, 2: first.id, 3: second.id, 4: third.id, 5: third.id, 6: third.id
    }  # fmt: skip


async def test_a_loser_in_a_batch_takes_nothing_and_harms_nobody(store, truth, event):
    winner = an_order(event, [1, 2])
    await store.place([a_placement(winner)])
    loser, neighbour = an_order(event, [2, 3]), an_order(event, [4])
    got = await store.place([a_placement(loser), a_placement(neighbour)])
    assert isinstance(got[0], SeatsTaken)
    assert got[0].facts["seats"] == ["A:1:2"]
    assert isinstance(got[1], Placed)
    assert await claims(truth, event) == {1: winner.id, 2: winner.id, 4: neighbour.id}
    assert not await truth.fetchval("SELECT count(*) FROM orders.orders WHERE id=$1", loser.id)


async def test_a_seat_that_does_not_exist_is_refused(store, event):
    got = await store.place([a_placement(an_order(event, [199, 200]))])
    assert isinstance(got[0], SeatsTaken)


async def test_the_same_key_gives_the_same_order_and_another_body_is_refused(store, event):
    order = an_order(event, [7], pay=False)
    placement = a_placement(order, key="k1")
    await store.place([placement])
    again = an_order(event, [7], pay=False)
    object.__setattr__(again, "principal", order.principal)
    repeat, other = (
        await store.place([a_placement(again, key="k1")]),
        await store.place([a_placement(again, key="k1", fingerprint=b"other")]),
    )
    assert isinstance(repeat[0], Repeat)
    assert repeat[0].order == order.id
    assert repeat[0].answer.status == "awaiting_payment"
    assert isinstance(other[0], IdempotencyMismatch)


async def test_an_expired_claim_is_taken_over_and_a_pinned_one_is_not(store, truth, event):
    unpaid, paying = an_order(event, [1], pay=False), an_order(event, [2])
    await store.place([a_placement(unpaid), a_placement(paying)])
    await truth.execute(
        "UPDATE orders.claims SET claimed_until = now() - interval '1 second' "
        "WHERE event_id=$1 AND isfinite(claimed_until)", event
    )  # fmt: skip
    taker, rival = an_order(event, [1]), an_order(event, [2])
    got = await store.place([a_placement(taker), a_placement(rival)])
    assert isinstance(got[0], Placed)
    assert isinstance(got[1], SeatsTaken)


async def test_a_deadlock_is_no_refusal(store, truth, event):
    """The other transaction goes on; the same order is placed when it has ended."""
    await store.place([a_placement(an_order(event, [n], pay=False)) for n in (1, 2)])
    await truth.execute(
        "UPDATE orders.claims SET claimed_until = now() - interval '1 second' WHERE event_id=$1",
        event,
    )
    lock = "SELECT FROM orders.claims WHERE event_id=$1 AND seat=$2 FOR UPDATE"
    lane, order = Lane("deadlock", store.place, keys=_keys_of), an_order(event, [1, 2])
    async with truth.acquire() as other:
        async with other.transaction():
            await other.execute(lock, event, 2)
            placing = asyncio.ensure_future(lane.submit(a_placement(order)))
            await until_it_waits(truth)
            await other.execute(lock, event, 1)
        assert isinstance(await placing, Placed)
    assert await claims(truth, event) == {1: order.id, 2: order.id}


BLOCKED = (
    "INSERT INTO orders.claims (event_id, seat, order_id, state, claimed_until)"
    " VALUES ($1, $2, NULL, 'blocked', NULL)"
)


async def until_it_waits(truth):
    async with asyncio.timeout(5):
        while not await truth.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND application_name = 'seatwright-orders' AND datname = current_database()"
        ):
            await asyncio.sleep(0.01)


async def test_a_loser_of_a_race_hears_which_seats_are_taken(store, truth, event):
    async with truth.acquire() as other:
        async with other.transaction():
            await other.execute(BLOCKED, event, 2)
            placing = asyncio.ensure_future(store.place([a_placement(an_order(event, [1, 2, 3]))]))
            await until_it_waits(truth)
        (refused,) = await placing
    assert isinstance(refused, SeatsTaken)
    assert refused.facts["seats"] == ["A:1:2"]


async def test_a_loser_of_a_race_for_seats_that_are_free_again_may_try_again(
    database, store, truth, event
):
    class Slow(PlacingStore):
        """Whoever was faster has let go before this one looks again."""

        async def known(self, *asked):
            await truth.execute("DELETE FROM orders.claims WHERE event_id = $1", event)
            return await super().known(*asked)

    slow, placement = Slow(database), a_placement(an_order(event, [1, 2]))
    async with truth.acquire() as other:
        async with other.transaction():
            await other.execute(BLOCKED, event, 2)
            placing = asyncio.ensure_future(slow.place([placement]))
            await until_it_waits(truth)
        (refused,) = await placing
    assert isinstance(refused, Unavailable)
    assert refused.facts["retry_after_s"]
    assert isinstance((await store.place([placement]))[0], Placed)


@asynccontextmanager
async def keeping_locked(truth, event, kind):
    """Somebody's transaction keeps seats 30 and 51, and comes to nothing."""
    async with truth.acquire() as other:
        begun = other.transaction()
        await begun.start()
        for seat in (30, 51):
            if kind == "a block that is not committed":
                await other.execute(BLOCKED, event, seat)
            else:
                lock = "SELECT FROM orders.claims WHERE event_id = $1 AND seat = $2 FOR UPDATE"
                assert len(await other.fetch(lock, event, seat)) == 1
        yield
        await begun.rollback()


@pytest.mark.parametrize("kind", ["a block that is not committed", "a claim that has run out"])
async def test_a_seat_that_is_kept_locked_concerns_only_those_who_want_it(
    store, truth, event, kind, monkeypatch
):
    if kind == "a claim that has run out":
        await store.place([a_placement(an_order(event, [seat], pay=False)) for seat in (30, 51)])
        await truth.execute(
            "UPDATE orders.claims SET claimed_until = now() - interval '1 second'"
            " WHERE event_id=$1", event,
        )  # fmt: skip
    orders = [an_order(event, [2 * n, 2 * n + 1]) for n in range(40)]
    lane = Lane("locked", store.place, keys=_keys_of, batches_at_once=1)
    async with keeping_locked(truth, event, kind):
        # Nobody waits for the end of the other transaction.
        got = await asyncio.gather(
            *(lane.submit(a_placement(order)) for order in orders), return_exceptions=True
        )
        refused = [one for one, fate in zip(orders, got, strict=True) if type(fate) is not Placed]
        assert [one.seats for one in refused] == [[30, 31], [50, 51]]
        for fate in got:
            assert isinstance(fate, Placed | Unavailable)
        # What is known to be locked holds up nobody a second time.
        monkeypatch.setattr(placing_store, "LOCK_WAIT", timedelta(seconds=4))
        async with asyncio.timeout(2):
            with pytest.raises(Unavailable) as told:
                await lane.submit(a_placement(refused[0]))
        assert told.value.facts["retry_after_s"]
    assert isinstance(await lane.submit(a_placement(refused[0])), Placed)
    held = await claims(truth, event)
    assert {held[seat] for one in orders[:25] for seat in one.seats} == {o.id for o in orders[:25]}


async def test_a_lock_is_waited_for_as_long_as_placing_says(store, truth, event, monkeypatch):
    monkeypatch.setattr(placing_store, "LOCK_WAIT", timedelta(milliseconds=20))
    async with keeping_locked(truth, event, "a block that is not committed"):
        async with asyncio.timeout(1.5):  # the session's own is 2 s
            with pytest.raises(Unavailable):
                await store.place([a_placement(an_order(event, [30]))])


async def test_an_order_number_that_is_in_use_is_no_loss_of_seats(store, event):
    first, second = an_order(event, [1], pay=False), an_order(event, [2], pay=False)
    object.__setattr__(second, "code", first.code)
    await store.place([a_placement(first)])
    (refusal,) = await store.place([a_placement(second)])
    assert isinstance(refusal, Unavailable)


async def test_five_hundred_buyers_for_one_seat_from_two_lanes(store, database_url, truth, event):
    other = await Database.connect(database_url, service="orders")
    lanes = [
        Lane("a", store.place, keys=_keys_of),
        Lane("b", PlacingStore(other).place, keys=_keys_of),
    ]
    orders = [an_order(event, [9]) for _ in range(500)]
    got = await asyncio.gather(
        *(lanes[n % 2].submit(a_placement(order)) for n, order in enumerate(orders)),
        return_exceptions=True,
    )
    await other.close()
    assert sum(isinstance(one, Placed) for one in got) == 1
    assert sum(isinstance(one, SeatsTaken) for one in got) == 499
    assert len(await claims(truth, event)) == 1
    assert await truth.fetchval("SELECT count(*) FROM orders.orders WHERE event_id=$1", event) == 1


async def test_overlapping_wishes_never_deadlock_and_claims_are_whole(
    store, database_url, truth, event
):
    other = await Database.connect(database_url, service="orders")
    lanes = [
        Lane("a", store.place, keys=_keys_of),
        Lane("b", PlacingStore(other).place, keys=_keys_of),
    ]
    orders = [an_order(event, [(n * 7 + k * 13) % 43 for k in range(4)]) for n in range(400)]
    got = await asyncio.gather(
        *(lanes[n % 2].submit(a_placement(order)) for n, order in enumerate(orders)),
        return_exceptions=True,
    )
    await other.close()
    assert {type(one) for one in got} <= {Placed, SeatsTaken}
    winners = {order.id for order, one in zip(orders, got, strict=True) if isinstance(one, Placed)}
    held = await claims(truth, event)
    assert set(held.values()) == winners
    assert len(held) == 4 * len(winners)
