"""
Two that meet at one moment, arranged so that they do meet: no luck is needed to see it.

Like `races`, each raises an AssertionError when a promise is broken, and has its mutant.
"""

import asyncio
import contextlib
import json
from collections.abc import Sequence

import asyncpg

from seatwright.kit import clock, ids
from seatwright.simulators.gateway.webhooks import SIGNATURE_HEADER, signature
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.judging import charges, count, lied, nothing_is_sold_twice
from tests.acceptance.shop import (
    Answer,
    Gala,
    Placed,
    Shop,
    new_key,
    patiently,
    placed,
    run_out,
)


async def two_owners_of_one_lost_hold(house: House, shop: Shop, gala: Gala) -> None:
    """
    Valkey forgets, and promises a seat to a second buyer: one of the two buys it.

    The other is refused politely, and the gateway never hears of that order.
    """
    seats = gala.row(8)[:2]
    first = await shop.held(gala, seats)
    await house.flush()
    second = (await patiently(shop.hold, gala, seats)).ok(201)
    answers = [
        await patiently(shop.place, hold["hold_token"], key=new_key()) for hold in (first, second)
    ]
    assert [answer.status for answer in answers] == [201, 409], [a.body for a in answers]
    answers[1].problem(409, "seats_taken")
    await nothing_is_sold_twice(house, gala)
    paid = await charges(house, gala)
    sold = await house.sql("SELECT id FROM orders.orders WHERE event_id = $1", gala.id)
    charged = {one["metadata"]["order"] for one in paid}
    assert charged == {row["id"] for row in sold}, "charged without an order"
    assert len(paid) == 1


async def a_claim_that_no_snapshot_shows(house: House, shop: Shop, gala: Gala) -> None:
    """
    A seat goes to somebody else after the order's statement has begun: all or nothing.

    The other claim is ours, uncommitted until the order waits for it.
    """
    seats = gala.row(6)[:3]
    hold = await shop.held(gala, seats)
    async with house.connection() as other:
        await other.execute("BEGIN")
        await other.execute(
            "INSERT INTO orders.claims (event_id, seat, order_id, state, claimed_until)"
            " VALUES ($1, $2, NULL, 'blocked', NULL)",
            gala.id, gala.seats.index(seats[1]),
        )  # fmt: skip
        ordering = asyncio.ensure_future(shop.place(hold["hold_token"]))
        await _until_waiting(house, 1)
        await other.execute("COMMIT")
        answer = await ordering
    assert answer.problem(409, "seats_taken")["seats"] == [seats[1]]
    assert await count(house, gala) == {"orders": 0, "claims": 1, "tickets": 0}
    assert await charges(house, gala) == []
    await nothing_is_sold_twice(house, gala)


async def a_claim_that_is_lost_while_a_payment_begins(house: House, shop: Shop, gala: Gala) -> None:
    """
    The deadline passes between two statements of a payment, and somebody else takes a seat.

    No gateway hears of it: what is not wholly claimed cannot be paid.
    """
    seats = gala.row(5)[:3]
    order = await shop.bought(gala, seats, pay=None)
    async with house.connection() as other:
        await other.execute("BEGIN")
        await other.execute(
            "UPDATE orders.claims SET state = 'blocked', order_id = NULL, claimed_until = NULL"
            " WHERE event_id = $1 AND seat = $2",
            gala.id, gala.seats.index(seats[1]),
        )  # fmt: skip
        paying = asyncio.ensure_future(shop.pay(order))
        await _until_waiting(house, 1)
        await other.execute("COMMIT")
        (await paying).problem(409, "order_not_payable")
    assert await charges(house, gala) == []
    await run_out(house, order)
    await shop.until_status(order, "expired")
    await nothing_is_sold_twice(house, gala)


async def an_authorisation_that_is_asked_for_twice(house: House, shop: Shop, gala: Gala) -> None:
    """
    The resolver asks for an authorisation while the first request for it is still on its way.

    Both carry the same key, so the gateway sets the money aside once.
    """
    hold = await shop.held(gala, gala.row(4)[:2])
    ordering = asyncio.ensure_future(shop.place(hold["hold_token"], pay="tok_slow_3s"))

    async def looked() -> bool:
        await house.sql(
            "UPDATE orders.attempts SET due_at = clock_timestamp()"
            " WHERE event_id = $1 AND state = 'created' AND looks = 0",
            gala.id,
        )
        query = "SELECT looks > 0 FROM orders.attempts WHERE event_id = $1"
        return bool(await house.one(query, gala.id))

    await until(looked, "the resolver has looked")
    assert not ordering.done(), "the first request was answered before the second was sent"
    order = placed((await ordering).ok(201), "")
    await shop.until_status(order, "paid")
    await shop.until_tickets(order)
    # A slow payment that begins now ends after the second request has been answered.
    later = await shop.bought(gala, gala.row(4)[4:6], pay="tok_slow_3s")
    await nothing_is_sold_twice(house, gala)
    codes = [await house.order_id(one.code) for one in (order, later)]
    charged = [one["metadata"]["order"] for one in await charges(house, gala)]
    assert sorted(charged) == sorted(codes), "charged more than once"


