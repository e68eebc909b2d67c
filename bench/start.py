"""P10: from the command to the first purchase, demonstration loaded; first start and second."""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.report import written
from bench.world import STADIUM
from seatwright.run.demo import Demo
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Layout

_JSON = {"Content-Type": "application/json"}


async def buy(port: int, event: str) -> None:
    """One whole purchase; it must succeed at the first try, or the start was not one."""
    base = f"http://127.0.0.1:{port}/v1"
    hold = {"event_id": event, "best_available": {"quantity": 2}}
    async with aiohttp.ClientSession(headers=_JSON) as session:
        async with session.post(f"{base}/holds", json=hold) as response:
            assert response.status == 201, await response.text()
            token = (await response.json())["hold_token"]
        order = {
            "hold_token": token,
            "buyer": {"name": "First Buyer", "email": "first@example.com"},
            "payment": {"method": "simulated", "token": "tok_ok"},
        }
        headers = {"Idempotency-Key": f"start-{time.monotonic_ns()}"}
        async with session.post(f"{base}/orders", json=order, headers=headers) as response:
            assert response.status == 201, await response.text()
            assert (await response.json())["status"] == "paid"


async def once(data: Path) -> dict[str, float]:
    """Start, buy, stop; seconds of each."""
    began = time.perf_counter()
    demo = await Demo.start(Layout(data=data, port=free_port()), lambda _: None)
    served = time.perf_counter()
    try:
        stadium = next(one for one in demo.description()["events"] if one["slug"] == STADIUM)
        await buy(demo.installation.layout.port, stadium["id"])
        bought = time.perf_counter()
    finally:
        await demo.installation.stop()
    return {
        "serving_s": round(served - began, 2),
        "first_purchase_s": round(bought - began, 2),
        "stopped_s": round(time.perf_counter() - bought, 2),
    }


async def measure(starts: int) -> dict[str, Any]:
    """Empty folder first, then the same folder again and again."""
    data = Path(tempfile.mkdtemp(prefix="seatwright-bench-"))
    data.chmod(0o711)
    try:
        first = await once(data)
        later = [await once(data) for _ in range(starts)]
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return {"bench": "start", "first": first, "later": later}


def main(given: list[str]) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="bin/bench start", description=__doc__)
    parser.add_argument("--again", type=int, default=2, help="starts with the data kept")
    result = asyncio.run(measure(parser.parse_args(given).again))
    print("first start:", result["first"])
    for later in result["later"]:
        print("data kept:  ", later)
    print("written:", written(result))
    print(json.dumps(result))
    return 0
