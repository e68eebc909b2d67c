"""One fetches, all get it."""

import asyncio

import pytest

from seatwright.kit.errors import Unavailable
from seatwright.reservations.service.single_flight import SingleFlight


class Source:
    def __init__(self) -> None:
        self.fetched = 0
        self.gate = asyncio.Event()
        self.fault: Exception | None = None

    async def fetch(self) -> int:
        self.fetched += 1
        mine = self.fetched
        await self.gate.wait()
        if self.fault:
            raise self.fault
        return mine


async def test_many_share_one_run_and_the_next_is_a_new_one() -> None:
    flight, source = SingleFlight[str, int](), Source()
    asked = [asyncio.ensure_future(flight.run("k", source.fetch)) for _ in range(20)]
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*asked) == [1] * 20
    assert await flight.run("k", source.fetch) == 2


async def test_a_refusal_goes_to_all_and_is_not_kept() -> None:
    flight, source = SingleFlight[str, int](), Source()
    source.gate.set()
    source.fault = Unavailable("away")
    answers = await asyncio.gather(
        *(flight.run("k", source.fetch) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(one, Unavailable) for one in answers)
    source.fault = None
    assert await flight.run("k", source.fetch) == 2


async def test_who_is_cancelled_leaves_the_run_to_the_others() -> None:
    flight, source = SingleFlight[str, int](), Source()
    first = asyncio.ensure_future(flight.run("k", source.fetch))
    second = asyncio.ensure_future(flight.run("k", source.fetch))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.gate.set()
    assert await second == 1


async def test_an_ended_run_is_never_handed_out_again() -> None:
    flight, source = SingleFlight[str, int](), Source()
    source.gate.set()

    async def again_and_again() -> int:
        last = 0
        while last < 5:  # spins for ever without the check
            last = await flight.run("k", source.fetch)
        return last

    answers = await asyncio.wait_for(asyncio.gather(*(again_and_again() for _ in range(4))), 5)
    assert all(one >= 5 for one in answers)
