"""Sweeping what ran out, and comparing with orders."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import SeatState
from seatwright.contracts.orders import LiveClaim
from seatwright.contracts.reservations import HoldId, Seat, SeatsTaken
from seatwright.kit import clock
from seatwright.kit.errors import Unavailable
from seatwright.kit.valkey import Argument, Library
from seatwright.reservations.adapters import holds
from seatwright.reservations.domain.outcomes import Known, RebuildNeeded
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.service.comparing import POSTPONED, Comparing
from seatwright.reservations.service.retiring import RETIRED_AFTER, Retiring
from seatwright.reservations.service.sweeping import Sweeping
from tests.integration.reservations.own_valkey import OwnValkey
from tests.integration.reservations.shop import Shop, Town, opened


@pytest.fixture
def comparing(shop: Shop) -> Comparing:
    town = shop.town
    return Comparing(
        shop.store,
        shop.duties,
        town.catalog,
        town.orders,  # type: ignore[arg-type]  # only its seat map is asked for
        lambda event, version: shop.changes.append((event, version)),
    )


async def shown(shop: Shop) -> dict[int, int]:
    """The seats that are not free."""
    return {seat: state for seat, state in enumerate(await shop.states()) if state}


async def test_expired_seats_are_freed_and_told(town: Town, server: OwnValkey) -> None:
    async with opened(town, server.url, Terms(duration_ms=20, cap_ms=20)) as shop:
        sweeping = Sweeping(
            shop.store, shop.duties, lambda *change: shop.changes.append(change), visit_s_max=0.01
        )
        await shop.hold("A:1:1", "A:1:2")
        await shop.hold("B:1:1")
        async with asyncio.timeout(10):
            while any(await shop.states()):
                await sweeping.step()
                await asyncio.sleep(0.005)
        snapshot = await shop.store.snapshot(event=town.event, known=0)
        told = [version for event, version in shop.changes if event == town.event]
        assert told[-1] == snapshot.version


async def test_more_than_one_portion_is_swept_at_once(town: Town, server: OwnValkey) -> None:
    async with opened(Town(), server.url, Terms(duration_ms=1, cap_ms=1)) as shop:
        await asyncio.gather(*(shop.hold(f"pitch:{n}") for n in range(1, 41)))
        names = [
            f"{block}:{row}:{n}" for block in "AB" for row in range(1, 5) for n in range(1, 11)
        ]
        await asyncio.gather(*(shop.hold(name) for name in names))
        sweeping = Sweeping(shop.store, shop.duties, lambda *_: None)
        async with asyncio.timeout(10):
            swept = 0
            while swept < 120:
                swept += await sweeping.visit(shop.town.event)
        assert swept == 120
        assert not any(await shop.states())


async def test_one_process_sweeps_and_another_takes_over(
    town: Town, shop: Shop, server: OwnValkey
) -> None:
    async with opened(town, server.url) as other:
        assert await shop.duties.mine(duty="d", lease_ms=60)
        assert not await other.duties.mine(duty="d", lease_ms=60)
        assert await shop.duties.mine(duty="d", lease_ms=60)
        async with asyncio.timeout(5):
            while not await other.duties.mine(duty="d", lease_ms=5000):
                await asyncio.sleep(0.005)
        await shop.duties.give_back(duty="d")
        assert not await shop.duties.mine(duty="d", lease_ms=60), "another's lease is not mine"
        await other.duties.give_back(duty="d")
        assert await shop.duties.mine(duty="d", lease_ms=60)


async def test_what_differs_twice_is_repaired(shop: Shop, comparing: Comparing) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    await shop.store.mark(event=event, seats=[0, 4, 6], state=SeatState.SOLD)
    await shop.store.mark(event=event, seats=[1], state=SeatState.BLOCKED)
    orders.sold, orders.blocked = {2, 4}, {3}
    claim = HoldId("claimed-0123456789abcdef")
    orders.claimed = [LiveClaim(claim, "person-1", [Seat(5), Seat(6)], clock.unix_ms() + 60_000)]
    before = await shop.states()

    assert await comparing.compare(event) == 0
    assert await shop.states() == before, "news may be on its way"
    assert await comparing.compare(event) == 6
    shown = {seat: state for seat, state in enumerate(await shop.states()) if state}
    assert shown == {2: 2, 4: 2, 3: 3, 5: 1, 6: 1, 9: 1}
    look = await comparing.look(event)
    assert look is not None
    assert not look.differences
    mine = await shop.store.look(event=event, hold=claim)
    assert mine.now_ms


async def test_news_that_arrives_is_no_alarm(shop: Shop, comparing: Comparing) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    orders.sold = {0}
    assert await comparing.compare(event) == 0
    await shop.contract.sold(event=event, seats=[Seat(0)])
    orders.sold = {0, 1}
    assert await comparing.compare(event) == 0, "another seat, for the first time"
    assert await comparing.compare(event) == 1


async def test_seats_that_change_while_looking_are_left_out(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    plain = orders.seat_map

    async def meanwhile(**asked: object) -> object:
        found = await plain(**asked)  # type: ignore[arg-type]
        await shop.store.mark(event=event, seats=[0], state=SeatState.SOLD)
        return found

    orders.seat_map = meanwhile  # type: ignore[method-assign, assignment]
    look = await comparing.look(event)
    assert look is not None
    assert 0 not in look.differences
    orders.seat_map = plain  # type: ignore[method-assign]
    look = await comparing.look(event)
    assert look is not None
    assert 0 in look.differences


async def test_a_sale_after_the_look_is_not_repaired_away(shop: Shop, comparing: Comparing) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    await shop.store.mark(event=event, seats=[0, 1], state=SeatState.SOLD)
    assert await comparing.compare(event) == 0
    plain = comparing.look

    async def then_sold(asked: EventId) -> object:
        found = await plain(asked)
        for state in (SeatState.BLOCKED, SeatState.SOLD):
            await shop.store.mark(event=event, seats=[0], state=state)
        orders.sold = {0}
        return found

    comparing.look = then_sold  # type: ignore[method-assign, assignment]
    assert await comparing.compare(event) == 2
    states = await shop.states()
    assert (states[0], states[1]) == (SeatState.SOLD, SeatState.FREE)


async def test_a_claimed_seat_comes_back_to_its_running_hold(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    hold = (await shop.hold("A:1:6", "A:1:7", principal="person-1")).grant.hold
    await shop.store.mark(event=event, seats=[6], state=SeatState.FREE, ended=hold)
    orders.claimed = [LiveClaim(hold, "person-1", [Seat(5), Seat(6)], clock.unix_ms() + 3_600_000)]
    assert [await comparing.compare(event) for _ in range(2)] == [0, 1]
    assert await shown(shop) == {5: SeatState.HELD, 6: SeatState.HELD}
    mine = await shop.holding.look(event=event, hold=hold, principal="person-1")
    assert [one.seat for one in mine.grant.seats] == [5, 6]
    assert mine.grant.expires_at_ms == orders.claimed[0].until_ms
    await shop.contract.freed(event=event, seats=[Seat(5), Seat(6)], hold=hold)
    assert await shown(shop) == {}, "they end with their claim"


async def test_a_claim_gets_its_free_seats_while_somebody_holds_another(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    other = (await shop.hold("A:1:6")).grant.hold
    claim = HoldId("claimed-0123456789abcdef")
    orders.claimed = [LiveClaim(claim, "person-1", [Seat(5), Seat(6)], None)]
    assert [await comparing.compare(event) for _ in range(2)] == [0, 1]
    assert await shown(shop) == {5: SeatState.HELD, 6: SeatState.HELD}
    await shop.holding.release(event=event, hold=other, principal=None)
    assert await shown(shop) == {6: SeatState.HELD}
    assert [await comparing.compare(event) for _ in range(2)] == [0, 1]
    assert await shown(shop) == {5: SeatState.HELD, 6: SeatState.HELD}
    await shop.contract.freed(event=event, seats=[Seat(5), Seat(6)], hold=claim)
    assert await shown(shop) == {}, "they end with their claim"


async def test_many_repairs_are_not_in_each_others_way(
    shop: Shop, comparing: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("pitch:1")
    orders.claimed = [
        LiveClaim(HoldId(f"claimed-{seat:02}-456789abcdef"), "person-1", [Seat(seat)], None)
        for seat in range(60)
    ]
    # As if so many changes were more than is remembered.
    forgetful = Library("seatwright.reservations.adapters", "holds.lua", "short", "marks.lua")
    assert forgetful.code.count("local LATER_MAX = 1000") == 1
    forgetful.code = forgetful.code.replace("local LATER_MAX = 1000", "local LATER_MAX = 10")
    monkeypatch.setattr(holds, "HOLDS", forgetful)
    assert [await comparing.compare(event) for _ in range(2)] == [0, 60]
    assert len(await shown(shop)) == 61


async def test_a_sale_between_two_pages_of_the_seat_map_is_no_difference(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    orders.seats_a_page = 20
    plain = orders.seat_map

    async def meanwhile(*, event: EventId, start: Seat) -> object:
        if start == 20:
            # Read as free a moment ago.
            orders.sold = {0, 30}
            await shop.contract.sold(event=event, seats=[Seat(0), Seat(30)])
        return await plain(event=event, start=start)

    orders.seat_map = meanwhile  # type: ignore[method-assign, assignment]
    look = await comparing.look(event)
    assert look is not None
    assert look.known.sold == [30]
    assert not look.differences


async def test_pages_are_put_together_when_an_event_is_filled(shop: Shop) -> None:
    orders = shop.town.orders
    orders.seats_a_page = 7
    orders.sold, orders.blocked = {0, 6, 7, 41}, {8, 60}
    hold = HoldId("claimed-0123456789abcdef")
    orders.claimed = [LiveClaim(hold, "person-1", [Seat(13), Seat(14)], None)]
    assert await shown(shop) == {0: 2, 6: 2, 7: 2, 41: 2, 8: 3, 60: 3, 13: 1, 14: 1}
    found = await shop.store.look(event=shop.town.event, hold=hold)
    assert isinstance(found, Known)
    assert found.seats == (13, 14)


async def test_a_filling_that_lost_what_was_prepared_fills_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, orders, plain = shop.town.event, shop.town.orders, shop.valkey.call
    orders.claimed = [LiveClaim(HoldId("claimed-0123456789abcdef"), "person-1", [Seat(0)], None)]

    async def forgetful(
        library: Library, function: str, keys: list[str], arguments: list[Argument]
    ) -> object:
        if function == "fill":
            await shop.valkey.command("UNLINK", *keys[-4:])
        return await plain(library, function, keys, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(shop.valkey, "call", forgetful)
        with pytest.raises(Unavailable):
            await shop.hold("A:1:1")
        with pytest.raises(RebuildNeeded):
            await shop.store.snapshot(event=event, known=0)
    with pytest.raises(SeatsTaken):
        await shop.hold("A:1:1")


async def test_the_minutes_round_looks_at_events_on_sale(shop: Shop, comparing: Comparing) -> None:
    await shop.hold("A:1:10")
    comparing.soon(shop.town.event)
    comparing._due[shop.town.event] = 0
    asked = len(shop.town.orders.asked)
    await comparing.step()
    assert len(shop.town.orders.asked) == asked + 1
    comparing._round_at = 0
    async with asyncio.timeout(15):
        while len(shop.town.orders.asked) == asked + 1:
            await comparing.step()
            await asyncio.sleep(0.01)


async def test_orders_away_postpones_the_look_and_for_minutes_is_a_warning(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    counted = [POSTPONED.labels(look)._value for look in ("first", "lasting")]
    before = [one.get() for one in counted]
    orders.away = True
    with structlog.testing.capture_logs() as lines:
        assert [await comparing.compare(event) for _ in range(4)] == [0, 0, 0, 0]
        orders.away = False
        await comparing.compare(event)
        orders.away = True
        await comparing.compare(event)
    told = [
        (line["log_level"], line["in_a_row"])
        for line in lines
        if line["event"] == "comparison_postponed"
    ]
    assert told == [("info", 1), ("info", 2), ("warning", 3), ("warning", 4), ("info", 1)]
    assert [one.get() for one in counted] == [before[0] + 3, before[1] + 2]


async def test_a_new_epoch_while_looking_postpones_the_look(
    shop: Shop, comparing: Comparing
) -> None:
    event, orders = shop.town.event, shop.town.orders
    await shop.hold("A:1:10")
    plain = orders.seat_map

    async def meanwhile(**asked: object) -> object:
        orders.seat_map = plain  # type: ignore[method-assign]
        await shop.rebuilding.again(event, force=True)
        return await plain(**asked)  # type: ignore[arg-type]

    orders.seat_map = meanwhile  # type: ignore[method-assign, assignment]
    with structlog.testing.capture_logs() as lines:
        assert await comparing.compare(event) == 0
    (line,) = [line for line in lines if line["event"] == "comparison_postponed"]
    assert line["reason"] == "too much changed meanwhile"


async def test_events_long_over_leave_valkey(shop: Shop) -> None:
    event, catalog = shop.town.event, shop.town.catalog
    retiring = Retiring(shop.store, shop.duties, catalog)
    await shop.hold("A:1:1")
    catalog.closed.add(event)
    await shop.duties.note(event=EventId("never-published"))
    ends_at = catalog.documents[event].ends_at
    assert event not in await retiring.retire(ends_at + RETIRED_AFTER)
    over = ends_at + RETIRED_AFTER + timedelta(seconds=1)
    catalog.away = True
    assert event not in await retiring.retire(over)
    catalog.away = False
    assert event in await retiring.retire(over)
    known = await shop.duties.events()
    assert event not in known
    assert EventId("never-published") not in known
    with pytest.raises(RebuildNeeded):
        await shop.store.snapshot(event=event, known=0)
    assert not any(await shop.states()), "counted anew when asked"
