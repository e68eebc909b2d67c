"""Money at the gateway without a sale goes back, whether a webhook tells of it or not."""

import asyncio
from datetime import datetime, timedelta

import pytest

from seatwright.contracts.payments import (
    GatewayName,
    GatewayPage,
    GatewayPayment,
    Notice,
    PaymentReference,
)
from seatwright.kit import ids
from seatwright.orders.comparing.tasks import PASSES
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.payments.adapters.simulated import NAME
from tests.integration.orders.conftest import an_order
from tests.integration.orders.till import open_till


@pytest.fixture
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        await truth.execute("DELETE FROM orders.comparisons")
        await truth.execute("DELETE FROM orders.strays")
        yield opened


async def given_up(till, event, seats, token="tok_ok", *, captured=False):
    """Money at the gateway for an attempt that is over for us."""
    order = await till.placed(event, seats, token)
    await till.pay.authorise(order)
    await till.give_up(order)
    if captured:
        (payment,) = (await till.at_gateway(order))["payments"]
        await till.client.call("POST", f"/v1/payments/{payment['id']}/captures", {})
    return order


async def told(till, order, reference=None):
    """The gateway's webhook about the order's payment, or another, comes."""
    notice = Notice(
        gateway=GatewayName("simulated"), id=ids.short_id(), kind="payment.authorised",
        reference=PaymentReference(reference or order.attempt.reference), order=order.id,
        event=order.event,
    )  # fmt: skip
    await Webhooks(till.paying).take(notice)


class Silent:
    """A gateway that lists payments in a state of which nobody knows what it means."""

    def __init__(self, payments):
        self._payments = payments

    def __getattr__(self, name):
        return getattr(self._payments, name)

    async def listed(self, **window):
        page = await self._payments.listed(**window)
        blurred = [
            GatewayPayment(reference=one.reference, standing="in_doubt") for one in page.items
        ]
        return GatewayPage(items=tuple(blurred), next=page.next)


async def compare(till):
    """Everything is old enough for the first pass, and it comes by."""
    real = PASSES["soon"]
    PASSES["soon"] = timedelta(seconds=-5)
    try:
        await till.comparer.step()
    finally:
        PASSES["soon"] = real


async def sums(till, order):
    return (await till.at_gateway(order))["totals"]


async def strays(till, order):
    return await till.truth.fetchval(
        "SELECT count(*) FROM orders.strays WHERE reference LIKE $1", f"ord_{order.id}%"
    )


async def due(till):
    await till.truth.execute("UPDATE orders.strays SET due_at = clock_timestamp()")


async def test_a_webhook_about_an_attempt_that_is_over_leads_to_its_money_going_back(till, event):
    order = await given_up(till, event, [1])
    assert (await sums(till, order))["authorised"] == 5250
    await told(till, order)
    await till.strays.step()
    assert (await sums(till, order))["authorised"] == 0
    assert await strays(till, order) == 0
    (found,) = await till.breaks(order)
    assert (found["kind"], found["reference"]) == ("money_without_sale", f"ord_{order.id}_a1")
    assert found["mended_at"] is not None


@pytest.mark.parametrize("captured", [False, True])
async def test_without_any_webhook_the_gateways_list_shows_it(till, event, captured):
    order = await given_up(till, event, [2], captured=captured)
    sold = await till.placed(event, [3])
    assert (await till.pay.pay(sold, key=None)).status == "paid"
    waiting = await till.placed(event, [4], "tok_challenge")
    await till.pay.pay(waiting, key=None)
    await compare(till)
    await till.strays.step()
    totals = await sums(till, order)
    assert totals["authorised"] == 0
    assert totals["captured"] == totals["refunded"] == (5250 if captured else 0)
    (found,) = await till.breaks(order)
    assert found["mended_at"] is not None
    assert (await sums(till, sold))["authorised"] == 5250, "a sale's money stays"
    assert await till.breaks(sold) == await till.breaks(waiting) == []


async def test_a_challenge_nobody_waits_for_cannot_be_passed_any_more(till, event):
    order = await given_up(till, event, [5], "tok_challenge")
    await compare(till)
    await till.strays.step()
    (payment,) = (await till.at_gateway(order))["payments"]
    assert payment["status"] == "voided"


