"""One seed, one universe: `python -m tests.simulation SEED` replays it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import Any

from seatwright.contracts.charts.shelf import ChartShelf
from tests.fakes.selling import FakeFiles, small_chart
from tests.simulation import reading
from tests.simulation.auditor import Auditor
from tests.simulation.buyers import PLANS, Buyer, Organiser
from tests.simulation.house import House
from tests.simulation.truth import Truth, doors
from tests.simulation.world import World

SEATS = 12
TAIL = 60
# The time to pay, a silence that is final, the first comparison: everything is over by then.
REST_MAX_S = 2 * 3600
QUIET_S = 400


@dataclass
class Told:
    """What became of a seed."""

    seed: int
    history: list[str] = field(repr=False)
    fault: BaseException | None
    facts: dict[str, int]

    def report(self) -> str:
        tail = "\n".join(self.history[-TAIL:])
        return (
            f"{tail}\n\nseed {self.seed}: {self.fault!r}\n"
            f"Replay it: .venv/bin/python -m tests.simulation {self.seed}"
        )


@dataclass
class Stage:
    """What all seeds of a run share."""

    truth: Truth
    chart: Any
    shelf: ChartShelf

    @classmethod
    async def set(cls, url: str) -> "Stage":
        chart = small_chart()
        shelf = ChartShelf(FakeFiles(chart))
        await shelf.get(chart.version)
        return cls(await Truth.open(url), chart, shelf)


async def run(
    stage: Stage,
    seed: int,
    mutant: Callable[[House], AbstractContextManager[None]] | None = None,
) -> Told:
    """Let one universe come and go."""
    await stage.truth.empty()
    world = World(seed)
    with doors(world):
        house = House(world, stage.truth, stage.chart, stage.shelf)
        auditor = Auditor(house, stage.truth)
        buyers = _buyers(world, house)
        organiser = Organiser(world, house)
        fault: BaseException | None = None
        with mutant(house) if mutant else nullcontext():
            story = world.start("story", lambda: _story(world, stage, auditor, buyers, organiser))
            try:
                await world.run(story)
                await story
            except (Exception, asyncio.CancelledError) as found:  # noqa: BLE001  # it is the result
                fault = found
    paid = sum(len(one.told_paid) for one in buyers)
    refused = sum(len(one.refused) for one in buyers)
    facts = {"paid": paid, "refused": refused, "deaths": len(world.died), "looks": auditor.looks}
    return Told(seed, world.history, fault, facts)


def _buyers(world: World, house: House) -> list[Buyer]:
    random: Random = world.random
    buyers = []
    for number in range(random.randint(3, 8)):
        first, count = random.randrange(SEATS - 3), random.randint(1, 3)
        seats = tuple(range(first, first + count))
        buyers.append(Buyer(number, random.choice(PLANS), world, house, seats))
    return buyers


async def _story(
    world: World, stage: Stage, auditor: Auditor, buyers: list[Buyer], organiser: Organiser
) -> None:
    acts = [world.start(f"b{one.number}", one.live) for one in buyers]
    acts.append(world.start("organiser", organiser.live))
    while not all(act.done() for act in acts):
        await world.pause("the auditor looks", 40)
        await auditor.look()
    for act in acts:
        await act
    world.healed = True
    world.note("healed")
    gateway, broker = organiser.house.gateway, organiser.house.broker
    end_s = world.now_s + REST_MAX_S
    while world.now_s < end_s:
        await world.pause("the auditor waits", 120)
        world.busy(1)
        open_work = await reading.open_work(stage.truth)
        world.busy(-1)
        quiet = world.now_s - gateway.changed_s > QUIET_S
        if quiet and not (open_work or broker.kept or gateway.post):
            break
    await auditor.judge(buyers, cancelled=organiser.cancelled)
