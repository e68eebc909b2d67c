"""The installation that a bench measures: its own engines and data, thrown away afterwards."""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from seatwright.kit import clock
from seatwright.run.demo import Demo
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Layout

_COPIED = (
    "venue_id", "category", "timezone", "starts_at", "ends_at", "on_sale_at", "off_sale_at",
    "doors_at", "currency", "summary", "prices", "order_fee", "tax", "seats_per_order_max",
    "chart",
)  # fmt: skip
# As one configures a gateway: captures are our own requests, and their answers say enough.
WEBHOOK_TYPES = "payment.authorised,payment.declined,refund.succeeded,refund.failed"
STADIUM = "aurora-line-hamburg"
# Printing and mailing is idle work that may drain after a peak; a bench says how much was left.
_MAILS_LEFT = """
    SELECT (SELECT count(*) FROM orders.orders WHERE captured_at IS NOT NULL)
        - (SELECT count(*) FROM delivery.deliveries WHERE state = 'sent' AND order_id IS NOT NULL)
"""


@dataclass(frozen=True)
class World:
    """A running installation with `events` of 70,000 places on sale."""

    demo: Demo
    events: list[str]
    chart_file: Path
    seat_count: int

    @property
    def database_url(self) -> str:
        return self.demo.installation.engines.addresses.database_url

    @property
    def port(self) -> int:
        return self.demo.installation.layout.port

    def processes(self) -> dict[str, int]:
        """Name → process id of everything under the supervisor, itself not counted."""
        pids = self.demo.installation.engines.lifeline.pids
        return {name: pid for name, pid in pids.items() if name}


@contextlib.asynccontextmanager
async def world(events: int, *, processes: int = 2, workers: int = 1) -> AsyncIterator[World]:
    """Start everything, make `events` stadium events, and stop and remove all of it."""
    data = Path(tempfile.mkdtemp(prefix="seatwright-bench-"))
    data.chmod(0o711)
    layout = Layout(
        data=data,
        port=free_port(),
        processes=processes,
        workers=workers,
        environment={
            "LOG_LEVEL": os.environ.get("BENCH_LOG_LEVEL", "info"),
            "DEMO_GATEWAY_WEBHOOK_TYPES": WEBHOOK_TYPES,
            # All of a bench's buyers come from one address.
            "HOLDS_PER_MINUTE": "1000000",
            "ORDERS_PER_MINUTE": "1000000",
            "HELD_SEATS_PER_ADDRESS_MAX": "0",
        },
    )
    demo = await Demo.start(layout, lambda _: None)
    try:
        made, facts = await _events(demo, events)
        chart = data / "files" / "charts" / f"{facts['chart']}.json"
        yield World(demo, made, chart, 70_000)
    finally:
        await demo.installation.stop()
        shutil.rmtree(data, ignore_errors=True)


async def _events(demo: Demo, count: int) -> tuple[list[str], dict[str, Any]]:
    description = demo.description()
    base = f"http://127.0.0.1:{demo.installation.layout.port}/v1"
    headers = {"Authorization": f"Bearer {description['api_token']}"}
    stadium = next(event for event in description["events"] if event["slug"] == STADIUM)
    house = f"{base}/organisations/{stadium['organisation']}/events"
    made = []
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{house}/{stadium['id']}") as response:
            facts = await response.json()
        for number in range(count):
            body = {name: facts[name] for name in _COPIED} | {"title": f"Bench {number}"}
            async with session.post(house, json=body) as response:
                assert response.status == 201, await response.text()
                event = (await response.json())["id"]
            async with session.post(f"{house}/{event}/publications") as response:
                assert response.status < 300, await response.text()
            made.append(event)
        await _all_answer(session, base, made)
    return made, facts


async def _all_answer(session: aiohttp.ClientSession, base: str, events: list[str]) -> None:
    # Both processes must know every event; asking many times reaches both.
    deadline = clock.monotonic() + 60
    for event in events * 4:
        while True:
            async with session.get(f"{base}/events/{event}/availability") as response:
                if response.status == 200:
                    break
            assert clock.monotonic() < deadline, "the bench's events did not appear"
            await asyncio.sleep(0.05)


async def settle(world: World, timeout_s: float) -> dict[str, int]:
    """Wait until no payment is on its way; what is left, mails too, and how long it took."""
    connection = await asyncpg.connect(world.database_url)
    began = clock.monotonic()
    try:
        while True:
            row = await connection.fetchrow(
                "SELECT (SELECT count(*) FROM orders.outbox)::int AS outbox,"
                " (SELECT count(*) FROM orders.orders"
                "   WHERE state IN ('paying', 'payment_in_doubt'))::int AS paying,"
                " (SELECT count(*) FROM orders.orders"
                "   WHERE state = 'paid' AND captured_at IS NULL)::int AS uncaptured"
            )
            assert row is not None
            left = dict(row)
            waited = clock.monotonic() - began
            if not any(left.values()) or waited > timeout_s:
                mails = await connection.fetchval(_MAILS_LEFT)
                return left | {"drain_s": round(waited, 1), "mails_left": mails}
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def ledger(world: World) -> dict[str, dict[str, Any]]:
    """Every payment that the gateway knows, by our reference."""
    url = f"http://127.0.0.1:{world.demo.gateway_port}/ledger"
    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = "0"
    async with aiohttp.ClientSession() as session:
        while cursor is not None:
            async with session.get(url, params={"limit": "10000", "cursor": cursor}) as response:
                page = json.loads(await response.read())
            found |= {item["reference"]: item for item in page["items"]}
            cursor = page["next"]
    return found
