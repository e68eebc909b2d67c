"""Seats are held all or none, by one holder, for a time; against a real Valkey."""

from typing import Any

import pytest

from seatwright.contracts.catalog import EventNotFound
from seatwright.contracts.reservations import (
    HoldExpired,
    HoldId,
    HoldNotFound,
    SeatsTaken,
    read_hold,
)
from seatwright.kit.errors import Invalid
from seatwright.reservations.domain.refusals import (
    EventCancelled,
    HoldMismatch,
    NotOnSale,
    SaleEnded,
    SalePaused,
    TooManySeats,
)
from tests.fakes.selling import CLOSES, OPENED
from tests.integration.reservations.shop import KEYS, Shop

MINE = "my-hold-0123456789abcdef"


async def test_seats_are_held_at_their_price_and_the_token_says_so(shop: Shop) -> None:
    granted = await shop.hold("A:1:1", "B:1:1")

    grant = read_hold(KEYS, granted.token)
    assert [(s.seat, s.price) for s in grant.seats] == [(0, 4500), (40, 3000)]
    assert grant.total() == 4500 + 3000 + 200
    assert grant.holder == f"hold:{grant.hold}"
    assert 470_000 < grant.expires_at_ms - granted.now_ms <= 480_000
    states = await shop.states()
    assert {seat for seat, state in enumerate(states) if state} == {0, 40}


async def test_one_taken_seat_refuses_all_and_is_named(shop: Shop) -> None:
    await shop.hold("A:1:2", "A:1:3")
    with pytest.raises(SeatsTaken) as refused:
        await shop.hold("A:1:1", "A:1:2", "A:1:3", "A:1:4")
    assert refused.value.facts["seats"] == ["A:1:2", "A:1:3"]
    states = await shop.states()
    assert {seat for seat, state in enumerate(states) if state} == {1, 2}


async def test_the_same_hold_id_again_answers_the_same(shop: Shop) -> None:
    first = await shop.hold("A:1:1", hold=MINE)
    again = await shop.hold("A:1:1", hold=MINE)
    assert (again.grant, again.token) == (first.grant, first.token)
    assert len(shop.changes) == 2, "the filling and one hold"
    with pytest.raises(HoldMismatch):
        await shop.hold("A:1:2", hold=MINE)
    with pytest.raises(HoldNotFound):
        await shop.hold("A:1:1", hold=MINE, principal="person-1")


async def test_prices_stay_as_they_were_shown(shop: Shop) -> None:
    first = await shop.hold("A:1:1", hold=MINE)
    shop.town.catalog.change(shop.town.event, seats_per_order_max=7)
    await shop.sales.fresh(shop.town.event)
    again = await shop.hold("A:1:1", hold=MINE)
    assert again.grant.document_version == first.grant.document_version == 1


async def test_a_person_is_limited_over_all_holds_and_a_guest_by_each(shop: Shop) -> None:
    await shop.hold(*(f"A:1:{n}" for n in range(1, 7)), principal="person-1")
    with pytest.raises(TooManySeats):
        await shop.hold("A:2:1", "A:2:2", "A:2:3", principal="person-1")
    await shop.hold("A:2:1", "A:2:2", principal="person-1")
    await shop.hold("A:2:3", principal="person-2")
    for row in (3, 4):
        await shop.hold(*(f"A:{row}:{n}" for n in range(1, 9)))


async def test_released_seats_are_free_again_for_everybody(shop: Shop) -> None:
    granted = await shop.hold("A:1:1", "A:1:2")
    one: dict[str, Any] = {"event": shop.town.event, "hold": granted.grant.hold}
    with pytest.raises(HoldNotFound):
        await shop.holding.release(**one, principal="person-1")
    await shop.holding.release(**one, principal=None)
    await shop.holding.release(**one, principal=None)
    assert not any(await shop.states())
    with pytest.raises(HoldNotFound):
        await shop.holding.look(**one, principal=None)
    await shop.hold("A:1:1", "A:1:2", principal="person-1")


async def test_a_hold_is_lengthened_once(shop: Shop) -> None:
    granted = await shop.hold("A:1:1", hold=MINE)
    one: dict[str, Any] = {"event": shop.town.event, "hold": HoldId(MINE), "principal": None}
    longer = await shop.holding.extend(**one)
    again = await shop.holding.extend(**one)
    assert longer.grant.expires_at_ms == granted.grant.expires_at_ms + 420_000
    assert again.grant == longer.grant
    assert longer.extended
    assert (await shop.holding.look(**one)).token == longer.token


async def test_what_cannot_be_held_is_named(shop: Shop) -> None:
    for ids, code in (
        ((), "required"),
        (("A:1:1", "A:1:1"), "duplicate_seat"),
        (("A:1:99", "nonsense"), "unknown_seat"),
        (tuple(f"A:1:{n}" for n in range(1, 10)), "too_many_seats"),
        (("T1::1",), "whole_table"),
    ):
        with pytest.raises(Invalid) as refused:
            await shop.hold(*ids)
        assert refused.value.problems[0].code == code
    await shop.hold(*(f"T1::{n}" for n in range(1, 5)))


async def test_only_an_open_sale_gives_seats(shop: Shop) -> None:
    event = shop.town.event
    for changes, refusal in (
        ({"state": "paused"}, SalePaused),
        ({"state": "cancelled"}, EventCancelled),
        ({"state": "published", "on_sale_at": CLOSES}, NotOnSale),
        ({"on_sale_at": OPENED, "off_sale_at": OPENED}, SaleEnded),
    ):
        shop.town.catalog.change(event, **changes)
        await shop.sales.fresh(event)
        with pytest.raises(refusal):
            await shop.hold("A:1:1")
    del shop.town.catalog.documents[event]
    with pytest.raises(EventNotFound):
        await shop.sales.fresh(event)


async def test_an_expired_hold_answers_gone(shop: Shop) -> None:
    granted = await shop.hold("A:1:1")
    await shop.valkey.command(
        "ZADD", f"{{e:{shop.town.event}}}:x", str(granted.now_ms - 1), granted.grant.hold
    )
    one: dict[str, Any] = {"event": shop.town.event, "hold": granted.grant.hold, "principal": None}
    for ask in (shop.holding.look, shop.holding.extend):
        with pytest.raises(HoldExpired):
            await ask(**one)
    await shop.hold("A:1:1")  # no sweeper has been here
    with pytest.raises(HoldNotFound):
        await shop.holding.look(**one)
