"""
The load generator of P1, as a process of its own: buyers who hold, order, pay.

Reads its orders as JSON on standard input, writes one JSON object with counts, latencies and
its own use of the processor. Half of the purchases take seats nobody else wants, the other half
fight for seats in a small moving window: they see on the map what was taken more than half a second
ago, and lose what others took since. A refused buyer chooses again, as a person would.
"""

import asyncio
import json
import random
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from bench.wire import Answer, Client
from seatwright.contracts.charts import PublishedChart, decode_chart

SEATS_AT_MOST = 4
HOT_WINDOW_SEATS = 400
MAP_AGE_S = 0.5
LOOKS_MAX = 12
CHOICES_MAX = 8
_BUYER = {"name": "Bench Buyer", "email": "bench@example.com"}


@dataclass
class Ground:
    """One event's seats from `first` to `end`: half of them for loners, the rest to fight over."""

    event: str
    chart: PublishedChart
    first: int
    end: int
    loner_at: int = 0
    hot_at: int = 0
    # seat → when it was held; what is older than the map's age is seen there
    taken: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loner_at = self.first
        self.hot_at = (self.first + self.end) // 2

    @classmethod
    def part(cls, event: str, chart: PublishedChart, number: int, parts: int) -> "Ground":
        """One of equal parts: what earlier loads sold is not what this one finds taken."""
        size = chart.seated_count // parts
        return cls(event, chart, number * size, (number + 1) * size)

    def alone(self, count: int) -> list[int]:
        first = self.loner_at
        self.loner_at += count
        return list(range(first, first + count))

    def contended(self, count: int, chance: random.Random) -> list[int]:
        seen = time.perf_counter() - MAP_AGE_S
        while True:
            for _ in range(LOOKS_MAX):
                first = self.hot_at + chance.randrange(HOT_WINDOW_SEATS)
                seats = list(range(first, first + count))
                if all(self.taken.get(seat, seen) >= seen for seat in seats):
                    return seats
            # The map shows this window as good as sold out: people look further on.
            self.hot_at += HOT_WINDOW_SEATS // 4

    def take(self, seats: list[int]) -> None:
        now = time.perf_counter()
        for seat in seats:
            self.taken.setdefault(seat, now)

    def exhausted(self) -> bool:
        half = (self.first + self.end) // 2
        limit = self.end - 2 * HOT_WINDOW_SEATS
        return self.loner_at + SEATS_AT_MOST > half or self.hot_at > limit


@dataclass
class Counts:
    purchases: int = 0
    seats: int = 0
    refused: int = 0
    other: int = 0
    gave_up: int = 0
    orders_sent: int = 0
    hold_s: list[float] = field(default_factory=list)
    order_s: list[float] = field(default_factory=list)
    pay_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def note(self, step: str, answer: Answer) -> None:
        key = f"{step} {answer.status}"
        self.statuses[key] = self.statuses.get(key, 0) + 1
        if answer.status not in {201, 409} and len(self.examples) < 5:
            self.examples.append(f"{key} {answer.body[:300].decode('utf-8', 'replace')}")