async def test_what_the_gateway_does_not_confirm_is_looked_at_again(till, event):
    order = await given_up(till, event, [6], "tok_refund_fails", captured=True)
    await told(till, order)
    await till.strays.step()
    assert await strays(till, order) == 1, "a refund on its way may come back"
    (found,) = await till.breaks(order)
    assert found["mended_at"] is None
    while (await sums(till, order))["refunded"]:
        await asyncio.sleep(0.02)
    await due(till)
    await till.strays.step()
    assert await strays(till, order) == 1, "it came back: a person must find another way"
    assert len(await till.breaks(order)) == 1


async def test_every_page_is_compared_once_and_a_window_begins_where_the_last_ended(till, event):
    orders = [await given_up(till, event, [10 + n]) for n in range(3)]
    seen = []

    class Paged:
        def __getattr__(self, name):
            return getattr(till.payments, name)

        async def listed(self, *, gateway, since, before, cursor):
            assert gateway == NAME
            whole = await till.payments.listed(
                gateway=gateway, since=since, before=before, cursor=None
            )
            if not whole.items:
                return whole  # the older passes have nothing to compare yet
            at = int(cursor or 0)
            seen.append((since, before, at))
            more = str(at + 1) if at + 1 < len(whole.items) else None
            return type(whole)(items=whole.items[at : at + 1], next=more)

    await compare(till.over(Paged()))
    assert [at for _, _, at in seen] == [0, 1, 2]
    assert sum([await strays(till, order) for order in orders]) == 3
    row = await till.truth.fetchrow("SELECT * FROM orders.comparisons WHERE pass = 'soon'")
    assert row["compared_to"] == seen[0][1]
    assert row["window_to"] is row["cursor"] is None
    await compare(till.over(Paged()))
    assert len(seen) == 3, "too little has happened since"


async def test_two_processes_do_not_compare_the_same_page(till, event):
    going, asked = asyncio.Event(), []

    class Slow:
        def __getattr__(self, name):
            return getattr(till.payments, name)

        async def listed(self, **names):
            asked.append(names)
            await going.wait()
            return await till.payments.listed(**names)

    slow = till.over(Slow())
    first = asyncio.ensure_future(compare(slow))
    while not asked:
        await asyncio.sleep(0.01)
    await till.comparer.step()
    going.set()
    await first
    windows = [(one["since"], one["before"]) for one in asked]
    assert len(windows) == len(set(windows))


async def test_money_of_an_order_that_we_do_not_have_goes_back_when_somebody_says_so(till, event):
    order = await given_up(till, event, [7])
    await till.truth.execute("DELETE FROM orders.attempts WHERE order_id = $1", order.id)
    foreign = await till.client.pay("tok_ok", reference=f"ord_{ids.short_id()}_a1")
    await compare(till)
    await till.strays.step()
    assert (await sums(till, order))["authorised"] == 5250
    (found,) = await till.breaks(order)
    assert (found["kind"], found["mended_at"]) == ("unknown_payment", None)
    assert not await till.truth.fetchval("SELECT count(*) FROM orders.strays")
    # As docs/operations/money.md has it.
    await till.truth.execute(
        "INSERT INTO orders.strays (gateway, reference)"
        " SELECT 'simulated', reference FROM orders.breaks"
        " WHERE kind = 'unknown_payment' AND mended_at IS NULL"
    )
    await due(till)
    await till.strays.step()
    assert (await sums(till, order))["authorised"] == 0
    assert [one["mended_at"] is None for one in await till.breaks(order)] == [False]
    # What another shop with the same account did is its own business.
    seen = await till.client.call("GET", f"/v1/payments/{foreign.json['id']}")
    assert seen.json["status"] == "authorised"


async def test_a_webhook_about_another_shops_payment_is_forgotten(till, event):
    order = await till.placed(event, [20])
    foreign = (await till.client.pay("tok_ok", reference=f"theirs_{ids.short_id()}")).json
    await told(till, order, foreign["reference"])
    assert await till.truth.fetchval("SELECT count(*) FROM orders.strays") == 1
    await till.strays.step()
    assert await till.truth.fetchval("SELECT count(*) FROM orders.strays") == 0
    query = "SELECT count(*) FROM orders.breaks WHERE reference = $1"
    assert await till.truth.fetchval(query, foreign["reference"]) == 0
    seen = await till.client.call("GET", f"/v1/payments/{foreign['id']}")
    assert seen.json["status"] == "authorised"


