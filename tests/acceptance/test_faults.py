"""
Everything that runs is killed in turn while people buy, and every engine stays away for a while.

No seat twice, no charge without seats, no paid order without tickets, and all of it settled by
itself afterwards. Services and engines come back by themselves; only what a drill has halted it
begins again.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random

import pytest

from seatwright.run.targets import ALL
from tests.acceptance.challenges import answer_challenge
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import (
    Gala,
    Placed,
    Shop,
    new_key,
    open_shop,
    patiently,
    placed,
    run_out,
)

pytestmark = pytest.mark.mode("all")
PEOPLE = 10
# So many purchases before and after the blow, so that it falls among others.
ENOUGH = 15
SERVICES = ("all-0", "worker-2", "papers-3", "payment-gateway", "inbox")
ENGINES = ("postgres", "valkey-holds", "valkey-cache", "nats", "caddy")
# With services apart NATS carries every call between them, and a hold's event, chart and claims
# come through it.
BETWEEN_SERVICES = ("nats", "valkey-holds")


@dataclass
class Crowd:
    """People who buy until they are told to stop; each order is kept as it was answered."""

    house: House
    shop: Shop
    gala: Gala
    orders: list[Placed] = field(default_factory=list)
    refused: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def buy(self, person: int) -> None:
        rng = Random(person)
        while not self.stop.is_set():
            start = rng.randrange(len(self.gala.seats) - 1)
            seats = self.gala.seats[start : start + rng.randint(1, 2)]
            held = await patiently(self.shop.hold, self.gala, seats)
            if held.status == 409:
                self.refused += 1
                continue
            key, token = new_key(), held.ok(201)["hold_token"]
            email = f"{self.gala.id}@example.com"
            answer = await patiently(self.shop.place, token, key=key, email=email)
            if answer.status == 409:
                answer.problem(409, "seats_taken")
                continue
            self.orders.append(placed(answer.ok(201), key))

    async def more(self, orders: int) -> None:
        """Wait until so many more orders were taken, or the hall is nearly sold out."""
        wanted = len(self.orders) + orders

        async def enough() -> bool:
            free = await patiently(self.shop.get, f"/v1/events/{self.gala.id}/availability")
            return len(self.orders) >= wanted or free.ok()["counts"]["free"] < 20

        await until(enough, f"{orders} more orders")

    async def all_is_well(self) -> None:
        """What people were told is so: paid orders have tickets, and every promise holds."""
        await self.house.sound()
        assert self.orders
        for order in self.orders:
            assert (await self.shop.read(order))["status"] == "paid"
            assert len(await self.shop.until_tickets(order)) == len(order.view["seats"])
        written = await self.house.one(
            "SELECT count(*) FROM orders.orders WHERE event_id = $1 AND state = 'paid'",
            self.gala.id,
        )
        assert written == len(self.orders)

        async def mailed() -> bool:
            waiting = await self.house.one(
                "SELECT count(*) FROM orders.orders AS o WHERE event_id = $1 AND NOT EXISTS ("
                " SELECT FROM delivery.deliveries AS d WHERE d.order_id = o.id"
                " AND d.state = 'sent')",
                self.gala.id,
            )
            return bool(waiting == 0)

        await until(mailed, "every order's tickets have come by mail")


@contextlib.asynccontextmanager
async def buying(house: House, shop: Shop, gala: Gala) -> AsyncIterator[Crowd]:
    """People buy during the block; afterwards everything must be well."""
    crowd = Crowd(house, shop, gala)
    people = [asyncio.ensure_future(crowd.buy(n)) for n in range(PEOPLE)]
    try:
        await crowd.more(ENOUGH)
        yield crowd
        async with house.hurried():
            await crowd.more(ENOUGH)
            crowd.stop.set()
            await asyncio.gather(*people)
    finally:
        for person in people:
            person.cancel()
        await asyncio.gather(*people, return_exceptions=True)
    await crowd.all_is_well()


@pytest.mark.parametrize("victim", SERVICES)
async def test_a_process_is_killed_while_people_buy(
    house: House, shop: Shop, gala: Gala, victim: str
) -> None:
    async with buying(house, shop, gala):
        await house.kill(victim)
        # What it had in hand is handed out again when its time is over; here it is over.
        if victim == "papers-3":
            await house.forget_leases()
        if victim == "worker-2":
            await house.forget_deliveries("capture")
        await house.until_ready(victim)


@pytest.mark.parametrize("victim", ENGINES)
async def test_an_engine_is_killed_while_people_buy(
    house: House, shop: Shop, gala: Gala, victim: str
) -> None:
    await an_engine_falls(house, shop, gala, victim)


@pytest.mark.mode("split")
@pytest.mark.parametrize("victim", BETWEEN_SERVICES)
async def test_an_engine_that_services_apart_lean_on_is_killed_while_people_buy(
    house: House, shop: Shop, gala: Gala, victim: str
) -> None:
    await an_engine_falls(house, shop, gala, victim)


async def an_engine_falls(house: House, shop: Shop, gala: Gala, victim: str) -> None:
    """It is started again by its supervisor, and nobody notices more than a pause."""
    pids = house.installation.engines.lifeline.pids
    dead = pids[victim]

    async def back() -> bool:
        return pids[victim] != dead

    async with buying(house, shop, gala):
        await house.kill(victim)
        await until(back, f"{victim} is started again")


@pytest.mark.mode("split")
@pytest.mark.parametrize("target", [*ALL, "worker", "papers"])
async def test_a_service_alone_comes_back_by_itself(
    house: House, shop: Shop, gala: Gala, target: str
) -> None:
    victim = house.named(target)
    pids = house.installation.engines.lifeline.pids
    dead = pids[victim]

    async def back() -> bool:
        return pids[victim] != dead

    await house.kill(victim)
    await until(back, f"{victim} is started again")
    await house.until_ready(victim)
    key, seats = new_key(), gala.row(0)[:2]
    held = (await patiently(shop.hold, gala, seats)).ok(201)
    bought = await patiently(shop.place, held["hold_token"], key=key)
    await shop.until_tickets(placed(bought.ok(201), key))
    await house.sound()


async def test_a_backend_of_the_database_is_killed_while_people_buy(
    house: House, shop: Shop, gala: Gala
) -> None:
    async with buying(house, shop, gala):
        backend = await house.one(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'seatwright-orders'"
            " ORDER BY query_start DESC LIMIT 1"
        )
        os.kill(int(backend), signal.SIGKILL)


async def test_the_sale_goes_on_while_the_broker_is_away(
    house: House, shop: Shop, gala: Gala
) -> None:
    async with buying(house, shop, gala) as crowd:
        await house.halt("nats")
        before = len(crowd.orders)

        async def grown() -> bool:
            waiting = await house.one("SELECT count(*) FROM orders.outbox")
            return int(waiting) >= 3 and len(crowd.orders) >= before + 5

        await until(grown, "orders are taken and their messages wait")
        await house.begin("nats")


async def test_without_valkey_holds_wait_and_orders_go_on(
    house: House, shop: Shop, gala: Gala
) -> None:
    first = await shop.held(gala, gala.row(0)[:2])
    await house.halt("valkey-holds")
    answer = (await shop.hold(gala, gala.row(1)[:2])).problem(503, "unavailable")
    assert answer["retry_after_s"] >= 1
    order = placed((await shop.place(first["hold_token"])).ok(201), "")
    assert order.view["status"] == "paid"
    await house.begin("valkey-holds")
    (await patiently(shop.hold, gala, gala.row(1)[:2])).ok(201)
    await shop.until_tickets(order)
    await shop.until_shown(gala, gala.row(0)[:2], 2)
    await house.sound()


async def test_without_the_database_everybody_is_told_to_come_again(
    house: House, shop: Shop, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(0)[:2])
    await house.halt("postgres")
    refused = await shop.place(hold["hold_token"], key=(key := new_key()))
    assert refused.status == 503
    assert refused.code in {"unavailable", "outcome_unknown"}
    assert refused.headers["Retry-After"]
    await house.begin("postgres")
    answer = await patiently(shop.place, hold["hold_token"], key=key)
    assert answer.ok(201)["status"] == "paid"
    await house.sound()


@pytest.mark.parametrize("outage", ["hang", "500", "refuse", "429", "garbage", "flood", "slow"])
async def test_a_gateway_that_is_out_leaves_orders_in_doubt_until_it_is_back(
    house: House, shop: Shop, gala: Gala, outage: str
) -> None:
    async with open_shop(house.base) as client:
        holds = [await client.held(gala, gala.row(row)[:2]) for row in range(4)]
        await house.weather(outage=outage)
        try:
            answers = await asyncio.gather(
                *(client.place(hold["hold_token"], key=new_key()) for hold in holds)
            )
            orders = [placed(answer.ok(201), "") for answer in answers]
            assert {order.view["status"] for order in orders} == {"payment_in_doubt"}
            # Nobody else gets the seats meanwhile, however late it is.
            for order in orders:
                await run_out(house, order)
            (await shop.hold(gala, gala.row(0)[:1])).problem(409, "seats_taken")
        finally:
            await house.weather(outage="none")
        for order in orders:
            await client.until_status(order, "paid")
            await client.until_tickets(order)
    await house.sound()


async def test_a_challenge_whose_answer_was_lost_is_put_before_its_buyer(
    house: House, shop: Shop, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(0)[:2])
    await house.weather(outage="garbage")
    try:
        answer = await shop.place(hold["hold_token"], pay="tok_challenge")
    finally:
        await house.weather(outage="none")
    order = placed(answer.ok(201), "")
    assert order.view["status"] == "payment_in_doubt"

    async def shown() -> dict[str, str] | None:
        action: dict[str, str] | None = (await shop.read(order))["payment"]["next_action"]
        return action

    action = await until(shown, "the buyer is told where to go")
    await answer_challenge(shop, action["url"], "approve")
    await shop.until_status(order, "paid")
    await shop.until_tickets(order)
    await house.sound()
