"""
P1: complete purchases on this machine, gateway, engines, workers and load generator included.

A purchase is a hold of 1 to 4 seats and an order with payment: claimed, authorised, committed,
tickets issued. Spread over 20 events of 70,000 places; half of the purchases fight for seats. Each
run is a closed loop, the ceiling in the same minute, and an open loop at 80 % of the closed one.
"""

import argparse
import asyncio
import json
import sys
from typing import Any

from bench import processor, report, traffic
from bench.ceiling import pgbench, start as start_ceiling
from bench.invariants import check
from bench.world import World, world

EVENTS = 20
OPEN_SHARE = 0.8
CEILING_S = 10


async def load(the_world: World, **order: Any) -> dict[str, Any]:
    """Run one load generator process; answers its counts with everybody's processor use."""
    order = {
        "events": the_world.events,
        "charts": [str(the_world.chart_file)] * len(the_world.events),
        "addresses": [["127.0.0.1", the_world.port]],
        **order,
    }
    before, bytes_before = processor.seconds(the_world.processes()), await traffic.so_far(the_world)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(json.dumps(order).encode())
    assert process.returncode == 0, "the load generator failed"
    after = processor.seconds(the_world.processes())
    found: dict[str, Any] = json.loads(out)
    assert not found["exhausted"], "the load ran out of seats: fewer runs, or shorter ones"
    found["cpu_by_process_s"] = processor.between(before, after)
    found["bytes_a_purchase"] = traffic.per_purchase(
        bytes_before, await traffic.so_far(the_world), found
    )
    found["cpu_ms_a_purchase"] = round(
        (found["cpu_s"] + sum(found["cpu_by_process_s"].values())) / found["orders_sent"] * 1000, 2
    )
    found["per_minute"] = round(found["purchases"] / found["seconds"] * 60)
    return found


async def one_run(
    the_world: World, given: argparse.Namespace, number: int, ceiling_port: int
) -> dict[str, Any]:
    """Both loops and the ceiling, each on seats of its own."""
    common = {"warm_s": given.warm, "seconds": given.seconds, "requests": given.requests}
    parts = {"parts": 2 * given.runs}
    closed = await load(
        the_world, loop="closed", people=given.people, seed=f"closed-{number}",
        part=2 * number, **parts, **common,
    )  # fmt: skip
    report.show(f"run {number + 1}, closed loop", closed)
    ceiling = await load(
        the_world, loop="closed", people=given.people, seed=f"ceiling-{number}", warm_s=3,
        seconds=min(CEILING_S, given.seconds), requests=2, part=0, parts=1,
        addresses=[["127.0.0.1", ceiling_port]],
    )  # fmt: skip
    report.show("ceiling (same stack, no business)", ceiling)
    rate = closed["purchases"] / closed["seconds"] * OPEN_SHARE
    opened = await load(
        the_world, loop="open", rate=rate, seed=f"open-{number}", part=2 * number + 1,
        **parts, **common,
    )  # fmt: skip
    report.show(f"open loop at {OPEN_SHARE:.0%}", opened)
    return {
        "closed": closed,
        "ceiling": ceiling,
        "open": opened,
        "ratio_to_ceiling": round(closed["per_minute"] / ceiling["per_minute"], 2),
        "pgbench": await pgbench(the_world, 5),
    }


async def measure(given: argparse.Namespace) -> dict[str, Any]:
    """All runs in one world, and the invariants at the end."""
    async with world(EVENTS, workers=given.workers) as the_world:
        port = await start_ceiling(the_world)
        runs = [await one_run(the_world, given, number, port) for number in range(given.runs)]
        return {
            "bench": "purchase",
            "requests": given.requests,
            "people": given.people,
            "summary": report.summary(runs),
            "invariants": await check(the_world),
            "runs": runs,
        }


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench purchase", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="medians are taken over these")
    parser.add_argument("--seconds", type=float, default=30, help="of each loop of a run")
    parser.add_argument("--warm", type=float, default=5, help="seconds before counting")
    parser.add_argument("--people", type=int, default=384, help="buyers of the closed loop")
    parser.add_argument("--requests", type=int, choices=(2, 3), default=2)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    """Run, print, keep the results."""
    result = asyncio.run(measure(arguments(given)))
    report.table(result["summary"])
    print("invariants:", json.dumps(result["invariants"]))
    print("written:", *report.keep(result))
    print(json.dumps({name: value for name, value in result.items() if name != "runs"}))
    return 0 if result["invariants"]["ok"] else 1
