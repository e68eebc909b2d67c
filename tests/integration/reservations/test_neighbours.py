"""What orders tells, and what happens when the catalogue is silent or has moved on."""

import pytest

from seatwright.contracts.catalog import EventId, EventNotFound
from seatwright.contracts.charts import SeatState
from seatwright.contracts.orders import LiveClaim
from seatwright.contracts.reservations import HoldId, Seat, SeatsTaken, read_hold
from seatwright.kit import clock
from seatwright.kit.errors import Unavailable
from seatwright.reservations.domain.outcomes import Known
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.service import sales
from tests.fakes.selling import small_chart
from tests.integration.reservations.shop import KEYS, Shop


async def test_orders_keeps_sells_frees_and_blocks(shop: Shop) -> None:
    event = shop.town.event
    granted = await shop.hold("A:1:1", "A:1:2")
    hold, until_ms = granted.grant.hold, granted.now_ms + 3_600_000
    assert await shop.contract.keep(event=event, hold=hold, until_ms=until_ms)
    assert not await shop.contract.keep(event=event, hold=HoldId("never"), until_ms=until_ms)
    kept = await shop.holding.look(event=event, hold=hold, principal=None)
    assert kept.grant.expires_at_ms == until_ms
    assert kept.grant.seats == granted.grant.seats

    await shop.contract.freed(event=event, seats=[Seat(0), Seat(1)], hold=None)
    with pytest.raises(SeatsTaken):
        await shop.hold("A:1:1")
    await shop.contract.freed(event=event, seats=[Seat(0), Seat(1)], hold=hold)
    await shop.contract.sold(event=event, seats=[Seat(2)])
    await shop.contract.blocked(event=event, seats=[Seat(3)])
    await shop.contract.sold(event=event, seats=[])
    changes = len(shop.changes)
    await shop.contract.sold(event=event, seats=[Seat(2)])
    assert len(shop.changes) == changes, "nothing new to tell"
    await shop.contract.sold(event=event, seats=[Seat(shop.town.chart.seat_count)])
    assert {seat: state for seat, state in enumerate(await shop.states()) if state} == {2: 2, 3: 3}


async def test_late_news_of_an_ended_order_leaves_the_next_one_sold(shop: Shop) -> None:
    """The seats were sold to somebody else before the queue brought the end of their last order."""
    event, orders = shop.town.event, shop.town.orders
    first = (await shop.hold("A:1:1", "A:1:2", "A:1:3")).grant.hold
    await shop.contract.sold(event=event, seats=[Seat(0)])
    await shop.contract.blocked(event=event, seats=[Seat(1)])
    orders.sold, orders.blocked = {0}, {1}
    for _ in range(2):  # a message may come twice
        await shop.contract.freed(event=event, seats=[Seat(0), Seat(1), Seat(2)], hold=first)
        shown = {seat: state for seat, state in enumerate(await shop.states()) if state}
        assert shown == {0: SeatState.SOLD, 1: SeatState.BLOCKED}


async def test_seats_of_a_sale_that_was_undone_are_free(shop: Shop) -> None:
    """A capture that finally fails frees what was shown as sold, and only that."""
    event, orders = shop.town.event, shop.town.orders
    hold = (await shop.hold("A:1:1", "A:1:2")).grant.hold
    await shop.contract.sold(event=event, seats=[Seat(0), Seat(1)])
    orders.claimed = [LiveClaim(HoldId("later-0123456789abcdef"), "person-1", [Seat(1)], None)]
    await shop.contract.freed(event=event, seats=[Seat(0), Seat(1)], hold=hold)
    shown = {seat: state for seat, state in enumerate(await shop.states()) if state}
    assert shown == {1: SeatState.SOLD}
    assert shop.changes, "watchers are told"


async def test_a_sale_while_orders_are_asked_is_not_undone(shop: Shop) -> None:
    event, orders = shop.town.event, shop.town.orders
    hold = (await shop.hold("A:1:1", "A:1:2")).grant.hold
    await shop.contract.sold(event=event, seats=[Seat(0), Seat(1)])
    plain = orders.seat_map

    async def meanwhile(**asked: object) -> object:
        found = await plain(**asked)  # type: ignore[arg-type]
        version = (await shop.store.snapshot(event=event, known=0)).version
        await shop.store.mark(event=event, seats=[0], state=SeatState.FREE, since=version)
        await shop.contract.sold(event=event, seats=[Seat(0)])
        return found

    orders.seat_map = meanwhile  # type: ignore[method-assign, assignment]
    await shop.contract.freed(event=event, seats=[Seat(0), Seat(1)], hold=hold)
    shown = {seat: state for seat, state in enumerate(await shop.states()) if state}
    assert shown == {0: SeatState.SOLD}


