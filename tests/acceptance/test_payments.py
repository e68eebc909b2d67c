"""Whatever a gateway does, an order ends paid with tickets, or unpaid without a charge."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from seatwright.kit.settings import read
from tests.acceptance import meetings
from tests.acceptance.challenges import answer_challenge
from tests.acceptance.house import GIVEN, House
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Organiser, Placed, Shop, run_out

# These take a gateway's own seconds; they are begun together and looked at one by one.
SLOW = ("tok_slow_3s", "tok_timeout_before", "tok_timeout_after", "tok_auto_capture_late")


@pytest.fixture(scope="session")
async def begun(
    shop: Shop, organiser: Organiser
) -> AsyncIterator[dict[str, "asyncio.Task[Placed]"]]:
    """An order with each of the slow tokens, on its way."""
    gala = await organiser.gala()
    tasks = {
        token: asyncio.ensure_future(shop.bought(gala, gala.row(n)[:2], pay=token))
        for n, token in enumerate(SLOW)
    }
    yield tasks
    await asyncio.wait(tasks.values())


@pytest.mark.parametrize("token", SLOW)
async def test_a_gateway_that_is_late_or_silent_charges_once(
    house: House, shop: Shop, begun: dict[str, "asyncio.Task[Placed]"], token: str
) -> None:
    order = await begun[token]
    at_once = "paid" if token == "tok_slow_3s" else "payment_in_doubt"
    assert order.view["status"] == at_once, order.view["payment"]
    await shop.until_status(order, "paid")
    assert len(await shop.until_tickets(order)) == 2
    await charged_once(house, order)
    # The same request again gets the answer that the first one was given, not what came of it.
    again = (await shop.get(f"/v1/orders/{order.code}", X_Order_Secret=order.secret)).ok()
    assert again["payment"]["status"] == "captured"


@pytest.mark.parametrize(
    "token", ["tok_webhook_never", "tok_webhook_duplicated", "tok_webhook_reversed"]
)
async def test_webhooks_may_fail_come_often_or_in_any_order(
    house: House, shop: Shop, gala: Gala, token: str
) -> None:
    order = await shop.bought(gala, gala.row(0)[:2], pay=token)
    assert order.view["status"] == "paid"
    await shop.until_tickets(order)
    wanted = {"tok_webhook_never": 0}.get(token, 2)

    async def told() -> bool:
        return len(await webhooks(house, order)) >= wanted

    await until(told, "the webhooks have come")
    rows = await webhooks(house, order)
    assert len(rows) == len({row["id"] for row in rows}) == wanted
    await charged_once(house, order)
    await house.sound()


async def test_keys_that_were_given_are_known_on_both_sides(
    house: House, shop: Shop, gala: Gala
) -> None:
    told = {name: house.installation.environment[name] for name in GIVEN}
    assert told == GIVEN
    order = await shop.bought(gala, gala.row(0)[:1])
    assert order.view["status"] == "paid", "the gateway knows our key"

    async def heard() -> bool:
        return bool(await webhooks(house, order))

    await until(heard, "a notice that the gateway has signed is believed")


@pytest.mark.parametrize("token", ["tok_declined", "tok_insufficient_funds"])
async def test_a_declined_payment_keeps_the_seats_and_may_be_tried_again(
    house: House, shop: Shop, gala: Gala, token: str
) -> None:
    order = await shop.bought(gala, gala.row(1)[:2], pay=token)
    assert order.view["status"] == "awaiting_payment"
    assert order.view["payment"]["status"] == "declined"
    assert order.view["payment"]["decline_code"]
    assert order.view["tickets"] == []
    (await shop.hold(gala, gala.row(1)[:1])).problem(409, "seats_taken")
    again = (await shop.pay(order, "tok_declined")).ok(201)
    assert again["status"] == "awaiting_payment"
    paid = (await shop.pay(order, "tok_ok")).ok(201)
    assert paid["status"] == "paid"
    (await shop.pay(order, "tok_ok")).problem(409, "order_not_payable")
    await shop.until_tickets(order)
    await charged_once(house, order)
    await house.sound()


@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_a_challenge_is_answered_on_the_gateways_own_page(
    house: House, shop: Shop, gala: Gala, answer: str
) -> None:
    order = await shop.bought(gala, gala.row(2)[:2], pay="tok_challenge")
    assert order.view["payment"]["status"] == "challenge"
    action = order.view["payment"]["next_action"]
    assert action["type"] == "redirect"
    (await shop.pay(order)).problem(409, "payment_pending")
    await answer_challenge(shop, action["url"], answer)
    if answer == "approve":
        await shop.until_status(order, "paid")
        await shop.until_tickets(order)
    else:

        async def declined() -> bool:
            return (await shop.read(order))["payment"]["status"] == "declined"

        await until(declined, "the challenge is declined")
        assert (await shop.pay(order)).ok(201)["status"] == "paid"
        await shop.until_tickets(order)
    await charged_once(house, order)
    await house.sound()


async def test_an_order_whose_gateway_only_errs_may_be_paid_again_after_a_minute(
    house: House, shop: Shop, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(3)[:2], pay="tok_error_500")
    assert order.view["status"] == "payment_in_doubt"
    (await shop.pay(order)).problem(409, "payment_pending")
    name = await house.order_id(order.code)

    async def given_up() -> bool:
        # The minute passes here.
        await house.sql(
            "UPDATE orders.attempts SET created_at = created_at - interval '2 minutes',"
            " absent_since = absent_since - interval '2 minutes', due_at = clock_timestamp()"
            " WHERE order_id = $1 AND state = 'in_doubt' AND due_at > clock_timestamp()",
            name,
        )
        return (await shop.read(order))["status"] == "awaiting_payment"

    await until(given_up, "the attempt is given up")
    assert (await shop.pay(order)).ok(201)["status"] == "paid"
    await shop.until_tickets(order)
    await charged_once(house, order)
    await house.sound()


@pytest.mark.mode("all")
async def test_a_request_that_arrives_after_all_is_given_back_though_no_webhook_tells(
    house: House, shop: Shop, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(6)[:2], pay="tok_declined")
    name, total = await house.order_id(order.code), order.view["quote"]["total"]["amount"]
    settings = read(house.installation.environment)
    late = {"order": name, "event": gala.id, "shop": settings.public_url}
    body = {"reference": f"ord_{name}_a1", "amount": total, "currency": "EUR",
            "token": "tok_webhook_never", "metadata": late}  # fmt: skip
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {settings.gateway_key}"}
        url = f"{settings.gateway_url}/v1/payments"
        async with session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 201

    async def gone() -> bool:
        # The list is read up to now, and not up to two minutes ago.
        await house.sql(
            "UPDATE orders.comparisons SET window_to = clock_timestamp()"
            " WHERE pass = 'soon' AND window_to IS NULL"
        )
        return bool((await house.ledger(name))["totals"]["authorised"] == 0)

    await until(gone, "the money has gone back")
    query = "SELECT kind, mended_at IS NOT NULL AS mended FROM orders.breaks WHERE order_id = $1"

    async def mended() -> bool:
        rows = [tuple(row.values()) for row in await house.sql(query, name)]
        return rows == [("money_without_sale", True)]

    await until(mended, "the break is mended")
    assert (await shop.pay(order)).ok(201)["status"] == "paid"
    await shop.until_tickets(order)
    await house.sound()


async def test_a_capture_that_finally_fails_ends_the_order_and_frees_its_seats(
    house: House, shop: Shop, gala: Gala
) -> None:
    seats = gala.row(4)[:3]
    email = f"{gala.id}@example.net"
    order = await shop.bought(gala, seats, pay="tok_capture_fails", email=email)
    assert order.view["status"] == "paid"
    assert all(ticket["code"] is None for ticket in order.view["tickets"])
    await shop.until_status(order, "cancelled")
    assert {ticket["status"] for ticket in await shop.tickets(order)} == {"void"}
    assert all(ticket["code"] is None for ticket in await shop.tickets(order))
    await shop.until_shown(gala, seats, 0)
    totals = (await house.ledger(await house.order_id(order.code)))["totals"]
    assert totals["captured"] == 0
    (mail,) = await until(lambda: house.mails(email), "the buyer is told")
    assert "nothing was charged" in mail["subject"]
    other = await shop.bought(gala, seats)
    await shop.until_tickets(other)
    await house.sound()


async def test_an_unpaid_order_ends_at_its_deadline_and_its_seats_come_free(
    house: House, shop: Shop, gala: Gala
) -> None:
    seats = gala.row(5)[:3]
    order = await shop.bought(gala, seats, pay=None)
    await shop.until_shown(gala, seats, 1)
    await run_out(house, order)
    await shop.until_status(order, "expired")
    await shop.until_shown(gala, seats, 0)
    (await shop.pay(order)).problem(409, "order_not_payable")
    other = await shop.bought(gala, seats)
    assert other.view["status"] == "paid"
    await house.sound()


async def test_the_deadline_does_not_end_an_order_while_money_moves(
    house: House, shop: Shop, gala: Gala
) -> None:
    challenged = await meetings.a_deadline_that_passes_while_money_moves(house, shop, gala)
    url = challenged.view["payment"]["next_action"]["url"]
    await answer_challenge(shop, url, "approve")
    await shop.until_status(challenged, "paid")
    await house.sound()


async def charged_once(house: House, order: Placed) -> None:
    """The gateway has taken the total of the order, by one payment; others took nothing."""
    name = await house.order_id(order.code)
    total = order.view["quote"]["total"]["amount"]

    async def taken() -> bool:
        return bool((await house.ledger(name))["totals"]["captured"] == total)

    await until(taken, "the gateway has captured the total")
    payments = (await house.ledger(name))["payments"]
    charged = [one for one in payments if one["amount_captured"] or one["status"] == "authorised"]
    assert len(charged) == 1, payments
    assert charged[0]["amount_captured"] == total
    assert len({one["reference"] for one in payments}) == len(payments)


async def webhooks(house: House, order: Placed) -> list[dict[str, Any]]:
    """The notices kept about an order's first attempt."""
    name = await house.order_id(order.code)
    return await house.sql(
        "SELECT gateway, id, kind FROM orders.webhooks WHERE reference = $1", f"ord_{name}_a1"
    )