class Buyers:
    """Everybody who buys in one run."""

    def __init__(self, order: dict[str, Any]) -> None:
        charts = {path: decode_chart(Path(path).read_bytes()) for path in set(order["charts"])}
        self.grounds = [
            Ground.part(event, charts[path], order["part"], order["parts"])
            for event, path in zip(order["events"], order["charts"], strict=True)
        ]
        self.clients = [Client(host, port) for host, port in order["addresses"]]
        self.chance = random.Random(order["seed"])
        self.requests = order["requests"]
        self.name = order["seed"]
        self.counts = Counts()
        self.recording = False
        self._turn = 0

    async def buy(self, planned: float) -> None:
        """One purchase; `planned` is when it should have begun, on the loop's clock."""
        self._turn += 1
        turn = self._turn
        client = self.clients[turn % len(self.clients)]
        ground = self.grounds[turn % len(self.grounds)]
        lap = turn // len(self.grounds)
        count = 1 + lap % SEATS_AT_MOST
        contended = (lap // SEATS_AT_MOST) % 2 == 0
        for _ in range(CHOICES_MAX):
            seats = ground.contended(count, self.chance) if contended else ground.alone(count)
            began = time.perf_counter()
            held = await self._hold(client, ground, seats)
            if held.status == 409:
                # Told so, a buyer knows at once what the map shows a little later.
                ground.taken.update(dict.fromkeys(seats, 0.0))
                if self.recording:
                    self.counts.refused += 1
                continue
            if held.status != 201:
                if self.recording:
                    self.counts.other += 1
                return
            ground.take(seats)
            held_at = time.perf_counter()
            await self._order(client, held, turn, len(seats), (planned, began, held_at))
            return
        if self.recording:
            self.counts.gave_up += 1

    async def _hold(self, client: Client, ground: Ground, seats: list[int]) -> Answer:
        ids = [ground.chart.seat_id(seat) for seat in seats]
        body = json.dumps({"event_id": ground.event, "seats": ids}).encode()
        answer = await client.request("POST", "/v1/holds", body)
        if self.recording:
            self.counts.note("hold", answer)
        return answer

    async def _order(
        self, client: Client, held: Answer, turn: int, seats: int, times: tuple[float, float, float]
    ) -> None:
        planned, began, held_at = times
        request: dict[str, Any] = {
            "hold_token": json.loads(held.body)["hold_token"],
            "buyer": _BUYER,
        }
        payment = {"method": "simulated", "token": "tok_ok"}
        if self.requests == 2:
            request["payment"] = payment
        self.counts.orders_sent += 1
        key = f"Idempotency-Key: {self.name}-{turn}\r\n".encode()
        placed = await client.request("POST", "/v1/orders", json.dumps(request).encode(), key)
        ordered_at = time.perf_counter()
        if self.recording:
            self.counts.note("order", placed)
        paid = placed
        if self.requests == 3 and placed.status == 201:
            view = json.loads(placed.body)
            headers = key + f"X-Order-Secret: {view['secret']}\r\n".encode()
            body = json.dumps(payment).encode()
            path = f"/v1/orders/{view['code']}/payments"
            paid = await client.request("POST", path, body, headers)
            if self.recording:
                self.counts.note("pay", paid)
        if not self.recording:
            return
        done = time.perf_counter()
        if paid.status == 201 and b'"status":"paid"' in paid.body:
            counts = self.counts
            counts.purchases += 1
            counts.seats += seats
            counts.hold_s.append(held_at - began)
            counts.order_s.append(ordered_at - held_at)
            counts.pay_s.append(done - ordered_at)
            counts.whole_s.append(done - planned)
        else:
            self.counts.other += 1


async def closed(buyers: Buyers, people: int, warm_s: float, seconds: float) -> float:
    """`people` buy one after the other, each as fast as they are answered."""
    stop_at = time.perf_counter() + warm_s + seconds

    async def person() -> None:
        while time.perf_counter() < stop_at and not any(g.exhausted() for g in buyers.grounds):
            await buyers.buy(time.perf_counter())

    tasks = [asyncio.ensure_future(person()) for _ in range(people)]
    await asyncio.sleep(warm_s)
    buyers.recording, began = True, time.perf_counter()
    await asyncio.sleep(seconds)
    buyers.recording = False
    took = time.perf_counter() - began
    await asyncio.gather(*tasks)
    return took


async def open_loop(buyers: Buyers, rate: float, warm_s: float, seconds: float) -> float:
    """Purchases begin at a fixed rate whatever the answers; latency counts from the plan."""
    running: set[asyncio.Task[None]] = set()
    begin = time.perf_counter()
    buyers.recording = False
    number = 0
    record_from = begin + warm_s
    end = record_from + seconds
    while (planned := begin + number / rate) < end:
        delay = planned - time.perf_counter()
        if delay > 0.002:
            await asyncio.sleep(delay)
        if not buyers.recording and planned >= record_from:
            buyers.recording = True
        task = asyncio.ensure_future(buyers.buy(planned))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
    if running:
        await asyncio.wait(running, timeout=60)
    return seconds


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p90, p99, p99.9 and the largest, in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return {}
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
    found = {name: ordered[min(len(ordered) - 1, int(len(ordered) * q))] for name, q in at.items()}
    return {name: round(value * 1000, 2) for name, value in (found | {"max": ordered[-1]}).items()}


def histogram(values: list[float]) -> list[tuple[float, int]]:
    """Counts in buckets that grow by a quarter, as (upper bound in ms, count)."""
    bound, buckets, ordered, at = 0.25, [], sorted(values), 0
    while at < len(ordered):
        begin = at
        while at < len(ordered) and ordered[at] * 1000 <= bound:
            at += 1
        buckets.append((round(bound, 3), at - begin))
        bound *= 1.25
    return buckets


async def main() -> None:
    order = json.loads(sys.stdin.read())
    buyers = Buyers(order)
    if order["loop"] == "closed":
        took = await closed(buyers, order["people"], order["warm_s"], order["seconds"])
    else:
        took = await open_loop(buyers, order["rate"], order["warm_s"], order["seconds"])
    counts = buyers.counts
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": took,
                "purchases": counts.purchases,
                "seats": counts.seats,
                "refused": counts.refused,
                "gave_up": counts.gave_up,
                "other": counts.other,
                "orders_sent": counts.orders_sent,
                "statuses": counts.statuses,
                "examples": counts.examples,
                "hold_ms": percentiles(counts.hold_s),
                "order_ms": percentiles(counts.order_s),
                "pay_ms": percentiles(counts.pay_s) if order["requests"] == 3 else {},
                "whole_ms": percentiles(counts.whole_s),
                "histogram": histogram(counts.whole_s),
                "exhausted": any(ground.exhausted() for ground in buyers.grounds),
                "bytes_sent": sum(client.sent for client in buyers.clients),
                "bytes_received": sum(client.received for client in buyers.clients),
                "cpu_s": used.ru_utime + used.ru_stime,
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main())
