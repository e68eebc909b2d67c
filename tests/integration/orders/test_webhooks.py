"""Gateways' notices: each kept once, and never believed twice."""

import asyncio
import json

import msgspec
import pytest

from seatwright.contracts.payments import GatewayName, Notice, PaymentReference
from seatwright.kit import clock, ids
from seatwright.orders.domain.refusals import WebhookChanged
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.orders.placing.store import PlacingStore
from seatwright.payments.adapters.simulated import NAME
from seatwright.payments.domain import read_webhook
from seatwright.simulators.gateway.webhooks import SIGNATURE_HEADER, signature
from tests.integration.orders.conftest import a_placement, an_order


@pytest.fixture
def paying(database):
    return PayingStore(database)


def a_notice(reference, name=None):
    return Notice(
        gateway=GatewayName("simulated"), id=name or ids.short_id(), kind="payment.captured",
        reference=PaymentReference(reference), order=None, event=None, amount=500,
        currency="EUR",
    )  # fmt: skip


async def in_doubt(database, truth, event, count):
    """Attempts that a notice would hasten, in the order of their rows."""
    placing = PlacingStore(database)
    await placing.open_inventory(event, "c" * 32, 200)
    orders = [an_order(event, [n]) for n in range(count)]
    await placing.place([a_placement(order) for order in orders])
    await truth.execute("UPDATE orders.attempts SET state='in_doubt' WHERE event_id=$1", event)
    return sorted(orders, key=lambda order: order.id)


@pytest.mark.parametrize(
    "other", [{"kind": "payment.refunded"}, {"reference": "ord_x_a1"}, {"amount": 1}], ids=str
)
async def test_a_notice_that_comes_again_and_says_something_else_is_refused(paying, truth, other):
    webhooks = Webhooks(paying)
    notice = a_notice(f"ord_{ids.short_id()}_a1")
    query = "SELECT content_hash FROM orders.webhooks WHERE id=$1"
    await webhooks.take(notice)
    first = await truth.fetchval(query, notice.id)
    await webhooks.take(notice)
    for _ in range(2):
        with pytest.raises(WebhookChanged):
            await webhooks.take(msgspec.structs.replace(notice, **other))
    assert await truth.fetchval(query, notice.id) == first
    found = await truth.fetch(
        "SELECT kind FROM orders.breaks WHERE reference = $1", f"simulated {notice.id}"
    )
    assert [row["kind"] for row in found] == ["webhook_changed"]


async def test_a_notice_may_be_written_differently_each_time_it_comes(paying):
    said = {
        "id": ids.short_id(), "type": "payment.captured",
        "data": {"id": "pay_1", "reference": f"ord_{ids.short_id()}_a1", "status": "captured",
                 "amount": 500, "currency": "EUR"},
    }  # fmt: skip
    again = {"delivery_attempt": 2, **dict(reversed(said.items()))}
    webhooks = Webhooks(paying)
    for words in (said, again):
        body = json.dumps(words, indent=len(words)).encode()
        signed = {SIGNATURE_HEADER.lower(): signature("s", body, unix_s=clock.unix_ms() // 1000)}
        await webhooks.take(read_webhook("s", signed, body, now=clock.now(), gateway=NAME))


async def test_notices_wait_for_payments_in_one_order_so_that_they_never_deadlock(
    paying, database, truth, event
):
    first, *later = await in_doubt(database, truth, event, 8)
    holder = await truth.acquire()
    started = holder.transaction()
    await started.start()
    await holder.execute("SELECT FROM orders.attempts WHERE order_id=$1 FOR UPDATE", first.id)
    # Who comes with all, the last one named first, must wait for the first and take none before.
    batch = [(a_notice(one.attempt.reference), b"h") for one in (*later[::-1], first)]
    waiting = asyncio.ensure_future(paying.store_webhooks(batch))
    while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        await asyncio.sleep(0.01)
    other = await truth.acquire()
    free = await other.fetchval(
        "SELECT count(*) FROM (SELECT FROM orders.attempts WHERE order_id = ANY ($1)"
        " FOR UPDATE SKIP LOCKED) AS f", [one.id for one in later],
    )  # fmt: skip
    await started.rollback()
    await truth.release(holder)
    await truth.release(other)
    assert all(one.known for one in await waiting)
    assert free == len(later)
