"""What every `HoldStore` answers, case by case."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from seatwright.contracts.catalog import ChartHash, EventId
from seatwright.contracts.charts import SeatState, pack_states, unpack_states
from seatwright.contracts.reservations import HoldId
from seatwright.reservations.domain.outcomes import (
    Absent,
    Change,
    ClaimedSeats,
    Draining,
    Expired,
    Filling,
    Foreign,
    Held,
    HoldOutcome,
    Kept,
    Known,
    Marked,
    NoSuchSeat,
    OtherChart,
    OverLimit,
    RebuildNeeded,
    Released,
    Taken,
    Waiting,
    Wish,
)
from seatwright.reservations.ports import HoldStore

CHART = ChartHash("c" * 32)
SEATS = 50
MINUTE = 60_000


def filling(
    epoch: str = "epoch-01",
    claims: tuple[ClaimedSeats, ...] = (),
    chart: ChartHash = CHART,
    document: int = 5,
) -> Filling:
    states = bytearray(SEATS)
    for claim in claims:
        for seat in claim.seats:
            states[seat] = SeatState.HELD
    return Filling(epoch, SEATS, chart, document, pack_states(states), claims)


class Desk:
    """Short words for one event of one store."""

    def __init__(self, store: HoldStore, event: EventId) -> None:
        self.store = store
        self.event = event

    async def hold(
        self,
        hold: str,
        *seats: int,
        group: str = "",
        ms: int = MINUTE,
        cap_ms: int = 3 * MINUTE,
        note: bytes = b"note\twith\nanything\x00",
    ) -> HoldOutcome:
        wish = Wish(HoldId(hold), f"h:{hold}", group, seats, 8, ms, cap_ms, False, note)
        return await self.store.hold(event=self.event, chart=CHART, wish=wish)

    async def states(self) -> dict[int, int]:
        found = await self.store.snapshot(event=self.event, known=0)
        assert found.bits is not None
        return {seat: s for seat, s in enumerate(unpack_states(found.bits, SEATS)) if s}

    async def expired(self, hold: str) -> None:
        async with asyncio.timeout(5):
            while True:
                found = await self.store.look(event=self.event, hold=HoldId(hold))
                assert isinstance(found, Known)
                if found.expires_ms <= found.now_ms:
                    return
                await asyncio.sleep(0.002)

    async def version(self) -> int:
        return (await self.store.snapshot(event=self.event, known=0)).version


async def test_an_event_that_is_not_known_is_never_free(store: HoldStore, event: EventId) -> None:
    desk = Desk(store, event)
    one: dict[str, Any] = {"event": event, "hold": HoldId("a")}
    asks: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: desk.hold("a", 1),
        lambda: store.look(**one),
        lambda: store.extend(**one, holder="h", by_ms=1),
        lambda: store.keep(**one, until_ms=1),
        lambda: store.release(**one, holder="h"),
        lambda: store.mark(event=event, seats=[1], state=SeatState.SOLD),
        lambda: store.claim(**one, holder="h", seats=[1], until_ms=1, since=0),
        lambda: store.sweep(event=event, holds_max=100),
        lambda: store.snapshot(event=event, known=0),
        lambda: store.changes(event=event, since=0, entries_max=1),
        lambda: store.drain(event=event, publisher="p", lease_ms=9, published=0, entries_max=1),
    )
    for ask in asks:
        with pytest.raises(RebuildNeeded):
            await ask()


async def test_all_seats_or_none(desk: Desk) -> None:
    first = await desk.hold("a", 1, 2)
    assert isinstance(first, Held)
    assert first.expires_ms == first.now_ms + MINUTE
    before = await desk.version()
    refused = await desk.hold("b", 0, 1, 2, 3)
    assert isinstance(refused, Taken)
    assert refused.seats == (1, 2)
    assert await desk.states() == {1: SeatState.HELD, 2: SeatState.HELD}
    assert await desk.version() == before == first.version


async def test_the_same_id_answers_what_is_stored(desk: Desk) -> None:
    first = await desk.hold("a", 1, 2)
    assert isinstance(first, Held)
    for seats in ((1, 2), (3,)):
        again = await desk.hold("a", *seats, note=b"other")
        assert isinstance(again, Known)
        assert again.seats == (1, 2)
        assert again.expires_ms == first.expires_ms
        assert again.note == b"note\twith\nanything\x00"
        assert again.holder == "h:a"
    assert await desk.states() == {1: 1, 2: 1}


async def test_another_chart_and_unknown_seats(desk: Desk) -> None:
    wish = Wish(HoldId("a"), "h", "", (1,), 8, MINUTE, MINUTE, False)
    other = await desk.store.hold(event=desk.event, chart=ChartHash("d" * 32), wish=wish)
    assert isinstance(other, OtherChart)
    unknown = await desk.hold("a", 1, SEATS)
    assert isinstance(unknown, NoSuchSeat)
    assert unknown.seat == SEATS
    marked = await desk.store.mark(event=desk.event, seats=[0, SEATS], state=SeatState.SOLD)
    assert isinstance(marked, NoSuchSeat)
    assert await desk.states() == {}


async def test_a_group_is_limited_over_its_running_holds(desk: Desk) -> None:
    await desk.hold("a", 1, 2, 3, 4, 5, group="g", ms=30)
    over = await desk.hold("b", 6, 7, 8, 9, group="g")
    assert isinstance(over, OverLimit)
    assert over.seats == 5
    assert isinstance(await desk.hold("c", 6, 7, 8, 9, group="other"), Held)
    await desk.expired("a")
    assert isinstance(await desk.hold("b", 10, 11, 12, 13, group="g"), Held)
    await desk.store.release(event=desk.event, hold=HoldId("b"), holder="h:b")
    assert isinstance(await desk.hold("d", *range(20, 28), group="g"), Held)


async def test_a_forgotten_hold_does_not_count_for_who_had_its_id_before(desk: Desk) -> None:
    assert isinstance(await desk.hold("a", 1, group="g", ms=5), Held)
    await desk.expired("a")
    assert isinstance(await desk.hold("b", 1, group="g"), Held), "which forgets a"
    assert isinstance(await desk.hold("a", 2, group="other"), Held)
    assert isinstance(await desk.hold("c", *range(10, 17), group="g"), Held)


async def test_the_next_takes_what_has_run_out(desk: Desk) -> None:
    await desk.hold("a", 1, 2, 3, ms=20)
    await desk.expired("a")
    version = await desk.version()
    taken_over = await desk.hold("b", 2, 4)
    assert isinstance(taken_over, Held)
    assert await desk.states() == {2: 1, 4: 1}
    assert isinstance(await desk.store.look(event=desk.event, hold=HoldId("a")), Absent)
    told = await desk.store.changes(event=desk.event, since=version, entries_max=10)
    latest = {s: state for change in told.changes for state, seats in change.parts for s in seats}
    assert {seat: state for seat, state in latest.items() if seat in {1, 3}} == {1: 0, 3: 0}
    assert (latest.get(2, 1), latest[4]) == (1, 1)


async def test_the_same_id_may_begin_again_after_it_ran_out(desk: Desk) -> None:
    await desk.hold("a", 1, 2, ms=10)
    await desk.expired("a")
    assert isinstance(await desk.hold("a", 2, 3), Held)
    assert await desk.states() == {2: 1, 3: 1}


async def test_extending_once_within_the_cap(desk: Desk) -> None:
    first = await desk.hold("a", 1, cap_ms=MINUTE + 5000)
    assert isinstance(first, Held)
    one: dict[str, Any] = {"event": desk.event, "hold": HoldId("a")}
    assert isinstance(await desk.store.extend(**one, holder="h:b", by_ms=1000), Foreign)
    for _ in range(2):
        longer = await desk.store.extend(**one, holder="h:a", by_ms=9000)
        assert isinstance(longer, Known)
        assert longer.expires_ms == first.expires_ms + 5000
        assert longer.extended
        assert longer.note == b"note\twith\nanything\x00"
    roomy = await desk.hold("roomy", 3)
    assert isinstance(roomy, Held)
    for _ in range(2):
        again = await desk.store.extend(
            event=desk.event, hold=HoldId("roomy"), holder="h:roomy", by_ms=1000
        )
        assert isinstance(again, Known)
        assert again.expires_ms == roomy.expires_ms + 1000, "once"
    await desk.store.keep(**one, until_ms=first.expires_ms + 99_000)
    kept = await desk.store.look(**one)
    assert isinstance(kept, Known)
    assert kept.expires_ms == first.expires_ms + 99_000
    await desk.hold("short", 5, ms=10)
    await desk.expired("short")
    gone: dict[str, Any] = {"event": desk.event, "hold": HoldId("short")}
    assert isinstance(await desk.store.extend(**gone, holder="h:short", by_ms=1), Expired)
    absent: dict[str, Any] = {"event": desk.event, "hold": HoldId("never")}
    assert isinstance(await desk.store.extend(**absent, holder="h", by_ms=1), Absent)
    assert isinstance(await desk.store.keep(**absent, until_ms=1), Absent)


async def test_keeping_revives_what_ran_out_untouched(desk: Desk) -> None:
    first = await desk.hold("a", 1, ms=10)
    assert isinstance(first, Held)
    await desk.expired("a")
    one: dict[str, Any] = {"event": desk.event, "hold": HoldId("a")}
    assert isinstance(await desk.store.keep(**one, until_ms=first.now_ms + MINUTE), Kept)
    assert isinstance(await desk.hold("b", 1), Taken)
    assert isinstance(await desk.store.keep(**one, until_ms=first.now_ms), Kept)
    kept = await desk.store.look(**one)
    assert isinstance(kept, Known)
    assert kept.expires_ms == first.now_ms + MINUTE, "never shorter"


async def test_only_the_owner_releases_and_only_what_is_still_his(desk: Desk) -> None:
    await desk.hold("a", 1, 2)
    one: dict[str, Any] = {"event": desk.event, "hold": HoldId("a")}
    assert isinstance(await desk.store.release(**one, holder="h:b"), Foreign)
    await desk.store.mark(event=desk.event, seats=[2], state=SeatState.SOLD)
    assert isinstance(await desk.store.release(**one, holder="h:a"), Released)
    assert isinstance(await desk.store.release(**one, holder="h:a"), Absent)
    assert await desk.states() == {2: SeatState.SOLD}


async def test_sold_seats_leave_their_hold(desk: Desk) -> None:
    await desk.hold("a", 1, 2, group="g")
    sold = await desk.store.mark(event=desk.event, seats=[1, 2], state=SeatState.SOLD)
    assert isinstance(sold, Marked)
    assert sold.seats == 2
    again = await desk.store.mark(event=desk.event, seats=[1, 2], state=SeatState.SOLD)
    assert again == Marked(again.now_ms, sold.version, 0, ())
    assert isinstance(await desk.store.look(event=desk.event, hold=HoldId("a")), Absent)
    assert isinstance(await desk.hold("b", *range(10, 18), group="g"), Held)
    assert isinstance(await desk.hold("c", 1), Taken)


async def test_sweeping_frees_what_has_run_out_and_says_when_to_come_again(desk: Desk) -> None:
    await desk.hold("a", 1, 2, ms=10)
    later = await desk.hold("b", 3)
    assert isinstance(later, Held)
    await desk.expired("a")
    swept = await desk.store.sweep(event=desk.event, holds_max=100)
    assert (swept.seats, swept.next_ms) == (2, later.expires_ms)
    assert swept.published < swept.version
    assert await desk.states() == {3: 1}
    nothing = await desk.store.sweep(event=desk.event, holds_max=100)
    assert (nothing.seats, nothing.version) == (0, swept.version)


async def test_every_change_has_one_version_and_can_be_read_again(desk: Desk) -> None:
    start = await desk.version()
    await desk.hold("a", 1, 2)
    await desk.store.mark(event=desk.event, seats=[1], state=SeatState.SOLD)
    await desk.store.release(event=desk.event, hold=HoldId("a"), holder="h:a")
    told = await desk.store.changes(event=desk.event, since=start, entries_max=10)
    assert told.complete
    assert told.changes == (
        Change(start + 1, ((1, (1, 2)),)),
        Change(start + 2, ((2, (1,)),)),
        Change(start + 3, ((0, (2,)),)),
    )
    part = await desk.store.changes(event=desk.event, since=start + 1, entries_max=1)
    assert part.complete
    assert [change.version for change in part.changes] == [start + 2]
    now = await desk.store.changes(event=desk.event, since=start + 3, entries_max=1)
    assert (now.complete, now.changes) == (True, ())
    for other in (0, start - 2, start + 9):
        strange = await desk.store.changes(event=desk.event, since=other, entries_max=9)
        assert not strange.complete


async def test_a_snapshot_brings_bits_only_when_they_are_news(desk: Desk) -> None:
    first = await desk.store.snapshot(event=desk.event, known=0)
    assert (first.epoch, first.seat_count, first.chart) == ("epoch-01", SEATS, CHART)
    same = await desk.store.snapshot(event=desk.event, known=first.version)
    assert same.bits is None
    await desk.hold("a", 0, 5)
    news = await desk.store.snapshot(event=desk.event, known=first.version)
    assert news.bits is not None
    assert news.bits[:2] == bytes([0b01000000, 0b00010000])


async def test_filling_happens_once_unless_forced(desk: Desk) -> None:
    await desk.hold("a", 1)
    version = await desk.version()
    left = await desk.store.fill(event=desk.event, filling=filling("epoch-02"), force=False)
    assert (left.epoch, left.version) == ("epoch-01", version)
    claim = ClaimedSeats(HoldId("c"), "h:c", "g", (7, 8), left.now_ms + MINUTE)
    new = await desk.store.fill(event=desk.event, filling=filling("epoch-02", (claim,)), force=True)
    assert new.epoch == "epoch-02"
    assert new.version > version
    assert await desk.states() == {7: 1, 8: 1}
    known = await desk.store.look(event=desk.event, hold=HoldId("c"))
    assert isinstance(known, Known)
    assert (known.holder, known.seats, known.note) == ("h:c", (7, 8), b"")
    assert isinstance(await desk.hold("d", *range(10, 17), group="g"), OverLimit)
    told = await desk.store.changes(event=desk.event, since=version, entries_max=9)
    assert not told.complete


async def test_what_is_forgotten_is_not_known(desk: Desk) -> None:
    await desk.hold("a", 1)
    for _ in range(2):
        await desk.store.forget(event=desk.event)
    with pytest.raises(RebuildNeeded):
        await desk.states()
    await desk.store.fill(event=desk.event, filling=filling(), force=False)
    assert await desk.states() == {}


async def test_only_a_newer_document_brings_another_chart(desk: Desk) -> None:
    other = ChartHash("d" * 32)
    for document, epoch in ((4, "epoch-01"), (5, "epoch-01"), (6, "epoch-03")):
        given = filling("epoch-03", chart=other, document=document)
        found = await desk.store.fill(event=desk.event, filling=given, force=False)
        assert found.epoch == epoch
    late = await desk.store.fill(event=desk.event, filling=filling("epoch-04"), force=False)
    assert late.epoch == "epoch-03", "a process with an old document changes nothing"


async def test_one_publisher_at_a_time_and_the_next_begins_where_it_stopped(desk: Desk) -> None:
    async def drain(who: str, published: int = 0, lease_ms: int = MINUTE) -> Draining | Waiting:
        return await desk.store.drain(
            event=desk.event,
            publisher=who,
            lease_ms=lease_ms,
            published=published,
            entries_max=10,
        )

    start = await desk.version()
    await desk.hold("a", 1)
    first = await drain("p", lease_ms=40)
    assert isinstance(first, Draining)
    assert [change.version for change in first.changes] == [start, start + 1]
    other = await drain("q")
    assert isinstance(other, Waiting)
    assert other.published == start - 1
    async with asyncio.timeout(5):
        while isinstance(second := await drain("q"), Waiting):
            await asyncio.sleep(0.002)
    assert second.changes == first.changes, "never marked, so told again"
    done = await drain("q", start + 1)
    assert isinstance(done, Draining)
    assert (done.published, done.changes) == (start + 1, ())
    assert isinstance(await drain("p", start), Waiting)
    await drain("q", start + 1, lease_ms=0)
    assert isinstance(await drain("p"), Draining)
