"""Nobody pays any more for what will not take place."""

import pytest

from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop, new_key, placed


@pytest.mark.mode("all")
async def test_a_cancelled_event_takes_no_further_payment(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(0)[:2])
    order = placed((await shop.place(hold["hold_token"], pay=None)).ok(201), new_key())
    paid = await shop.bought(gala, gala.row(1)[:1])
    await organiser.cancel(gala)
    key = new_key()
    for _ in range(2):  # the refusal has not used the key up
        (await shop.pay(order, key=key)).problem(409, "sale_cancelled")
    ledger = await house.ledger(await house.order_id(order.code))
    assert ledger["payments"] == []
    assert (await shop.read(paid))["status"] == "paid"
