"""What orders say about seats, as every `HoldStore` takes it: late news, and truth."""

from seatwright.contracts.charts import SeatState
from seatwright.contracts.reservations import HoldId
from seatwright.reservations.domain.outcomes import (
    Absent,
    Held,
    Known,
    Marked,
    OverLimit,
    Released,
)
from tests.contract.reservations.test_hold_store import SEATS, Desk

# In the year 2055: beyond every hold's own end.
UNTIL_MS = 2_700_000_000_000


async def test_freed_leaves_alone_what_a_running_hold_has(desk: Desk) -> None:
    await desk.hold("a", 1)
    await desk.hold("b", 2)
    await desk.hold("c", 3, ms=10)
    await desk.store.mark(event=desk.event, seats=[4, 5], state=SeatState.BLOCKED)
    await desk.expired("c")
    freed = await desk.store.mark(
        event=desk.event, seats=[1, 2, 3], state=SeatState.FREE, ended=HoldId("b")
    )
    assert isinstance(freed, Marked)
    assert freed.seats == 2
    await desk.store.mark(event=desk.event, seats=[4], state=SeatState.FREE)
    assert await desk.states() == {1: SeatState.HELD, 5: SeatState.BLOCKED}
    assert isinstance(await desk.store.look(event=desk.event, hold=HoldId("b")), Absent)


async def test_freed_as_news_spares_what_is_sold_or_blocked_since(desk: Desk) -> None:
    await desk.hold("a", 1, 2, 3)
    await desk.store.mark(event=desk.event, seats=[2, 6], state=SeatState.SOLD)
    await desk.store.mark(event=desk.event, seats=[3], state=SeatState.BLOCKED)
    freed = await desk.store.mark(
        event=desk.event, seats=[1, 2, 3], state=SeatState.FREE, ended=HoldId("a")
    )
    assert freed == Marked(freed.now_ms, freed.version, 1, (2,))
    shown = {2: SeatState.SOLD, 3: SeatState.BLOCKED, 6: SeatState.SOLD}
    assert await desk.states() == shown
    nothing = await desk.store.mark(event=desk.event, seats=[6, 7], state=SeatState.FREE)
    assert nothing == Marked(nothing.now_ms, freed.version, 0, (6,))
    assert await desk.states() == shown


async def test_the_truth_of_a_version_spares_what_changed_after_it(desk: Desk) -> None:
    await desk.store.mark(event=desk.event, seats=[1, 2], state=SeatState.SOLD)
    before = await desk.store.snapshot(event=desk.event, known=0)
    await desk.hold("b", 3)
    await desk.store.mark(event=desk.event, seats=[1], state=SeatState.BLOCKED)
    freed = await desk.store.mark(
        event=desk.event, seats=[1, 2, 3], state=SeatState.FREE, since=before.version
    )
    assert freed == Marked(freed.now_ms, before.version + 3, 1, ())
    assert await desk.states() == {1: SeatState.BLOCKED, 3: SeatState.HELD}
    sold = await desk.store.mark(
        event=desk.event, seats=[2], state=SeatState.SOLD, since=before.version
    )
    assert sold == Marked(sold.now_ms, freed.version, 0, ())


async def test_the_truth_of_a_forgotten_version_changes_nothing(desk: Desk) -> None:
    known = await desk.store.snapshot(event=desk.event, known=0)
    marked = await desk.store.mark(
        event=desk.event, seats=[1], state=SeatState.SOLD, since=known.version - 1000
    )
    assert marked == Marked(marked.now_ms, known.version, 0, ())
    assert not await desk.states()


async def test_a_claim_takes_back_what_is_shown_otherwise(desk: Desk) -> None:
    await desk.store.mark(event=desk.event, seats=[1], state=SeatState.SOLD)
    await desk.store.mark(event=desk.event, seats=[2], state=SeatState.BLOCKED)
    version = await desk.version()
    assert await claim(desk, "a", 1, 2, 3) == (version + 1, 3, ())
    assert await desk.states() == dict.fromkeys((1, 2, 3), SeatState.HELD)
    found = await desk.store.look(event=desk.event, hold=HoldId("a"))
    assert isinstance(found, Known)
    assert (found.holder, found.group, found.seats, found.note) == ("h:a", "", (1, 2, 3), b"")
    assert found.expires_ms == found.cap_ms == UNTIL_MS
    assert await claim(desk, "a", 1, 2, 3) == (version + 1, 0, ())
    ended = await desk.store.mark(
        event=desk.event, seats=[1, 2, 3], state=SeatState.FREE, ended=HoldId("a")
    )
    assert ended == Marked(ended.now_ms, version + 2, 3, ())


async def test_a_claim_leaves_its_running_hold_what_it_has(desk: Desk) -> None:
    await desk.hold("a", 1, 2, group="anna", note=b"note\twith\nanything\x00")
    await desk.store.mark(event=desk.event, seats=[2], state=SeatState.FREE, ended=HoldId("a"))
    await desk.store.extend(event=desk.event, hold=HoldId("a"), holder="h:a", by_ms=1)
    before = await desk.store.look(event=desk.event, hold=HoldId("a"))
    await claim(desk, "a", 1, 2, 3)
    assert await desk.states() == dict.fromkeys((1, 2, 3), SeatState.HELD)
    after = await desk.store.look(event=desk.event, hold=HoldId("a"))
    assert isinstance(before, Known)
    assert after == before._replace(now_ms=after.now_ms, expires_ms=UNTIL_MS, seats=(1, 2, 3))
    # The group's limit is 8.
    assert isinstance(await desk.hold("b", 11, 12, 13, 14, 15, 16, group="anna"), OverLimit)
    assert isinstance(await desk.hold("b", 11, 12, 13, 14, 15, group="anna"), Held)


async def test_a_claim_spares_what_anybody_holds(desk: Desk) -> None:
    await desk.hold("b", 2)
    version = await desk.version()
    assert await claim(desk, "a", 1, 2) == (version + 1, 1, ())
    other = await desk.store.release(event=desk.event, hold=HoldId("b"), holder="h:b")
    assert isinstance(other, Released)
    assert await desk.states() == {1: SeatState.HELD}


async def test_a_claim_of_a_version_spares_what_changed_after_it(desk: Desk) -> None:
    known = await desk.version()
    await desk.store.mark(event=desk.event, seats=[1], state=SeatState.SOLD)
    assert await claim(desk, "a", 1, 2, since=known) == (known + 2, 1, ())
    assert await desk.states() == {1: SeatState.SOLD, 2: SeatState.HELD}
    assert await claim(desk, "a", 1, since=known) == (known + 2, 0, ())


async def test_a_claim_of_a_seat_that_the_event_does_not_have(desk: Desk) -> None:
    assert await claim(desk, "a", 1, SEATS) == (SEATS,)
    assert not await desk.states()


async def claim(desk: Desk, hold: str, *seats: int, since: int | None = None) -> tuple[object, ...]:
    """What comes of a claim that orders knew at a version, or knows now; the time left out."""
    outcome = await desk.store.claim(
        event=desk.event,
        hold=HoldId(hold),
        holder=f"h:{hold}",
        seats=list(seats),
        until_ms=UNTIL_MS,
        since=await desk.version() if since is None else since,
    )
    return outcome[1:]
