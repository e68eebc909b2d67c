"""Taking the money of many orders, in bad weather too."""

import asyncio
import re
from datetime import timedelta

import pytest

from seatwright.contracts import messages
from seatwright.kit import limits, telemetry
from seatwright.kit.broker import Delivered
from seatwright.kit.errors import Unavailable
from seatwright.orders.capturing import tasks
from seatwright.orders.capturing.tasks import CaptureWorker, Recapture
from seatwright.orders.mending.service import Breaks
from seatwright.orders.paying.tasks import LOOK_TIME, Watch
from seatwright.payments.adapters import simulated
from tests.integration.orders.till import SHOP, open_till


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


class Counting:
    """A gateway that counts how many captures run at once."""

    def __init__(self, payments):
        self._payments = payments
        self.running = self.most = self.asked = 0

    async def capture(self, **names):
        self.asked += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0.01)
            return await self._payments.capture(**names)
        finally:
            self.running -= 1


def worker(till, payments, **bounds):
    return CaptureWorker(
        store=till.capturing, reader=till.reading, payments=payments, reservations=till.seats,
        public_url=SHOP, **bounds,
    )  # fmt: skip


async def paid(till, event, count):
    """One message for each of some paid orders."""
    orders = [await till.placed(event, [n]) for n in range(count)]
    for order in orders:
        assert (await till.pay.pay(order, key=None)).status == "paid"
    told = [
        messages.OrdersPaid(orders=[messages.PaidOrder(one.event, one.id, one.seats)])
        for one in orders
    ]
    return orders, [Delivered("work.capture", messages.encode(one), 1) for one in told]


async def captured(till, orders):
    return await till.truth.fetchval(
        "SELECT count(*) FROM orders.orders WHERE id = ANY ($1) AND captured_at IS NOT NULL",
        [order.id for order in orders],
    )


async def test_a_backlog_is_captured_a_bounded_number_at_once(till, event):
    orders, batch = await paid(till, event, 8)
    counting = Counting(till.payments)
    assert await worker(till, counting, running_max=3).handle(batch) == [None] * 8
    assert (counting.most, counting.asked) == (3, 8)
    assert await captured(till, orders) == 8


async def test_what_is_not_begun_in_time_comes_again(till, event):
    orders, batch = await paid(till, event, 3)
    counting = Counting(till.payments)
    late = worker(till, counting, begun_within=timedelta(seconds=-1))
    assert [type(one) for one in await late.handle(batch)] == [Unavailable] * 3
    assert counting.asked == 0
    assert await worker(till, counting).handle(batch) == [None] * 3
    assert await captured(till, orders) == 3


async def test_a_part_of_the_money_releases_no_tickets_until_a_person_has_settled_the_rest(
    till, event
):
    (short, whole), batch = await paid(till, event, 2)
    (payment,) = (await till.at_gateway(short))["payments"]
    # By hand, at the gateway: it takes money once, so ours is answered with that.
    await till.client.operate(payment["id"], "captures", amount=100)
    for _ in range(2):
        outcomes = await worker(till, till.payments).handle(batch)
        assert [type(one) for one in outcomes] == [Unavailable, type(None)]
    assert (await captured(till, [short]), await captured(till, [whole])) == (0, 1)
    (found,) = await till.breaks(short)
    assert (found["kind"], found["detail"]) == ("sale_without_money", "100 of 5250 EUR captured")
    assert found["reference"] == short.attempt.reference
    assert await till.breaks(whole) == []
    await Breaks(till.database).end(found["id"], why="the rest came by bank transfer")
    assert await worker(till, till.payments).handle(batch) == [None, None]
    assert await captured(till, [short]) == 1
    assert len(await till.breaks(short)) == 1


def test_the_deadlines_inside_end_before_the_ones_outside():
    rpc = limits.RPC_WRITE.total_seconds()
    assert rpc > simulated.AUTHORISE_S
    assert rpc > simulated.OPERATION_S + simulated.LOOK_UP_S
    statement = (limits.POSTGRES_POOL_WAIT + limits.POSTGRES_STATEMENT).total_seconds()
    begun = tasks.CAPTURES_BEGUN_WITHIN.total_seconds()
    assert begun >= statement + tasks.SHOWN_WITHIN.total_seconds()
    # The last one begun: captured, voided, its order read and ended, all captures written.
    assert begun + 2 * rpc + 3 * statement < tasks.CAPTURE_WORK_TIME.total_seconds()
    # A look: the order, the gateway, asked once more or given back, written twice.
    assert 2 * rpc + 4 * statement < LOOK_TIME.total_seconds() < 60


async def late(till, event, seat, minutes=3):
    order = await till.placed(event, [seat])
    await till.pay.pay(order, key=None)
    await till.truth.execute(
        "UPDATE orders.orders SET paid_at = paid_at - make_interval(mins => $2) WHERE id = $1",
        order.id, minutes,
    )  # fmt: skip
    return order


async def asked_again(till, order):
    """How many messages have asked for its capture again, and the rest until the next may."""
    rows = await till.truth.fetch(
        "SELECT message_id, payload FROM orders.outbox WHERE message_id LIKE 'again-%'"
    )
    named = [
        row["message_id"]
        for row in rows
        if any(one.order == order.id for one in messages.decode(row["payload"]).orders)
    ]
    assert len(named) == len(set(named))
    rest = await till.truth.fetchval(
        "SELECT extract(epoch FROM recapture_at - clock_timestamp()) FROM orders.orders"
        " WHERE id = $1", order.id,
    )  # fmt: skip
    return len(named), round(float(rest) / 60)


async def test_a_late_capture_is_asked_for_again_after_longer_and_longer_rests(till, event):
    order = await late(till, event, 20)
    seen = []
    for _ in range(3):
        await asyncio.gather(*(Recapture(till.capturing).step() for _ in range(3)))
        seen.append(await asked_again(till, order))
        await till.truth.execute(
            "UPDATE orders.orders SET recapture_at = clock_timestamp() WHERE id = $1", order.id
        )
    assert seen == [(1, 2), (2, 4), (3, 8)]


async def test_what_is_not_settled_is_counted_and_overdue_is_a_break_until_it_is(till, event):
    order = await late(till, event, 21, minutes=16)
    doubt = await till.placed(event, [22])
    await till.older(doubt, "created_at", 16 * 60)
    fresh = await late(till, event, 23)
    await Watch(till.paying).step()
    await Watch(till.paying).step()
    assert [one["kind"] for one in await till.breaks(order)] == ["capture_overdue"]
    assert [one["kind"] for one in await till.breaks(doubt)] == ["payment_overdue"]
    assert await till.breaks(fresh) == []
    said = telemetry.exposition().decode()
    for what in ("in_doubt", "uncaptured", "break"):
        count = re.search(rf'seatwright_payments_waiting{{what="{what}"}} (\S+)', said)
        oldest = re.search(
            rf'seatwright_payments_waiting_oldest_seconds{{what="{what}"}} (\S+)', said
        )
        assert count is not None
        assert oldest is not None
        assert float(count[1]) >= 1
        assert float(oldest[1]) > (900 if what != "break" else 0)
    (waiting,) = await till.capturing.to_capture([(event, order.id)])
    await till.capturing.commit_captured([waiting])
    await till.give_up(doubt)
    await Watch(till.paying).step()
    ended = [*await till.breaks(order), *await till.breaks(doubt)]
    assert all(one["mended_at"] is not None for one in ended)