async def notices_that_come_often_and_forged(house: House, shop: Shop, gala: Gala) -> None:
    """One event of a gateway, sent many times at once, is kept once; a forged one never."""
    order = await shop.bought(gala, gala.row(3)[:1], pay="tok_webhook_never")
    await shop.until_tickets(order)
    (payment,) = await charges(house, gala)
    event = f"evt_{ids.short_id()}"
    body = json.dumps({"id": event, "type": "payment.captured", "data": payment}).encode()
    secret = house.installation.environment["GATEWAY_WEBHOOK_SECRET"]
    now = clock.unix_ms() // 1000
    path = "/v1/webhooks/simulated"

    async def tell(secret: str, unix_s: int) -> Answer:
        signed = {SIGNATURE_HEADER: signature(secret, body, unix_s=unix_s)}
        return await shop.ask("POST", path, body, Content_Type="application/json", **signed)

    forged = [await tell("not the secret", now), await tell(secret, now - 3600)]
    assert all(400 <= answer.status < 500 for answer in forged), forged
    answers = await asyncio.gather(*(tell(secret, now) for _ in range(20)))
    query = "SELECT count(*) FROM orders.webhooks WHERE id = $1"
    assert await house.one(query, event) == 1, "one notice is kept more than once"
    assert {answer.status for answer in answers} == {204}, answers
    assert (await shop.read(order))["status"] == "paid"
    await nothing_is_sold_twice(house, gala)


async def a_second_ticket_for_a_seat(house: House, shop: Shop, gala: Gala) -> None:
    """Whatever code believes: the database refuses a second ticket that opens a gate (I-S1)."""
    order = await shop.bought(gala, gala.row(2)[:1])
    name = await house.order_id(order.code)
    with contextlib.suppress(asyncpg.UniqueViolationError):
        await house.sql(
            "INSERT INTO orders.tickets (event_id, id, order_id, seat, attendee)"
            " SELECT event_id, 'second', order_id, seat, 'Somebody Else' FROM orders.tickets"
            " WHERE order_id = $1",
            name,
        )
    try:
        await nothing_is_sold_twice(house, gala)
    finally:
        await house.sql("DELETE FROM orders.tickets WHERE id = 'second'")


async def a_deadline_that_passes_while_money_moves(house: House, shop: Shop, gala: Gala) -> Placed:
    """
    An order in a challenge outlives its deadline with its seats; answers it, still unanswered.

    An unpaid order beside it shows that expiry has been there.
    """
    challenged = await shop.bought(gala, gala.row(6)[:2], pay="tok_challenge")
    control = await shop.bought(gala, gala.row(6)[4:6], pay=None)
    await run_out(house, challenged)
    await run_out(house, control)
    await shop.until_status(control, "expired")
    assert (await shop.read(challenged))["status"] == "awaiting_payment"
    held = await house.one(
        "SELECT count(*) FROM orders.claims WHERE order_id = $1 AND claimed_until = 'infinity'",
        await house.order_id(challenged.code),
    )
    assert held == 2
    return challenged


async def two_orders_in_each_others_way(house: House, shops: Sequence[Shop], gala: Gala) -> None:
    """
    Two processes claim the same seats at the same moment: one waits for the other, none dies.

    Both are stopped on their way by a claim of ours that is then taken back.
    """
    before = house.deadlocks()
    seats = gala.row(9)[:5]
    real = await shops[0].held(gala, seats)
    tokens = lied(house, real["hold_token"], 2)
    async with house.connection() as other:
        await other.execute("BEGIN")
        await other.execute(
            "INSERT INTO orders.claims (event_id, seat, order_id, state, claimed_until)"
            " VALUES ($1, $2, NULL, 'blocked', NULL)",
            gala.id, gala.seats.index(seats[2]),
        )  # fmt: skip
        ordering = [
            asyncio.ensure_future(shop.place(token))
            for shop, token in zip(shops, tokens, strict=False)
        ]
        await _until_waiting(house, 2)
        await other.execute("ROLLBACK")
        answers = await asyncio.gather(*ordering)
    assert house.deadlocks() == before, "PostgreSQL had to end a deadlock"
    assert sorted(answer.status for answer in answers) == [201, 409]
    await nothing_is_sold_twice(house, gala)


async def _until_waiting(house: House, sessions: int) -> None:
    # Our roles' sessions that wait for another's lock.
    async def waiting() -> bool:
        found = await house.one(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND application_name = 'seatwright-orders'"
        )
        return int(found) >= sessions

    await until(waiting, f"{sessions} statements wait")
