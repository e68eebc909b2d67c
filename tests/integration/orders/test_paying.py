"""What an authorised, declined or doubtful payment makes of an order."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from seatwright.contracts import messages
from seatwright.contracts.delivery import Letter
from seatwright.contracts.orders import TicketId
from seatwright.contracts.payments import GatewayPayment, GatewayPaymentId, PaymentReference
from seatwright.kit import ids
from seatwright.kit.postgres import Database
from seatwright.orders.capturing.store import CapturingStore
from seatwright.orders.capturing.tasks import not_charged
from seatwright.orders.domain.order import Answer
from seatwright.orders.domain.refusals import AmountMismatch, OrderNotPayable, PaymentPending
from seatwright.orders.paying.store import PayingStore, Sale
from seatwright.orders.placing.store import PlacingStore
from seatwright.orders.reading.store import ReadingStore
from tests.integration.orders.conftest import a_placement, an_order


@pytest.fixture
async def placing(database, event):
    store = PlacingStore(database)
    await store.open_inventory(event, "c" * 32, 200)
    return store


@pytest.fixture
def paying(database):
    return PayingStore(database)


@pytest.fixture
def capturing(database):
    return CapturingStore(database)


def authorised(order, **changes):
    facts = {
        "reference": PaymentReference(order.attempt.reference),
        "standing": "authorised",
        "id": GatewayPaymentId(f"pay_{order.id}"),
        "amount": order.quote.total(),
        "currency": "EUR",
        "order": order.id,
    }
    return GatewayPayment(**(facts | changes))


def a_sale(order, payment=None, key=None):
    return Sale(
        order=order,
        payment=payment or authorised(order),
        tickets=tuple(TicketId(ids.sortable_id()) for _ in order.quote.seats),
        answer=Answer(status="paid", payment_status="authorised", method="simulated"),
        key=key,
    )


async def state(truth, order):
    return await truth.fetchval("SELECT state FROM orders.orders WHERE id=$1", order.id)


async def live_tickets(truth, event):
    rows = await truth.fetch(
        "SELECT seat FROM orders.tickets WHERE event_id=$1 AND status IN ('valid','used')", event
    )
    return sorted(row["seat"] for row in rows)


async def test_many_sales_share_a_commit_and_each_has_its_tickets(placing, paying, truth, event):
    orders = [an_order(event, [n * 3, n * 3 + 1]) for n in range(5)]
    await placing.place([a_placement(order, key=order.id) for order in orders])
    assert await paying.commit_paid([a_sale(one, key=one.id) for one in orders]) == ["paid"] * 5
    assert await live_tickets(truth, event) == sorted(s for o in orders for s in o.seats)
    states = await truth.fetch(
        "SELECT DISTINCT state, claimed_until FROM orders.claims WHERE event_id=$1", event
    )
    assert [tuple(row) for row in states] == [("sold", None)]
    answers = await truth.fetchval(
        "SELECT count(*) FROM orders.idempotency WHERE event_id=$1 AND answer IS NOT NULL", event
    )
    assert answers == 5
    told = await truth.fetch("SELECT payload FROM orders.outbox WHERE message_id LIKE 'paid-%'")
    named = [{one.order for one in messages.decode(row["payload"]).orders} for row in told]
    assert {o.id for o in orders} in named


async def test_committing_twice_changes_nothing(placing, paying, truth, event):
    order = an_order(event, [5])
    await placing.place([a_placement(order)])
    first = await paying.commit_paid([a_sale(order)])
    second = await paying.commit_paid([a_sale(order)])
    assert (first, second) == (["paid"], ["paid"])
    assert await live_tickets(truth, event) == [5]


async def test_an_amount_that_is_not_the_orders_never_commits(placing, paying, truth, event):
    cheap, fair = an_order(event, [1]), an_order(event, [2])
    await placing.place([a_placement(cheap), a_placement(fair)])
    got = await paying.commit_paid([a_sale(cheap, authorised(cheap, amount=1)), a_sale(fair)])
    assert isinstance(got[0], AmountMismatch)
    assert got[1] == "paid"
    assert await live_tickets(truth, event) == [2]


async def test_a_part_of_the_amount_buys_nothing_however_much_was_set_aside(
    placing, paying, truth, event
):
    short, whole = an_order(event, [1]), an_order(event, [2])
    await placing.place([a_placement(short), a_placement(whole)])
    sales = [
        a_sale(short, authorised(short, standing="captured", captured=100)),
        a_sale(whole, authorised(whole, standing="captured", captured=whole.quote.total())),
    ]
    got = await paying.commit_paid(sales)
    assert isinstance(got[0], AmountMismatch)
    assert got[1] == "paid"
    assert await live_tickets(truth, event) == [2]


async def test_an_ended_order_is_not_sold(placing, paying, truth, event):
    order = an_order(event, [3])
    await placing.place([a_placement(order)])
    await truth.execute(
        "UPDATE orders.orders SET state='cancelled', ended_at=now() WHERE id=$1", order.id
    )
    assert await paying.commit_paid([a_sale(order)]) == ["cancelled"]
    assert await live_tickets(truth, event) == []


async def test_a_decline_leaves_the_seats_to_the_buyer_until_the_deadline(
    placing, paying, truth, event, database
):
    order = an_order(event, [4])
    await placing.place([a_placement(order)])
    declined = GatewayPayment(
        reference=PaymentReference(order.attempt.reference),
        standing="declined",
        decline_code="card_declined",
    )
    moved = await paying.settle_without_sale(
        order, 1, attempt="declined", state="awaiting_payment", payment=declined,
        look_again_in=None, remember=None,
    )  # fmt: skip
    assert moved
    assert await state(truth, order) == "awaiting_payment"
    finite = await truth.fetchval(
        "SELECT isfinite(claimed_until) FROM orders.claims WHERE event_id=$1 AND seat=4", event
    )
    assert finite
    found = await ReadingStore(database).order(event, order.id)
    attempt = await paying.open_attempt(found, "simulated", "tok_ok")
    assert attempt.number == 2
    pinned = await truth.fetchval(
        "SELECT claimed_until = 'infinity' FROM orders.claims WHERE event_id=$1 AND seat=4", event
    )
    assert pinned


async def test_what_is_over_is_over_once_though_another_attempt_pays(
    placing, paying, truth, event, database
):
    order = an_order(event, [24])
    await placing.place([a_placement(order)])

    async def declined():
        said = GatewayPayment(
            reference=PaymentReference(order.attempt.reference), standing="declined"
        )
        return await paying.settle_without_sale(
            order, 1, attempt="declined", state="awaiting_payment", payment=said,
            look_again_in=None, remember=None,
        )  # fmt: skip

    assert await declined()
    found = await ReadingStore(database).order(event, order.id)
    second = await paying.open_attempt(found, "simulated", "tok_ok")
    assert not await declined(), "the first attempt's answer comes once more, late"
    assert await state(truth, order) == "paying"
    assert await truth.fetchval(
        "SELECT claimed_until = 'infinity' FROM orders.claims WHERE event_id=$1 AND seat=24", event
    )
    again = replace(order, attempt=second)
    assert await paying.commit_paid([a_sale(again, authorised(again))]) == ["paid"]


async def test_two_tabs_paying_at_once_make_one_attempt(placing, paying, truth, event, database):
    order = an_order(event, [6], pay=False)
    await placing.place([a_placement(order)])
    found = await ReadingStore(database).order(event, order.id)
    got = await asyncio.gather(
        *(paying.open_attempt(found, "simulated", "tok_ok") for _ in range(8)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, Exception) for one in got) == 1
    assert sum(isinstance(one, PaymentPending) for one in got) == 7


async def test_only_unpinned_orders_expire_and_their_seats_come_free(
    placing, paying, truth, event, database
):
    late, paying_now = an_order(event, [7, 8], pay=False), an_order(event, [9])
    await placing.place([a_placement(late), a_placement(paying_now)])
    await truth.execute(
        "UPDATE orders.orders SET expires_at = now() - interval '1 minute' WHERE event_id=$1", event
    )
    await paying.expire_unpaid(100)
    assert await state(truth, late) == "expired"
    assert await state(truth, paying_now) == "paying"
    left = await truth.fetch("SELECT seat FROM orders.claims WHERE event_id=$1", event)
    assert [row["seat"] for row in left] == [9]
    told = await truth.fetchval(
        "SELECT payload FROM orders.outbox WHERE message_id=$1", f"expired-{late.id}"
    )
    assert messages.decode(told).seats == [7, 8]
    found = await ReadingStore(database).order(event, late.id)
    with pytest.raises(OrderNotPayable):
        await paying.open_attempt(found, "simulated", "tok_ok")


async def test_a_capture_that_finally_fails_ends_the_order(
    placing, paying, capturing, truth, event
):
    order = an_order(event, [11, 12])
    await placing.place([a_placement(order)])
    await paying.commit_paid([a_sale(order)])
    (waiting,) = await capturing.to_capture([(event, order.id)])
    await capturing.cancel_uncaptured(waiting, order, not_charged(order, "https://shop.example"))
    told = await truth.fetchval(
        "SELECT payload FROM orders.outbox WHERE subject = 'work.mail' AND message_id = $1",
        f"not-charged-{order.id}",
    )
    letter = msgspec.json.decode(told, type=Letter)
    assert (letter.template, letter.to, letter.language) == ("not_charged", "ada@example.com", "en")
    assert letter.values["link"] == f"https://shop.example/events/{event}"
    assert await state(truth, order) == "cancelled"
    assert await live_tickets(truth, event) == []
    assert not await truth.fetchval("SELECT count(*) FROM orders.claims WHERE event_id=$1", event)


async def test_a_capture_is_recorded_once_and_delivery_asked_once(
    placing, paying, capturing, truth, event
):
    order = an_order(event, [13])
    await placing.place([a_placement(order)])
    await paying.commit_paid([a_sale(order)])
    waiting = await capturing.to_capture([(event, order.id)])
    await capturing.commit_captured(waiting)
    await capturing.commit_captured(waiting)
    assert await capturing.to_capture([(event, order.id)]) == []
    told = await truth.fetchval(
        "SELECT count(*) FROM orders.outbox WHERE message_id=$1", f"captured-{order.id}"
    )
    assert told == 1


async def test_due_attempts_are_leased_to_one(placing, paying, truth, event):
    order = an_order(event, [14])
    await placing.place([a_placement(order)])
    await truth.execute(
        "UPDATE orders.attempts SET due_at = now() - interval '1 second' WHERE order_id=$1",
        order.id,
    )
    from datetime import timedelta

    first, second = await asyncio.gather(
        *(paying.due(1000, timedelta(seconds=60)) for _ in range(2))
    )
    assert sum(one.order == order.id for one in first + second) == 1


async def test_the_database_itself_refuses_a_second_ticket_for_a_seat(
    placing, paying, truth, event
):
    import asyncpg

    order = an_order(event, [15])
    await placing.place([a_placement(order)])
    await paying.commit_paid([a_sale(order)])
    with pytest.raises(asyncpg.UniqueViolationError):
        await truth.execute(
            "INSERT INTO orders.tickets (event_id, id, order_id, seat, attendee) "
            "VALUES ($1, 'forged', 'other', 15, 'x')", event
        )  # fmt: skip


async def test_two_processes_that_sell_the_same_payment_both_hear_that_it_is_paid(
    placing, paying, truth, event, database_url
):
    # The second waits for the first one's commit; what it answers must have seen that commit,
    # or it would give the money of a paid order back.
    order = an_order(event, [21, 22])
    await placing.place([a_placement(order)])
    other = await Database.connect(database_url, service="orders")
    holder = await truth.acquire()
    started = holder.transaction()
    await started.start()
    await holder.execute("SELECT 1 FROM orders.orders WHERE id=$1 FOR UPDATE", order.id)
    both = [
        asyncio.ensure_future(store.commit_paid([a_sale(order)]))
        for store in (paying, PayingStore(other))
    ]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while await holder.fetchval(waiting) < 2:
        await asyncio.sleep(0.01)
    await started.rollback()
    await truth.release(holder)
    assert await asyncio.gather(*both) == [["paid"], ["paid"]]
    await other.close()
    assert await live_tickets(truth, event) == [21, 22]


async def test_money_of_another_attempt_is_not_taken_for_this_ones(
    placing, paying, truth, event, database
):
    order = an_order(event, [23])
    await placing.place([a_placement(order)])
    gone = GatewayPayment(reference=PaymentReference(order.attempt.reference), standing="absent")
    await paying.settle_without_sale(
        order, 1, attempt="failed", state="awaiting_payment", payment=gone,
        look_again_in=None, remember=None,
    )  # fmt: skip
    found = await ReadingStore(database).order(event, order.id)
    second = await paying.open_attempt(found, "simulated", "tok_ok")
    late = await paying.commit_paid([a_sale(order)])
    assert late == ["paying"], "attempt 1 is over: its late money buys nothing"
    again = replace(order, attempt=second)
    payment = authorised(again, id="pay_2")
    assert await paying.commit_paid([a_sale(again, payment)]) == ["paid"]
    (refused,) = await paying.commit_paid([a_sale(order)])
    assert isinstance(refused, PaymentPending)
