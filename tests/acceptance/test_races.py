"""Two processes, one truth: whatever happens at the same moment, PostgreSQL decides once."""

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.acceptance import judging, meetings, races
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Shop, open_shop, placed

pytestmark = pytest.mark.mode("all")


@pytest.fixture
async def shops(house: House) -> AsyncIterator[Sequence[Shop]]:
    """Clients of each API process, past the gateway, which would choose for them."""
    async with open_shop("") as client:
        apis = [client.at(house.direct(name)) for name in house.apis()]
        assert len(apis) == 2
        yield apis


async def test_of_500_who_want_one_seat_one_gets_it(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    token = await races.everybody_holds_one_seat(shops, gala, buyers=500)
    order = placed((await shops[0].place(token)).ok(201), "")
    assert order.view["status"] == "paid"
    assert await judging.count(house, gala) == {"orders": 1, "claims": 1, "tickets": 1}
    await house.sound()


async def test_of_500_who_were_all_promised_one_seat_one_pays(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await races.everybody_orders_one_seat(house, shops, gala, buyers=500)
    await house.sound()


async def test_2000_buyers_fight_over_200_seats_and_valkey_forgets_half_way(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    before = house.deadlocks()
    await races.everybody_buys_while_valkey_forgets(house, shops, gala, buyers=2000)
    assert house.deadlocks() == before
    await house.sound()


@pytest.mark.mode("split")
async def test_with_services_apart_buyers_fight_over_200_seats_and_valkey_forgets_half_way(
    house: House, shop: Shop, gala: Gala
) -> None:
    before = house.deadlocks()
    await races.everybody_buys_while_valkey_forgets(house, [shop], gala, buyers=500)
    assert house.deadlocks() == before
    await house.sound()


async def test_one_key_at_two_processes_at_once_is_one_order(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await races.one_key_at_once(house, shops, gala)
    await house.sound()


async def test_a_seat_promised_twice_is_sold_once_and_charged_once(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.two_owners_of_one_lost_hold(house, shops[0], gala)


async def test_an_order_that_meets_an_unseen_claim_takes_nothing(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.a_claim_that_no_snapshot_shows(house, shops[0], gala)


async def test_two_processes_never_wait_for_each_other_in_a_circle(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.two_orders_in_each_others_way(house, shops, gala)


async def test_a_payment_that_meets_a_lost_claim_is_not_begun(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.a_claim_that_is_lost_while_a_payment_begins(house, shops[0], gala)


async def test_an_authorisation_asked_for_twice_is_one(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.an_authorisation_that_is_asked_for_twice(house, shops[0], gala)


async def test_a_notice_sent_twenty_times_is_kept_once(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.notices_that_come_often_and_forged(house, shops[1], gala)


async def test_the_database_refuses_a_second_ticket_for_a_seat(
    house: House, shops: Sequence[Shop], gala: Gala
) -> None:
    await meetings.a_second_ticket_for_a_seat(house, shops[0], gala)