async def test_a_webhook_about_our_payment_without_an_order_is_a_break_and_moves_nothing(
    till, event
):
    order = an_order(event, [21])
    await till.pay.authorise(order)
    for _ in range(2):
        await told(till, order)
        await till.strays.step()
        assert await strays(till, order) == 0
        (found,) = await till.breaks(order)
        assert (found["kind"], found["mended_at"]) == ("unknown_payment", None)
        assert (await sums(till, order))["authorised"] == 5250
    # A person says so, and a webhook that comes meanwhile changes nothing of it.
    await till.truth.execute(
        "INSERT INTO orders.strays (gateway, reference) VALUES ('simulated', $1)",
        order.attempt.reference,
    )
    await told(till, order)
    await till.strays.step()
    assert (await sums(till, order))["authorised"] == 0
    assert [one["mended_at"] is None for one in await till.breaks(order)] == [False]


async def test_a_sale_whose_money_the_gateway_has_given_back_is_a_break(till, event):
    order = await till.placed(event, [8])
    await till.pay.pay(order, key=None)
    (payment,) = (await till.at_gateway(order))["payments"]
    await till.client.call("POST", f"/v1/payments/{payment['id']}/voids", {})
    await compare(till)
    (found,) = await till.breaks(order)
    assert (found["kind"], found["mended_at"]) == ("sale_without_money", None)
    assert await till.state(order) == "paid"


async def test_a_sale_of_whose_money_only_a_part_was_taken_is_a_break(till, event):
    order = await till.placed(event, [23])
    await till.pay.pay(order, key=None)
    (payment,) = (await till.at_gateway(order))["payments"]
    await till.client.operate(payment["id"], "captures", amount=100)
    await compare(till)
    (found,) = await till.breaks(order)
    assert (found["kind"], found["mended_at"]) == ("sale_without_money", None)


async def test_of_what_was_taken_in_part_that_part_goes_back(till, event):
    order = await given_up(till, event, [24])
    (payment,) = (await till.at_gateway(order))["payments"]
    await till.client.operate(payment["id"], "captures", amount=100)
    await told(till, order)
    await till.strays.step()
    totals = await sums(till, order)
    assert (totals["captured"], totals["refunded"]) == (100, 100)
    assert await strays(till, order) == 0


async def test_every_break_of_a_sale_without_its_money_is_mended_when_the_money_is_there(
    till, event
):
    order = await till.placed(event, [22])
    await till.pay.pay(order, key=None)
    wrong, right = "USD", "EUR"
    for passing in range(2):
        await till.truth.execute("DELETE FROM orders.comparisons")
        await till.truth.execute(
            "UPDATE orders.attempts SET currency = $2 WHERE order_id = $1", order.id, wrong
        )
        await compare(till)
        *_, found = await till.breaks(order)
        assert (found["kind"], found["mended_at"]) == ("sale_without_money", None)
        await till.truth.execute(
            "UPDATE orders.attempts SET currency = $2 WHERE order_id = $1", order.id, right
        )
        # A gateway that does not say is no proof of anything.
        await till.truth.execute("DELETE FROM orders.comparisons")
        await compare(till.over(Silent(till.payments)))
        assert (await till.breaks(order))[-1]["mended_at"] is None
        await till.truth.execute("DELETE FROM orders.comparisons")
        await compare(till)
        mended = [one["mended_at"] is not None for one in await till.breaks(order)]
        assert mended == [True] * (passing + 1)


async def test_a_window_of_the_gateways_list_is_read_page_by_page_and_ends_where_it_says(till):
    names = [f"w_{ids.short_id()}" for _ in range(103)]
    made = [(await till.client.pay("tok_ok", reference=name)).json for name in names]
    since, before = (datetime.fromisoformat(made[n]["created_at"]) for n in (0, 102))
    first = await till.payments.listed(gateway=NAME, since=since, before=before, cursor=None)
    rest = await till.payments.listed(gateway=NAME, since=since, before=before, cursor=first.next)
    assert rest.next is None
    seen = [one.reference for one in (*first.items, *rest.items)]
    assert seen == [one["reference"] for one in made if one["created_at"] < made[102]["created_at"]]
    assert len(first.items) == 100
    nothing = await till.payments.listed(gateway=NAME, since=before, before=since, cursor=None)
    assert (nothing.items, nothing.next) == ((), None)


async def test_what_others_keep_in_the_account_in_shapes_of_their_own_is_passed_over(till, event):
    order = await given_up(till, event, [9])
    await till.client.pay("tok_ok", reference="theirs", metadata={"order": 7, "shop": ["x"]})
    await compare(till)
    await till.strays.step()
    assert (await sums(till, order))["authorised"] == 0
