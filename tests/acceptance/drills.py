"""
Power cuts between any two steps: the process that has the step dies there, once, by SIGKILL.

The client does what a client must: it sends the same again with the same key. Afterwards there is
one sale, one charge, and its tickets; or nothing at all. Each drill raises an AssertionError when
a promise is broken; `tests/mutants` shows that it does.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines import Death
from tests.acceptance.challenges import answer_challenge
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import (
    LOST,
    Answer,
    Gala,
    Organiser,
    Placed,
    Shop,
    new_key,
    open_shop,
    patiently,
    placed,
    run_out,
)

Fallen = asyncio.Future[Death]


@dataclass
class Scene:
    """A process that will fall at a point, and everything around it."""

    house: House
    shop: Shop
    victim: str
    # past the gateway, so that it is this process that gets the request
    direct: Shop
    organiser: Organiser
    gala: Gala
    fallen: Fallen

    @property
    def email(self) -> str:
        return f"{self.gala.id}@example.net"

    async def place(self, shop: Shop, token: str, key: str, pay: str | None = "tok_ok") -> Answer:
        return await shop.place(token, key=key, email=self.email, pay=pay)

    async def cut_off(self, answer: Answer) -> None:
        """The request was not answered, because the process was killed."""
        assert answer.status == LOST, f"the point was not passed: {answer}"
        await self.dead()
        if self.house.split:
            # Nobody else answers for a service that is alone.
            await alive_again(self, self.victim)

    async def dead(self) -> None:
        async with asyncio.timeout(60):
            assert (await self.fallen).code == -9

    async def one_sale(self, order: Placed) -> None:
        """Exactly one order, charged once, its tickets delivered."""
        await self.house.settled()
        view = await self.shop.read(order)
        assert view["status"] == "paid"
        tickets = await self.shop.until_tickets(order)
        assert len(tickets) == len(order.view["seats"])
        name = await self.house.order_id(order.code)
        ledger = await self.house.ledger(name)
        assert ledger["totals"]["captured"] == view["quote"]["total"]["amount"]
        charged = [one for one in ledger["payments"] if one["amount_captured"]]
        assert len(charged) == 1
        assert await self.orders() == 1
        await until(lambda: self.house.mails(self.email), "the tickets have come by mail")
        await self.house.sound()

    async def orders(self) -> int:
        query = "SELECT count(*) FROM orders.orders WHERE event_id = $1"
        return int(await self.house.one(query, self.gala.id))


Drill = Callable[[Scene], Awaitable[None]]


async def buying(at: Scene, pay: str = "tok_ok") -> Placed:
    """Order and payment in one request that is cut off, and sent again until it is answered."""
    hold = await at.shop.held(at.gala, at.gala.row(0)[:3])
    key = new_key()
    await at.cut_off(await at.place(at.direct, hold["hold_token"], key, pay))
    answer = await patiently(at.place, at.shop, hold["hold_token"], key, pay)
    return placed(answer.ok(201), key)


async def bought_by_itself(at: Scene) -> None:
    """Nobody hastens anything: the platform's own jobs carry the order on."""
    hold = await at.shop.held(at.gala, at.gala.row(0)[:3])
    key = new_key()
    await at.cut_off(await at.place(at.direct, hold["hold_token"], key))
    answer = await patiently(at.place, at.shop, hold["hold_token"], key)
    order = placed(answer.ok(201), key)
    await at.shop.until_status(order, "paid")
    await at.one_sale(order)


async def bought(at: Scene) -> None:
    order = await buying(at)
    await at.shop.until_status(order, "paid")
    await at.one_sale(order)


async def declined(at: Scene) -> None:
    order = await buying(at, "tok_declined")
    assert order.view["payment"]["status"] == "declined"
    assert (await at.shop.pay(order)).ok(201)["status"] == "paid"
    await at.one_sale(order)


async def paid_in_a_second_request(at: Scene) -> None:
    order = await at.shop.bought(at.gala, at.gala.row(0)[:2], pay=None, email=at.email)
    key = new_key()
    await at.cut_off(await at.direct.pay(order, key=key))
    (await patiently(at.shop.pay, order, key=key)).ok(201)
    await at.shop.until_status(order, "paid")
    await at.one_sale(order)


async def held(at: Scene) -> None:
    seats, mine = at.gala.row(0)[:2], f"hold-{new_key()}-is-mine"
    await at.cut_off(await at.direct.hold(at.gala, seats, hold_id=mine))
    hold = (await patiently(at.shop.hold, at.gala, seats, hold_id=mine)).ok(201)
    answer = await at.place(at.shop, hold["hold_token"], new_key())
    await at.one_sale(placed(answer.ok(201), ""))


