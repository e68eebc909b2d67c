"""A seat map of tens of thousands of claims reaches another process, in pages."""

from collections import Counter
from collections.abc import AsyncIterator
from types import SimpleNamespace

import msgspec
import pytest

from seatwright.contracts.charts import SeatState
from seatwright.contracts.orders import LiveClaim, Orders
from seatwright.contracts.reservations import HoldId, Seat, SeatsTaken
from seatwright.kit import ids
from seatwright.kit.broker import Broker
from seatwright.kit.rpc import Contract, Server, remote
from seatwright.kit.valkey import Valkey
from seatwright.orders.reading.service import ReadOrders
from seatwright.orders.reading.store import SEATS_A_PAGE_MAX, ReadingStore
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.service.comparing import Comparing
from seatwright.reservations.service.seat_maps import seat_map
from tests.fakes.selling import small_chart
from tests.integration.reservations.shop import KEYS, Shop, Town

CLAIMS = 28_000
# Every seat is its own order's, with the longest names there are; each 1000th is pinned. Two
# seats on both sides of the first page's end are one order's.
ORDERS = """
INSERT INTO orders.orders (event_id, id, code, principal, hold_id, state, buyer_name, buyer_email,
    language, currency, total, tax, quote, document_version, seat_count, expires_at)
SELECT $1, 'o' || n, 'c' || n, 'hold:' || rpad(n || '-', 64, 'h'), rpad(n || '-', 64, 'h'),
    'awaiting_payment', 'Ada', 'ada@example.com', 'en', 'EUR', 100, 0, '{}', 1, 1,
    clock_timestamp() + interval '1 hour'
FROM generate_series(0, $2 - 1) AS n
"""
CLAIMED = """
INSERT INTO orders.claims (event_id, seat, order_id, state, claimed_until)
SELECT $1, n, 'o' || CASE n WHEN $3 THEN $3 - 1 ELSE n END, 'claimed',
    CASE WHEN n % 1000 = 1 THEN 'infinity' ELSE clock_timestamp() + interval '1 hour' END
FROM generate_series(0, $2 - 1) AS n
"""


@pytest.fixture
async def broker(engines) -> AsyncIterator[Broker]:
    connected = await Broker.connect(engines.nats_url, name="seat-map-tests")
    yield connected
    await connected.close()


@pytest.fixture(scope="module")
async def town(truth) -> Town:
    """An event with as many live orders as seats."""
    town = Town(small_chart(rows=100, seats=140))
    await truth.execute(ORDERS, town.event, CLAIMS)
    await truth.execute(CLAIMED, town.event, CLAIMS, SEATS_A_PAGE_MAX)
    return town


@pytest.fixture
async def far_orders(broker, database, town) -> Orders:
    reader = ReadOrders(keys=KEYS, store=ReadingStore(database), catalog=town.catalog)
    contract = Contract.of(f"orders{ids.short_id()}", Orders)
    await Server(broker, contract, reader).start()
    await broker.client.flush()
    return remote(broker, contract)


async def test_all_claims_arrive_and_each_once(far_orders, town):
    found = await seat_map(far_orders, town.event)
    seats = Counter(seat for claim in found.claimed for seat in claim.seats)
    assert seats == Counter(range(CLAIMS))
    assert (found.sold, found.blocked, found.seat_count) == ([], [], town.chart.seat_count)
    assert len(found.claimed) == CLAIMS - 1
    (cut,) = [claim.seats for claim in found.claimed if len(claim.seats) > 1]
    assert cut == [SEATS_A_PAGE_MAX - 1, SEATS_A_PAGE_MAX]
    pinned = [claim.seats for claim in found.claimed if claim.until_ms is None]
    assert pinned == [[seat] for seat in range(1, CLAIMS, 1000)]


async def test_an_event_of_so_many_claims_is_rebuilt(far_orders, town, engines):
    town.orders = far_orders
    valkey = await Valkey.connect(engines.valkey_url, name="seat-map-tests")
    shop = Shop(town, valkey, Terms())
    try:
        await shop.rebuilding.again(town.event, force=False)
        await shop.hold("pitch:1")
        with pytest.raises(SeatsTaken):
            await shop.hold("A:30:1")
        states = await shop.states()
        assert states.count(SeatState.HELD) == CLAIMS + 1
        assert town.event in await shop.duties.events(), "whoever sweeps and compares knows of it"
        comparing = Comparing(
            shop.store, shop.duties, town.catalog, far_orders, lambda *_: None
        )  # fmt: skip
        look = await comparing.look(town.event)
        assert look is not None
        assert not look.differences
    finally:
        await shop.store.forget(event=town.event)
        await shop.duties.forget(event=town.event)
        await valkey.close()


async def test_a_page_asked_for_some_seats_ends_behind_them(far_orders, town):
    asked: list[int] = []

    async def counted(*, event, start):
        asked.append(start)
        return await far_orders.seat_map(event=event, start=start)

    counting = SimpleNamespace(seat_map=counted)
    found = await seat_map(counting, town.event, Seat(9_000), Seat(9_100))
    assert asked == [9_000]
    assert {9_000, 9_100} <= {seat for claim in found.claimed for seat in claim.seats}


async def test_the_largest_page_is_far_below_what_the_broker_carries(broker, far_orders, town):
    page = await far_orders.seat_map(event=town.event, start=Seat(CLAIMS - SEATS_A_PAGE_MAX))
    assert len(page.claimed) == SEATS_A_PAGE_MAX
    longest = LiveClaim(HoldId("h" * 64), "hold:" + "h" * 64, [Seat(99_999)], 2**41)
    largest = msgspec.structs.replace(page, claimed=[longest] * SEATS_A_PAGE_MAX)
    assert len(msgspec.msgpack.encode(largest)) < broker.client.max_payload * 2 / 3
