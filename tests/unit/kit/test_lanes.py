"""Group commit gives each submitter its own answer."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from seatwright.kit import lanes
from seatwright.kit.errors import Conflict, TooMany, Unavailable, Unknown
from seatwright.kit.lanes import Lane
from seatwright.kit.postgres import Locked


class Sink:
    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, items):
        self.batches.append(list(items))
        await self.gate.wait()
        if any(item == 13 for item in items):
            raise ValueError("poison")
        return [Conflict("odd") if item == 7 else item * 2 for item in items]


def lane(sink: Sink, **options) -> Lane[int, int]:
    return Lane("test", sink.run, keys=lambda item: (item % 10,), batches_at_once=1, **options)


async def test_what_arrives_during_a_commit_shares_the_next_one():
    sink = Sink()
    sink.gate.clear()
    under_test = lane(sink)
    async with asyncio.TaskGroup() as group:
        answers = [group.create_task(under_test.submit(n)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        sink.gate.set()
    assert [a.result() for a in answers] == [2, 4, 6]
    assert sink.batches == [[1], [2, 3]]


async def test_a_refusal_and_a_fault_reach_only_their_own_submitter():
    sink = Sink()
    sink.gate.clear()
    under_test = lane(sink)
    tasks = [asyncio.ensure_future(under_test.submit(n)) for n in (1, 2, 7, 13, 4)]
    await asyncio.sleep(0)
    sink.gate.set()
    got = await asyncio.gather(*tasks, return_exceptions=True)
    assert (got[0], got[1], got[4]) == (2, 4, 8)
    assert isinstance(got[2], Conflict)
    assert isinstance(got[3], ValueError)


async def test_items_that_share_a_key_never_share_a_batch():
    sink = Sink()
    under_test = lane(sink)
    got = await asyncio.gather(*(under_test.submit(n) for n in (5, 15, 25, 6)))
    assert got == [10, 30, 50, 12]
    for batch in sink.batches:
        assert len({n % 10 for n in batch}) == len(batch)


async def test_an_unknown_outcome_is_told_to_all_and_never_tried_again():
    calls = []

    async def run(items):
        calls.append(list(items))
        raise Unknown("lost")

    under_test = Lane("test", run, keys=lambda item: (item,))
    got = await asyncio.gather(*(under_test.submit(n) for n in range(4)), return_exceptions=True)
    assert all(isinstance(answer, Unknown) for answer in got)
    assert sorted(n for batch in calls for n in batch) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "fault",
    [
        Unavailable("away"),
        asyncpg.UndefinedTableError("no such table"),
        asyncpg.InsufficientPrivilegeError("not yours"),
    ],
    ids=repr,
)
async def test_a_database_that_is_away_is_asked_once_for_a_whole_batch(fault: Exception):
    calls = []

    async def run(items):
        calls.append(list(items))
        raise fault

    under_test = Lane("test", run, keys=lambda item: (item,), batches_at_once=1)
    got = await asyncio.gather(*(under_test.submit(n) for n in range(50)), return_exceptions=True)
    assert got == [fault] * 50
    assert calls == [[0], list(range(1, 50))]


async def test_a_lane_that_is_cancelled_among_halves_leaves_nobody_waiting():
    first_half, seen = asyncio.Event(), []

    async def run(items):
        seen.append(list(items))
        if len(items) == 4:
            raise ValueError("poison")
        if len(items) == 2:
            first_half.set()
            await asyncio.Event().wait()
        return items

    under_test = Lane("halves", run, keys=lambda item: (item,), batches_at_once=1)
    waiting = [asyncio.ensure_future(under_test.submit(n)) for n in range(5)]
    await first_half.wait()
    (running,) = (task for task in asyncio.all_tasks() if task.get_name() == "halves")
    running.cancel()
    _, left = await asyncio.wait(waiting, timeout=2)
    for task in left:
        task.cancel()
    assert (seen, left) == ([[0], [1, 2, 3, 4], [1, 2]], set())
    assert [type(task.exception()) for task in waiting] == [type(None), *[Unknown] * 4]


async def test_a_batch_that_is_cancelled_before_it_begins_leaves_nobody_waiting():
    under_test = lane(Sink())
    waiting = asyncio.ensure_future(under_test.submit(1))
    while not (begun := [one for one in asyncio.all_tasks() if one.get_name() == "test"]):
        await asyncio.sleep(0)
        assert not waiting.done()
    begun[0].cancel()
    with pytest.raises(Unknown):
        await asyncio.wait_for(waiting, 2)
    assert await under_test.submit(1) == 2


@pytest.mark.parametrize(
    "fault", [asyncpg.UniqueViolationError("twice"), asyncpg.DeadlockDetectedError("met")], ids=repr
)
async def test_a_poisoned_item_is_found_by_halves(fault: Exception):
    calls = []

    async def run(items):
        calls.append(list(items))
        if 13 in items:
            raise fault
        return [item * 2 for item in items]

    under_test = Lane("test", run, keys=lambda item: (item,), batches_at_once=1)
    got = await asyncio.gather(*(under_test.submit(n) for n in range(65)), return_exceptions=True)
    assert [answer for n, answer in enumerate(got) if n != 13] == [
        n * 2 for n in range(65) if n != 13
    ]
    assert isinstance(got[13], Unavailable | asyncpg.UniqueViolationError)
    # The first alone, then 64, then two halves for each power of two, the last perhaps thrice.
    assert len(calls) <= 1 + 1 + 2 * 6 + 2


async def test_a_lock_is_looked_for_by_halves_for_a_while_only(monkeypatch: pytest.MonkeyPatch):
    calls = []

    async def run(items):
        calls.append(list(items))
        if 13 in items:
            raise Locked("somebody has it")
        return list(items)

    async def everybody():
        under_test = Lane("test", run, keys=lambda item: (item,), batches_at_once=1)
        waiting = (under_test.submit(n) for n in range(65))
        return await asyncio.gather(*waiting, return_exceptions=True)

    got = await everybody()
    assert [n for n, one in enumerate(got) if one != n] == [13]
    assert isinstance(got[13], Locked)
    assert len(calls) == 1 + 1 + 2 * 6
    calls.clear()
    monkeypatch.setattr(lanes, "APART_TIME", timedelta(0))
    got = await everybody()
    assert (got[0], {type(one) for one in got[1:]}) == (0, {Locked})
    assert calls == [[0], list(range(1, 65))]


async def test_a_write_that_meets_another_is_tried_again_a_few_times():
    calls = []

    async def run(items):
        calls.append(list(items))
        if len(calls) < 3:
            raise asyncpg.SerializationError("met another")
        return list(items)

    assert await Lane("test", run, keys=lambda item: (item,)).submit(1) == 1
    assert calls == [[1]] * 3

    async def always(items):
        calls.append(list(items))
        raise asyncpg.DeadlockDetectedError("met another")

    calls.clear()
    with pytest.raises(Unavailable):
        await Lane("test", always, keys=lambda item: (item,)).submit(1)
    assert calls == [[1]] * 3


async def test_a_lane_that_is_too_long_refuses():
    sink = Sink()
    sink.gate.clear()
    under_test = lane(sink, waiting_items_max=1)
    first = asyncio.ensure_future(under_test.submit(1))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(under_test.submit(2))
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await under_test.submit(3)
    sink.gate.set()
    assert list(await asyncio.gather(first, second)) == [2, 4]


async def test_a_caller_that_goes_away_does_not_undo_its_write():
    sink = Sink()
    sink.gate.clear()
    under_test = lane(sink)
    task = asyncio.ensure_future(under_test.submit(1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    sink.gate.set()
    assert await under_test.submit(2) == 4
    assert sink.batches[0] == [1]


async def test_a_batch_that_answers_too_little_fails_all_of_it_once():
    calls = []

    async def run(items):
        calls.append(list(items))
        return [1]

    under_test = Lane("test", run, keys=lambda item: (item,), batches_at_once=1)
    async with asyncio.timeout(5):
        first, *got = await asyncio.gather(
            *(under_test.submit(n) for n in (0, 1, 2)), return_exceptions=True
        )
    assert first == 1
    assert [type(answer) for answer in got] == [AssertionError, AssertionError]
    assert calls == [[0], [1, 2]], "what is written already is not written again"


async def test_a_batch_that_is_given_up_leaves_nobody_waiting():
    async def run(items):
        raise asyncio.CancelledError

    under_test = Lane("test", run, keys=lambda item: (item,))
    async with asyncio.timeout(5):
        with pytest.raises(Unknown):
            await under_test.submit(1)


async def test_a_batch_is_no_larger_than_it_may_be_and_order_is_kept():
    sink = Sink()
    sink.gate.clear()
    under_test = Lane(
        "test", sink.run, keys=lambda item: (item,), batches_at_once=1, batch_items_max=3
    )
    tasks = [asyncio.ensure_future(under_test.submit(n)) for n in range(20, 28)]
    await asyncio.sleep(0)
    sink.gate.set()
    assert await asyncio.gather(*tasks) == [n * 2 for n in range(20, 28)]
    assert sink.batches == [[20], [21, 22, 23], [24, 25, 26], [27]]


async def test_two_batches_run_beside_each_other_and_share_no_key():
    running: list[set[int]] = []
    most = 0

    async def run(items):
        nonlocal most
        keys = {item % 10 for item in items}
        assert not any(keys & other for other in running), "two batches wrote one key at once"
        running.append(keys)
        most = max(most, len(running))
        await asyncio.sleep(0.001)
        running.remove(keys)
        return list(items)

    under_test = Lane("test", run, keys=lambda item: (item % 10,), batch_items_max=4)
    got = await asyncio.gather(*(under_test.submit(n) for n in range(200)))
    assert got == list(range(200))
    assert most == 2