async def told_by_webhook(at: Scene) -> None:
    order = await at.shop.at(at.house.direct(at.house.apis()[1])).bought(
        at.gala, at.gala.row(0)[:2], email=at.email
    )
    await at.dead()
    await at.one_sale(order)


async def worked_off(at: Scene) -> None:
    """The worker dies over the capture; it is asked again when its time is over."""
    order = await at.shop.bought(at.gala, at.gala.row(0)[:2], email=at.email)
    assert order.view["status"] == "paid"
    await at.dead()
    await at.house.forget_deliveries("capture")
    await alive_again(at, "worker")
    await at.one_sale(order)


async def cancelled(at: Scene) -> None:
    seats = at.gala.row(0)[:2]
    order = await at.shop.bought(at.gala, seats, pay="tok_capture_fails", email=at.email)
    await at.dead()
    await at.house.forget_deliveries("capture")
    await alive_again(at, "worker")
    await at.shop.until_status(order, "cancelled")
    await at.shop.until_shown(at.gala, seats, 0)
    totals = (await at.house.ledger(await at.house.order_id(order.code)))["totals"]
    assert (totals["captured"], totals["authorised"]) == (0, 0)
    await at.house.sound()


async def given_back(at: Scene) -> None:
    """A challenge is passed when nobody waits for it any more: the money goes back."""
    order = await at.shop.bought(at.gala, at.gala.row(0)[:2], pay="tok_challenge", email=at.email)
    name = await at.house.order_id(order.code)
    await at.house.sql(
        "UPDATE orders.attempts SET state = 'failed', due_at = NULL WHERE order_id = $1", name
    )
    await at.house.sql("UPDATE orders.orders SET state = 'awaiting_payment' WHERE id = $1", name)
    await at.house.sql(
        "UPDATE orders.claims SET claimed_until = clock_timestamp() + interval '15 minutes'"
        " WHERE order_id = $1",
        name,
    )
    await answer_challenge(at.shop, order.view["payment"]["next_action"]["url"], "approve")
    await at.dead()
    await alive_again(at, "worker")

    async def gone() -> bool:
        totals = (await at.house.ledger(name))["totals"]
        query = "SELECT mended_at IS NOT NULL FROM orders.breaks WHERE order_id = $1"
        mended = [row["?column?"] for row in await at.house.sql(query, name)]
        return (totals["captured"], totals["authorised"], mended) == (0, 0, [True])

    await until(gone, "the money has gone back, and the break is mended")
    assert (await at.shop.pay(order)).ok(201)["status"] == "paid"
    await at.one_sale(order)


async def expired(at: Scene) -> None:
    seats = at.gala.row(0)[:2]
    order = await at.shop.bought(at.gala, seats, pay=None)
    await run_out(at.house, order)
    await at.dead()
    await alive_again(at, "worker")
    await at.shop.until_status(order, "expired")
    await at.shop.until_shown(at.gala, seats, 0)
    await at.house.sound()


async def mailed(at: Scene) -> None:
    """The printer dies over the mail: it comes, and at most twice (I-Q1)."""
    order = await at.shop.bought(at.gala, at.gala.row(0)[:2], email=at.email)
    await at.dead()
    name = await at.house.order_id(order.code)
    await at.house.sql(
        "UPDATE delivery.deliveries SET until = clock_timestamp() WHERE order_id = $1", name
    )
    await at.house.forget_deliveries("delivery-orders")
    await alive_again(at, "papers")
    await at.one_sale(order)

    async def settled() -> bool:
        query = "SELECT state FROM delivery.deliveries WHERE order_id = $1"
        return bool(await at.house.one(query, name) == "sent")

    await until(settled, "the mail's row says sent")
    mails = await at.house.mails(at.email)
    assert len(mails) <= 2
    names = [
        header["value"]
        for mail in mails
        for header in mail["headers"]
        if header["name"].lower() == "message-id"
    ]
    assert len(set(names)) == 1


async def blocked(at: Scene) -> None:
    seats = at.gala.row(0)[:4]
    organiser = Organiser(at.house, at.direct)
    await at.cut_off(await organiser.block(at.gala, seats))
    (await patiently(at.organiser.block, at.gala, seats)).ok(201)
    await at.shop.until_shown(at.gala, seats, 3)
    (await at.shop.hold(at.gala, seats[:1])).problem(409, "seats_taken")
    await at.house.sound()


