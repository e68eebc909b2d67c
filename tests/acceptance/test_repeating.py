"""A request may be sent again: one effect, one answer (I-I1)."""

import asyncio
from urllib.parse import quote

from tests.acceptance import races
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop, new_key, patiently, placed


async def test_an_order_sent_again_is_the_same_order(house: House, shop: Shop, gala: Gala) -> None:
    hold = await shop.held(gala, gala.row(0)[:2])
    key = new_key()
    first = (await shop.place(hold["hold_token"], key=key)).ok(201)
    again = (await shop.place(hold["hold_token"], key=key)).ok(201)
    assert steady(again) == steady(first)
    await shop.until_tickets(placed(first, key))
    # Also when the money has been captured long since, the answer is the one that was given.
    later = (await shop.place(hold["hold_token"], key=key)).ok(201)
    assert (later["code"], later["status"]) == (first["code"], first["status"])
    assert later["payment"] == first["payment"]
    asked = await shop.get(f"/v1/idempotency/{key}", X_Hold_Token=hold["hold_token"])
    assert asked.ok()["order"]["code"] == first["code"]
    assert await orders_of(house, gala) == 1


async def test_every_key_can_be_asked_about(shop: Shop, gala: Gala) -> None:
    hold = await shop.held(gala, gala.row(1)[2:4])
    key = f"{new_key()} 1/2 ../?#%41"
    order = placed((await shop.place(hold["hold_token"], key=key, pay=None)).ok(201), key)
    asked = {"Idempotency_Key": key, "X_Hold_Token": hold["hold_token"]}
    found = (await shop.get("/v1/idempotency", **asked)).ok()
    assert (found["key"], found["order"]["code"]) == (key, order.code)
    # The key of a payment belongs to whoever has the order.
    paying = f"{new_key()}/pay"
    (await shop.pay(order, key=paying)).ok(201)
    path = f"/v1/idempotency/{quote(paying, safe='')}?order={order.code}"
    (await shop.get(path)).problem(404, "order_not_found")
    found = (await shop.get(path, X_Order_Secret=order.secret)).ok()
    assert (found["key"], found["state"], found["order"]["status"]) == (paying, "done", "paid")


async def test_the_same_key_for_another_request_is_refused(shop: Shop, gala: Gala) -> None:
    hold = await shop.held(gala, gala.row(1)[:2])
    key = new_key()
    (await shop.place(hold["hold_token"], key=key)).ok(201)
    other = await shop.place(hold["hold_token"], key=key, name="Grace Hopper")
    other.problem(422, "idempotency_mismatch")
    unpaid = await shop.place(hold["hold_token"], key=key, pay=None)
    unpaid.problem(422, "idempotency_mismatch")


async def test_one_hold_makes_one_order_whatever_the_key(
    house: House, shop: Shop, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(2)[:2])
    (await shop.place(hold["hold_token"])).ok(201)
    (await shop.place(hold["hold_token"])).problem(409, "seats_taken")
    assert await orders_of(house, gala) == 1


async def test_an_order_sent_many_times_at_once_is_one_order(
    house: House, shop: Shop, gala: Gala
) -> None:
    await races.one_key_at_once(house, [shop], gala)
    await house.sound()


async def test_a_payment_sent_many_times_at_once_is_one_payment(
    house: House, shop: Shop, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(4)[:2], pay=None)
    key = new_key()
    first = await asyncio.gather(*(shop.pay(order, key=key) for _ in range(races.AT_ONCE)))
    races.one_answer_or_in_flight(first)
    answers = await asyncio.gather(
        *(patiently(shop.pay, order, key=key) for _ in range(races.AT_ONCE))
    )
    assert {answer.ok(201)["status"] for answer in answers} == {"paid"}
    (await shop.pay(order, "tok_declined", key=key)).problem(422, "idempotency_mismatch")
    ledger = await house.ledger(await house.order_id(order.code))
    assert len(ledger["payments"]) == 1
    await house.sound()


async def test_a_second_payment_waits_until_the_first_is_settled(
    house: House, shop: Shop, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(5)[:2], pay=None)
    answers = await asyncio.gather(*(shop.pay(order) for _ in range(8)))
    assert sum(answer.status == 201 for answer in answers) == 1
    refused = {answer.code for answer in answers if answer.status != 201}
    assert refused <= {"payment_pending", "order_not_payable"}
    await house.sound()


async def test_making_an_event_twice_with_one_key_makes_one(organiser: Organiser) -> None:
    facts = await organiser.facts()
    path, key = f"{organiser.root}/events", new_key()
    first = (await organiser.shop.post(path, facts, Idempotency_Key=key)).ok(201)
    again = await organiser.shop.post(path, facts, Idempotency_Key=key)
    assert again.body["id"] == first["id"]


def steady(view: dict[str, object]) -> dict[str, object]:
    """An answer without what is true only at its moment."""
    return {name: value for name, value in view.items() if name not in {"server_time", "tickets"}}


async def orders_of(house: House, gala: Gala) -> int:
    return int(await house.one("SELECT count(*) FROM orders.orders WHERE event_id = $1", gala.id))
