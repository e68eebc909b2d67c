"""Background work outlives its faults and ends with its process."""

import asyncio
from datetime import timedelta

import pytest

from seatwright.kit import ids
from seatwright.kit.tasks import Background, forever

IDLE = timedelta(seconds=5)


@pytest.fixture
def rests(monkeypatch):
    """What `forever` slept, without sleeping; the 20th rest ends it."""
    seen: list[float] = []

    async def rest(seconds: float) -> None:
        seen.append(seconds)
        if len(seen) == 20:
            raise asyncio.CancelledError

    monkeypatch.setattr("seatwright.kit.tasks.asyncio.sleep", rest)
    return seen


async def test_a_step_says_how_long_to_rest(rests):
    answers = iter([timedelta(0), None, timedelta(seconds=2)])

    async def step():
        return next(answers, None)

    with pytest.raises(asyncio.CancelledError):
        await forever("test", step, idle=IDLE)
    assert rests[:4] == [0, 5, 2, 5]


async def test_faults_make_the_pauses_grow_up_to_a_limit(rests, monkeypatch):
    monkeypatch.setattr(ids, "chance", lambda below: below - 1)

    async def step():
        raise ConnectionError

    with pytest.raises(asyncio.CancelledError):
        await forever("test", step, idle=IDLE)
    assert rests == sorted(rests)
    assert rests[0] < 0.3
    assert 29 < rests[-1] < 31


async def test_a_success_forgets_the_faults(rests, monkeypatch):
    monkeypatch.setattr(ids, "chance", lambda below: below - 1)
    outcomes = iter([True] * 6 + [False] + [True] * 20)

    async def step():
        if next(outcomes):
            raise ConnectionError
        return timedelta(0)

    with pytest.raises(asyncio.CancelledError):
        await forever("test", step, idle=IDLE)
    assert rests[5] > 6
    assert rests[6] == 0
    assert rests[7] == rests[0]


async def test_pauses_are_jittered_so_that_a_crowd_spreads(rests):
    async def step():
        raise ConnectionError

    with pytest.raises(asyncio.CancelledError):
        await forever("test", step, idle=IDLE)
    assert len({round(rest, 3) for rest in rests[8:]}) > 3


async def test_cancelling_ends_a_step_at_once():
    begun = asyncio.Event()

    async def step():
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(forever("test", step, idle=IDLE))
    await begun.wait()
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_background_work_ends_with_its_process():
    ended: list[str] = []
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    async def short() -> None:
        ended.append("short")

    async with asyncio.timeout(5), Background() as background:
        background.start(work, "work")
        background.start(short, "short")
        await begun.wait()
        await asyncio.sleep(0)
    assert sorted(ended) == ["short", "work"]


async def test_background_work_that_breaks_ends_the_process():
    async def broken() -> None:
        raise ValueError("bug")

    async def process() -> None:
        async with Background() as background:
            background.start(broken, "broken")
            await asyncio.Event().wait()

    async with asyncio.timeout(5):
        with pytest.raises(ExceptionGroup) as caught:
            await process()
    assert caught.group_contains(ValueError)