async def admitted(at: Scene) -> None:
    order = await at.shop.bought(at.gala, at.gala.row(0)[:1], email=at.email)
    (ticket,) = await at.shop.until_tickets(order)
    gate = Organiser(at.house, at.direct)
    scan = "5f2c1e0a-9d1b-4c55-8f0e-2b6f1f6f3a10"
    await at.cut_off(await gate.scan(ticket["code"], at.gala, scan_id=scan))
    again = (await patiently(at.organiser.scan, ticket["code"], at.gala, scan_id=scan)).ok()
    assert again["result"] == "admitted"
    other = (await at.organiser.scan(ticket["code"], at.gala)).ok()
    assert (other["result"], other["reason"]) == ("refused", "already_used")

    async def told() -> bool:
        return (await at.shop.tickets(order))[0]["status"] == "used"

    await until(told, "orders knows who is inside")
    await at.house.sound()


async def published(at: Scene) -> None:
    facts = await at.organiser.facts()
    made = (await at.organiser.shop.post(f"{at.organiser.root}/events", facts)).ok(201)
    path = f"{at.organiser.root}/events/{made['id']}/publications"
    key = new_key()
    direct = Organiser(at.house, at.direct).shop
    await at.cut_off(await direct.post(path, Idempotency_Key=key))
    answer = await patiently(at.organiser.shop.post, path, Idempotency_Key=key)
    assert answer.status in {200, 201}
    gala = Gala(made["id"], at.gala.seats)
    await alive_again(at, at.house.apis()[0])
    for name in at.house.apis():
        shop = at.shop.at(at.house.direct(name))
        (await patiently(shop.hold, gala, [gala.seats[hash(name) % 200]])).ok(201)


API, WORKER, PAPERS = "all", "worker", "papers"
# point → which process has it, and how it is brought to pass it
DRILLS: dict[str, tuple[str, Drill]] = {
    "after_hold": (API, held),
    "after_claim": (API, bought_by_itself),
    "after_authorise": (API, bought),
    "after_commit": (API, bought),
    "after_refusal_written": (API, declined),
    "after_attempt_opened": (API, paid_in_a_second_request),
    "after_webhook_stored": (API, told_by_webhook),
    "after_block": (API, blocked),
    "after_admission": (API, admitted),
    "after_document_commit": (API, published),
    "after_capture": (WORKER, worked_off),
    "after_capture_written": (WORKER, worked_off),
    "after_outbox_publish": (WORKER, worked_off),
    "after_messages_handled": (WORKER, worked_off),
    "after_cancellation": (WORKER, cancelled),
    "after_uncaptured_void": (WORKER, cancelled),
    "before_giving_back": (WORKER, given_back),
    "after_giving_back": (WORKER, given_back),
    "after_expiry": (WORKER, expired),
    "delivery_before_sending": (PAPERS, mailed),
    "delivery_after_sending": (PAPERS, mailed),
}

# The same with services apart, where what falls is on the other side of NATS from somebody.
APART: dict[str, tuple[str, Drill]] = {
    "after_claim": ("orders", bought),
    "after_authorise": ("orders", bought),
    "after_commit": ("orders", bought),
    "after_capture": (WORKER, worked_off),
}


def every_point_has_a_drill(source: Path) -> None:
    """The points declared in the code below `source` are those that are drilled, and no others."""
    written = {
        name
        for file in source.rglob("*.py")
        for name in re.findall(r'crash\.declare\(\s*"(\w+)"', file.read_text())
    }
    assert written == set(DRILLS), "points without a drill, or drills without a point"


async def power_cut(house: House, shop: Shop, organiser: Organiser, gala: Gala, point: str) -> None:
    """Let the process that has `point` die there, and see what becomes of it."""
    target, drill = (APART if house.split else DRILLS)[point]
    victim = house.named(target)
    asked = victim if victim in house.apis() else house.apis()[0]
    # A client of one process; a fresh one, for its connections are cut.
    async with (
        open_shop(house.direct(asked)) as direct,
        house.falling_at(victim, point) as fallen,
    ):
        scene = Scene(house, shop, victim, direct, organiser, gala, fallen)
        if drill is bought_by_itself:
            await drill(scene)
        else:
            async with house.hurried():
                await drill(scene)


async def alive_again(at: Scene, target: str) -> None:
    """The supervisor starts the fallen process again; its second life has no such point."""
    name = target if target in at.house.apis() else at.house.named(target)
    await at.house.begin(name, at.house.usual(name))
