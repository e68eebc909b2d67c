"""News of an event reach each of its orders once, also when processes die on the way."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import OrderPapers
from seatwright.delivery.service import notices
from seatwright.delivery.service.notices import Lookout, RoundMaker
from seatwright.delivery.store import rounds
from seatwright.kit import clock
from tests.fakes.sold import a_ticket, an_event
from tests.integration.delivery.house import House, until

pytestmark = pytest.mark.usefixtures("working")
NO_PAUSE = timedelta(0)


def changed(house: House, event: EventForSale, **changes: object) -> EventForSale:
    newer = msgspec.structs.replace(event, version=event.version + 1, **changes)
    return house.catalog.add(newer)


def sold(house: House, event: EventForSale, count: int) -> list[OrderPapers]:
    return [house.sold(a_ticket(event, n), event=event) for n in range(count)]


def maker(house: House) -> RoundMaker:
    return RoundMaker(
        database=house.database,
        orders=house.orders,  # type: ignore[arg-type]  # it asks for live orders only
        broker=house.broker,
        pause=NO_PAUSE,
    )


async def look(house: House, event: EventForSale) -> None:
    await Lookout(database=house.database, catalog=house.catalog).compare(event.id)


async def over(house: House, event: EventForSale) -> bool:
    """Go on with whatever rounds there are until this event has none under way."""
    await maker(house).step()
    under_way = await house.truth.fetchval(
        "SELECT count(*) FROM delivery.rounds WHERE event_id = $1 AND ended_at IS NULL", event.id
    )
    return bool(under_way == 0)


async def told(house: House, papers: list[OrderPapers], words: str) -> None:
    async def all_have_it() -> bool:
        return all(
            any(words in mail["subject"] for mail in house.server.to(one.buyer_email))
            for one in papers
        )

    await until(all_have_it)


async def test_a_move_is_told_to_every_order_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_ORDERS_A_PAGE", 3)
    event = an_event()
    orders = sold(house, event, 7)
    returned = house.sold(a_ticket(event, 9, status="refunded"), event=event)
    await look(house, event)
    newer = changed(house, event, starts_at=event.starts_at + timedelta(days=7))
    for _ in range(3):
        await look(house, newer)
    await until(lambda: over(house, event))
    await told(house, orders, "New date")
    for one in orders:
        (mail,) = house.server.to(one.buyer_email)
        text = mail.get_body(("plain",)).get_content()
        assert "21 August 2031" in text
        assert "14 August 2031, 20:00" in text
        assert "#hush-secret" in text
    assert house.server.to(returned.buyer_email) == []
    row = await house.truth.fetchrow(
        "SELECT order_count, kind FROM delivery.rounds WHERE event_id = $1", event.id
    )
    assert (row[0], row[1]) == (8, "moved")


async def test_a_cancellation_is_told_and_nothing_else_after_it(house: House) -> None:
    event = an_event()
    orders = sold(house, event, 2)
    await look(house, event)
    gone = changed(house, event, state="cancelled")
    await look(house, gone)
    await look(house, changed(house, gone, starts_at=event.starts_at + timedelta(days=1)))
    await until(lambda: over(house, event))
    await told(house, orders, "Cancelled")
    assert all(len(house.server.to(one.buyer_email)) == 1 for one in orders)


async def test_the_day_before_brings_a_reminder_with_the_doors(house: House) -> None:
    starts = clock.now() + timedelta(hours=20)
    event = an_event(
        starts_at=starts,
        doors_at=starts - timedelta(hours=1),
        ends_at=starts + timedelta(hours=3),
    )
    orders = sold(house, event, 2)
    for _ in range(2):
        await look(house, event)
    await until(lambda: over(house, event))
    await told(house, orders, "Soon")
    (mail,) = house.server.to(orders[0].buyer_email)
    assert "Doors open" in mail.get_body(("plain",)).get_content()


async def test_a_round_that_was_cut_off_goes_on_and_nobody_hears_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_ORDERS_A_PAGE", 2)
    event = an_event()
    orders = sold(house, event, 5)
    await look(house, event)
    await look(house, changed(house, event, doors_at=None))

    class Died(BaseException):
        pass

    mine, advance = asyncio.current_task(), rounds.advance

    async def die(*given: Any, **more: Any) -> bool:
        # The worker that goes on beside the test lives.
        if asyncio.current_task() is mine:
            raise Died
        return await advance(*given, **more)

    # Between the page that the queue has and the row that says so, twice.
    for _ in range(2):
        monkeypatch.setattr("seatwright.delivery.store.rounds.advance", die)
        with suppress(Died):
            await maker(house).step()
        monkeypatch.undo()
        monkeypatch.setattr(notices, "_ORDERS_A_PAGE", 2)
        await house.truth.execute(
            "UPDATE delivery.rounds SET leased_until = NULL WHERE event_id = $1", event.id
        )
    await until(lambda: over(house, event))
    await told(house, orders, "Please note")
    assert [len(house.server.to(one.buyer_email)) for one in orders] == [1] * 5
