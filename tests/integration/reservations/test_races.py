"""Many buyers, two processes, a Valkey that forgets: never two holders of one seat."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import chain
from typing import Any

import pytest

from seatwright.contracts.orders import LiveClaim
from seatwright.contracts.reservations import HoldNotFound, Seat, SeatsTaken
from seatwright.kit.errors import Expected, Unavailable
from seatwright.reservations.domain.refusals import NoSuitableSeats
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.domain.wishes import BestAvailable, StandingPlaces
from seatwright.reservations.service.hold_seats import Granted
from tests.fakes.selling import small_chart
from tests.integration.reservations.own_valkey import OwnValkey, flushed
from tests.integration.reservations.shop import Shop, Town, opened


@pytest.fixture
async def other(town: Town, server: OwnValkey) -> AsyncIterator[Shop]:
    """A second process with a connection of its own."""
    async with opened(town, server.url) as process:
        yield process


def seats_of(granted: list[Granted]) -> list[int]:
    return list(chain.from_iterable((s.seat for s in one.grant.seats) for one in granted))


async def all_of(*attempts: Any) -> tuple[list[Granted], list[BaseException]]:
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    won = [one for one in outcomes if isinstance(one, Granted)]
    return won, [one for one in outcomes if isinstance(one, BaseException)]


async def sooner_or_later(
    ask: Callable[[], Awaitable[Granted]], refusal: type[Exception]
) -> Granted:
    async with asyncio.timeout(10):
        while True:
            try:
                return await ask()
            except refusal:
                await asyncio.sleep(0.005)


async def test_500_buyers_for_one_seat_over_two_connections(shop: Shop, other: Shop) -> None:
    def ask(n: int) -> Awaitable[Granted]:
        # Whom a busy Valkey did not answer in time asks again by the same name, as browsers do.
        buyer, process = f"buyer-of-the-one-seat-{n:04d}", (shop, other)[n % 2]
        return sooner_or_later(lambda: process.hold("A:1:1", hold=buyer), Unavailable)

    won, lost = await all_of(*(ask(n) for n in range(500)))
    assert len(won) == 1
    assert len(lost) == 499
    assert all(isinstance(one, SeatsTaken) for one in lost)


async def test_overlapping_carts_never_share_a_seat(shop: Shop, other: Shop) -> None:
    names = [shop.town.chart.seat_id(seat) for seat in range(20)]
    carts = [names[first : first + 1 + n % 4] for n in range(100) for first in (n % 17,)]
    won, lost = await all_of(*((shop, other)[n % 2].hold(*cart) for n, cart in enumerate(carts)))
    assert won
    assert lost
    assert max(Counter(seats_of(won)).values()) == 1
    states = await shop.states()
    assert {seat for seat, state in enumerate(states) if state} == set(seats_of(won))


async def test_the_same_request_many_times_at_once_is_one_hold(shop: Shop, other: Shop) -> None:
    hold = "one-and-the-same-0123456789"
    won, lost = await all_of(
        *((shop, other)[n % 2].hold("A:1:1", "A:1:2", hold=hold) for n in range(50))
    )
    assert not lost
    assert len({one.token for one in won}) == 1


async def test_an_expired_hold_goes_to_the_next_without_any_sweeper(
    town: Town, server: OwnValkey
) -> None:
    async with opened(town, server.url, Terms(duration_ms=30, cap_ms=60)) as short:
        await short.hold("A:1:1", "A:1:2")
        granted = await sooner_or_later(lambda: short.hold("A:1:2"), SeatsTaken)
        assert seats_of([granted]) == [1]
        states = await short.states()
        assert {seat for seat, state in enumerate(states) if state} == {1}


async def test_a_flushed_valkey_is_filled_from_orders_and_never_free(
    shop: Shop, other: Shop, server: OwnValkey
) -> None:
    town = shop.town
    sold = await shop.hold("A:1:1", "A:1:2")
    claimed = await shop.hold("A:1:3")
    await shop.contract.sold(event=town.event, seats=[Seat(0), Seat(1)])
    before = await shop.store.snapshot(event=town.event, known=0)
    town.orders.sold = set(seats_of([sold]))
    town.orders.blocked = {9}
    town.orders.claimed = [
        LiveClaim(claimed.grant.hold, claimed.grant.holder, [Seat(2)], before.now_ms + 60_000)
    ]
    asked = len(town.orders.asked)

    await flushed(server.url)
    attempts = [
        (shop, other)[n % 2].hold(seat)
        for n in range(40)
        for seat in ("A:1:1", "A:1:3", "A:1:10", f"B:1:{n % 10 + 1}")
    ]
    won, lost = await all_of(*attempts)

    assert sorted(seats_of(won)) == list(range(40, 50))
    assert all(isinstance(one, SeatsTaken) for one in lost)
    assert len(town.orders.asked) == asked + 1, "one filling among all processes"
    after = await shop.store.snapshot(event=town.event, known=0)
    assert after.epoch != before.epoch
    assert after.version > before.version
    mine = await shop.holding.look(event=town.event, hold=claimed.grant.hold, principal=None)
    assert seats_of([mine]) == [2]
    with pytest.raises(HoldNotFound):
        await shop.holding.look(event=town.event, hold=sold.grant.hold, principal=None)


async def test_a_sale_told_while_valkey_is_empty_is_not_lost(shop: Shop, server: OwnValkey) -> None:
    await shop.hold("A:1:1")
    await flushed(server.url)
    await shop.contract.sold(event=shop.town.event, seats=[Seat(5)])
    assert (await shop.states())[5] == 2


async def test_without_orders_nothing_is_held_and_later_it_is(
    shop: Shop, server: OwnValkey
) -> None:
    shop.town.orders.away = True
    with pytest.raises(Unavailable):
        await shop.hold("A:1:1")
    shop.town.orders.away = False
    await shop.hold("A:1:1")


async def test_a_paused_valkey_is_unavailable_in_time_and_heals(
    shop: Shop, server: OwnValkey
) -> None:
    first = await shop.hold("A:1:1", hold="paused-0123456789abcdef")
    shown = await shop.availability.of(shop.town.event)
    shown.fresh_until = 0
    server.pause()
    try:
        async with asyncio.timeout(3):
            with pytest.raises(Unavailable):
                await shop.hold("A:1:2")
            old = await shop.availability.of(shop.town.event)
            assert old is shown, "an old map is better than none"
    finally:
        server.resume()
    again = await sooner_or_later(
        lambda: shop.hold("A:1:1", hold="paused-0123456789abcdef"), Unavailable
    )
    assert again.token == first.token


async def test_best_available_pairs_are_never_given_twice(shop: Shop, other: Shop) -> None:
    wish = BestAvailable(2, None, None, accessible=False)
    won, lost = await all_of(*((shop, other)[n % 2].hold(choice=wish) for n in range(60)))
    seats = seats_of(won)
    assert len(seats) == len(set(seats)) == 2 * len(won)
    assert all(isinstance(one, NoSuitableSeats | SeatsTaken) for one in lost)
    assert len(won) > 20, "80 seats in rows: most of the 40 pairs find buyers"
    for one in won:
        row = {held.seat // 10 for held in one.grant.seats}
        assert len(row) == 1


async def test_best_available_repeats_its_answer_for_the_same_id(shop: Shop) -> None:
    wish = BestAvailable(3, "two", (3000, "EUR"), accessible=False)
    hold = "best-0123456789abcdefghi"
    first = await shop.hold(choice=wish, hold=hold)
    again = await shop.hold(choice=wish, hold=hold)
    assert first.token == again.token
    assert all(held.price == 3000 for held in first.grant.seats)
    with pytest.raises(Expected) as refused:
        await shop.hold(choice=wish._replace(quantity=2), hold=hold)
    assert refused.value.code == "hold_mismatch"


async def test_standing_places_sell_out_exactly(shop: Shop, other: Shop) -> None:
    wish = StandingPlaces((("pitch", 2),))
    rounds = [(shop, other)[n % 2].hold(choice=wish) for n in range(30)]
    won, _ = await all_of(*rounds)
    while len(won) < 20:
        won.append(await shop.hold(choice=wish))
    assert sorted(seats_of(won)) == list(range(84, 124))
    with pytest.raises(NoSuitableSeats):
        await shop.hold(choice=wish)


async def test_another_chart_version_is_learned(shop: Shop, other: Shop) -> None:
    await other.hold("A:1:1")
    bigger = small_chart(rows=5)
    shop.town.files.add(bigger)
    shop.town.catalog.change(shop.town.event, chart=bigger.version, seat_count=bigger.seat_count)
    shop.town.orders.seat_count = bigger.seat_count
    await shop.sales.fresh(shop.town.event)
    granted = await shop.hold("A:5:1")
    assert seats_of([granted]) == [40]
    granted = await other.hold("B:1:1")
    assert seats_of([granted]) == [50], "40 by the chart this process knew"
    assert (await shop.states())[40] == 1, "nobody's newer hold was lost"