async def test_late_news_waits_for_orders(shop: Shop) -> None:
    event = shop.town.event
    hold = (await shop.hold("A:1:1")).grant.hold
    await shop.contract.sold(event=event, seats=[Seat(0)])
    shop.town.orders.away = True
    with pytest.raises(Unavailable):
        await shop.contract.freed(event=event, seats=[Seat(0)], hold=hold)
    assert (await shop.states())[0] == SeatState.SOLD


async def test_a_whole_house_is_marked_in_portions(shop: Shop) -> None:
    shop.town.chart = chart = small_chart(rows=40, seats=20)
    shop.town.files.add(chart)
    shop.town.catalog.change(shop.town.event, chart=chart.version, seat_count=chart.seat_count)
    shop.town.orders.seat_count = chart.seat_count
    everything = [Seat(seat) for seat in range(chart.seat_count)]
    await shop.contract.blocked(event=shop.town.event, seats=everything)
    assert set(await shop.states()) == {SeatState.BLOCKED}
    await shop.contract.freed(event=shop.town.event, seats=everything, hold=None)
    assert not any(await shop.states())


async def test_a_rebuilt_claim_is_shown_at_the_prices_of_today(shop: Shop) -> None:
    hold = HoldId("claimed-0123456789abcdef")
    shop.town.orders.claimed = [LiveClaim(hold, f"hold:{hold}", [Seat(0)], None)]
    found = await shop.holding.look(event=shop.town.event, hold=hold, principal=None)
    assert [(one.seat, one.price) for one in found.grant.seats] == [(0, 4500)]
    assert found.grant.expires_at_ms == found.now_ms + Terms().cap_ms, "no longer than any hold"
    token = read_hold(KEYS, found.token)
    assert token.expires_at_ms == found.grant.expires_at_ms
    stored = await shop.store.look(event=shop.town.event, hold=hold)
    assert isinstance(stored, Known)
    assert stored.expires_ms > found.now_ms + 3_600_000, "the seats stay the order's: pinned"


async def test_a_rebuilt_claim_that_ends_has_a_token_until_then(shop: Shop) -> None:
    hold, until_ms = HoldId("claimed-0123456789abcdef"), clock.unix_ms() + 60_000
    shop.town.orders.claimed = [LiveClaim(hold, f"hold:{hold}", [Seat(0)], until_ms)]
    found = await shop.holding.look(event=shop.town.event, hold=hold, principal=None)
    assert read_hold(KEYS, found.token).expires_at_ms == until_ms


async def test_the_catalogue_may_be_silent_for_a_minute(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.hold("A:1:1")
    shop.town.catalog.away = True
    monkeypatch.setattr(sales, "SALE_FRESH_S", 0.0)
    await shop.sales.fresh(shop.town.event)
    await shop.hold("A:1:2")
    monkeypatch.setattr(sales, "SALE_STALE_S_MAX", -1.0)
    with pytest.raises(Unavailable):
        await shop.hold("A:1:3")
    with pytest.raises(Unavailable):
        await shop.sales.of(EventId("never-seen"))
    shop.town.catalog.away = False
    with pytest.raises(EventNotFound):
        await shop.sales.of(EventId("never-seen"))


async def test_the_map_follows_a_new_chart(shop: Shop) -> None:
    event = shop.town.event
    old = await shop.availability.of(event)
    bigger = small_chart(rows=6)
    shop.town.files.add(bigger)
    shop.town.catalog.change(event, chart=bigger.version, seat_count=bigger.seat_count)
    shop.town.orders.seat_count = bigger.seat_count
    await shop.sales.fresh(event)
    old.fresh_until = 0
    new = await shop.availability.of(event)
    assert new.snapshot.seat_count == bigger.seat_count
    assert new.snapshot.epoch != old.snapshot.epoch
    assert new.snapshot.version > old.snapshot.version
    assert f'"chart":"{bigger.version}"'.encode() in new.json


async def test_an_unchanged_map_is_not_prepared_again(shop: Shop) -> None:
    event = shop.town.event
    first = await shop.availability.of(event)
    first.fresh_until = 0
    assert await shop.availability.of(event) is first
    first.fresh_until = 0
    first.made_at = clock.monotonic() - 60
    later = await shop.availability.of(event)
    assert later is not first
    assert later.etag == first.etag
    later.fresh_until = 0
    await shop.hold("A:1:1")
    assert (await shop.availability.of(event)).etag != first.etag
