"""An organiser's limit for each buyer, from the event's page to the order."""

import pytest

from tests.acceptance.house import House
from tests.acceptance.shop import Organiser, Shop, new_key

pytestmark = pytest.mark.mode("all")


async def test_one_buyer_may_have_so_many_seats_over_all_orders(
    house: House, shop: Shop, organiser: Organiser
) -> None:
    gala = await organiser.gala(seats_per_buyer_max=3)
    page = (await shop.get(f"/v1/events/{gala.id}")).ok()
    assert (page["seats_per_order_max"], page["seats_per_buyer_max"]) == (8, 3)
    row, email = gala.row(3), f"ada-{new_key()}@example.com"
    (await shop.hold(gala, row[:4])).problem(422, "invalid")

    await shop.bought(gala, row[:2], email=email)
    hold = await shop.held(gala, row[2:4])
    tagged = email.replace("@", "+again@").upper()
    refused = await shop.place(hold["hold_token"], email=tagged)
    problem = refused.problem(409, "buyer_limit")
    assert (problem["seats_max"], problem["seats_left"]) == (3, 1)
    await shop.bought(gala, row[4:5], email=tagged)
    assert (await shop.place(hold["hold_token"], email=f"ben-{email}")).ok(201)["status"] == "paid"
    await house.sound()
